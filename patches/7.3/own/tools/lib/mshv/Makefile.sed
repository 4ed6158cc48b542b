# Programs have headers of their own there.
s#\$\(srctree\)/include/#$(srctree)/tools/include/#

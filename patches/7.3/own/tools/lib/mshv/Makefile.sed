# Programs have headers of the hypervisor of their own there.
s#\$\(srctree\)/include/hyperv#$(srctree)/tools/include/hyperv#

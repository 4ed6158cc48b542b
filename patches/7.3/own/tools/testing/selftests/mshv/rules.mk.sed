# Programs have headers of their own there.
s#\$\(top_srcdir\)/include/hyperv#$(top_srcdir)/tools/include/hyperv#

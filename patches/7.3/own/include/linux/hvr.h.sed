# There is no platform layer of ours.
s/^( \* This is all that users of drivers\/hv\/root\/base may use of it: the) platform layer$/\1 drivers/
s/^ \* in arch\/x86\/hyperv, the driver in (drivers\/hv\/root), and that in (drivers\/iommu\/hyperv\.)$/ * in \1 and in \2/

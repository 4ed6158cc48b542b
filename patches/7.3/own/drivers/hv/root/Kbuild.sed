# There is no platform layer of ours, and the base is always built in.
/^# The ways into the hypervisor/,/^# layer for root/c\
# The ways into the hypervisor and the deposits.  They are built in, because they take\
# deposited memory out of the direct map, and are exported to the module.
/^ifeq /d
/^else/,/^endif/d

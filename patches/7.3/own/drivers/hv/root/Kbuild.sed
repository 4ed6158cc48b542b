# The platform layer is mainline's, and the base part of the driver.
/^# The ways into the hypervisor/,/^# layer for root/c\
# The ways into the hypervisor and the deposits.
/^ifeq /,/^else/d
/^endif/d

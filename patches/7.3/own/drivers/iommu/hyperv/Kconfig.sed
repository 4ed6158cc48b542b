# The platform layer is mainline's, and the base is that of the driver for guests.
s/depends on HYPERV_ROOT \&\& PCI/depends on MSHV \&\& PCI/
s/default HYPERV_ROOT/default MSHV/

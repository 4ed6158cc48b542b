# Mainline has headers of its own.
s,<hyperv/hv_types.h>,<hyperv/hv_root.h>,

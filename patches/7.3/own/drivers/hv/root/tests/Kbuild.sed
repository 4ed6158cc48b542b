# Mainline's headers of the interface are not for user mode Linux.
s/^(# driver nor Hyper-V) and run in a kernel for any architecture, user mode Linux included\.$/\1, only the kernel's headers of the interface./

# Whether the kernel may be replaced by another one is mainline's there.
/^``kexec``/d

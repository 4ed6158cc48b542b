# Whether the kernel may be replaced by another one is mainline's there.
s/^(TEST_GEN_PROGS \+=) kexec/\1/

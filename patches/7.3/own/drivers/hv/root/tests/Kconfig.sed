# Mainline's headers of the interface are not for user mode Linux.
s/depends on KUNIT$/depends on KUNIT \&\& X86_64 \&\& !UML/
s/run in user mode Linux:/run in QEMU:/
s/kunit\.py run /kunit.py run --arch=x86_64 /

/depends on X86_64 && HYPERV && EVENTFD/a\
	depends on !HYPERV_VTL_MODE
/select HMM_MIRROR/a\
	select HYPERV_PARENT
/Elsewhere the module declines/i\
	  The kernel has another driver for that, MSHV_ROOT, with the same\
	  interface.  Both may be built; one of them can be loaded.\

# Mainline's headers of the interface are not for user mode Linux.
/^config MSHV_KUNIT_TEST/,$ {
	s/depends on KUNIT$/depends on KUNIT \&\& X86_64/
	s/run in user mode Linux:/run in QEMU:/
	s/kunit\.py run /kunit.py run --arch=x86_64 /
}

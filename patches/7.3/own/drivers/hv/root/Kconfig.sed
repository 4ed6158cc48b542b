/depends on X86_64 && HYPERV$/a\
	depends on !HYPERV_VTL_MODE\
	depends on MSHV_ROOT!=y
/select HMM_MIRROR/a\
	select HYPERV_PARENT
/Elsewhere the module declines/i\
	  The kernel has another driver for that, MSHV_ROOT, with the same\
	  interface.  Both may be modules; one of them can be loaded.\

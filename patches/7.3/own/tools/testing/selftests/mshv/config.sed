# MSHV_ROOT, or this driver, selects what was HYPERV_ROOT; nothing needs HYPERV_IOMMU; and
# kexec is mainline's.
/^CONFIG_(HYPERV_IOMMU|HYPERV_ROOT|KEXEC)=/d

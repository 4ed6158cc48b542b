# The platform layer is mainline's, and the base part of the driver.
# Headers of the interface are, too, which are not for user mode Linux.
s/(Below the driver is the base layer in ``base\/``), which the platform layer uses as$/\1./
s/^well\.  (``<linux\/hvr\.h>``)/\1/
s/^(``held\.c`` ``cover_)module(\.c``)/\1direct\2/
s/^``cover_direct\.c`` (``chunk\.c``)$/\1/
s/^(``glue\.c`` ``glue_slot_)stock(\.c``)    /\1own\2      /
s/^``glue_slot_own\.c``  /                     /
s/^(``withdraw\.c``) ``urgent\.c``$/\1/
s/^(  reads up to seven bytes beyond its buffer, into the next page\.)  Built into the kernel,$/\1  The base is/
s/^  the driver removes pages from the direct map, with one flush/  built in and removes pages from the direct map, with one flush/
/^  read is an ordinary page fault\.  A module does/,/^  there the page in front of each block/c\
  read is an ordinary page fault.
s/^A line in the log says which of the two is in use\.  //
s/^(    drivers\/hv\/root +drivers\/iommu\/hyperv) +arch\/x86\/hyperv\/root\*$/\1/
s/^(            \| +\|) +\|$/\1/
s/^(            \+-+\+)-+\+$/\1/
s/(alone and run in) user mode Linux::$/\1 QEMU::/
s/(kunit\.py run) (--kunitconfig)/\1 --arch=x86_64 \2/
/^The platform layer$/,$c\
The platform layer\
==================\
\
What a kernel needs to boot as a root partition is not part of the driver:\
``arch/x86/hyperv`` and ``drivers/hv/hv_proc.c`` have the processors, power-off and the end\
after a panic, ``drivers/iommu/hyperv`` and ``arch/x86/hyperv/irqdomain.c`` the interrupts of\
devices.  The driver selects it (``CONFIG_HYPERV_PARENT``).\
\
A kexec is refused while the hypervisor has memory of this kernel, which the next one must\
not touch: end all guests and unload ``mshv`` first.  What it has asked for to run the\
machine, for processors and interrupts, is not returned, and such a kernel refuses with\
that reason.  Memory of the partitions of ``mshv_root`` is not counted.  Where nothing stands\
in the way of a kexec, the next kernel cannot map the interrupts of devices, since nothing has\
unmapped those of this one.

// SPDX-License-Identifier: GPL-2.0
/*
 * A VM exit that QEMU has undone.
 *
 * Model: with a thread for each processor, a processor that loads an x87 state may undo
 * what a VM exit on the first processor has just cleared (rootvisor.rst, "Threads").
 * There is no recovery, but the cause can be reported.
 *
 * If it was nested paging, the host continues with the guest's nested tables.  They do
 * not map the hypervisor, so fetching the instruction after VMRUN is a nested page fault.
 * QEMU takes this for another VM exit, of a guest with the host's state: its page tables,
 * its stack, and the address of the VMCB in RAX, which no guest knows.
 *
 * If it was GIF or V_INTR_MASKING, an interrupt reaches the host while it does not expect
 * one.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/vp.h>
#include "undone.h"
#include "vmcb.h"

#define UNDONE "QEMU has undone a VM exit (its x87 race)"

extern u8 hv_pml4[];

void undone_check(struct cpu_state *cpu)
{
	if (cpu->rip == ptr_pa(vmrun_next) && cpu->cr3 == ptr_pa(hv_pml4) &&
	    cpu->rax == ptr_pa(cpu))
		panic(UNDONE ": the host has the guest's nested tables");
}

void undone_interrupt(u64 vector, u64 rip)
{
	panic(UNDONE ": interrupt 0x%llx at rip 0x%llx", vector, rip);
}

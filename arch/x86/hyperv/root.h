/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The platform layer of a root partition: what its files share.
 *
 * Model: drivers/hv/root/base has the ways into the hypervisor and the deposits, in
 * one source for this layer and for mshv.ko; <linux/hvr.h> is all of it that is
 * used here.  This layer is about the machine and not about guests:
 *	root.c		kind of partition, rights
 *	root_lp.c	processors
 *	root_irq.c	interrupts of devices
 *	root_map.c	their mappings, by hypercall
 *	root_device.c	device ids of the hypervisor
 *	root_power.c	power-off, kexec
 *	root_crash.c	a crash, of this kernel or of the hypervisor
 *	root_vmcore.c	memory of a crashed kernel that may be read
 *	hypercall_page.c the page through which hypercalls are made
 *
 * Words: an LP is a processor of the machine, known to the hypervisor by an index;
 * a root VP is what this kernel runs on.
 */
#ifndef _ARCH_X86_HYPERV_ROOT_H
#define _ARCH_X86_HYPERV_ROOT_H

#include <linux/hvr.h>
#include <linux/types.h>

/**
 * enum hv_root_type - what kind of partition this kernel is in
 * @HV_ROOT_NONE: not on Microsoft's hypervisor
 * @HV_ROOT_GUEST: a guest
 * @HV_ROOT_L1VH: a guest that may have guests of its own
 * @HV_ROOT_ROOT: the root partition, which owns the machine
 */
enum hv_root_type {
	HV_ROOT_NONE,
	HV_ROOT_GUEST,
	HV_ROOT_L1VH,
	HV_ROOT_ROOT,
};

extern enum hv_root_type hv_root_type;

int hv_root_call(u16 code, const void *in, size_t in_size, void *out,
		 size_t out_size);

struct pci_dev;

u64 hv_root_pci_device(struct pci_dev *pdev);
u64 hv_root_ioapic_device(u32 id);

void hv_root_ir_crash(void);

#endif

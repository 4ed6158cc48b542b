/* SPDX-License-Identifier: GPL-2.0 */
/* The root's kernel; all of it panics if something is wrong with it. */
#ifndef _RV_BOOT_LINUX_H
#define _RV_BOOT_LINUX_H

#include <rv/base.h>

struct vp;

/* Loads kernel, initrd and command line of boot_info. */
void linux_load(void);
/* Sets the boot VP's registers for the kernel's 64-bit entry point. */
void linux_enter(struct vp *vp);

/**
 * struct root_params - what boot_params tells the root of
 * @cmdline: its command line
 * @initrd: its initial file system
 * @initrd_size: the size of that, which may be 0
 * @rsdp: ACPI's root pointer, 0: to be searched for
 * @efi_map: UEFI's memory map, 0: no UEFI
 * @more_memory: room for e820_more_size() bytes, if that is not 0
 */
struct root_params {
	u64 cmdline;
	u64 initrd, initrd_size;
	u64 rsdp;
	u64 efi_map;
	u64 more_memory;
};

/* Fills boot_params, the page @bp, after the kernel's own header has been copied there. */
void params_fill(u8 *bp, const struct root_params *p);
/* What the memory map needs besides boot_params. */
u64 e820_more_size(void);

#endif

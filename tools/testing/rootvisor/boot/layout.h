/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Layout of physical memory.
 *
 * The image is linked at 256 MiB: above the preferred address and working area
 * of any bzImage, and below the end of the smallest useful memory.  The low
 * pages contain what the root needs for its first instructions; they are the
 * root's RAM.
 */
#ifndef _RV_LAYOUT_H
#define _RV_LAYOUT_H

#define IMAGE_BASE		0x10000000
#define LP_STACK_BYTES		16384
#define MAX_CPUS_ASM		65

#define AP_TRAMPOLINE		0x8000

#define ROOT_BOOT_PARAMS	0x90000
#define ROOT_PAGE_TABLES	0x91000		/* six pages: 4 GiB in 2 MiB pages */
#define ROOT_GDT		0x97000
#define ROOT_CMDLINE		0x98000
#define ROOT_CMDLINE_SIZE	0x1000

#endif

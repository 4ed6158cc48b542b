/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things lie in physical memory.
 *
 * The image is linked at 256 MiB: above any bzImage's preferred place and its
 * working area, below the smallest memory that makes sense.  The low pages
 * hold what the root needs for its first instructions; they are the root's RAM.
 */
#ifndef _RV_LAYOUT_H
#define _RV_LAYOUT_H

#define IMAGE_BASE		0x10000000
#define LP_STACK_BYTES		16384
#define MAX_CPUS_ASM		9

#define AP_TRAMPOLINE		0x8000

#define ROOT_BOOT_PARAMS	0x90000
#define ROOT_PAGE_TABLES	0x91000		/* six pages: 4 GiB by 2 MiB */
#define ROOT_GDT		0x97000
#define ROOT_CMDLINE		0x98000
#define ROOT_CMDLINE_SIZE	0x1000

#endif

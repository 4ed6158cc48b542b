/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Layout of physical memory.
 *
 * The image is linked at 256 MiB: above the preferred address and working area
 * of any bzImage, and below the end of the smallest useful memory.  Everything else
 * has the place that the memory map has for it.
 */
#ifndef _RV_LAYOUT_H
#define _RV_LAYOUT_H

#define IMAGE_BASE		0x10000000
#define LP_STACK_BYTES		16384
#define MAX_CPUS_ASM		65

/* Of what there are multiboot headers for, see boot.S. */
#define MULTIBOOT1_HEADER	0x1badb002
#define MULTIBOOT2_HEADER	0xe85250d6

#ifndef __ASSEMBLER__
extern unsigned char _image_start[], _image_end[];
#endif

#endif

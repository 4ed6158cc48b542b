/* SPDX-License-Identifier: GPL-2.0 */
/* The root's memory map. */
#ifndef _RV_E820_H
#define _RV_E820_H

#include <rv/base.h>

#define E820_RAM	1
#define E820_RESERVED	2
#define E820_MAX	64

struct e820_entry {
	u64 base, size;
	u32 type;
} __packed;

/* The firmware's memory map, without what rootvisor reserves. */
extern struct e820_entry e820[E820_MAX];
extern u32 e820_count;
void e820_reserve(u64 base, u64 size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory map: the firmware's, and then the root's, without what rootvisor reserves.
 *
 * After e820_settle() it is sorted, has no overlaps, and neighbours of the same type are
 * one entry.
 */
#ifndef _RV_E820_H
#define _RV_E820_H

#include <rv/base.h>

#define E820_RAM	1
#define E820_RESERVED	2
#define E820_MAX	1024

struct e820_entry {
	u64 base, size;
	u32 type;
} __packed;

extern struct e820_entry e820[E820_MAX];
extern u32 e820_count;

/* These are false if there is no room for the entries. */
bool e820_add(u64 base, u64 size, u32 type);
bool e820_settle(void);

/* False if it is not RAM, or if there is no room. */
bool e820_reserve(u64 base, u64 size);

/* Makes RAM from @end on reserved; how much it was. */
u64 e820_cut(u64 end);

u64 e820_ram_bytes(void);
u64 e820_ram_end(void);

#endif

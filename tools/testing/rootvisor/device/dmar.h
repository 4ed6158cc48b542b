/* SPDX-License-Identifier: GPL-2.0 */
/* What the firmware reports about remapping hardware. */
#ifndef _RV_DMAR_H
#define _RV_DMAR_H

#include <rv/base.h>

#define DMAR_MAX_IOAPICS	4

/**
 * struct dmar_unit - the remapping unit of all devices
 * @base: physical address of its registers
 * @segment: PCI segment of the devices
 * @reserved: devices need memory that the firmware has reserved for them (RMRR)
 * @nr_ioapics: number of IO-APICs
 * @ioapic: their ids, and the source ids that they send with
 */
struct dmar_unit {
	u64 base;
	u16 segment;
	bool reserved;
	u32 nr_ioapics;
	struct {
		u8 id;
		u16 source;
	} ioapic[DMAR_MAX_IOAPICS];
};

/* False if there is no table, or not exactly one unit that remaps interrupts. */
bool dmar_find(struct dmar_unit *unit);

/* The registers of a unit that firmware has left on, or 0. */
u64 dmar_enabled(void);

#endif

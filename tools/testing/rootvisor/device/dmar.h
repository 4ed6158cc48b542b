/* SPDX-License-Identifier: GPL-2.0 */
/* What the firmware says about remapping hardware. */
#ifndef _RV_DMAR_H
#define _RV_DMAR_H

#include <rv/base.h>

#define DMAR_MAX_IOAPICS	4

/**
 * struct dmar_unit - the remapping unit that all devices are behind
 * @base: its registers
 * @segment: of the PCI devices
 * @nr_ioapics: and of which IO-APICs
 * @ioapic: their ids, and as whom they send
 */
struct dmar_unit {
	u64 base;
	u16 segment;
	u32 nr_ioapics;
	struct {
		u8 id;
		u16 source;
	} ioapic[DMAR_MAX_IOAPICS];
};

/* False: no table, or no single unit in it that remaps interrupts. */
bool dmar_find(struct dmar_unit *unit);

/* The root is not to see what is not its own. */
void dmar_hide(void);

#endif

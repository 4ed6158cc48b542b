// SPDX-License-Identifier: GPL-2.0
/*
 * The DMAR table: the remapping hardware, and which interrupts pass through it.
 *
 * Model: one unit for all devices of a segment, as in QEMU.  Machines with more than
 * one are not supported, so a unit's scope is not checked.  The table is hidden by
 * renaming it, which works no matter how the root finds it.
 */
#include <rv/acpi.h>
#include "dmar.h"

#define DMAR_FLAGS		37
#define DMAR_FLAG_INTERRUPTS	BIT(0)
#define DMAR_STRUCTURES		48

#define TYPE_UNIT		0
#define UNIT_SEGMENT		6
#define UNIT_BASE		8
#define UNIT_SCOPES		16

#define SCOPE_IOAPIC		3
#define SCOPE_ID		4
#define SCOPE_BUS		5
#define SCOPE_PATH		6
#define SCOPE_ONE_HOP		8	/* bytes, with a path of one step */

static const char hidden_name[4] = "XMAR";

/* Not supported on another bus: that would need the bus number of the bridge. */
static void add_ioapic(struct dmar_unit *unit, const u8 *scope)
{
	u32 n = unit->nr_ioapics;

	if (scope[0] != SCOPE_IOAPIC || scope[1] != SCOPE_ONE_HOP ||
	    n == DMAR_MAX_IOAPICS)
		return;
	unit->ioapic[n].id = scope[SCOPE_ID];
	unit->ioapic[n].source = (u16)(scope[SCOPE_BUS] << 8 | scope[SCOPE_PATH] << 3 |
				       scope[SCOPE_PATH + 1]);
	unit->nr_ioapics++;
}

static void parse_unit(struct dmar_unit *unit, const u8 *b, u32 length)
{
	u32 at;

	memset(unit, 0, sizeof(*unit));
	unit->segment = get16(b, UNIT_SEGMENT);
	unit->base = get64(b, UNIT_BASE);
	for (at = UNIT_SCOPES; at + SCOPE_PATH <= length && b[at + 1] >= SCOPE_PATH &&
	     at + b[at + 1] <= length; at += b[at + 1])
		add_ioapic(unit, b + at);
}

bool dmar_find(struct dmar_unit *unit)
{
	const u8 *table = pa_ptr(acpi.dmar);
	u32 at, length, end, units = 0;

	if (!acpi.dmar)
		return false;
	end = get32(table, ACPI_LENGTH);
	if (end < DMAR_STRUCTURES || !(table[DMAR_FLAGS] & DMAR_FLAG_INTERRUPTS))
		return false;
	for (at = DMAR_STRUCTURES; at + 4 <= end; at += length) {
		length = get16(table, at + 2);
		if (length < 4 || at + length > end)
			return false;
		if (get16(table, at) != TYPE_UNIT || length < UNIT_SCOPES)
			continue;
		parse_unit(unit, table + at, length);
		units++;
	}
	return units == 1;
}

void dmar_hide(void)
{
	memcpy(pa_ptr(acpi.dmar), hidden_name, sizeof(hidden_name));
	acpi_checksum(acpi.dmar);
}

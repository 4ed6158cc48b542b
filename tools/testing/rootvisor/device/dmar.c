// SPDX-License-Identifier: GPL-2.0
/*
 * The DMAR table: the remapping hardware, and which interrupts pass through it.
 *
 * Model: one unit for all devices of a segment, as in QEMU.  The hardware of machines
 * with more than one is not used, so a unit's scope is not checked.  The table is hidden
 * from the root anyway, see boot/acpi.c.
 */
#include <rv/acpi.h>
#include "dmar.h"

#define DMAR_FLAGS		37
#define DMAR_FLAG_INTERRUPTS	BIT(0)
#define DMAR_STRUCTURES		48

#define TYPE_UNIT		0
#define TYPE_RESERVED		1	/* memory for a device */
#define UNIT_SEGMENT		6
#define UNIT_BASE		8
#define UNIT_SCOPES		16

#define REG_STATUS		0x1c
#define STATUS_DMA		BIT(31)
#define STATUS_INTERRUPTS	BIT(25)
#define STATUS_NONE		(~0u)	/* there is no unit */

#define SCOPE_IOAPIC		3
#define SCOPE_ID		4
#define SCOPE_BUS		5
#define SCOPE_PATH		6
#define SCOPE_ONE_HOP		8	/* bytes, with a path of one step */

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

/*
 * The structure of this type at or behind @at in the table; @at is then behind it.  NULL at
 * the end.
 */
static const u8 *next_of(u16 type, const u8 *table, u32 *at)
{
	u32 end = get32(table, ACPI_LENGTH), length;

	for (; *at + 4 <= end; *at += length) {
		length = get16(table, *at + 2);
		if (length < 4 || *at + length > end)
			return NULL;
		if (get16(table, *at) == type && length >= UNIT_SCOPES) {
			*at += length;
			return table + *at - length;
		}
	}
	return NULL;
}

static const u8 *next_unit(const u8 *table, u32 *at)
{
	return next_of(TYPE_UNIT, table, at);
}

bool dmar_find(struct dmar_unit *unit)
{
	const u8 *table = pa_ptr(acpi.dmar), *first;
	u32 at = DMAR_STRUCTURES;

	if (!acpi.dmar || get32(table, ACPI_LENGTH) < DMAR_STRUCTURES ||
	    !(table[DMAR_FLAGS] & DMAR_FLAG_INTERRUPTS))
		return false;
	first = next_unit(table, &at);
	if (!first || next_unit(table, &at))
		return false;
	parse_unit(unit, first, get16(first, 2));
	at = DMAR_STRUCTURES;
	unit->reserved = next_of(TYPE_RESERVED, table, &at);
	return true;
}

static bool is_on(u64 base)
{
	u32 status = STATUS_NONE;

	if (base < PA_LIMIT)
		status = *(const volatile u32 *)pa_ptr(base + REG_STATUS);
	return status != STATUS_NONE && (status & (STATUS_DMA | STATUS_INTERRUPTS));
}

u64 dmar_enabled(void)
{
	u32 at = DMAR_STRUCTURES;
	const u8 *unit;

	while (acpi.dmar && (unit = next_unit(pa_ptr(acpi.dmar), &at)))
		if (is_on(get64(unit, UNIT_BASE)))
			return get64(unit, UNIT_BASE);
	return 0;
}

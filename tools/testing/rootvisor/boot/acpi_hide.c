// SPDX-License-Identifier: GPL-2.0
/*
 * Hides processors and tables from the root.
 *
 * Model: the entry of a processor is removed from the MADT, since a kernel counts one
 * that is only disabled as hotpluggable; entries that firmware has disabled are removed,
 * too, because no processor can be added later.  In the SRAT, which only says where
 * processors are, it is disabled.  The namespace (DSDT) still has an object for it;
 * without an entry in the MADT that is an empty slot.
 *
 * A table is hidden by renaming it, which works no matter how the root finds it.
 */
#include <rv/acpi.h>

#define SRAT_LAPIC		0
#define SRAT_X2APIC		2

void acpi_checksum(u8 *table)
{
	u8 sum = 0;
	u32 i;

	table[ACPI_CHECKSUM] = 0;
	for (i = 0; i < get32(table, ACPI_LENGTH); i++)
		sum += table[i];
	table[ACPI_CHECKSUM] = (u8)-sum;
}

static bool is_kept(u32 apic_id, const u32 *kept, u32 nr)
{
	u32 i;

	for (i = 0; i < nr && kept[i] != apic_id; i++)
		;
	return i < nr;
}

static void hide_in_madt(u8 *table, const u32 *kept, u32 nr)
{
	u32 at = MADT_ENTRIES, size, length;
	struct madt_cpu cpu;

	while ((size = acpi_entry_size(table, at))) {
		if (!madt_cpu(table + at, &cpu) ||
		    (cpu.enabled && is_kept(cpu.apic_id, kept, nr))) {
			at += size;
			continue;
		}
		length = get32(table, ACPI_LENGTH) - size;
		memmove(table + at, table + at + size, length - at);
		memcpy(table + ACPI_LENGTH, &length, sizeof(length));
	}
	acpi_checksum(table);
}

static void hide_in_srat(u8 *table, const u32 *kept, u32 nr)
{
	u32 at, size;

	for (at = SRAT_ENTRIES; (size = acpi_entry_size(table, at)); at += size) {
		u8 *entry = table + at;

		if (entry[0] == SRAT_LAPIC && size >= 16 && !is_kept(entry[3], kept, nr))
			entry[4] &= (u8)~ACPI_ENABLED;
		if (entry[0] == SRAT_X2APIC && size >= 24 &&
		    !is_kept(get32(entry, 8), kept, nr))
			entry[12] &= (u8)~ACPI_ENABLED;
	}
	acpi_checksum(table);
}

void acpi_keep_cpus(const u32 *apic_ids, u32 nr)
{
	hide_in_madt(pa_ptr(acpi.madt), apic_ids, nr);
	if (acpi.srat)
		hide_in_srat(pa_ptr(acpi.srat), apic_ids, nr);
}

void acpi_hide_table(u64 pa)
{
	u8 *table = pa_ptr(pa);

	table[0] = 'X';
	acpi_checksum(table);
}

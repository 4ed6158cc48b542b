// SPDX-License-Identifier: GPL-2.0
/*
 * Hides a processor from the root.
 *
 * Model: its entry is removed from the MADT, since a kernel counts one that is only
 * disabled as hotpluggable.  In the SRAT, which only says where processors are, it is
 * disabled.  The namespace (DSDT) still has an object for it; without an entry in the
 * MADT that is an empty slot.
 */
#include <rv/acpi.h>

#define SRAT_LAPIC		0
#define SRAT_X2APIC		2

void acpi_checksum(u64 pa)
{
	u8 *table = pa_ptr(pa), sum = 0;
	u32 i;

	table[ACPI_CHECKSUM] = 0;
	for (i = 0; i < get32(table, ACPI_LENGTH); i++)
		sum += table[i];
	table[ACPI_CHECKSUM] = (u8)-sum;
}

static void hide_in_madt(u8 *table, u32 hidden)
{
	u32 at = MADT_ENTRIES, size, apic_id, flags, length;

	while ((size = acpi_entry_size(table, at))) {
		if (!madt_cpu(table + at, &apic_id, &flags) || apic_id != hidden) {
			at += size;
			continue;
		}
		length = get32(table, ACPI_LENGTH) - size;
		memmove(table + at, table + at + size, length - at);
		memcpy(table + ACPI_LENGTH, &length, sizeof(length));
	}
}

static void hide_in_srat(u8 *table, u32 hidden)
{
	u32 at, size;

	for (at = SRAT_ENTRIES; (size = acpi_entry_size(table, at)); at += size) {
		u8 *entry = table + at;

		if (entry[0] == SRAT_LAPIC && size >= 16 && entry[3] == hidden)
			entry[4] &= (u8)~ACPI_ENABLED;
		if (entry[0] == SRAT_X2APIC && size >= 24 && get32(entry, 8) == hidden)
			entry[12] &= (u8)~ACPI_ENABLED;
	}
}

void acpi_hide_cpu(u32 apic_id)
{
	hide_in_madt(pa_ptr(acpi.madt), apic_id);
	acpi_checksum(acpi.madt);
	if (acpi.srat) {
		hide_in_srat(pa_ptr(acpi.srat), apic_id);
		acpi_checksum(acpi.srat);
	}
}

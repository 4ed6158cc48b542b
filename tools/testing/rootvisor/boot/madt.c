// SPDX-License-Identifier: GPL-2.0
/*
 * Processors in the MADT.
 *
 * Model: a processor is there if it has an enabled entry.  Entries are of two types, for
 * APIC ids of 8 bits and of 32 bits (large ones).  Some firmware has both for each
 * processor, so small ids in large entries do not count if there is any small entry.
 *
 * Processors are numbered like in a kernel: first the one that boots, the others in the
 * order of the table.  A root adds them in this order.
 */
#include <rv/acpi.h>

#define TYPE_LAPIC	0
#define TYPE_X2APIC	9
#define ENTRY_SIZE	1	/* in an entry of MADT or SRAT */
#define LAPIC_ALL	0xffu	/* the id that means all processors, in 8 bits */

u32 acpi_entry_size(const u8 *table, u32 at)
{
	u32 length = get32(table, ACPI_LENGTH);

	if (at + 2 > length || table[at + ENTRY_SIZE] < 2 ||
	    at + table[at + ENTRY_SIZE] > length)
		return 0;
	return table[at + ENTRY_SIZE];
}

bool madt_cpu(const u8 *entry, struct madt_cpu *cpu)
{
	u8 size = entry[ENTRY_SIZE];

	cpu->large = entry[0] == TYPE_X2APIC && size >= 16;
	if (cpu->large) {
		cpu->apic_id = get32(entry, 4);
		cpu->enabled = cpu->apic_id != ~0u && (get32(entry, 8) & ACPI_ENABLED);
		return true;
	}
	if (entry[0] != TYPE_LAPIC || size < 8)
		return false;
	cpu->apic_id = entry[3];
	cpu->enabled = cpu->apic_id != LAPIC_ALL && (get32(entry, 4) & ACPI_ENABLED);
	return true;
}

static bool has_small(const u8 *table)
{
	struct madt_cpu cpu;
	u32 at, size;

	for (at = MADT_ENTRIES; (size = acpi_entry_size(table, at)); at += size)
		if (madt_cpu(table + at, &cpu) && cpu.enabled && !cpu.large)
			return true;
	return false;
}

u32 madt_cpus(const u8 *table, u32 own, u32 *apic_ids, u32 max)
{
	bool small = has_small(table), own_found = false;
	struct madt_cpu cpu;
	u32 at, size, n = 1;

	apic_ids[0] = own;
	for (at = MADT_ENTRIES; (size = acpi_entry_size(table, at)); at += size) {
		if (!madt_cpu(table + at, &cpu) || !cpu.enabled ||
		    (small && cpu.large && cpu.apic_id < LAPIC_ALL))
			continue;
		if (cpu.apic_id == own) {
			own_found = true;
			continue;
		}
		if (n < max)
			apic_ids[n] = cpu.apic_id;
		n++;
	}
	return own_found ? n : 0;
}

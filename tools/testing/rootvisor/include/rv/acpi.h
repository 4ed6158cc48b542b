/* SPDX-License-Identifier: GPL-2.0 */
/* What rootvisor reads from the firmware's tables, and changes in them. */
#ifndef _RV_ACPI_H
#define _RV_ACPI_H

#include <rv/base.h>
#include <rv/lp.h>

/* One may be parked. */
#define MAX_CPUS	(MAX_LPS + 1)

struct acpi_facts {
	u32 nr_cpus;
	u32 apic_id[MAX_CPUS];
	u32 more_cpus;		/* enabled in MADT beyond MAX_CPUS */
	u64 madt, srat, dmar, spcr;	/* physical addresses, 0: no such table */
};

extern struct acpi_facts acpi;

/* False if there are no tables; the caller reports it. */
bool acpi_parse(void);

/* In the header of every table; acpi_checksum() has to follow each change. */
#define ACPI_LENGTH	4
#define ACPI_CHECKSUM	9
void acpi_checksum(u64 table);

/* The size of the entry of a MADT or SRAT at @at; 0 at the end of the table. */
#define MADT_ENTRIES	44
#define SRAT_ENTRIES	48
#define ACPI_ENABLED	BIT(0)	/* of a processor's flags */
u32 acpi_entry_size(const u8 *table, u32 at);

/* Does this entry of the MADT describe a processor?  If so, its APIC id and flags. */
bool madt_cpu(const u8 *entry, u32 *apic_id, u32 *flags);

/* Hides a processor from the root. */
void acpi_hide_cpu(u32 apic_id);

#endif

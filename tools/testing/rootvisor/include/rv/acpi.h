/* SPDX-License-Identifier: GPL-2.0 */
/* What rootvisor reads from the firmware's tables, and changes in them. */
#ifndef _RV_ACPI_H
#define _RV_ACPI_H

#include <rv/base.h>
#include <rv/lp.h>

/* One may be parked. */
#define MAX_CPUS	(MAX_LPS + 1)

struct acpi_facts {
	u32 found_cpus;		/* in the MADT, enabled */
	u32 nr_cpus;		/* of them in apic_id[] */
	u32 apic_id[MAX_CPUS];	/* the one that boots first */
	u64 madt, srat, dmar, ivrs, mcfg, spcr;	/* physical addresses, 0: no such table */
};

extern struct acpi_facts acpi;

/* False if there are no tables; the caller reports it. */
bool acpi_parse(void);

/* The same for given tables, on the processor with this APIC id. */
void acpi_read(const void *rsdp, u32 own_apic_id);

/* BIOS's extended data area, 0: none; on other machines the value means nothing. */
u64 acpi_bios_data(void);

/* In the header of every table; acpi_checksum() has to follow each change. */
#define ACPI_LENGTH	4
#define ACPI_CHECKSUM	9
void acpi_checksum(u8 *table);

/* The size of the entry of a MADT or SRAT at @at; 0 at the end of the table. */
#define MADT_ENTRIES	44
#define SRAT_ENTRIES	48
#define ACPI_ENABLED	BIT(0)	/* of a processor's flags */
u32 acpi_entry_size(const u8 *table, u32 at);

/* An entry of the MADT for a processor, enabled or not. */
struct madt_cpu {
	u32 apic_id;
	bool enabled;
	bool large;		/* with an APIC id of 32 bits */
};

/* False if the entry is for something else. */
bool madt_cpu(const u8 *entry, struct madt_cpu *cpu);

/*
 * The number of processors, and APIC ids of the first @max; @own comes first.  0 if
 * it is not in the table.
 */
u32 madt_cpus(const u8 *table, u32 own, u32 *apic_ids, u32 max);

/* Hides all processors but these from the root. */
void acpi_keep_cpus(const u32 *apic_ids, u32 nr);

void acpi_hide_table(u64 pa);

#endif

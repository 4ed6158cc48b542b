/* SPDX-License-Identifier: GPL-2.0 */
/* What rootvisor wants to know from the firmware's tables, and changes in them. */
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
	u16 pm1a_control, pm1b_control;	/* ports, 0: none */
	u16 pm_timer;
	bool pm_timer_32bit;
	u16 reset_port;		/* 0: reset register is not a port */
	u8 reset_value;
	u64 madt, srat, dmar;	/* where these tables are, 0: there is none */
};

extern struct acpi_facts acpi;

/* False when there are no tables; the caller says what that means. */
bool acpi_parse(void);

/* In every table; its checksum follows a change. */
#define ACPI_LENGTH	4
#define ACPI_CHECKSUM	9
void acpi_checksum(u64 table);

/* Of the entry of a MADT or SRAT that begins there; 0 behind the last. */
#define MADT_ENTRIES	44
#define SRAT_ENTRIES	48
#define ACPI_ENABLED	BIT(0)	/* of a processor's flags */
u32 acpi_entry_size(const u8 *table, u32 at);

/* Is this entry of the MADT a processor's, and whose? */
bool madt_cpu(const u8 *entry, u32 *apic_id, u32 *flags);

/* The root's tables have no such processor. */
void acpi_hide_cpu(u32 apic_id);

#endif

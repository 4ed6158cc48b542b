/* SPDX-License-Identifier: GPL-2.0 */
/* What rootvisor wants to know from the firmware's tables. */
#ifndef _RV_ACPI_H
#define _RV_ACPI_H

#include <rv/base.h>
#include <rv/lp.h>

struct acpi_facts {
	u32 nr_cpus;
	u32 apic_id[MAX_LPS];
	u32 more_cpus;		/* enabled in MADT beyond MAX_LPS */
	u16 pm1a_control, pm1b_control;	/* ports, 0: none */
	u16 pm_timer;
	bool pm_timer_32bit;
	u16 reset_port;		/* 0: reset register is not a port */
	u8 reset_value;
	u64 dmar;		/* table of remapping hardware, 0: none */
};

extern struct acpi_facts acpi;

/* False when there are no tables; the caller says what that means. */
bool acpi_parse(void);

#endif

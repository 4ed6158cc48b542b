/* SPDX-License-Identifier: GPL-2.0 */
/* What the FADT says: the registers that end the machine, and the PM timer. */
#ifndef _RV_FADT_H
#define _RV_FADT_H

#include <rv/base.h>

/* Address spaces of registers, as ACPI numbers them. */
#define ACPI_IN_MEMORY		0
#define ACPI_IN_PORTS		1
#define ACPI_IN_PCI		2
#define ACPI_NOWHERE		0xff	/* there is no such register */

struct acpi_register {
	u8 space;
	u64 address;
};

/* Of an address in ACPI_IN_PCI, on bus 0. */
#define ACPI_PCI_DEVICE(a)	((u32)((a) >> 32) & 0x1f)
#define ACPI_PCI_FUNCTION(a)	((u32)((a) >> 16) & 0x7)
#define ACPI_PCI_OFFSET(a)	((u32)(a) & 0xffff)

/**
 * struct fadt_facts - registers that the FADT names
 * @pm1a_control: a port, 0: none; SLP_EN comes there first
 * @pm1b_control: the same for the second half, which few machines have
 * @sleep_control: a port, on machines with reduced hardware only
 * @reset: a write of @reset_value resets the machine
 * @reset_value: see there
 * @pm_timer: a port, 0: none
 * @pm_timer_32bit: it counts 32 bits, not 24
 * @dsdt: physical address of the table with the sleep types, 0: none
 */
struct fadt_facts {
	u16 pm1a_control, pm1b_control;
	u16 sleep_control;
	struct acpi_register reset;
	u8 reset_value;
	u16 pm_timer;
	bool pm_timer_32bit;
	u64 dsdt;
};

extern struct fadt_facts fadt;

void fadt_parse(const u8 *table, struct fadt_facts *facts);

#endif

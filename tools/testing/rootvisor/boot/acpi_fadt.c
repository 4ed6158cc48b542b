// SPDX-License-Identifier: GPL-2.0
/*
 * The FADT: which registers power the machine off, reset it, and count time.
 *
 * Model: old fields are ports of 32 bits, newer ones ("X_") generic addresses, which
 * win where they are there.  A table that ends early has none of the fields behind its
 * end.  Control registers that are not ports do not occur in PCs, and count as missing;
 * the reset register can be in memory or in the PCI configuration space, too.
 */
#include <rv/acpi.h>
#include <rv/fadt.h>

#define DSDT			40
#define PM1A_CONTROL		64
#define PM1B_CONTROL		68
#define PM_TIMER		76
#define FLAGS			112
#define RESET			116
#define RESET_VALUE		128
#define X_DSDT			140
#define X_PM1A_CONTROL		172
#define X_PM1B_CONTROL		184
#define X_PM_TIMER		208
#define SLEEP_CONTROL		244

#define FLAG_TIMER_32BIT	BIT(8)
#define FLAG_RESET		BIT(10)
#define FLAG_REDUCED		BIT(20)

#define GENERIC_ADDRESS		4	/* in a generic address of 12 bytes */
#define GENERIC_SIZE		12

struct fadt_facts fadt = { .reset.space = ACPI_NOWHERE };

static u32 field32(const u8 *table, u32 at)
{
	return at + 4 <= get32(table, ACPI_LENGTH) ? get32(table, at) : 0;
}

static struct acpi_register generic(const u8 *table, u32 at)
{
	struct acpi_register r = { .space = ACPI_NOWHERE };

	if (at + GENERIC_SIZE > get32(table, ACPI_LENGTH))
		return r;
	r.address = get64(table, at + GENERIC_ADDRESS);
	if (r.address)
		r.space = table[at];
	return r;
}

static u16 port(const u8 *table, u32 old, u32 new)
{
	struct acpi_register r = generic(table, new);

	if (r.space == ACPI_IN_PORTS && r.address <= 0xffff)
		return (u16)r.address;
	return old ? (u16)field32(table, old) : 0;
}

static void parse_reset(const u8 *table, struct fadt_facts *facts)
{
	facts->reset.space = ACPI_NOWHERE;
	if (!(field32(table, FLAGS) & FLAG_RESET) ||
	    get32(table, ACPI_LENGTH) <= RESET_VALUE)
		return;
	facts->reset = generic(table, RESET);
	facts->reset_value = table[RESET_VALUE];
}

void fadt_parse(const u8 *table, struct fadt_facts *facts)
{
	u32 flags = field32(table, FLAGS);

	facts->pm_timer = port(table, PM_TIMER, X_PM_TIMER);
	facts->pm_timer_32bit = flags & FLAG_TIMER_32BIT;
	facts->pm1a_control = port(table, PM1A_CONTROL, X_PM1A_CONTROL);
	facts->pm1b_control = port(table, PM1B_CONTROL, X_PM1B_CONTROL);
	facts->sleep_control = flags & FLAG_REDUCED ? port(table, 0, SLEEP_CONTROL) : 0;
	parse_reset(table, facts);
	facts->dsdt = field32(table, DSDT);
	if (X_DSDT + 8 <= get32(table, ACPI_LENGTH) && get64(table, X_DSDT))
		facts->dsdt = get64(table, X_DSDT);
}

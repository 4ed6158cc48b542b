// SPDX-License-Identifier: GPL-2.0
/*
 * Remapping hardware of machines that are not here: which is used, and which firmware has
 * left on.  Its registers are ordinary memory.
 */
#define _GNU_SOURCE
#include "../rootvisor/device/dmar.c"
#include "../rootvisor/device/ivrs.c"
#undef ARRAY_SIZE

#include "tables.h"
#include "tap.h"

struct acpi_facts acpi;

static u8 *dmar(u8 flags)
{
	u8 *t;

	tables_reset();
	t = table("DMAR", DMAR_STRUCTURES);
	t[DMAR_FLAGS] = flags;
	acpi = (struct acpi_facts){ .dmar = ptr_pa(t) };
	return t;
}

/* Returns the registers. */
static u8 *dmar_unit(u8 *t)
{
	u8 *registers = take(4096);
	u64 base = ptr_pa(registers);
	u8 unit[24] = { TYPE_UNIT, 0, sizeof(unit), 0, 1, 0, 5, 0,
			[16] = SCOPE_IOAPIC, SCOPE_ONE_HOP, 0, 0, 2, 0xff, 0x1e, 1 };

	memcpy(unit + UNIT_BASE, &base, sizeof(base));
	append(t, unit, sizeof(unit));
	return registers;
}

static void test_units(void)
{
	struct dmar_unit unit;
	u8 *t = dmar(1), *registers;

	tap_ok(!dmar_find(&unit) && !dmar_enabled(), "a DMAR without units");
	append(t, (u8[]){ 1, 0, 8, 0, 0, 0, 0, 0 }, 8);
	registers = dmar_unit(t);
	tap_ok(dmar_find(&unit) && unit.base == ptr_pa(registers) && unit.segment == 5 &&
	       unit.nr_ioapics == 1 && unit.ioapic[0].source == 0xfff1, "one unit is used");
	dmar_unit(t);
	tap_ok(!dmar_find(&unit), "of two none is");
	dmar_unit(dmar(0));
	tap_ok(!dmar_find(&unit), "nor one that does not remap interrupts");
	t = dmar(1);
	append(t, (u8[]){ 0, 0, 2, 0 }, 4);
	dmar_unit(t);
	tap_ok(!dmar_find(&unit), "nor one behind an entry without a size");
	acpi = (struct acpi_facts){};
	tap_ok(!dmar_find(&unit) && !dmar_enabled() && !ivrs_enabled(), "there may be no table");
}

static void test_enabled(void)
{
	u8 *t = dmar(1), *registers;

	dmar_unit(t);
	registers = dmar_unit(t);
	tap_ok(!dmar_enabled(), "two units that are off");
	registers[REG_STATUS + 3] = 0x80;
	tap_ok(dmar_enabled() == ptr_pa(registers), "the second one remaps DMA");
	registers[REG_STATUS + 3] = 0x02;
	tap_ok(dmar_enabled() == ptr_pa(registers), "or interrupts");
	memset(registers, 0xff, 4096);
	tap_ok(!dmar_enabled(), "there is nothing at its address");
}

static void test_amd(void)
{
	static const u8 types[] = { 0x10, 0x11, 0x40 };
	u8 unit[40] = { [2] = sizeof(unit) }, *t, *registers;
	u64 base;

	for (u32 i = 0; i < sizeof(types); i++) {
		tables_reset();
		t = table("IVRS", IVRS_BLOCKS);
		registers = take(4096);
		base = ptr_pa(registers);
		append(t, (u8[]){ 0x20, 0, 4, 0 }, 4);
		unit[0] = types[i];
		memcpy(unit + 8, &base, sizeof(base));
		append(t, unit, sizeof(unit));
		acpi = (struct acpi_facts){ .ivrs = ptr_pa(t) };
		tap_check(!ivrs_enabled(), "type 0x%x, off", types[i]);
		registers[REG_CONTROL] = 1;
		tap_check(ivrs_enabled() == base, "type 0x%x, on", types[i]);
		memset(registers, 0xff, 4096);
		tap_check(!ivrs_enabled(), "type 0x%x, not there", types[i]);
	}
	tap_group("AMD's units");
}

int main(void)
{
	test_units();
	test_enabled();
	test_amd();
	return tap_end();
}

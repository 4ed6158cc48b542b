// SPDX-License-Identifier: GPL-2.0
/*
 * Remapping hardware of machines that are not here: which is used, and which firmware has
 * left on; and which devices there are.  Registers are ordinary memory.
 */
#define _GNU_SOURCE
#include "../rootvisor/device/dmar.c"
#include "../rootvisor/device/ivrs.c"
#include "../rootvisor/device/pci.c"
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
	tap_ok(!unit.reserved, "no device needs memory of the firmware's");
	append(t, (u8[]){ TYPE_RESERVED, 0, 24, [23] = 0 }, 24);
	tap_ok(dmar_find(&unit) && unit.reserved, "one does");
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

#define PCI(rid)	(HV_DEVICE_TYPE_PCI << HV_DEVICE_ID_TYPE_SHIFT | (rid))
#define SEGMENT		HV_DEVICE_ID_PCI_SEGMENT_SHIFT

static void test_ids(void)
{
	static const u64 unsupported[] = {
		0x10, HV_DEVICE_TYPE_IOAPIC << HV_DEVICE_ID_TYPE_SHIFT, PCI(1ull << SEGMENT | 0x10),
		PCI(0x10 | HV_DEVICE_ID_PCI_SOURCE_SHADOW), PCI(0x10 | 1ull << 48),
		PCI(0x10 | 1ull << 40), PCI(0x10 | 1ull << 32), PCI(0x10 | 1ull << 60),
	};
	u32 i;
	u16 rid;

	acpi = (struct acpi_facts){};
	tap_check(pci_device(PCI(0xffff), 0, &rid) && rid == 0xffff, "without MCFG all are there");
	tap_check(pci_device(PCI(2ull << SEGMENT | 5), 2, &rid) && rid == 5, "another segment");
	for (i = 0; i < sizeof(unsupported) / sizeof(*unsupported); i++)
		tap_check(!pci_device(unsupported[i], 0, &rid), "id 0x%llx", unsupported[i]);
	tap_group("ids of devices");
}

/* Bus 0 has the functions 0.0, and 1.0, a virtual one. */
static void test_devices(void)
{
	u8 entry[16] = { [ENTRY_LAST_BUS] = 1 }, *t, *space;
	u64 base;
	u16 rid;

	tables_reset();
	space = take(16 << FUNCTION_SHIFT);
	memset(space, 0xff, 16 << FUNCTION_SHIFT);
	memset(space, 0, 16);
	memset(space + (8 << FUNCTION_SHIFT) + CONFIG_CLASS, 2, 4);
	base = ptr_pa(space);
	memcpy(entry, &base, sizeof(base));
	t = table("MCFG", MCFG_ENTRIES);
	append(t, entry, sizeof(entry));
	acpi = (struct acpi_facts){ .mcfg = ptr_pa(t) };
	tap_check(pci_device(PCI(0), 0, &rid), "a function");
	tap_check(pci_device(PCI(8), 0, &rid), "a virtual function");
	tap_check(!pci_device(PCI(1), 0, &rid), "nothing there");
	tap_check(pci_device(PCI(0x200), 0, &rid), "a bus that is not in the window");
	tap_check(pci_device(PCI(1ull << SEGMENT | 1), 1, &rid), "nor is that segment");
	tap_group("devices that are there");
}

int main(void)
{
	test_units();
	test_enabled();
	test_amd();
	test_ids();
	test_devices();
	return tap_end();
}

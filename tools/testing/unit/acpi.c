// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables of machines that are not here: which processors there are, and what is
 * hidden from a root.
 */
#define _GNU_SOURCE
#include "../rootvisor/boot/acpi.c"
#include "../rootvisor/boot/acpi_hide.c"
#include "../rootvisor/boot/madt.c"
#undef ARRAY_SIZE

#include "tables.h"
#include "tap.h"

/* Tests of these: power.c and multiboot2.c. */
struct fadt_facts fadt;
struct boot_info boot_info;
struct options options;

void fadt_parse(const u8 *table, struct fadt_facts *facts)
{
	(void)table;
	(void)facts;
}

void sleep_table(u64 pa)
{
	(void)pa;
}

#define HEADER		36
#define MADT_HEADER	44
#define SRAT_HEADER	48
#define DMAR_HEADER	48
#define IVRS_HEADER	48
#define MAX_IDS		8

#define ENABLED		1
#define ONLINE_CAPABLE	2

/* ---- processors ----------------------------------------------------------------- */

static void lapic(u8 *madt, u8 id, u8 flags)
{
	append(madt, (u8[]){ 0, 8, id, id, flags, 0, 0, 0 }, 8);
}

static void x2apic(u8 *madt, u32 id, u8 flags)
{
	u8 entry[16] = {
		9, 16, 0, 0, (u8)id, (u8)(id >> 8), (u8)(id >> 16), (u8)(id >> 24), flags,
	};

	append(madt, entry, sizeof(entry));
}

static void ioapic(u8 *madt)
{
	append(madt, (u8[]){ 1, 12, 7, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 }, 12);
}

static u8 *madt(void)
{
	tables_reset();
	return table("APIC", MADT_HEADER);
}

#define IDS(...) (const u32[]){ __VA_ARGS__ }, sizeof((u32[]){ __VA_ARGS__ }) / sizeof(u32)

static void check_cpus(const char *name, const u8 *t, u32 own, const u32 *wanted, u32 nr)
{
	u32 ids[MAX_IDS] = {}, n = madt_cpus(t, own, ids, MAX_IDS);

	tap_ok(n == nr && !memcmp(ids, wanted, nr * sizeof(ids[0])), "%s", name);
}

static void test_order(void)
{
	u8 *t = madt();
	u32 ids[MAX_IDS];

	lapic(t, 4, ENABLED);
	ioapic(t);
	lapic(t, 0, ENABLED);
	lapic(t, 6, ENABLED);
	check_cpus("APIC ids have gaps", t, 4, IDS(4, 0, 6));
	check_cpus("the one that boots is first, the others are in order", t, 6, IDS(6, 4, 0));
	tap_ok(!madt_cpus(t, 1, ids, MAX_IDS), "it must be in the table");
}

static void test_large_ids(void)
{
	u8 *t = madt();

	lapic(t, 0, ENABLED);
	lapic(t, 0xfe, ENABLED);
	x2apic(t, 0xff, ENABLED);
	x2apic(t, 0x1234, ENABLED);
	x2apic(t, 0x10000, ENABLED);
	check_cpus("ids above 254", t, 0x1234, IDS(0x1234, 0, 0xfe, 0xff, 0x10000));
	t = madt();
	x2apic(t, 3, ENABLED);
	x2apic(t, 1, ENABLED);
	check_cpus("small ids in large entries", t, 3, IDS(3, 1));
}

static void test_not_there(void)
{
	u8 *t = madt();

	lapic(t, 0, ENABLED);
	lapic(t, 1, 0);
	lapic(t, 2, ONLINE_CAPABLE);
	lapic(t, 0xff, ENABLED);
	x2apic(t, 0x100, 0);
	x2apic(t, 0x101, ONLINE_CAPABLE);
	x2apic(t, ~0u, ENABLED);
	check_cpus("entries that are not of a processor", t, 0, IDS(0));
}

static void test_both_types(void)
{
	u8 *t = madt();

	x2apic(t, 2, ENABLED);
	x2apic(t, 0, ENABLED);
	x2apic(t, 0x100, ENABLED);
	lapic(t, 0, ENABLED);
	lapic(t, 2, ENABLED);
	check_cpus("entries of both types for each", t, 0, IDS(0, 0x100, 2));
	t = madt();
	lapic(t, 9, 0);
	x2apic(t, 2, ENABLED);
	check_cpus("a disabled small one does not count for that", t, 2, IDS(2));
}

static void test_many(void)
{
	u32 ids[MAX_IDS];
	u8 *t = madt();

	for (u8 i = 0; i < 100; i++)
		lapic(t, i, ENABLED);
	tap_ok(madt_cpus(t, 99, ids, MAX_IDS) == 100 && ids[0] == 99 && ids[1] == 0 &&
	       ids[MAX_IDS - 1] == MAX_IDS - 2, "more than there is room for");
}

static void test_cut_off(void)
{
	u8 *t = madt();

	lapic(t, 0, ENABLED);
	append(t, (u8[]){ 0, 8, 1, 1, ENABLED, 0, 0 }, 7);
	check_cpus("an entry beyond the end", t, 0, IDS(0));
	t = madt();
	lapic(t, 0, ENABLED);
	append(t, (u8[]){ 0, 0 }, 2);
	lapic(t, 1, ENABLED);
	check_cpus("an entry without a size", t, 0, IDS(0));
}

static u8 *srat(void)
{
	u8 *t = table("SRAT", SRAT_HEADER);
	u8 small[16] = { 0, 16, 0, 0, ENABLED }, large[24] = { 2, 24 };

	for (u8 id = 0; id < 3; id++) {
		small[3] = id;
		append(t, small, sizeof(small));
	}
	large[12] = ENABLED;
	for (u8 id = 0; id < 2; id++) {
		large[8] = id;
		large[9] = 1;
		append(t, large, sizeof(large));
	}
	return t;
}

static void test_keep(void)
{
	const u32 kept[] = { 0, 2, 0x101 };
	u8 *t = madt(), *expected, *s;

	for (u8 id = 0; id < 3; id++)
		lapic(t, id, ENABLED);
	lapic(t, 7, ONLINE_CAPABLE);
	lapic(t, 0xff, 0);
	x2apic(t, 0x100, ENABLED);
	ioapic(t);
	x2apic(t, 0x101, ENABLED);
	x2apic(t, 0x102, ENABLED);
	expected = table("APIC", MADT_HEADER);
	lapic(expected, 0, ENABLED);
	lapic(expected, 2, ENABLED);
	ioapic(expected);
	x2apic(expected, 0x101, ENABLED);
	s = srat();
	acpi = (struct acpi_facts){ .madt = ptr_pa(t), .srat = ptr_pa(s) };
	acpi_keep_cpus(kept, 3);
	tap_ok(!memcmp(t, expected, get32(expected, ACPI_LENGTH)),
	       "processors are taken out of the MADT, and nothing else is");
	tap_ok(!sum(t), "its checksum is right");
	tap_ok(s[SRAT_HEADER + 4] && !s[SRAT_HEADER + 20] && s[SRAT_HEADER + 36] &&
	       !s[SRAT_HEADER + 60] && s[SRAT_HEADER + 84], "and disabled in the SRAT");
	tap_ok(!sum(s), "its checksum is right");
}

/* ---- tables --------------------------------------------------------------------- */

static void point32(u8 *list, const u8 *t)
{
	u32 pa = (u32)ptr_pa(t);

	append(list, &pa, sizeof(pa));
}

static void point64(u8 *list, const u8 *t)
{
	u64 pa = ptr_pa(t);

	append(list, &pa, sizeof(pa));
}

static void read_lists(const u8 *rsdt, const u8 *xsdt)
{
	struct rsdp rsdp = { .revision = xsdt ? 2 : 0, .rsdt = (u32)ptr_pa(rsdt),
			     .xsdt = ptr_pa(xsdt) };

	memset(&acpi, 0, sizeof(acpi));
	acpi_read(&rsdp, 0);
}

static bool hidden(const u8 *t)
{
	return memcmp(t, "DMAR", 4) && memcmp(t, "IVRS", 4) && !sum(t);
}

static void test_lists(void)
{
	u8 *m = madt(), *rsdt = table("RSDT", HEADER), *xsdt = table("XSDT", HEADER);
	u8 *shared = table("DMAR", DMAR_HEADER), *old = table("IVRS", IVRS_HEADER);
	u8 *new = table("IVRS", IVRS_HEADER), *hpet = table("HPET", HEADER);

	lapic(m, 0, ENABLED);
	lapic(m, 1, ENABLED);
	point32(rsdt, shared);
	point32(rsdt, old);
	append(xsdt, &(u64){ 0 }, 8);
	point64(xsdt, m);
	point64(xsdt, hpet);
	point64(xsdt, new);
	point64(xsdt, shared);
	read_lists(rsdt, xsdt);
	tap_ok(acpi.nr_cpus == 2 && acpi.found_cpus == 2, "processors are found by the XSDT");
	tap_ok(hidden(shared), "a table in both lists is hidden");
	tap_ok(hidden(old) && hidden(new), "and one that each list has a copy of");
	tap_ok(acpi.dmar == ptr_pa(shared) && acpi.ivrs == ptr_pa(new), "they are known");
	tap_ok(!memcmp(hpet, "HPET", 4), "others stay");
}

static void test_old_lists(void)
{
	u8 *m = madt(), *rsdt = table("RSDT", HEADER), *dmar = table("DMAR", DMAR_HEADER);

	lapic(m, 0, ENABLED);
	point32(rsdt, dmar);
	point32(rsdt, m);
	read_lists(rsdt, NULL);
	tap_ok(acpi.nr_cpus == 1, "processors are found by an RSDT alone");
	tap_ok(hidden(dmar) && acpi.dmar == ptr_pa(dmar), "a table is hidden");
	for (u32 id = 1; id <= MAX_CPUS; id++)
		lapic(m, (u8)id, ENABLED);
	read_lists(rsdt, NULL);
	tap_ok(acpi.nr_cpus == MAX_CPUS && acpi.found_cpus == MAX_CPUS + 1,
	       "there may be more processors than can be used");
}

/* With the option "dmar=visible". */
static void test_visible(void)
{
	u8 *m, *rsdt, *dmar;

	tables_reset();
	m = madt();
	rsdt = table("RSDT", HEADER);
	dmar = table("DMAR", DMAR_HEADER);
	point32(rsdt, dmar);
	point32(rsdt, m);
	options.dmar_visible = true;
	read_lists(rsdt, NULL);
	options.dmar_visible = false;
	tap_ok(!memcmp(dmar, "DMAR", 4) && acpi.dmar == ptr_pa(dmar), "or it stays, and is known");
}

int main(void)
{
	test_order();
	test_large_ids();
	test_not_there();
	test_both_types();
	test_many();
	test_cut_off();
	test_keep();
	test_lists();
	test_old_lists();
	test_visible();
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Reads ACPI tables: processors from the MADT (madt.c); addresses of other tables.  The
 * FADT is acpi_fadt.c's, sleep types are acpi_sleep.c's.  The root gets the tables
 * unchanged, except for acpi_hide.c and acpi_sleep.c.
 *
 * The tables of remapping hardware, DMAR and IVRS, are hidden: a root that knows the
 * hardware has it block every interrupt but those that it has set up there itself.  With
 * option "dmar=visible" they are not, see device/vtd.c.
 */
#include <rv/acpi.h>
#include <rv/fadt.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/sleep_type.h>
#include <rv/x86.h>
#include "info.h"

struct acpi_facts acpi;

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
} __packed;

struct table {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __packed;

#define CPUID_TOPOLOGY	0xb

static void parse_table(u64 pa)
{
	const struct table *t = pa_ptr(pa);

	if (!memcmp(t->signature, "FACP", 4)) {
		fadt_parse(pa_ptr(pa), &fadt);
		if (fadt.dsdt)
			sleep_table(fadt.dsdt);
	} else if (!memcmp(t->signature, "SSDT", 4)) {
		sleep_table(pa);
	} else if (!memcmp(t->signature, "APIC", 4)) {
		acpi.madt = pa;
	} else if (!memcmp(t->signature, "SRAT", 4)) {
		acpi.srat = pa;
	} else if (!memcmp(t->signature, "MCFG", 4)) {
		acpi.mcfg = pa;
	} else if (!memcmp(t->signature, "SPCR", 4)) {
		acpi.spcr = pa;
	}
}

static void hide_remapping(u64 pa)
{
	const struct table *t = pa_ptr(pa);

	if (!memcmp(t->signature, "DMAR", 4))
		acpi.dmar = pa;
	else if (!memcmp(t->signature, "IVRS", 4))
		acpi.ivrs = pa;
	else
		return;
	if (!options.dmar_visible)
		acpi_hide_table(pa);
}

/* Calls @fn for each table in an RSDT or XSDT, whose pointers have @width bytes. */
static void walk_tables(u64 list, u32 width, void (*fn)(u64 pa))
{
	const struct table *t = pa_ptr(list);
	u32 at;

	for (at = sizeof(*t); at + width <= t->length; at += width) {
		u64 pa = width == 8 ? get64((const u8 *)t, at) : get32((const u8 *)t, at);

		if (pa)
			fn(pa);
	}
}

void acpi_read(const void *rsdp, u32 own_apic_id)
{
	const struct rsdp *r = rsdp;
	u64 xsdt = r->revision >= 2 ? r->xsdt : 0;

	if (xsdt)
		walk_tables(xsdt, 8, parse_table);
	else
		walk_tables(r->rsdt, 4, parse_table);
	/* A root may use either list, and each may have copies of its own. */
	if (r->rsdt)
		walk_tables(r->rsdt, 4, hide_remapping);
	if (xsdt)
		walk_tables(xsdt, 8, hide_remapping);
	if (acpi.madt)
		acpi.found_cpus = madt_cpus(pa_ptr(acpi.madt), own_apic_id, acpi.apic_id,
					    MAX_CPUS);
	acpi.nr_cpus = MIN(acpi.found_cpus, (u32)MAX_CPUS);
}

u64 acpi_bios_data(void)
{
	u16 segment;

	/* The compiler does not accept such a low address. */
	__asm__ volatile("movw 0x40e, %0" : "=r"(segment));
	return (u64)segment << 4;
}

static const struct rsdp *find_rsdp(void)
{
	u64 at, ebda = acpi_bios_data();

	if (boot_info.rsdp[0])
		return (const struct rsdp *)boot_info.rsdp;
	for (at = ebda; ebda && at < ebda + 1024; at += 16)
		if (!memcmp(pa_ptr(at), "RSD PTR ", 8))
			return pa_ptr(at);
	for (at = 0xe0000; at < 0x100000; at += 16)
		if (!memcmp(pa_ptr(at), "RSD PTR ", 8))
			return pa_ptr(at);
	return NULL;
}

/* Leaf 0xb has all bits. */
static u32 own_apic_id(void)
{
	if (cpuid(0, 0).eax >= CPUID_TOPOLOGY && cpuid(CPUID_TOPOLOGY, 0).ebx)
		return cpuid(CPUID_TOPOLOGY, 0).edx;
	return cpuid(1, 0).ebx >> 24;
}

bool acpi_parse(void)
{
	const struct rsdp *rsdp = find_rsdp();

	if (!rsdp)
		return false;
	acpi_read(rsdp, own_apic_id());
	return true;
}

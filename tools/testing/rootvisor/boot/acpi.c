// SPDX-License-Identifier: GPL-2.0
/*
 * Reads ACPI tables: processors from the MADT; addresses of other tables.  The FADT is
 * acpi_fadt.c's, sleep types are acpi_sleep.c's.  The root gets the tables unchanged,
 * except for acpi_hide.c, acpi_sleep.c and device/dmar.c.
 */
#include <rv/acpi.h>
#include <rv/fadt.h>
#include <rv/log.h>
#include <rv/sleep_type.h>

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

#define MADT_LAPIC	0
#define MADT_X2APIC	9
#define ENTRY_SIZE	1	/* in an entry of MADT or SRAT */

static void add_cpu(u32 apic_id, u32 flags)
{
	if (!(flags & ACPI_ENABLED))
		return;
	if (acpi.nr_cpus == MAX_CPUS) {
		acpi.more_cpus++;
		return;
	}
	acpi.apic_id[acpi.nr_cpus++] = apic_id;
}

u32 acpi_entry_size(const u8 *table, u32 at)
{
	u32 length = get32(table, ACPI_LENGTH);

	if (at + 2 > length || table[at + ENTRY_SIZE] < 2 ||
	    at + table[at + ENTRY_SIZE] > length)
		return 0;
	return table[at + ENTRY_SIZE];
}

bool madt_cpu(const u8 *entry, u32 *apic_id, u32 *flags)
{
	if (entry[0] == MADT_LAPIC && entry[ENTRY_SIZE] >= 8) {
		*apic_id = entry[3];
		*flags = get32(entry, 4);
		return true;
	}
	if (entry[0] == MADT_X2APIC && entry[ENTRY_SIZE] >= 16) {
		*apic_id = get32(entry, 4);
		*flags = get32(entry, 8);
		return true;
	}
	return false;
}

static void parse_madt(const u8 *table)
{
	u32 at, size, apic_id, flags;

	for (at = MADT_ENTRIES; (size = acpi_entry_size(table, at)); at += size)
		if (madt_cpu(table + at, &apic_id, &flags))
			add_cpu(apic_id, flags);
}

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
		parse_madt(pa_ptr(pa));
		acpi.madt = pa;
	} else if (!memcmp(t->signature, "SRAT", 4)) {
		acpi.srat = pa;
	} else if (!memcmp(t->signature, "DMAR", 4)) {
		acpi.dmar = pa;
	} else if (!memcmp(t->signature, "SPCR", 4)) {
		acpi.spcr = pa;
	}
}

static const struct rsdp *find_rsdp(void)
{
	u64 at, ebda;
	u16 segment;

	/* The BIOS data area: the compiler does not accept such a low address. */
	__asm__ volatile("movw 0x40e, %0" : "=r"(segment));
	ebda = (u64)segment << 4;
	for (at = ebda; ebda && at < ebda + 1024; at += 16)
		if (!memcmp(pa_ptr(at), "RSD PTR ", 8))
			return pa_ptr(at);
	for (at = 0xe0000; at < 0x100000; at += 16)
		if (!memcmp(pa_ptr(at), "RSD PTR ", 8))
			return pa_ptr(at);
	return NULL;
}

bool acpi_parse(void)
{
	const struct rsdp *rsdp = find_rsdp();
	const struct table *root;
	u32 i, n;

	if (!rsdp)
		return false;
	if (rsdp->revision >= 2 && rsdp->xsdt) {
		root = pa_ptr(rsdp->xsdt);
		n = (root->length - sizeof(*root)) / 8;
		for (i = 0; i < n; i++)
			parse_table(get64((const u8 *)(root + 1), 8 * i));
	} else {
		root = pa_ptr(rsdp->rsdt);
		n = (root->length - sizeof(*root)) / 4;
		for (i = 0; i < n; i++)
			parse_table(get32((const u8 *)(root + 1), 4 * i));
	}
	return true;
}

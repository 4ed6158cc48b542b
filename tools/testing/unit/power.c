// SPDX-License-Identifier: GPL-2.0
/*
 * What rootvisor reads from the FADT and from ACPI's bytecode: the registers that end a
 * machine, the types of power-off, and sleep states that are hidden.
 *
 * Model: tables are built here, byte by byte, as machines have them.
 */
#include <stdlib.h>

#include "../rootvisor/boot/acpi_fadt.c"
#include "../rootvisor/boot/acpi_sleep.c"
#undef ARRAY_SIZE

#include "tap.h"

#define FADT_OLD	116	/* sizes of ACPI 1, 2 and 5 */
#define FADT_2		244
#define FADT_5		268
#define HEADER		36

static unsigned char table[512];
static unsigned int lines, checksums;

void log_line(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
	lines++;
}

enum log_level log_level = LOG_INFO;

void acpi_checksum(u8 *table)
{
	(void)table;
	checksums++;
}

static void put32(u32 at, u32 v)
{
	memcpy(table + at, &v, sizeof(v));
}

static void put64(u32 at, u64 v)
{
	memcpy(table + at, &v, sizeof(v));
}

static void put_generic(u32 at, u8 space, u64 address)
{
	table[at] = space;
	put64(at + 4, address);
}

static void make_fadt(u32 length, u32 flags)
{
	memset(table, 0, sizeof(table));
	put32(ACPI_LENGTH, length);
	put32(40, 0x1000);
	put32(64, 0x604);
	put32(76, 0x608);
	put32(112, flags);
}

static struct fadt_facts facts(void)
{
	struct fadt_facts f = { 0 };

	fadt_parse(table, &f);
	return f;
}

static void old_fields(void)
{
	struct fadt_facts f;

	make_fadt(FADT_OLD, BIT(8) | BIT(10));
	put_generic(172, ACPI_IN_PORTS, 0x1804);
	f = facts();
	tap_ok(f.pm1a_control == 0x604 && !f.pm1b_control && f.pm_timer == 0x608 &&
	       f.pm_timer_32bit && f.dsdt == 0x1000 && f.reset.space == ACPI_NOWHERE,
	       "a table of ACPI 1 has 32-bit fields only");
	make_fadt(FADT_2, 0);
	put32(68, 0x704);
	put_generic(172, ACPI_IN_MEMORY, 0xfed80804);
	f = facts();
	tap_ok(f.pm1a_control == 0x604 && f.pm1b_control == 0x704 && !f.pm_timer_32bit,
	       "a control register in memory is not used");
}

static void new_fields(void)
{
	struct fadt_facts f;

	make_fadt(FADT_2, 0);
	put64(140, 0x123456789000);
	put_generic(172, ACPI_IN_PORTS, 0x1804);
	put_generic(184, ACPI_IN_PORTS, 0x1904);
	put_generic(208, ACPI_IN_PORTS, 0x1808);
	f = facts();
	tap_ok(f.pm1a_control == 0x1804 && f.pm1b_control == 0x1904 && f.pm_timer == 0x1808 &&
	       f.dsdt == 0x123456789000, "generic addresses win");
	make_fadt(FADT_5, BIT(20));
	put32(64, 0);
	put_generic(244, ACPI_IN_PORTS, 0x3c0);
	f = facts();
	tap_ok(!f.pm1a_control && f.sleep_control == 0x3c0,
	       "reduced hardware has a sleep control register");
	make_fadt(FADT_5, 0);
	put_generic(244, ACPI_IN_PORTS, 0x3c0);
	f = facts();
	tap_ok(!f.sleep_control, "and other hardware has not");
}

static void resets(void)
{
	static const u8 spaces[] = { ACPI_IN_MEMORY, ACPI_IN_PORTS, ACPI_IN_PCI };
	const u64 pci = 0x1f000200b2;
	struct fadt_facts f;
	unsigned int i;

	for (i = 0; i < sizeof(spaces); i++) {
		make_fadt(FADT_2, BIT(10));
		put_generic(116, spaces[i], 0xcf9);
		table[128] = 0xe;
		f = facts();
		tap_ok(f.reset.space == spaces[i] && f.reset.address == 0xcf9 &&
		       f.reset_value == 0xe, "a reset register in address space %u", spaces[i]);
	}
	make_fadt(FADT_2, 0);
	put_generic(116, ACPI_IN_PORTS, 0xcf9);
	f = facts();
	tap_ok(f.reset.space == ACPI_NOWHERE, "none without its flag");
	tap_ok(ACPI_PCI_DEVICE(pci) == 0x1f && ACPI_PCI_FUNCTION(pci) == 2 &&
	       ACPI_PCI_OFFSET(pci) == 0xb2, "fields of an address in the PCI space");
}

/* A table of bytecode around these bytes, which end it if @last. */
static void make_code(const void *code, u32 size, bool last)
{
	memset(table, 0xa3, sizeof(table));
	memcpy(table + HEADER + 5, code, size);
	put32(ACPI_LENGTH, HEADER + 5 + size + (last ? 0 : 20));
}

#define CODE(text)	make_code(text, sizeof(text) - 1, false)

static void types(const char *name, bool known, u8 a, u8 b)
{
	struct sleep_off off = { 0 };

	sleep_find_off(table, &off);
	tap_ok(off.known == known && off.pm1a == a && off.pm1b == b,
	       "%s: %d, %u, %u", name, off.known, off.pm1a, off.pm1b);
}

static void off_types(void)
{
	CODE("\x08_S5_\x12\x06\x04\x00\x00\x00\x00");
	types("zeros", true, 0, 0);
	CODE("\x08\\_S5_\x12\x0a\x04\x0a\x05\x0a\x06\x00\x00");
	types("bytes, a name from the root", true, 5, 6);
	CODE("\x08_S5_\x12\x49\x00\x04\x01\x0b\x07\x00\x00\x00");
	types("a longer length, one, a word", true, 1, 7);
	CODE("\x08_S5_\x12\x05\x01\x0b\x05\x03");
	types("both types in one number", true, 5, 3);
	CODE("\x08_S5_\x12\x0a\x04SLPA\x00\x00\x00");
	types("the name of a variable", false, 0, 0);
	CODE("\x08_S4_\x12\x06\x04\x01\x01\x00\x00");
	types("no S5", false, 0, 0);
	CODE("\x14\x06_S5_\x12\x04\x01\x01\x00\x00");
	types("a method of that name", false, 0, 0);
}

/* Whatever the table ends with, nothing behind its end is read or changed. */
static void cut_short(void)
{
	static const char code[] = "\x08\\_S5_\x12\x0b\x04\x0b\x05\x00\x0b\x05\x00\x00\x00";
	struct sleep_off off;
	unsigned char *exact;
	u32 size;

	for (size = 0; size < sizeof(code) - 3; size++) {
		make_code(code, size, true);
		exact = malloc(get32(table, ACPI_LENGTH));
		memcpy(exact, table, get32(table, ACPI_LENGTH));
		off = (struct sleep_off){ 0 };
		sleep_find_off(exact, &off);
		tap_check(!off.known, "known after %u bytes", size);
		tap_check(!sleep_hide(exact), "hidden after %u bytes", size);
		free(exact);
	}
	tap_group("a table that ends within the definition");
}

static void hides(void)
{
	static const char shown[] = "\x08_S3_\x12\x06\x04\x01\x01\x00\x00"
				    "\x08\\_S4_\x12\x06\x04\x02\x02\x00\x00"
				    "\x08_S5_\x12\x06\x04\x00\x00\x00\x00";
	static const char hidden[] = "\x08XS3_\x12\x06\x04\x01\x01\x00\x00"
				     "\x08\\XS4_\x12\x06\x04\x02\x02\x00\x00"
				     "\x08_S5_\x12\x06\x04\x00\x00\x00\x00";

	make_code(shown, sizeof(shown) - 1, false);
	tap_ok(sleep_hide(table) == (BIT(3) | BIT(4)) &&
	       !memcmp(table + HEADER + 5, hidden, sizeof(hidden) - 1),
	       "S3 and S4 are hidden, and nothing else");
	types("S5 is there", true, 0, 0);
	make_code(shown, sizeof(shown) - 1, false);
	sleep_table(ptr_pa(table));
	tap_ok(lines == 2 && checksums == 1 && sleep_off.known,
	       "the table is changed once, with a line for each state");
	sleep_table(ptr_pa(table));
	tap_ok(lines == 2 && checksums == 1, "and not again");
}

int main(void)
{
	old_fields();
	new_fields();
	resets();
	off_types();
	cut_short();
	hides();
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/* Memory maps as firmware gives them, and what rootvisor takes of them. */
#include "machine.h"

#define GIB		BIT_ULL(30)
#define LENGTH(a)	(sizeof(a) / sizeof(*(a)))

struct row {
	u64 base, end;		/* the latter is the last byte */
	u32 type;
};

static void add_rows(const struct row *r, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!e820_add(r[i].base, r[i].end + 1 - r[i].base, r[i].type))
			tap_check(0, "no room for row %u", i);
}

/* QEMU's SeaBIOS, 2 GiB. */
static const struct row seabios[] = {
	{ 0, 0x9fbff, 1 }, { 0x9fc00, 0x9ffff, 2 }, { 0xf0000, 0xfffff, 2 },
	{ 0x100000, 0x7ffdffff, 1 }, { 0x7ffe0000, 0x7fffffff, 2 },
	{ 0xb0000000, 0xbfffffff, 2 }, { 0xfed1c000, 0xfed1ffff, 2 },
	{ 0xfffc0000, 0xffffffff, 2 }, { 0xfd00000000, 0xffffffffff, 2 },
};

/* OVMF by GRUB, which calls code of runtime services type 20. */
static const struct row ovmf[] = {
	{ 0, 0x9ffff, 1 }, { 0x100000, 0x7fffff, 1 }, { 0x800000, 0x807fff, 4 },
	{ 0x808000, 0x80afff, 1 }, { 0x80b000, 0x80bfff, 4 }, { 0x80c000, 0x810fff, 1 },
	{ 0x811000, 0x8fffff, 4 }, { 0x900000, 0x7ed3efff, 1 }, { 0x7ed3f000, 0x7edfffff, 2 },
	{ 0x7ee00000, 0x7f8ecfff, 1 }, { 0x7f8ed000, 0x7f9ecfff, 2 },
	{ 0x7f9ed000, 0x7faecfff, 20 }, { 0x7faed000, 0x7fb6cfff, 2 },
	{ 0x7fb6d000, 0x7fb7efff, 3 }, { 0x7fb7f000, 0x7fbfefff, 4 },
	{ 0x7fbff000, 0x7fec1fff, 1 }, { 0x7fec2000, 0x7fec5fff, 2 },
	{ 0xe0000000, 0xefffffff, 2 }, { 0xffc00000, 0xffffffff, 2 },
	{ 0xfd00000000, 0xffffffffff, 2 },
};

/* A desktop with 32 GiB, whose firmware has something at 160 MiB. */
static const struct row desktop[] = {
	{ 0, 0x9ffff, 1 }, { 0xa0000, 0xfffff, 2 }, { 0x100000, 0x9d00fff, 1 },
	{ 0x9d01000, 0x9ffffff, 2 }, { 0xa000000, 0xa1fffff, 1 }, { 0xa200000, 0xa20dfff, 4 },
	{ 0xa20e000, 0xaffffff, 1 }, { 0xb000000, 0xb01ffff, 2 }, { 0xb020000, 0xb8a17fff, 1 },
	{ 0xb8a18000, 0xbc417fff, 2 }, { 0xbc418000, 0xbc47ffff, 3 },
	{ 0xbc480000, 0xbcd7efff, 4 }, { 0xbcd7f000, 0xbddfefff, 2 },
	{ 0xbddff000, 0xbeffffff, 1 }, { 0xbf000000, 0xbfffffff, 2 },
	{ 0xf0000000, 0xf7ffffff, 2 }, { 0xfd200000, 0xffffffff, 2 },
	{ 0x100000000, 0x82f2fffff, 1 }, { 0x82f300000, 0x83fffffff, 2 },
};

/* A server with 256 GiB: the reserve, 2 GiB, has no room below 4 GiB. */
static const struct row server[] = {
	{ 0, 0x3dfff, 1 }, { 0x3e000, 0x3ffff, 2 }, { 0x40000, 0x9ffff, 1 },
	{ 0xa0000, 0xfffff, 2 }, { 0x100000, 0x6f3fffff, 1 }, { 0x6f400000, 0x7fffffff, 2 },
	{ 0x80000000, 0x8fffffff, 2 }, { 0xfd000000, 0xfe7fffff, 2 },
	{ 0x100000000, 0x407fffffff, 1 },
};

/* 1 TiB, half of it out of reach, with a hole in the middle. */
static const struct row large[] = {
	{ 0, 0x9ffff, 1 }, { 0x100000, 0x7fffffff, 1 }, { 0x100000000, 0x3fffffffff, 1 },
	{ 0x7f00000000, 0xffffffffff, 1 }, { 0x10100000000, 0x101ffffffff, 1 },
};

static const struct row sparse[] = {
	{ 0, 0x9ffff, 1 }, { 0x100000, 0x7fffffff, 1 }, { 0x7f80000000, 0x7fbfffffff, 1 },
};

static void test_real(void)
{
	begin();
	add_rows(seabios, LENGTH(seabios));
	init("SeaBIOS", NULL);
	tap_check(reserve.base == 0x14000000, "behind the modules: 0x%llx",
		  (unsigned long long)reserve.base);
	begin();
	add_rows(ovmf, LENGTH(ovmf));
	init("OVMF", NULL);
	tap_check(type_at(e820, e820_count, 0x7f9ed000) == E820_RESERVED,
		  "a type that only GRUB knows");
	begin();
	add_rows(desktop, LENGTH(desktop));
	init("a desktop", NULL);
	begin();
	add_rows(server, LENGTH(server));
	init("a server", NULL);
	tap_check(reserve.base == 4 * GIB && reserve.size > 2 * GIB, "above 4 GiB: 0x%llx",
		  (unsigned long long)reserve.base);
	tap_group("maps of real firmware");
}

static void test_large(void)
{
	u64 sum;

	begin();
	add_rows(large, LENGTH(large));
	sum = e820_ram_bytes();
	tap_check(e820_cut(REACH) == sum - e820_ram_bytes(), "what is cut");
	begin();
	add_rows(large, LENGTH(large));
	init("a large machine", NULL);
	tap_check(e820_ram_end() == REACH, "where it ends: 0x%llx",
		  (unsigned long long)e820_ram_end());
	begin();
	add_rows(sparse, LENGTH(sparse));
	init("little RAM, far away", NULL);
	tap_check(reserve.size > 5 * (0x7fc0000000 >> PAGE_SHIFT),
		  "a byte and a word for each page: 0x%llx", (unsigned long long)reserve.size);
	tap_group("RAM out of reach");
}

/* Modules where GRUB may put them, and what is then the first free place. */
static void test_modules(void)
{
	begin();
	add_rows(seabios, LENGTH(seabios));
	boot_info.kernel.base = 0x7f000000;
	boot_info.initrd.base = 0x100000;
	init("modules at both ends", NULL);
	tap_check(reserve.base == 0x10100000, "behind the image: 0x%llx",
		  (unsigned long long)reserve.base);
	begin();
	e820_add(0x100000, 0x1ff00000, E820_RAM);
	boot_info.kernel = (struct boot_module){ 0x10200000, 0xf000000 };
	boot_info.initrd = (struct boot_module){ 0x100000, 0x2000000 };
	init("no room behind the image", NULL);
	tap_check(reserve.base == 0x2100000, "before it: 0x%llx",
		  (unsigned long long)reserve.base);
	tap_group("places among modules");
}

static void test_many(void)
{
	u32 i, pieces = (E820_MAX - 8) / 2;

	begin();
	e820_add(0x8000000, GIB, E820_RAM);
	/* From top to bottom, so that none joins the one before. */
	for (i = pieces; i--;) {
		e820_add(0x100000 + i * 0x4000ull, 0x2000, E820_RAM);
		e820_add(0x102000 + i * 0x4000ull, 0x2000, 4);
	}
	init("hundreds of entries", NULL);
	tap_check(e820_count >= 2 * pieces, "%u entries", e820_count);
	begin();
	e820_add(0x8000000, GIB, E820_RAM);
	for (i = 0; i < E820_MAX; i++)
		e820_add(0x100000, 0x1000, E820_RAM);
	init("the same entry again and again", NULL);
	begin();
	/* Each cuts the first in two. */
	e820_add(0, 4 * GIB, E820_RAM);
	for (i = 1; i < E820_MAX; i++)
		e820_add(i * 0x2000ull, 0x1000, E820_RESERVED);
	init("more entries than there is room for", "too many entries");
	begin();
	e820_add(0x8000000, GIB, E820_RAM);
	for (i = 1; i < E820_MAX; i++)
		e820_add(0x100000 + i * 0x2000ull, 0x1000, 4);
	init("a full map, with room in RAM", "too many entries");
	begin();
	for (i = 0; i < E820_MAX; i++)
		tap_check(e820_add(i * 0x200000ull, 0x100000, E820_RAM), "entry %u", i);
	tap_check(!e820_add(8 * GIB, 1, E820_RAM), "one more");
	init("a full map, in which nothing can be reserved", "MiB of RAM in one piece");
	tap_group("many entries");
}

static const struct row overlapping[] = {
	{ 0x100000, 0xffffffff, 1 }, { 0xc0000000, 0xffffffff, 2 }, { 0, 0x9ffff, 1 },
	{ 0x80000000, 0x80000fff, 3 }, { 0x80000800, 0x800017ff, 4 }, { 0x9f000, 0xfffff, 2 },
	{ 0x90000000, 0x9fffffff, 4 }, { 0x91000000, 0x91ffffff, 2 },
	{ 0xd0000000, 0xdfffffff, 1 },
};

static void test_overlaps(void)
{
	begin();
	add_rows(overlapping, LENGTH(overlapping));
	e820_add(0xfffffffffffff000, 0x2000, E820_RAM);
	e820_add(0x100000, 0, E820_RAM);
	tap_check(e820_count == LENGTH(overlapping), "an end beyond 2^64, and no size");
	init("overlaps", NULL);
	tap_check(type_at(e820, e820_count, 0x80000900) == 4, "the higher type");
	tap_check(type_at(e820, e820_count, 0x91000000) == 4, "also if it comes first");
	tap_check(type_at(e820, e820_count, 0x9f800) == 2, "not RAM in doubt");
	tap_check(e820_ram_end() == 0xc0000000, "the end of RAM");
	tap_group("entries that overlap, and are not sorted");
}

static void test_refused(void)
{
	begin();
	add_rows(seabios, LENGTH(seabios));
	boot_info.kernel.size = 0;
	init("no kernel", "no root kernel");
	begin();
	e820_add(0x100000, 0x1d000000, E820_RAM);
	init("little memory", "too little memory: 464 MiB");
	begin();
	e820_add(0x20000000, GIB, E820_RAM);
	init("an image that is not in RAM", "0x10000000 is not RAM");
	tap_group("what is refused");
}

int main(void)
{
	test_real();
	test_large();
	test_modules();
	test_many();
	test_overlaps();
	test_refused();
	return tap_end();
}

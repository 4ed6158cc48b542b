// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot, version 2: what boot loaders leave in memory, and what is wrong with it.
 *
 * Model: information is built in memory of its exact size, so that a reader which goes
 * beyond it is found by the sanitizer.
 */
#include <stdlib.h>
#include <string.h>

#include "../rootvisor/boot/e820.c"
#include "../rootvisor/boot/info.c"
#include "../rootvisor/boot/multiboot2.c"
#undef ARRAY_SIZE

#include "tap.h"

static u8 built[0x40000];
static u32 length;

static void begin(void)
{
	memset(&boot_info, 0, sizeof(boot_info));
	memset(built, 0xaa, sizeof(built));
	e820_count = 0;
	length = 8;
}

static void put(u32 at, const void *data, u32 size)
{
	memcpy(built + at, data, size);
}

static void put32(u32 at, u32 v)
{
	put(at, &v, sizeof(v));
}

static void put64(u32 at, u64 v)
{
	put(at, &v, sizeof(v));
}

/* The place of its content. */
static u32 tag(u32 type, u32 size)
{
	u32 at = length;

	put32(at, type);
	put32(at + 4, size + 8);
	length += (size + 8 + 7) & ~7u;
	return at + 8;
}

static void text_tag(u32 type, u32 before, const char *text)
{
	u32 size = (u32)strlen(text) + 1;

	put(tag(type, before + size) + before, text, size);
}

static void module_tag(u32 start, u32 end, const char *args)
{
	u32 at = length + 8;

	text_tag(TAG_MODULE, 8, args);
	put32(at, start);
	put32(at + 4, end);
}

static void end_tag(void)
{
	tag(TAG_END, 0);
}

/* Reads the first @size bytes, which is what their header says as well. */
static const char *read_part(u32 size)
{
	u8 *exact = malloc(size);
	const char *wrong;

	put32(0, size);
	memcpy(exact, built, size);
	wrong = multiboot2_read(ptr_pa(exact));
	free(exact);
	return wrong;
}

static bool is(const char *said, const char *wanted)
{
	return said ? wanted && strstr(said, wanted) : !wanted;
}

static void said(const char *what, const char *wanted)
{
	const char *wrong = read_part(length);

	tap_check(is(wrong, wanted), "%s: %s", what, wrong ?: "nothing is wrong");
}

static void map_tag(u32 entry, u32 n, u32 more)
{
	u32 at = tag(TAG_MAP, 8 + entry * n + more), i;

	put32(at, entry);
	put32(at + 4, 0);
	for (i = 0; i < n; i++) {
		put64(at + 8 + entry * i, (u64)i << 32);
		put64(at + 16 + entry * i, 0x1000);
		put32(at + 24 + entry * i, E820_RAM);
	}
}

static void screen_tag(u8 type)
{
	u32 at = tag(TAG_SCREEN, type == SCREEN_IS_RGB ? 30 : 24);

	put64(at, 0x480000000);
	put32(at + 8, 3200);
	put32(at + 12, 800);
	put32(at + 16, 600);
	put(at + 20, (u8 []){ 32, type }, 2);
	if (type == SCREEN_IS_RGB)
		put(at + 24, (u8 []){ 16, 8, 8, 7, 0, 6 }, 6);
}

static void rsdp_tag(bool new, const char *what)
{
	u8 rsdp[RSDP2_SIZE] = {};
	u32 size = new ? RSDP2_SIZE : RSDP1_SIZE;

	memcpy(rsdp, what, strlen(what));
	put(tag(new ? TAG_RSDP2 : TAG_RSDP1, size), rsdp, size);
}

static void efi_map_tag(u32 entry, u32 bytes)
{
	u32 at = tag(TAG_EFI_MAP, 8 + bytes);

	put32(at, entry);
	put32(at + 4, 1);
	memset(built + at + 8, 7, bytes);
}

static void whole(void)
{
	begin();
	text_tag(TAG_CMDLINE, 0, "cpus=2 sched=classic");
	module_tag(0x1000000, 0x1800000, "console=ttyS0 quiet");
	module_tag(0x2000000, 0x2000001, "");
	map_tag(24, 3, 0);
	screen_tag(SCREEN_IS_RGB);
	put64(tag(TAG_EFI64, 8), 0x7f000018);
	rsdp_tag(false, "RSD PTR old");
	rsdp_tag(true, "RSD PTR new");
	efi_map_tag(48, 96);
	end_tag();
}

static void test_whole(void)
{
	const struct boot_info *b = &boot_info;

	whole();
	said("all tags", NULL);
	tap_check(!strcmp(b->options, "cpus=2 sched=classic"), "options");
	tap_check(!strcmp(b->root_args, "console=ttyS0 quiet"), "the root's arguments");
	tap_check(b->kernel.base == 0x1000000 && b->kernel.size == 0x800000, "kernel");
	tap_check(b->initrd.base == 0x2000000 && b->initrd.size == 1, "initrd");
	tap_check(e820_count == 3 && e820[2].base == 2ull << 32, "memory map");
	tap_check(b->screen.kind == SCREEN_RGB && b->screen.base == 0x480000000 &&
		  b->screen.pitch == 3200 && b->screen.width == 800 &&
		  b->screen.height == 600 && b->screen.depth == 32, "screen");
	tap_check(b->screen.red.position == 16 && b->screen.red.size == 8 &&
		  b->screen.green.position == 8 && b->screen.green.size == 7 &&
		  b->screen.blue.position == 0 && b->screen.blue.size == 6, "colours");
	tap_check(b->efi_table == 0x7f000018 && !b->efi_old, "system table");
	tap_check(!memcmp(b->rsdp, "RSD PTR new", 11), "root pointer");
	tap_check(b->efi_map_size == 96 && b->efi_desc_size == 48 &&
		  b->efi_desc_version == 1 && b->efi_map[95] == 7, "UEFI's map");
	tap_group("everything is read");
}

static void test_cut(void)
{
	u32 size, full;

	whole();
	for (full = length, size = full - 1; size >= 8; size--) {
		memset(&boot_info, 0, sizeof(boot_info));
		e820_count = 0;
		tap_check(!!read_part(size), "%u of %u bytes are taken", size, full);
	}
	put32(0, 0);
	tap_check(is(multiboot2_read(ptr_pa(built)), "no end"), "a total of 0");
	put32(0, 0xffffffff);
	tap_check(is(multiboot2_read(ptr_pa(built)), "no end"), "a total of 4 GiB");
	tap_group("information that is cut is refused, wherever");
}

static void test_sizes(void)
{
	u32 i, size;

	for (i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		for (size = 0; size < readers[i].least; size++) {
			begin();
			tag(readers[i].type, readers[i].least);
			put32(12, size);
			end_tag();
			tap_check(is(read_part(length), size < 8 ? "cut" : "too small"),
				  "type %u, size %u", readers[i].type, size);
		}
	}
	begin();
	tag(TAG_CMDLINE, 16);
	put32(12, 0xfffffff9);
	end_tag();
	said("a size that wraps", "cut");
	tap_group("tags of a wrong size are refused");
}

static void test_unknown(void)
{
	u32 i;

	begin();
	for (i = 0; i < 9; i++)
		tag(i & 1 ? 9 : 1000 + i, i);
	text_tag(TAG_CMDLINE, 0, "x=y");
	end_tag();
	/* What follows the end is not looked at. */
	tag(TAG_EFI_SERVICES, 0);
	said("unknown tags", NULL);
	tap_check(!strcmp(boot_info.options, "x=y"), "what is behind them");
	begin();
	text_tag(TAG_CMDLINE, 0, "x=y");
	said("no end", "no end");
	begin();
	tag(TAG_EFI_SERVICES, 0);
	end_tag();
	said("boot services that run", "boot services");
	tap_group("unknown tags are passed over, and the end is needed");
}

static void test_text(void)
{
	static char text[ROOT_ARGS_SIZE + 1];

	begin();
	memset(built + tag(TAG_CMDLINE, 3), 'x', 8);
	end_tag();
	said("a line without an end", "no end");
	memset(text, 'x', ROOT_ARGS_SIZE);
	begin();
	module_tag(1, 2, text);
	end_tag();
	said("a long line for the root", "too long");
	text[ROOT_ARGS_SIZE - 1] = '\0';
	begin();
	module_tag(1, 2, text);
	end_tag();
	said("the longest", NULL);
	text[OPTIONS_SIZE] = '\0';
	begin();
	text_tag(TAG_CMDLINE, 0, text);
	end_tag();
	said("a long line for the hypervisor", "too long");
	tap_group("command lines without an end, and long ones");
}

static void test_modules(void)
{
	begin();
	end_tag();
	said("no module", NULL);
	tap_check(!boot_info.kernel.size, "no kernel");
	begin();
	module_tag(16, 16, "");
	end_tag();
	said("an empty module", "empty");
	begin();
	module_tag(1, 2, "");
	module_tag(2, 3, "");
	module_tag(3, 4, "");
	end_tag();
	said("three modules", "more modules");
	tap_group("modules");
}

static void test_maps(void)
{
	begin();
	map_tag(40, 2, 0);
	end_tag();
	said("long entries", NULL);
	tap_check(e820_count == 2, "%u entries", e820_count);
	begin();
	map_tag(16, 2, 0);
	end_tag();
	said("short entries", "too small");
	begin();
	map_tag(24, 2, 8);
	end_tag();
	said("a part of an entry", "cut entry");
	begin();
	map_tag(24, E820_MAX, 0);
	end_tag();
	said("a full map", NULL);
	begin();
	map_tag(24, E820_MAX + 1, 0);
	end_tag();
	said("more than that", "too many");
	tap_group("memory maps");
}

static void test_efi_maps(void)
{
	static const u32 bad[][2] = { { 0, 96 }, { 32, 96 }, { 44, 88 }, { 48, 95 } };
	u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		begin();
		efi_map_tag(bad[i][0], bad[i][1]);
		end_tag();
		said("entries that cannot be", "wrong size");
	}
	begin();
	efi_map_tag(64, EFI_MAP_SIZE);
	end_tag();
	said("a long map", NULL);
	begin();
	efi_map_tag(64, EFI_MAP_SIZE + 64);
	end_tag();
	said("a longer one", "too many");
	tap_group("UEFI's maps");
}

static void test_others(void)
{
	begin();
	rsdp_tag(true, "new");
	rsdp_tag(false, "old");
	screen_tag(SCREEN_INDEXED);
	put32(tag(TAG_EFI32, 4), 0x1000);
	end_tag();
	said("others", NULL);
	tap_check(!memcmp(boot_info.rsdp, "new", 3), "the newer root pointer");
	tap_check(boot_info.screen.kind == SCREEN_NONE, "a screen with a palette");
	tap_check(boot_info.efi_old && !boot_info.efi_table, "a 32-bit UEFI");
	begin();
	screen_tag(SCREEN_IS_TEXT);
	end_tag();
	said("text", NULL);
	tap_check(boot_info.screen.kind == SCREEN_TEXT, "a screen with text");
	begin();
	screen_tag(SCREEN_IS_RGB);
	put32(12, 32);
	end_tag();
	tap_check(is(read_part(length), "no colours"), "a screen without colours");
	tap_group("root pointers, screens, an old UEFI");
}

int main(void)
{
	test_whole();
	test_cut();
	test_sizes();
	test_unknown();
	test_text();
	test_modules();
	test_maps();
	test_efi_maps();
	test_others();
	return tap_end();
}

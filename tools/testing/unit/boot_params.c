// SPDX-License-Identifier: GPL-2.0
/* What the root's kernel is told, read by the kernel's own definition of boot_params. */
#include <asm/bootparam.h>
#include <stdlib.h>
#include <string.h>

#include "../rootvisor/boot/e820.c"
#include "../rootvisor/boot/info.c"
#include "../rootvisor/boot/params.c"
#undef ARRAY_SIZE

#include "tap.h"

static struct boot_params bp;

static void begin(void)
{
	memset(&boot_info, 0, sizeof(boot_info));
	memset(&bp, 0, sizeof(bp));
	e820_count = 0;
}

static void test_places(void)
{
	struct root_params p = { .cmdline = 0x198000, .initrd = 0x1e0000000,
				 .initrd_size = 0x100000001, .rsdp = 0x27b7e014 };

	begin();
	bp.hdr.loadflags = 0x02;
	params_fill((u8 *)&bp, &p);
	tap_check(bp.hdr.cmd_line_ptr == 0x198000 && !bp.ext_cmd_line_ptr, "command line");
	tap_check(bp.hdr.ramdisk_image == 0xe0000000 && bp.ext_ramdisk_image == 1, "initrd");
	tap_check(bp.hdr.ramdisk_size == 1 && bp.ext_ramdisk_size == 1, "its size");
	tap_check(bp.acpi_rsdp_addr == 0x27b7e014, "root pointer");
	tap_check(bp.hdr.type_of_loader == 0xff, "loader");
	tap_check(bp.hdr.loadflags == (0x02 | LOADED_HIGH | CAN_USE_HEAP), "flags");
	tap_check(bp.hdr.heap_end_ptr == 0xfe00, "heap");
	tap_check(!bp.efi_info.efi_loader_signature && !bp.screen_info.orig_video_isVGA &&
		  !bp.hdr.setup_data, "nothing else");
	tap_group("command line, initrd, root pointer");
}

static void test_memory(u32 n)
{
	u32 more = n > E820_MAX_ENTRIES_ZEROPAGE ? n - E820_MAX_ENTRIES_ZEROPAGE : 0, i;
	struct root_params p = {};
	struct setup_data *data;

	begin();
	for (i = 0; i < n; i++)
		e820_add(i * 0x200000ull, 0x1000 + i, E820_RAM);
	tap_check(e820_more_size() == (more ? sizeof(*data) + more * sizeof(*e820) : 0),
		  "%u entries: size", n);
	data = malloc(e820_more_size() ?: 1);
	p.more_memory = more ? ptr_pa(data) : 0;
	params_fill((u8 *)&bp, &p);
	tap_check(bp.e820_entries == n - more, "%u entries: %u", n, bp.e820_entries);
	tap_check(!memcmp(bp.e820_table, e820, (n - more) * sizeof(*e820)), "the first");
	tap_check(bp.hdr.setup_data == p.more_memory, "the rest");
	if (more)
		tap_check(!data->next && data->type == SETUP_E820_EXT &&
			  data->len == more * sizeof(*e820) &&
			  !memcmp(data->data, e820 + E820_MAX_ENTRIES_ZEROPAGE, data->len),
			  "what is in it");
	free(data);
}

static void test_efi(void)
{
	struct root_params p = { .efi_map = 0x500101000 };
	struct efi_info e;

	begin();
	boot_info.efi_table = 0x67f9ec018;
	boot_info.efi_map_size = 48 * 140;
	boot_info.efi_desc_size = 48;
	boot_info.efi_desc_version = 1;
	params_fill((u8 *)&bp, &p);
	e = bp.efi_info;
	tap_check(!memcmp(&e.efi_loader_signature, "EL64", 4), "signature");
	tap_check(e.efi_systab == 0x7f9ec018 && e.efi_systab_hi == 6, "system table");
	tap_check(e.efi_memmap == 0x101000 && e.efi_memmap_hi == 5, "map");
	tap_check(e.efi_memmap_size == 48 * 140 && e.efi_memdesc_size == 48 &&
		  e.efi_memdesc_version == 1, "its entries");
	tap_group("UEFI");
}

static void test_pixels(bool efi)
{
	struct screen_info *s = &bp.screen_info;
	struct root_params p = {};

	begin();
	boot_info.efi_table = efi;
	boot_info.screen = (struct boot_screen){
		.kind = SCREEN_RGB, .base = 0x480000000, .pitch = 2400, .width = 800,
		.height = 600, .depth = 24, .red = { 16, 8 }, .green = { 8, 7 },
		.blue = { 0, 6 },
	};
	params_fill((u8 *)&bp, &p);
	tap_check(s->orig_video_isVGA == (efi ? VIDEO_TYPE_EFI : VIDEO_TYPE_VLFB), "type");
	tap_check(s->lfb_base == 0x80000000 && s->ext_lfb_base == 4 &&
		  s->capabilities == VIDEO_CAPABILITY_64BIT_BASE, "base");
	tap_check(s->lfb_width == 800 && s->lfb_height == 600 && s->lfb_depth == 24 &&
		  s->lfb_linelength == 2400, "dimensions");
	/* VESA's is in units of 64 KiB. */
	tap_check(s->lfb_size == (efi ? 2400 * 600 : 22), "size %u", s->lfb_size);
	tap_check(s->red_pos == 16 && s->red_size == 8 && s->green_pos == 8 &&
		  s->green_size == 7 && !s->blue_pos && s->blue_size == 6, "colours");
}

static void test_text(void)
{
	struct screen_info *s = &bp.screen_info;
	struct root_params p = {};

	begin();
	boot_info.screen = (struct boot_screen){
		.kind = SCREEN_TEXT, .base = 0xb8000, .pitch = 160, .width = 80, .height = 25,
	};
	params_fill((u8 *)&bp, &p);
	/* What the kernel's own setup code says of a VGA. */
	tap_check(s->orig_video_isVGA == 1 && s->orig_video_mode == 3 &&
		  s->orig_video_cols == 80 && s->orig_video_lines == 25 &&
		  s->orig_video_points == 16, "text");
	tap_group("screens");
}

int main(void)
{
	test_places();
	test_memory(9);
	test_memory(E820_MAX_ENTRIES_ZEROPAGE);
	test_memory(E820_MAX_ENTRIES_ZEROPAGE + 1);
	test_memory(E820_MAX);
	tap_group("memory maps of any length");
	test_efi();
	test_pixels(true);
	test_pixels(false);
	test_text();
	return tap_end();
}

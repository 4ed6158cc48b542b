// SPDX-License-Identifier: GPL-2.0
/*
 * boot_params, what a kernel for x86 is told by its loader (Documentation/arch/x86/boot.rst
 * and zero-page.rst in the kernel's tree).
 */
#include <rv/e820.h>
#include "info.h"
#include "linux.h"

#define BP_RSDP			0x070
#define BP_EXT_RAMDISK_IMAGE	0x0c0
#define BP_EXT_RAMDISK_SIZE	0x0c4
#define BP_EXT_CMDLINE		0x0c8
#define BP_E820_ENTRIES		0x1e8
#define BP_E820_TABLE		0x2d0
#define BP_E820_MAX		128

#define HDR_LOADER_TYPE		0x210
#define HDR_LOADFLAGS		0x211
#define HDR_RAMDISK_IMAGE	0x218
#define HDR_RAMDISK_SIZE	0x21c
#define HDR_HEAP_END		0x224
#define HDR_CMDLINE		0x228
#define HDR_SETUP_DATA		0x250

#define LOADFLAG_LOADED_HIGH	BIT(0)
#define LOADFLAG_USE_HEAP	BIT(7)

/* struct efi_info */
#define EFI_SIGNATURE		0x1c0
#define EFI_TABLE		0x1c4
#define EFI_DESC_SIZE		0x1c8
#define EFI_DESC_VERSION	0x1cc
#define EFI_MAP			0x1d0
#define EFI_MAP_BYTES		0x1d4
#define EFI_TABLE_HIGH		0x1d8
#define EFI_MAP_HIGH		0x1dc
#define EFI_IS_64_BIT		0x34364c45	/* "EL64" */

/* struct screen_info */
#define SCREEN_MODE		0x06
#define SCREEN_COLUMNS		0x07
#define SCREEN_LINES		0x0e
#define SCREEN_TYPE		0x0f
#define SCREEN_CHAR_HEIGHT	0x10
#define LFB_WIDTH		0x12
#define LFB_HEIGHT		0x14
#define LFB_DEPTH		0x16
#define LFB_BASE		0x18
#define LFB_SIZE		0x1c
#define LFB_PITCH		0x24
#define LFB_RED			0x26		/* size, position */
#define LFB_GREEN		0x28
#define LFB_BLUE		0x2a
#define LFB_CAPABILITIES	0x36
#define LFB_BASE_HIGH		0x3a
#define TYPE_VGA		0x01
#define TYPE_VESA		0x23
#define TYPE_EFI		0x70
#define LFB_64_BIT		BIT(1)
#define MODE_80_COLUMNS		3
#define VESA_UNIT		0x10000		/* of LFB_SIZE */

/* struct setup_data: next, type, length */
#define SETUP_TYPE		8
#define SETUP_LENGTH		12
#define SETUP_HEADER_SIZE	16
#define SETUP_E820		1

static void put16(u8 *b, u32 at, u32 v)
{
	u16 word = (u16)v;

	memcpy(b + at, &word, sizeof(word));
}

static void put32(u8 *b, u32 at, u32 v)
{
	memcpy(b + at, &v, sizeof(v));
}

static void put64(u8 *b, u32 at, u64 v)
{
	memcpy(b + at, &v, sizeof(v));
}

/* A value whose halves are apart. */
static void put_split(u8 *b, u32 low, u32 high, u64 v)
{
	put32(b, low, (u32)v);
	put32(b, high, (u32)(v >> 32));
}

u64 e820_more_size(void)
{
	if (e820_count <= BP_E820_MAX)
		return 0;
	return SETUP_HEADER_SIZE + (e820_count - BP_E820_MAX) * sizeof(e820[0]);
}

static void fill_memory(u8 *bp, const struct root_params *p)
{
	u32 n = MIN(e820_count, (u32)BP_E820_MAX), more = e820_count - n;
	u8 *data = pa_ptr(p->more_memory);

	memcpy(bp + BP_E820_TABLE, e820, n * sizeof(e820[0]));
	bp[BP_E820_ENTRIES] = (u8)n;
	if (!more)
		return;
	memset(data, 0, SETUP_HEADER_SIZE);
	put32(data, SETUP_TYPE, SETUP_E820);
	put32(data, SETUP_LENGTH, more * (u32)sizeof(e820[0]));
	memcpy(data + SETUP_HEADER_SIZE, e820 + n, more * sizeof(e820[0]));
	put64(bp, HDR_SETUP_DATA, p->more_memory);
}

static void fill_efi(u8 *bp, const struct root_params *p)
{
	if (!p->efi_map)
		return;
	put32(bp, EFI_SIGNATURE, EFI_IS_64_BIT);
	put_split(bp, EFI_TABLE, EFI_TABLE_HIGH, boot_info.efi_table);
	put32(bp, EFI_DESC_SIZE, boot_info.efi_desc_size);
	put32(bp, EFI_DESC_VERSION, boot_info.efi_desc_version);
	put_split(bp, EFI_MAP, EFI_MAP_HIGH, p->efi_map);
	put32(bp, EFI_MAP_BYTES, boot_info.efi_map_size);
}

static void fill_color(u8 *bp, u32 at, struct color_field c)
{
	bp[at] = c.size;
	bp[at + 1] = c.position;
}

static void fill_pixels(u8 *bp, const struct boot_screen *s)
{
	u32 size = s->pitch * s->height;
	bool efi = boot_info.efi_table || boot_info.efi_old;

	bp[SCREEN_TYPE] = efi ? TYPE_EFI : TYPE_VESA;
	put16(bp, LFB_WIDTH, s->width);
	put16(bp, LFB_HEIGHT, s->height);
	put16(bp, LFB_DEPTH, s->depth);
	put_split(bp, LFB_BASE, LFB_BASE_HIGH, s->base);
	put32(bp, LFB_SIZE, efi ? size : (size + VESA_UNIT - 1) / VESA_UNIT);
	put16(bp, LFB_PITCH, s->pitch);
	fill_color(bp, LFB_RED, s->red);
	fill_color(bp, LFB_GREEN, s->green);
	fill_color(bp, LFB_BLUE, s->blue);
	if (s->base >> 32)
		put32(bp, LFB_CAPABILITIES, LFB_64_BIT);
}

static void fill_screen(u8 *bp)
{
	const struct boot_screen *s = &boot_info.screen;

	if (s->kind == SCREEN_RGB) {
		fill_pixels(bp, s);
	} else if (s->kind == SCREEN_TEXT) {
		bp[SCREEN_TYPE] = TYPE_VGA;
		bp[SCREEN_MODE] = MODE_80_COLUMNS;
		bp[SCREEN_COLUMNS] = (u8)s->width;
		bp[SCREEN_LINES] = (u8)s->height;
		put16(bp, SCREEN_CHAR_HEIGHT, 16);
	}
}

void params_fill(u8 *bp, const struct root_params *p)
{
	bp[HDR_LOADER_TYPE] = 0xff;
	bp[HDR_LOADFLAGS] |= LOADFLAG_LOADED_HIGH | LOADFLAG_USE_HEAP;
	put16(bp, HDR_HEAP_END, 0xfe00);
	put_split(bp, HDR_CMDLINE, BP_EXT_CMDLINE, p->cmdline);
	put_split(bp, HDR_RAMDISK_IMAGE, BP_EXT_RAMDISK_IMAGE, p->initrd);
	put_split(bp, HDR_RAMDISK_SIZE, BP_EXT_RAMDISK_SIZE, p->initrd_size);
	put64(bp, BP_RSDP, p->rsdp);
	fill_memory(bp, p);
	fill_efi(bp, p);
	fill_screen(bp);
}

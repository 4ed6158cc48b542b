// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot, version 2: GRUB's command "multiboot2".
 *
 * The information is a size and a list of tags, each with its type and size, at multiples
 * of eight; a tag of type 0 is the last.  Strings are part of their tag, and have no name
 * of a file in front.  A tag that is not known is passed over; one that is cut, or that
 * says less than its type has, makes all of it unusable.
 */
#include <rv/e820.h>
#include "info.h"

#define HEADER_SIZE	8		/* of the list, and of each tag */
#define TOTAL_MAX	0x1000000

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MAP = 6,
	TAG_SCREEN = 8,
	TAG_EFI32 = 11,
	TAG_EFI64 = 12,
	TAG_RSDP1 = 14,
	TAG_RSDP2 = 15,
	TAG_EFI_MAP = 17,
	TAG_EFI_SERVICES = 18,
};

#define MAP_ENTRY	24	/* base, length, type */
#define EFI_DESC	40	/* what all versions have of an entry */

#define SCREEN_INDEXED	0
#define SCREEN_IS_RGB	1
#define SCREEN_IS_TEXT	2

/* A tag: its bytes from the header on. */
struct tag {
	const u8 *b;
	u32 size;
};

/* The length of the string at @at; false if it has no end. */
static bool text_length(const struct tag *t, u32 at, u32 *len)
{
	for (*len = 0; at + *len < t->size; (*len)++)
		if (!t->b[at + *len])
			return true;
	return false;
}

static const char *read_cmdline(const struct tag *t)
{
	u32 len;

	if (!text_length(t, 8, &len))
		return "a command line has no end";
	return boot_set_options((const char *)t->b + 8, len);
}

static const char *read_module(const struct tag *t)
{
	u32 len;

	if (!text_length(t, 16, &len))
		return "a module's command line has no end";
	return boot_add_module(get32(t->b, 8), get32(t->b, 12), (const char *)t->b + 16, len);
}

static const char *read_map(const struct tag *t)
{
	u32 size = get32(t->b, 8), at;

	if (size < MAP_ENTRY)
		return "entries of the memory map are too small";
	for (at = 16; at < t->size && size <= t->size - at; at += size)
		if (!e820_add(get64(t->b, at), get64(t->b, at + 8), get32(t->b, at + 16)))
			return "the memory map has too many entries";
	return at == t->size ? NULL : "the memory map has a cut entry";
}

static struct color_field color(const struct tag *t, u32 at)
{
	return (struct color_field){ .position = t->b[at], .size = t->b[at + 1] };
}

static const char *read_screen(const struct tag *t)
{
	struct boot_screen *s = &boot_info.screen;
	u8 type = t->b[29];

	/* One with a palette is of no use to Linux. */
	if (type != SCREEN_IS_RGB && type != SCREEN_IS_TEXT)
		return NULL;
	s->base = get64(t->b, 8);
	s->pitch = get32(t->b, 16);
	s->width = get32(t->b, 20);
	s->height = get32(t->b, 24);
	s->depth = t->b[28];
	if (type == SCREEN_IS_TEXT) {
		s->kind = SCREEN_TEXT;
		return NULL;
	}
	if (t->size < 38)
		return "the frame buffer has no colours";
	s->kind = SCREEN_RGB;
	s->red = color(t, 32);
	s->green = color(t, 34);
	s->blue = color(t, 36);
	return NULL;
}

static const char *read_efi32(const struct tag *t __unused)
{
	boot_info.efi_old = true;
	return NULL;
}

static const char *read_efi64(const struct tag *t)
{
	boot_info.efi_table = get64(t->b, 8);
	return NULL;
}

/* The newer one replaces the older, whichever comes first. */
static const char *read_rsdp1(const struct tag *t)
{
	if (!boot_info.rsdp[0])
		memcpy(boot_info.rsdp, t->b + 8, RSDP1_SIZE);
	return NULL;
}

static const char *read_rsdp2(const struct tag *t)
{
	memcpy(boot_info.rsdp, t->b + 8, RSDP2_SIZE);
	return NULL;
}

static const char *read_efi_map(const struct tag *t)
{
	u32 size = t->size - 16, entry = get32(t->b, 8);

	if (entry < EFI_DESC || entry % 8 || size % entry)
		return "UEFI's memory map has entries of a wrong size";
	if (size > EFI_MAP_SIZE)
		return "UEFI's memory map has too many entries";
	boot_info.efi_desc_size = entry;
	boot_info.efi_desc_version = get32(t->b, 12);
	boot_info.efi_map_size = size;
	memcpy(boot_info.efi_map, t->b + 16, size);
	return NULL;
}

static const char *read_efi_services(const struct tag *t __unused)
{
	return "the boot loader has left UEFI's boot services running";
}

static const struct reader {
	u32 type, least;	/* size */
	const char *(*read)(const struct tag *t);
} readers[] = {
	{ TAG_CMDLINE, 9, read_cmdline },
	{ TAG_MODULE, 17, read_module },
	{ TAG_MAP, 16, read_map },
	{ TAG_SCREEN, 32, read_screen },
	{ TAG_EFI32, 12, read_efi32 },
	{ TAG_EFI64, 16, read_efi64 },
	{ TAG_RSDP1, 8 + RSDP1_SIZE, read_rsdp1 },
	{ TAG_RSDP2, 8 + RSDP2_SIZE, read_rsdp2 },
	{ TAG_EFI_MAP, 16, read_efi_map },
	{ TAG_EFI_SERVICES, 8, read_efi_services },
};

static const char *read_tag(const struct tag *t)
{
	u32 type = get32(t->b, 0), i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		if (readers[i].type != type)
			continue;
		if (t->size < readers[i].least)
			return "a tag of the boot information is too small";
		return readers[i].read(t);
	}
	return NULL;
}

const char *multiboot2_read(u64 info)
{
	const u8 *b = pa_ptr(info);
	u32 total = get32(b, 0), at = HEADER_SIZE;
	const char *wrong;
	struct tag t;

	while (total <= TOTAL_MAX && at + HEADER_SIZE <= total) {
		t.b = b + at;
		t.size = get32(t.b, 4);
		if (t.size < HEADER_SIZE || t.size > total - at)
			return "a tag of the boot information is cut";
		if (get32(t.b, 0) == TAG_END)
			return NULL;
		wrong = read_tag(&t);
		if (wrong)
			return wrong;
		at += (t.size + 7) & ~7u;
	}
	return "the boot information has no end";
}

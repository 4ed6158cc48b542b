// SPDX-License-Identifier: GPL-2.0
/* UEFI's memory map, see efi.h. */
#include "efi.h"
#include "info.h"
#include "place.h"

enum {
	LOADER_CODE = 1,
	SERVICES_CODE = 3,	/* of the boot services */
	SERVICES_DATA = 4,
	CONVENTIONAL = 7,
};

#define PAGE_BITS	12

/* An entry may be longer than what is known of it. */
struct efi_desc {
	u32 type, pad;
	u64 base, virt, pages, attributes;
};

static struct efi_desc *desc_at(u32 at)
{
	return (struct efi_desc *)(boot_info.efi_map + at);
}

static u64 end_of(const struct efi_desc *d)
{
	return d->base + (d->pages << PAGE_BITS);
}

bool efi_for_root(void)
{
	return boot_info.efi_table && boot_info.efi_map_size;
}

static bool is_free(const struct efi_desc *d)
{
	return (d->type >= LOADER_CODE && d->type <= SERVICES_DATA) ||
	       d->type == CONVENTIONAL;
}

static bool is_kept(const struct efi_desc *d)
{
	return d->type == SERVICES_CODE || d->type == SERVICES_DATA;
}

u64 place_kept_end(u64 base, u64 end)
{
	u32 at;

	for (at = 0; at < boot_info.efi_map_size; at += boot_info.efi_desc_size) {
		const struct efi_desc *d = desc_at(at);

		if (is_kept(d) && base < end_of(d) && d->base < end)
			return end_of(d);
	}
	return 0;
}

/* A copy of the entry at @at before it, which ends at @border; the rest begins there. */
static bool split(u32 at, u64 border)
{
	u32 size = boot_info.efi_desc_size, total = boot_info.efi_map_size;
	struct efi_desc *first = desc_at(at), *rest = desc_at(at + size);

	if (total + size > EFI_MAP_SIZE)
		return false;
	memmove(rest, first, total - at);
	boot_info.efi_map_size += size;
	rest->pages = (end_of(first) - border) >> PAGE_BITS;
	first->pages = (border - first->base) >> PAGE_BITS;
	rest->base = border;
	return true;
}

bool efi_set_type(u64 base, u64 size, u32 type)
{
	u64 end = base + size;
	u32 at;

	for (at = 0; at < boot_info.efi_map_size; at += boot_info.efi_desc_size) {
		struct efi_desc *d = desc_at(at);

		if (!is_free(d) || end <= d->base || base >= end_of(d))
			continue;
		if (base > d->base) {
			/* The next turn is about the rest. */
			if (!split(at, base))
				return false;
			continue;
		}
		if (end < end_of(d) && !split(at, end))
			return false;
		d->type = type;
	}
	return true;
}

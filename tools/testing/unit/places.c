// SPDX-License-Identifier: GPL-2.0
/* Places below 1 MiB, and UEFI's memory map. */
#include "machine.h"

/* As SeaBIOS has it. */
static void pc(void)
{
	e820_add(0, 0x9fc00, E820_RAM);
	e820_add(0x9fc00, 0x400, E820_RESERVED);
	e820_add(0xf0000, 0x10000, E820_RESERVED);
	e820_add(0x100000, 0x7fee0000, E820_RAM);
}

static void test_low(void)
{
	struct place p = { .size = 9 * PAGE_SIZE, .align = PAGE_SIZE, .from = 0x90000,
			   .to = 0xa0000 };

	begin();
	pc();
	init("low memory", NULL);
	tap_check(place_find(&p) == 0x90000, "the usual place");
	tap_check(place_get(p) == 0x90000 && !place_find(&p), "which is then taken");
	p.from = 0;
	tap_check(place_get(p) == PAGE_SIZE, "the first page is BIOS's");
	begin();
	pc();
	bios_data = 0x80000 + 0x400;
	init("BIOS has half of it", NULL);
	p.from = 0x78000;
	tap_check(!place_find(&p), "no place in what the map calls RAM");
	p.from = 0x77000;
	tap_check(place_find(&p) == 0x77000, "below it");
	tap_group("places below 1 MiB");
}

static void add_desc(u32 type, u64 base, u64 pages)
{
	struct efi_desc d = { .type = type, .base = base, .pages = pages, .attributes = 0xf };

	boot_info.efi_desc_size = 48;
	memset(boot_info.efi_map + boot_info.efi_map_size, 0x5a, 48);
	memcpy(boot_info.efi_map + boot_info.efi_map_size, &d, sizeof(d));
	boot_info.efi_map_size += 48;
}

static u32 desc_type(u64 at, u32 *entries)
{
	u32 type = ~0u, i;

	*entries = 0;
	for (i = 0; i < boot_info.efi_map_size; i += 48) {
		const struct efi_desc *d = desc_at(i);

		if (at < d->base || at >= efi_end_of(d))
			continue;
		type = d->type;
		++*entries;
		tap_check(d->attributes == 0xf && ((u8 *)d)[47] == 0x5a, "the rest of it");
	}
	return type;
}

static void has_type(u64 at, u32 type)
{
	u32 entries, is = desc_type(at, &entries);

	tap_check(is == type && entries == 1, "0x%llx has type %u, in %u entries",
		  (unsigned long long)at, is, entries);
}

static void efi_machine(void)
{
	begin();
	boot_info.efi_table = 0x7f000000;
	add_desc(7, 0, 0xa0);
	add_desc(4, 0x100000, 0x700);
	add_desc(7, 0x800000, 0xf800);
	add_desc(3, 0x10000000, 0x8000);
	add_desc(5, 0x18000000, 0x100);
	add_desc(7, 0x18100000, 0x67f00);
	e820_add(0, 0xa0000, E820_RAM);
	e820_add(0x100000, 0x17f00000, E820_RAM);
	e820_add(0x18100000, 0x67f00000, E820_RAM);
}

static void test_efi(void)
{
	struct place p = { .size = 0x100000, .align = PAGE_SIZE, .from = 0x100000,
			   .to = 0x800000 };

	efi_machine();
	init("a UEFI machine", NULL);
	tap_check(reserve.base == 0x18100000, "not in boot services: 0x%llx",
		  (unsigned long long)reserve.base);
	has_type(IMAGE, EFI_RESERVED);
	has_type(IMAGE + IMAGE_SIZE - 1, EFI_RESERVED);
	has_type(IMAGE + IMAGE_SIZE, SERVICES_CODE);
	has_type(reserve.base, EFI_RESERVED);
	has_type(reserve.base + reserve.size - 1, EFI_RESERVED);
	has_type(reserve.base + reserve.size, CONVENTIONAL);
	has_type(0x18000000, 5);
	tap_check(!place_find(&p), "boot services are not free");
	tap_check(place_get(p) == 0x100000, "but if there is nothing else");
	tap_check(efi_set_type(0x80000, 0x200000, EFI_LOADER_DATA), "two at once");
	has_type(0x7ffff, CONVENTIONAL);
	has_type(0x80000, EFI_LOADER_DATA);
	has_type(0x27ffff, EFI_LOADER_DATA);
	has_type(0x280000, SERVICES_DATA);
	tap_check(efi_set_type(0x17fff000, 0x102000, EFI_LOADER_DATA), "around another one");
	has_type(0x180ff000, 5);
	while (boot_info.efi_map_size + 48 <= EFI_MAP_SIZE)
		add_desc(5, 8ull << 30, 1);
	tap_check(!efi_set_type(0x900000, 0x1000, EFI_RESERVED), "a full map");
	tap_check(efi_set_type(0x800000, 0xf800000, EFI_RESERVED), "a whole entry in it");
	has_type(0x900000, EFI_RESERVED);
	tap_group("UEFI's map");
}

int main(void)
{
	test_low();
	test_efi();
	return tap_end();
}

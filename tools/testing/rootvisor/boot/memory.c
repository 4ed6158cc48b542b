// SPDX-License-Identifier: GPL-2.0
/*
 * What rootvisor takes of the machine's memory: its image, and the reserve.
 *
 * The reserve can be anywhere in RAM that rootvisor's own page tables reach.  Best is behind
 * the image, since kernels, and what they want for DMA, are below.
 */
#include <rv/acpi.h>
#include <rv/e820.h>
#include <rv/log.h>
#include <rv/page.h>
#include "efi.h"
#include "info.h"
#include "layout.h"
#include "memory.h"
#include "place.h"

#define MIB		BIT_ULL(20)
#define RESERVE_BASE	(12 * MIB)
#define LEAST_MEMORY	(480 * MIB)
#define REACH		(512ull << 30)	/* of the page tables in boot.S */
#define EVERYTHING	BIT_ULL(52)
#define LOW_END		0xa0000

static u64 round_up(u64 v)
{
	return (v + MIB - 1) & ~(MIB - 1);
}

/* BIOS has its data here, and firmware has been seen that calls the second range RAM. */
static void take_bios_data(void)
{
	u64 data;

	place_take(0, PAGE_SIZE);
	if (boot_info.efi_table || boot_info.efi_old)
		return;
	data = acpi_bios_data() & PAGE_MASK;
	if (data >= LOW_END / 2 && data < LOW_END)
		place_take(data, LOW_END - data);
}

static void reserve(u64 base, u64 size)
{
	if (!e820_reserve(base, size))
		panic("0x%llx is not RAM, or the memory map has too many entries", base);
	if (!efi_set_type(base, size, EFI_RESERVED))
		panic("no room in UEFI's memory map");
}

/* A page has a byte and a word of ours, also where there is no RAM. */
static u64 reserve_size(void)
{
	u64 ram = e820_ram_bytes(), holes = e820_ram_end() - ram;

	return round_up(RESERVE_BASE + ram / 128 + holes / 512);
}

static u64 reserve_place(u64 size)
{
	struct place p = { .size = size, .align = MIB, .from = ptr_pa(_image_end),
			   .to = REACH };
	u64 at = place_find(&p);

	if (!at) {
		p.from = MIB;
		at = place_get(p);
	}
	if (!at)
		panic("no %llu MiB of RAM in one piece", size / MIB);
	return at;
}

static void cut(void)
{
	u64 bytes = e820_cut(REACH);

	if (!bytes)
		return;
	log_info("%llu MiB of RAM above 512 GiB are not used", bytes / MIB);
	if (!efi_set_type(REACH, EVERYTHING - REACH, EFI_RESERVED))
		panic("no room in UEFI's memory map");
}

void memory_init(void)
{
	u64 image = ptr_pa(_image_start), image_size = ptr_pa(_image_end) - image;
	u64 at, size;

	if (!e820_settle())
		panic("the memory map has too many entries");
	cut();
	if (e820_ram_bytes() < LEAST_MEMORY)
		panic("too little memory: %llu MiB, at least 512 are needed",
		      round_up(e820_ram_bytes()) / MIB);
	if (!boot_info.kernel.size)
		panic("no root kernel: the first module must be one");
	take_bios_data();
	place_take(image, image_size);
	place_take(boot_info.kernel.base, boot_info.kernel.size);
	place_take(boot_info.initrd.base, boot_info.initrd.size);
	size = reserve_size();
	at = reserve_place(size);
	reserve(image, image_size);
	reserve(at, size);
	log_debug("the reserve is at 0x%llx, %llu MiB", at, size / MIB);
	page_init(image, image + image_size, at, size);
}

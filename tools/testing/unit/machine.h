/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine whose memory is shared out between rootvisor and the root.
 *
 * Model: begin(), then e820_add() and what else the loader has said, then init(), which
 * checks what holds of every machine: the map is sorted, nothing is lost, and what was
 * taken is RAM of one piece that nothing else uses.
 */
#ifndef _UNIT_MACHINE_H
#define _UNIT_MACHINE_H

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "../rootvisor/boot/e820.c"
#include "../rootvisor/boot/info.c"
#include "../rootvisor/boot/layout.h"

#define IMAGE		0x10000000ull
#define IMAGE_SIZE	0xb0000ull
#define _image_start	((u8 *)IMAGE)
#define _image_end	((u8 *)IMAGE + IMAGE_SIZE)
#define end_of		efi_end_of
#include "../rootvisor/boot/efi.c"
#undef end_of
#define reserve		memory_reserve
#undef LOW_END
#include "../rootvisor/boot/memory.c"
#undef reserve
#include "../rootvisor/boot/place.c"
#undef ARRAY_SIZE

#include "tap.h"

enum log_level log_level;

static struct e820_entry before[E820_MAX];
static u32 before_count;
static struct {
	u64 base, size;
} reserve;
static char message[200];
static u64 bios_data;
static jmp_buf panicked;

void log_line(enum log_level level __unused, const char *fmt __unused, ...)
{
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	longjmp(panicked, 1);
}

void page_init(u64 image, u64 image_end, u64 base, u64 size)
{
	tap_check(image == IMAGE && image_end == IMAGE + IMAGE_SIZE, "the image");
	reserve.base = base;
	reserve.size = size;
}

u64 acpi_bios_data(void)
{
	return bios_data;
}

static void begin(void)
{
	memset(&boot_info, 0, sizeof(boot_info));
	memset(&reserve, 0, sizeof(reserve));
	message[0] = '\0';
	e820_count = 0;
	nr_taken = 0;
	bios_data = 0;
	boot_info.kernel = (struct boot_module){ 0x11000000, 0xc00000 };
	boot_info.initrd = (struct boot_module){ 0x12000000, 0x1ffff20 };
}

static u32 type_before(u64 at)
{
	return type_at(before, before_count, at);
}

static bool meet(u64 base, u64 size, u64 other, u64 other_size)
{
	return base < other + other_size && other < base + size;
}

static void check_sorted(const char *name)
{
	u32 i;

	for (i = 1; i < e820_count; i++)
		tap_check(end_of(&e820[i - 1]) <= e820[i].base, "%s: entry %u", name, i);
}

/* At all borders of both maps, before and behind. */
static void check_kept(const char *name)
{
	u64 at, next;
	u32 was, is;

	for (at = 0; (next = next_border(e820, e820_count, at)); at = next) {
		u64 probe[2] = { at, next - 1 };
		u32 i;

		for (i = 0; i < 2; i++) {
			bool own = meet(probe[i], 1, IMAGE, IMAGE_SIZE) ||
				   meet(probe[i], 1, reserve.base, reserve.size);

			was = type_before(probe[i]);
			is = type_at(e820, e820_count, probe[i]);
			if (was == E820_RAM && probe[i] >= REACH)
				was = is == E820_RAM ? 0 : is;
			tap_check(own ? was == E820_RAM && is == E820_RESERVED : was == is,
				  "%s: 0x%llx was %u, is %u", name,
				  (unsigned long long)probe[i], was, is);
		}
	}
}

static void check_reserve(const char *name)
{
	tap_check(reserve.size >= RESERVE_BASE, "%s: its size", name);
	tap_check(!meet(reserve.base, reserve.size, IMAGE, IMAGE_SIZE) &&
		  !meet(reserve.base, reserve.size, boot_info.kernel.base,
			boot_info.kernel.size) &&
		  !meet(reserve.base, reserve.size, boot_info.initrd.base,
			boot_info.initrd.size), "%s: what else is there", name);
	tap_check(!(reserve.base % MIB), "%s: whole MiB", name);
	tap_check(reserve.base + reserve.size <= REACH, "%s: out of reach", name);
}

/* Runs memory_init(); @wrong is what it has to say. */
static void init(const char *name, const char *wrong)
{
	memcpy(before, e820, sizeof(before));
	before_count = e820_count;
	if (!setjmp(panicked)) {
		memory_init();
		tap_check(!wrong, "%s is taken", name);
		check_sorted(name);
		check_kept(name);
		check_reserve(name);
		return;
	}
	tap_check(wrong && strstr(message, wrong), "%s: %s", name, message);
}

#endif

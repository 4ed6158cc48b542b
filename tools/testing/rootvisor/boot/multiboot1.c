// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot, version 1: what QEMU's -kernel speaks, and GRUB's command "multiboot".
 *
 * It has no way to tell of UEFI or of ACPI's root pointer, which a UEFI machine has nowhere
 * else: there, version 2 is needed.
 *
 * The specification does not say whether the name of a file is part of its command line.
 * QEMU and the first GRUB put it there, the second GRUB does not, and all give their names.
 */
#include <rv/e820.h>
#include "info.h"

#define HAS_CMDLINE	BIT(2)
#define HAS_MODULES	BIT(3)
#define HAS_MAP		BIT(6)
#define HAS_LOADER	BIT(9)

struct info1 {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 loader_name;
} __packed;

struct module1 {
	u32 start, end;
	u32 string;
	u32 reserved;
} __packed;

struct map1 {
	u32 size;		/* without this field */
	u64 base, length;
	u32 type;
} __packed;

static const char *read_map(const struct info1 *info)
{
	u64 at = info->mmap_addr, end = at + info->mmap_length;

	while (at + sizeof(struct map1) <= end) {
		const struct map1 *m = pa_ptr(at);

		if (m->size < sizeof(*m) - sizeof(m->size))
			return "the boot loader's memory map is damaged";
		if (!e820_add(m->base, m->length, m->type))
			return "the memory map has too many entries";
		at += (u64)m->size + sizeof(m->size);
	}
	return NULL;
}

static enum first_word names_of(const struct info1 *info)
{
	const char *loader = info->flags & HAS_LOADER ? pa_ptr(info->loader_name) : "";

	if (!strncmp(loader, "qemu", 4))
		return NAME_ALWAYS;
	if (!strncmp(loader, "GRUB 2", 6))
		return NAME_NEVER;
	return NAME_UNKNOWN;
}

static const char *read_modules(const struct info1 *info)
{
	const struct module1 *mod = pa_ptr(info->mods_addr);
	const char *wrong = NULL;
	u32 i;

	for (i = 0; i < info->mods_count && !wrong; i++) {
		const char *args = "";

		if (mod[i].string)
			args = args_without_name(pa_ptr(mod[i].string), names_of(info));
		wrong = boot_add_module(mod[i].start, mod[i].end, args, (u32)strlen(args));
	}
	return wrong;
}

const char *multiboot1_read(u64 at)
{
	const struct info1 *info = pa_ptr(at);
	const char *wrong, *args;

	if (!(info->flags & HAS_MAP))
		return "the boot loader gives no memory map";
	wrong = read_map(info);
	if (!wrong && (info->flags & HAS_CMDLINE)) {
		args = args_without_name(pa_ptr(info->cmdline), names_of(info));
		wrong = boot_set_options(args, (u32)strlen(args));
	}
	if (!wrong && (info->flags & HAS_MODULES))
		wrong = read_modules(info);
	return wrong;
}

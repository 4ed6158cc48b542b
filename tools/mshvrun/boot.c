// SPDX-License-Identifier: GPL-2.0
/*
 * Starting a Linux kernel by the 64-bit boot protocol.
 *
 * Model: no firmware and no real mode.  The image's setup header is copied into a
 * fresh boot_params page, the kernel proper is loaded at its preferred address, the
 * initial RAM disk as high as possible, and the boot processor starts in long mode
 * on identity page tables that cover the first 4 GiB.
 *
 * Words: "init size" is the memory the kernel needs from its load address
 * until it has found the memory map; nothing else may lie there.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "boot.h"
#include "layout.h"
#include "util.h"

/* Offsets in the image's first sectors, which are those in boot_params. */
#define BP_RSDP			0x070
#define BP_EXT_RAMDISK		0x0c0
#define BP_EXT_RAMDISK_SIZE	0x0c4
#define BP_EXT_CMDLINE		0x0c8
#define BP_E820_COUNT		0x1e8
#define BP_SETUP_SECTS		0x1f1
#define BP_VIDEO_MODE		0x1fa
#define BP_BOOT_FLAG		0x1fe
#define BP_JUMP			0x200
#define BP_MAGIC		0x202
#define BP_VERSION		0x206
#define BP_LOADER		0x210
#define BP_LOAD_FLAGS		0x211
#define BP_RAMDISK		0x218
#define BP_RAMDISK_SIZE		0x21c
#define BP_CMDLINE		0x228
#define BP_INITRD_MAX		0x22c
#define BP_ALIGNMENT		0x230
#define BP_RELOCATABLE		0x234
#define BP_XLOAD_FLAGS		0x236
#define BP_CMDLINE_SIZE		0x238
#define BP_PREF_ADDRESS		0x258
#define BP_INIT_SIZE		0x260
#define BP_E820			0x2d0
#define BP_HEADER_END		0x268

#define SECTOR			512
#define BOOT_FLAG		0xaa55
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define VERSION_64BIT		0x020c
#define XLOAD_64BIT		HV_BIT(0)
#define XLOAD_ABOVE_4G		HV_BIT(1)
#define LOADER_UNDEFINED	0xff
#define LOADED_HIGH		0x01
#define VIDEO_NORMAL		0xffff
#define ENTRY_64BIT		0x200
#define PAGE			4096ULL
#define LARGE_PAGE		(2 * MIB)

#define E820_RAM		1
#define E820_ACPI		3

#define PTE_PRESENT_WRITE	0x3ULL
#define PTE_LARGE		0x80ULL

/* Flat segments at the selectors that the protocol requires. */
static const __u64 boot_gdt[] = {
	0, 0,
	0x00af9b000000ffffULL,	/* 0x10: 64-bit code */
	0x00cf93000000ffffULL,	/* 0x18: data */
	0x00808b0000000067ULL,	/* 0x20: a busy task segment, lower half */
	0,
};

static int __printf(3, 4)
boot_error(struct boot_guest *g, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(g->error, sizeof(g->error), format, args);
	va_end(args);
	return -err;
}

static __u16 get16(const __u8 *p)
{
	__u16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __u32 get32(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __u64 get64(const __u8 *p)
{
	__u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void set16(__u8 *p, __u16 v)
{
	memcpy(p, &v, sizeof(v));
}

static void set32(__u8 *p, __u32 v)
{
	memcpy(p, &v, sizeof(v));
}

static void set64(__u8 *p, __u64 v)
{
	memcpy(p, &v, sizeof(v));
}

static __u64 round_up(__u64 value, __u64 unit)
{
	return (value + unit - 1) / unit * unit;
}

static __u64 to_mib(__u64 size)
{
	return round_up(size, MIB) / MIB;
}

/**
 * boot_check() - check that boot_load() can load a kernel
 * @g: only its kernel is used
 *
 * Return: 0, or -errno with @g->error set.
 */
int boot_check(struct boot_guest *g)
{
	const struct boot_file *k = &g->kernel;

	if (k->size >= 4 && !memcmp(k->data, "\177ELF", 4))
		return boot_error(g, ENOEXEC,
				  "%s is an ELF file (a vmlinux?); a bzImage is needed",
				  k->name);
	if (k->size < BP_HEADER_END || get16(k->data + BP_BOOT_FLAG) != BOOT_FLAG ||
	    get32(k->data + BP_MAGIC) != HEADER_MAGIC)
		return boot_error(g, ENOEXEC, "%s is not a Linux bzImage",
				  k->name);
	if (get16(k->data + BP_VERSION) < VERSION_64BIT ||
	    !(get16(k->data + BP_XLOAD_FLAGS) & XLOAD_64BIT))
		return boot_error(g, ENOEXEC,
				  "%s has no 64-bit entry point (boot protocol %u.%02u)",
				  k->name, k->data[BP_VERSION + 1],
				  k->data[BP_VERSION]);
	return 0;
}

static bool boot_overlaps_fixed(__u64 start)
{
	return start < LAYOUT_KERNEL_MIN;
}

/* Place the kernel at its preferred address, else at the lowest aligned one. */
static int boot_place_kernel(struct boot_guest *g, __u64 *address, __u64 *span)
{
	const __u8 *header = g->kernel.data;
	__u64 preferred = get64(header + BP_PREF_ADDRESS);
	__u64 alignment = get32(header + BP_ALIGNMENT);
	unsigned int sectors = header[BP_SETUP_SECTS];
	__u64 setup = ((sectors ? sectors : 4) + 1) * SECTOR;
	__u64 needed;

	if (setup >= g->kernel.size)
		return boot_error(g, ENOEXEC, "%s is cut short",
				  g->kernel.name);
	*span = get32(header + BP_INIT_SIZE);
	if (*span < g->kernel.size - setup)
		*span = g->kernel.size - setup;
	needed = preferred + *span;
	if (!boot_overlaps_fixed(preferred) && preferred < LAYOUT_LOW_LIMIT &&
	    needed <= g->low_size) {
		*address = preferred;
		return 0;
	}
	if (header[BP_RELOCATABLE] && alignment &&
	    !(alignment & (alignment - 1))) {
		*address = round_up(LAYOUT_KERNEL_MIN, alignment);
		if (*address + *span <= g->low_size)
			return 0;
		needed = *address + *span;
	}
	return boot_error(g, ENOMEM,
			  "too little memory: %s needs %llu MiB to start, the guest has %llu MiB",
			  g->kernel.name, to_mib(needed), to_mib(g->low_size));
}

static int boot_place_initrd(struct boot_guest *g, __u64 kernel_end,
			     __u64 *address)
{
	const __u8 *header = g->kernel.data;
	__u64 limit = (__u64)get32(header + BP_INITRD_MAX) + 1;

	if (get16(header + BP_XLOAD_FLAGS) & XLOAD_ABOVE_4G)
		limit = g->low_size;
	if (limit > g->low_size)
		limit = g->low_size;
	if (g->initrd.size > limit ||
	    ((limit - g->initrd.size) & ~(PAGE - 1)) < kernel_end)
		return boot_error(g, ENOMEM,
				  "too little memory: kernel and %s need %llu MiB, the guest has %llu MiB",
				  g->initrd.name,
				  to_mib(kernel_end + g->initrd.size + PAGE),
				  to_mib(g->low_size));
	*address = (limit - g->initrd.size) & ~(PAGE - 1);
	return 0;
}

static void boot_e820(__u8 *params, unsigned int *count, __u64 start,
		      __u64 size, __u32 type)
{
	__u8 *entry = params + BP_E820 + *count * 20;

	if (!size)
		return;
	set64(entry, start);
	set64(entry + 8, size);
	set32(entry + 16, type);
	(*count)++;
}

static void boot_memory_map(struct boot_guest *g, __u8 *params)
{
	unsigned int count = 0;

	boot_e820(params, &count, 0, LAYOUT_LOW_END, E820_RAM);
	boot_e820(params, &count, LAYOUT_ACPI, LAYOUT_ACPI_SIZE, E820_ACPI);
	boot_e820(params, &count, LAYOUT_KERNEL_MIN,
		  g->low_size - LAYOUT_KERNEL_MIN, E820_RAM);
	boot_e820(params, &count, LAYOUT_HIGH_BASE, g->high_size, E820_RAM);
	params[BP_E820_COUNT] = count;
}

static int boot_command_line(struct boot_guest *g, __u8 *params)
{
	size_t length = strlen(g->cmdline);
	__u64 limit = get32(g->kernel.data + BP_CMDLINE_SIZE);

	if (limit > LAYOUT_CMDLINE_SIZE - 1)
		limit = LAYOUT_CMDLINE_SIZE - 1;
	if (length > limit)
		return boot_error(g, E2BIG,
				  "the command line has %zu characters, %s takes %llu",
				  length, g->kernel.name, limit);
	memcpy(g->low + LAYOUT_CMDLINE, g->cmdline, length + 1);
	set32(params + BP_CMDLINE, LAYOUT_CMDLINE);
	return 0;
}

static void boot_page_tables(struct boot_guest *g)
{
	__u64 at = LAYOUT_PAGE_TABLES;
	__u64 *pml4 = (__u64 *)(g->low + at);
	__u64 *pdpt = (__u64 *)(g->low + at + PAGE);
	__u64 *pd = (__u64 *)(g->low + at + 2 * PAGE);
	unsigned int i;

	memset(pml4, 0, 6 * PAGE);
	pml4[0] = (at + PAGE) | PTE_PRESENT_WRITE;
	for (i = 0; i < 4; i++)
		pdpt[i] = (at + (2 + i) * PAGE) | PTE_PRESENT_WRITE;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = i * LARGE_PAGE | PTE_LARGE | PTE_PRESENT_WRITE;
}

/**
 * boot_load() - load a kernel and what it needs into guest memory
 * @g: the guest
 *
 * Return: 0 with @g->entry set, or -errno with @g->error set.
 */
int boot_load(struct boot_guest *g)
{
	const __u8 *header = g->kernel.data;
	__u8 *params = g->low + LAYOUT_BOOT_PARAMS;
	__u64 kernel = 0, span = 0, initrd = 0;
	size_t setup, end;
	int ret;

	ret = boot_check(g);
	if (ret)
		return ret;
	if (g->low_size <= LAYOUT_KERNEL_MIN)
		return boot_error(g, ENOMEM,
				  "too little memory: the guest has %llu MiB",
				  to_mib(g->low_size));
	ret = boot_place_kernel(g, &kernel, &span);
	if (ret)
		return ret;
	if (g->initrd.data) {
		ret = boot_place_initrd(g, kernel + span, &initrd);
		if (ret)
			return ret;
	}

	memset(params, 0, PAGE);
	/* The header's own jump has the address of its end. */
	end = BP_MAGIC + header[BP_JUMP + 1];
	if (end > BP_E820)
		end = BP_E820;
	memcpy(params + BP_SETUP_SECTS, header + BP_SETUP_SECTS,
	       end - BP_SETUP_SECTS);
	params[BP_LOADER] = LOADER_UNDEFINED;
	params[BP_LOAD_FLAGS] |= LOADED_HIGH;
	set16(params + BP_VIDEO_MODE, VIDEO_NORMAL);
	set64(params + BP_RSDP, g->rsdp);
	set32(params + BP_EXT_CMDLINE, 0);
	ret = boot_command_line(g, params);
	if (ret)
		return ret;
	boot_memory_map(g, params);

	setup = ((header[BP_SETUP_SECTS] ? header[BP_SETUP_SECTS] : 4) + 1) *
		SECTOR;
	memcpy(g->low + kernel, g->kernel.data + setup, g->kernel.size - setup);
	if (g->initrd.data) {
		memcpy(g->low + initrd, g->initrd.data, g->initrd.size);
		set32(params + BP_RAMDISK, initrd);
		set32(params + BP_EXT_RAMDISK, initrd >> 32);
		set32(params + BP_RAMDISK_SIZE, g->initrd.size);
		set32(params + BP_EXT_RAMDISK_SIZE, (__u64)g->initrd.size >> 32);
	}
	boot_page_tables(g);
	memcpy(g->low + LAYOUT_GDT, boot_gdt, sizeof(boot_gdt));
	g->entry = kernel + ENTRY_64BIT;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Multiboot (version 1) information from QEMU. */
#ifndef _RV_MULTIBOOT_H
#define _RV_MULTIBOOT_H

#include <rv/base.h>

#define MULTIBOOT_MAGIC		0x2badb002
#define MULTIBOOT_CMDLINE	BIT(2)
#define MULTIBOOT_MODS		BIT(3)
#define MULTIBOOT_MMAP		BIT(6)

struct multiboot_info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
} __packed;

struct multiboot_mod {
	u32 start, end;
	u32 string;
	u32 reserved;
} __packed;

struct multiboot_mmap {
	u32 size;		/* without this field */
	u64 base, length;
	u32 type;		/* 1: RAM */
} __packed;

struct boot_module {
	u64 base, size;
	const char *args;	/* after the file's name */
};

/* Loads kernel, initrd and command line; panics if one is bad. */
void linux_load(const struct boot_module *kernel, const struct boot_module *initrd);
/* Sets the boot VP's registers for the kernel's 64-bit entry point. */
struct vp;
void linux_enter(struct vp *vp);

#endif

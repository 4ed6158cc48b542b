/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a boot loader has said, by whichever protocol.
 *
 * Model: multiboot1.c and multiboot2.c read what a loader has left in memory into the one
 * struct boot_info, and the memory map into e820[].  Everything but the modules is a copy:
 * afterwards all memory that is neither the image nor a module is free.
 */
#ifndef _RV_BOOT_INFO_H
#define _RV_BOOT_INFO_H

#include <rv/base.h>

#define MULTIBOOT1_MAGIC	0x2badb002
#define MULTIBOOT2_MAGIC	0x36d76289

#define OPTIONS_SIZE		1024
#define ROOT_ARGS_SIZE		4096
#define RSDP1_SIZE		20
#define RSDP2_SIZE		36
#define EFI_MAP_SIZE		0x20000

struct boot_module {
	u64 base, size;
};

enum screen_kind {
	SCREEN_NONE,
	SCREEN_RGB,		/* a frame buffer with direct colours */
	SCREEN_TEXT,		/* characters and attributes, as of a VGA */
};

struct color_field {
	u8 position, size;	/* in bits */
};

struct boot_screen {
	enum screen_kind kind;
	u64 base;
	u32 pitch, width, height;
	u8 depth;
	struct color_field red, green, blue;
};

/**
 * struct boot_info - what the loader has said
 * @options: rootvisor's command line, without the image's name
 * @root_args: the root's, without the kernel's name
 * @kernel: the first module
 * @initrd: the second one, of size 0 if there is none
 * @rsdp: a copy of ACPI's root pointer; all zeros if there is none
 * @efi_table: UEFI's system table; 0 if the machine has none, or a 32-bit one
 * @efi_map: UEFI's memory map
 * @efi_map_size: its size in bytes
 * @efi_desc_size: the size of its entries
 * @efi_desc_version: their version
 * @efi_old: there is a 32-bit UEFI
 * @screen: what the loader has set the display to
 */
struct boot_info {
	char options[OPTIONS_SIZE];
	char root_args[ROOT_ARGS_SIZE];
	struct boot_module kernel, initrd;
	u8 rsdp[RSDP2_SIZE];
	u64 efi_table;
	u8 efi_map[EFI_MAP_SIZE] __aligned(8);
	u32 efi_map_size, efi_desc_size, efi_desc_version;
	bool efi_old;
	struct boot_screen screen;
};

extern struct boot_info boot_info;

/* Fill boot_info and e820[] from what is at @info; NULL, or what is wrong with it. */
const char *multiboot1_read(u64 info);
const char *multiboot2_read(u64 info);

/* Steps that both protocols have; NULL, or what is wrong. */
const char *boot_add_module(u64 base, u64 end, const char *args, u32 len);
const char *boot_set_options(const char *text, u32 len);

/* Does a loader put the image's name before the arguments? */
enum first_word {
	NAME_NEVER,
	NAME_ALWAYS,
	NAME_UNKNOWN,
};

/* The arguments that follow the name; for a loader that is not known, by their looks. */
const char *args_without_name(const char *text, enum first_word first);

#endif

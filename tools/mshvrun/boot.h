/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting a Linux kernel by the 64-bit boot protocol: see boot.c.
 */
#ifndef _MSHVRUN_BOOT_H
#define _MSHVRUN_BOOT_H

#include <stddef.h>
#include <hyperv/hv_types.h>

/**
 * struct boot_file - a file in memory
 * @name: for messages
 * @data: its contents
 * @size: bytes
 */
struct boot_file {
	const char *name;
	const __u8 *data;
	size_t size;
};

/**
 * struct boot_guest - a guest to be started
 * @kernel: the bzImage
 * @initrd: the initial RAM disk; its data may be NULL
 * @cmdline: the kernel's command line
 * @low: guest memory from address 0
 * @low_size: its size
 * @high_size: memory from 4 GiB
 * @rsdp: address of the ACPI root pointer
 * @entry: result: where the guest starts
 * @error: result: error text
 */
struct boot_guest {
	struct boot_file kernel;
	struct boot_file initrd;
	const char *cmdline;
	__u8 *low;
	__u64 low_size;
	__u64 high_size;
	__u64 rsdp;
	__u64 entry;
	char error[256];
};

int boot_check(struct boot_guest *g);
int boot_load(struct boot_guest *g);

#endif

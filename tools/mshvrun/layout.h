/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's physical address space and its ports.
 *
 * Model: RAM from 0 up to the hole that begins at 3 GiB, the rest from 4 GiB.  What
 * the guest needs to start is below 640 KiB; ACPI tables are where a PC's BIOS
 * would be.
 */
#ifndef _MSHVRUN_LAYOUT_H
#define _MSHVRUN_LAYOUT_H

#define KIB			1024ULL
#define MIB			(1024 * KIB)
#define GIB			(1024 * MIB)

#define LAYOUT_LOW_LIMIT	(3 * GIB)
#define LAYOUT_HIGH_BASE	(4 * GIB)

#define LAYOUT_GDT		0x1000ULL
#define LAYOUT_BOOT_PARAMS	0x7000ULL
#define LAYOUT_STACK_TOP	0x7000ULL
#define LAYOUT_PAGE_TABLES	0x9000ULL	/* 1 + 1 + 4 pages */
#define LAYOUT_CMDLINE		0x20000ULL
#define LAYOUT_CMDLINE_SIZE	0x10000ULL
#define LAYOUT_LOW_END		0x9fc00ULL
#define LAYOUT_ACPI		0xe0000ULL
#define LAYOUT_ACPI_SIZE	0x20000ULL
#define LAYOUT_KERNEL_MIN	0x100000ULL

#define LAPIC_BASE		0xfee00000ULL

#define COM1_PORT		0x3f8
#define COM1_IRQ		4

#define CLOCK_INDEX		0x70
#define CLOCK_DATA		0x71

/*
 * Power: the guest's ACPI writes "sleep control" to power off and "reset" to
 * restart.  Before that it may leave an exit status in the carry register, a plain
 * byte: outb(status, POWER_CARRY).  With outb(1, POWER_SAVE) it requests to be
 * saved, which has succeeded or failed when the instruction is complete; the same
 * port reads as the number of times it was restored.
 */
#define POWER_BASE		0x600
#define POWER_SLEEP_CONTROL	0x600
#define POWER_SLEEP_STATUS	0x601
#define POWER_RESET		0x602
#define POWER_CARRY		0x603
#define POWER_SAVE		0x604
#define POWER_PORTS		5
#define POWER_SLEEP_TYPE_OFF	5
#define POWER_RESET_VALUE	1
#define POWER_SAVE_VALUE	1

#endif

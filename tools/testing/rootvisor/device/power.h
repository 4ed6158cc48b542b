/* SPDX-License-Identifier: GPL-2.0 */
/* The machine's own ways to end. */
#ifndef _RV_DEVICE_POWER_H
#define _RV_DEVICE_POWER_H

#include <rv/base.h>

#define PM1_SLP_EN		BIT(13)
#define PM1_TYPE_SHIFT		10
#define SLEEP_CONTROL_EN	BIT(5)
#define SLEEP_CONTROL_SHIFT	2
#define SLEEP_TYPE_MASK		7

#define PCI_ADDRESS_PORT	0xcf8
#define PCI_RESET_PORT		0xcf9
#define PCI_RESET_GO		BIT(2)
#define PCI_DATA_PORT		0xcfc
#define KEYBOARD_PORT		0x64
#define KEYBOARD_RESET		0xfe
#define DEBUG_EXIT_PORT		0xf4

/* What is in PCI_ADDRESS_PORT for a register of the configuration space. */
u32 pci_address(u64 acpi_address);

/* Returns if it has had no effect. */
void power_off(u8 pm1a_type, u8 pm1b_type);

void power_reset(void) __noreturn;

/* Does the emulator have a device that ends it with a status? */
bool emulator_ends(void);

/* Returns if it does not. */
void emulator_end(u8 status);

#endif

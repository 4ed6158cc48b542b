// SPDX-License-Identifier: GPL-2.0
/*
 * Power-off and reset, by the registers that the FADT names and by the classic ones.
 *
 * Model: a machine is off or starts again a while after the access; the next way is tried
 * if it does not.  A processor that cannot even report an exception always resets the
 * machine.
 *
 * Emulators have a console for debugging at port 0xe9, which reads back its own number,
 * and QEMU may have a device that ends it with a status.  Nothing is known about these
 * ports on other machines, so that they are not written there.
 */
#include <rv/fadt.h>
#include <rv/timer.h>
#include <rv/x86.h>
#include "power.h"

#define WAIT_OFF_MS		3000
#define WAIT_RESET_MS		200
#define PCI_ENABLE		BIT(31)
#define PCI_RESET_FULL		BIT(1)
#define DEBUG_CONSOLE_PORT	0xe9

static void wait_ms(u32 ms)
{
	u64 end = tsc_now() + ms * (tsc_hz / 1000);

	while (tsc_now() < end)
		cpu_relax();
}

u32 pci_address(u64 a)
{
	return PCI_ENABLE | ACPI_PCI_DEVICE(a) << 11 | ACPI_PCI_FUNCTION(a) << 8 |
	       (ACPI_PCI_OFFSET(a) & 0xfc);
}

/* The type is to be there before the bit that acts on it. */
static void pm1_write(u16 port, u8 type)
{
	u32 mask = PM1_SLP_EN | SLEEP_TYPE_MASK << PM1_TYPE_SHIFT;
	u16 value = (u16)((inw(port) & ~mask) | (u32)type << PM1_TYPE_SHIFT);

	outw(port, value);
	outw(port, (u16)(value | PM1_SLP_EN));
}

void power_off(u8 pm1a_type, u8 pm1b_type)
{
	if (fadt.sleep_control)
		outb(fadt.sleep_control, (u8)(pm1a_type << SLEEP_CONTROL_SHIFT |
					      SLEEP_CONTROL_EN));
	if (fadt.pm1a_control)
		pm1_write(fadt.pm1a_control, pm1a_type);
	if (fadt.pm1b_control)
		pm1_write(fadt.pm1b_control, pm1b_type);
	wait_ms(WAIT_OFF_MS);
}

static void acpi_reset(void)
{
	u64 a = fadt.reset.address;

	switch (fadt.reset.space) {
	case ACPI_IN_MEMORY:
		*(volatile u8 *)pa_ptr(a) = fadt.reset_value;
		break;
	case ACPI_IN_PORTS:
		outb((u16)a, fadt.reset_value);
		break;
	case ACPI_IN_PCI:
		outl(PCI_ADDRESS_PORT, pci_address(a));
		outb((u16)(PCI_DATA_PORT + (a & 3)), fadt.reset_value);
		break;
	default:
		return;
	}
	wait_ms(WAIT_RESET_MS);
}

void power_reset(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed nowhere = { 0, 0 };

	acpi_reset();
	outb(PCI_RESET_PORT, PCI_RESET_FULL);
	outb(PCI_RESET_PORT, PCI_RESET_FULL | PCI_RESET_GO);
	wait_ms(WAIT_RESET_MS);
	outb(KEYBOARD_PORT, KEYBOARD_RESET);
	wait_ms(WAIT_RESET_MS);
	__asm__ __volatile__("lidt %0; int3" :: "m"(nowhere));
	__builtin_unreachable();
}

bool emulator_ends(void)
{
	return inb(DEBUG_CONSOLE_PORT) == DEBUG_CONSOLE_PORT && !inb(DEBUG_EXIT_PORT);
}

void emulator_end(u8 status)
{
	if (emulator_ends())
		outb(DEBUG_EXIT_PORT, status);
}

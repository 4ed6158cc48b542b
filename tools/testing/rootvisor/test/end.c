// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the machine: all ways in which the root can end it go through
 * here, so that the books are always printed.
 *
 * Power-off and reset are recognized by the ports that ACPI names and by the
 * classic ones; after the books the access is executed, and if the machine is
 * still running, QEMU's debug-exit device ends it.
 */
#include <rv/acpi.h>
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/unit.h>
#include <rv/vp.h>

#define DEBUG_EXIT_PORT		0xf4
#define DEBUG_EXIT_OK		0
#define DEBUG_EXIT_PANIC	0x7f
#define PCI_RESET_PORT		0xcf9
#define KEYBOARD_PORT		0x64
#define KEYBOARD_RESET		0xfe
#define PM1_SLP_EN		BIT(13)
#define PM1_SLP_TYPE(v)		((v) >> 10 & 7)

void machine_end(const char *why)
{
	bool bad = why[0] == 'p' && why[1] == 'a';

	log_line(LOG_ERROR, "end: %s", why);
	books_print();
	log_line(LOG_ERROR, "done");
	outl(DEBUG_EXIT_PORT, bad ? DEBUG_EXIT_PANIC : DEBUG_EXIT_OK);
	for (;;)
		__asm__ __volatile__("cli; hlt");
}

bool port_is_acpi(u16 port)
{
	return port && (port == acpi.pm1a_control || port == acpi.pm1a_control + 1 ||
			port == acpi.reset_port);
}

static bool acpi_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	u32 control = value;

	if (port == acpi.reset_port && value == acpi.reset_value)
		machine_end("reset");
	if (port == acpi.pm1a_control + 1)
		control = value << 8;
	else if (port != acpi.pm1a_control)
		return false;
	if (!(control & PM1_SLP_EN))
		return false;
	log_info("root enters sleep type %u", PM1_SLP_TYPE(control));
	machine_end("power off");
}

/* count 0: the ports that ACPI names; acpi_ports() intercepts them. */
PORT_UNIT(acpi, .first = 0, .count = 0, .write = acpi_write);

static void acpi_ports(void)
{
	cpu_ops->port_exits(acpi.pm1a_control);
	cpu_ops->port_exits((u16)(acpi.pm1a_control + 1));
	if (acpi.reset_port)
		cpu_ops->port_exits(acpi.reset_port);
}

INIT_UNIT(acpi_ports);

static bool pci_reset_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if ((value & 0x6) == 0x6)
		machine_end("reset");
	return false;
}

PORT_UNIT(pci_reset, .first = PCI_RESET_PORT, .count = 1, .write = pci_reset_write);

static bool keyboard_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if ((value & 0xff) == KEYBOARD_RESET)
		machine_end("reset");
	return false;
}

PORT_UNIT(keyboard, .first = KEYBOARD_PORT, .count = 1, .write = keyboard_write);

/* A program of the root must not end the machine without printing the books. */
static bool debug_exit_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	log_info("root wrote 0x%x to the debug-exit port", value);
	machine_end("debug exit");
}

PORT_UNIT(debug_exit, .first = DEBUG_EXIT_PORT, .count = 4, .write = debug_exit_write);

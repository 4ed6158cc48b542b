// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the machine: all ways in which the root can end it go through
 * here, so that the books are always printed.
 *
 * Model: power-off and reset are recognized by the registers that ACPI names and by the
 * classic ports.  After the books the root's access is executed as it is, and does what it
 * does on this machine: nothing, perhaps, and then the root tries another one.  An end that
 * the root asks of the hypervisor is done by the hypervisor, in the same ways.
 *
 * The only sleep state is power-off (boot/acpi_sleep.c).  Other types are refused, if those
 * of power-off are known.
 *
 * What the root does not ask for, a panic for example, does not start it again: QEMU's
 * debug-exit device ends QEMU, and on other machines all processors halt.
 */
#include <rv/count.h>
#include <rv/end.h>
#include <rv/fadt.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/root_map.h>
#include <rv/sleep_type.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../cpu/host.h"
#include "../device/power.h"

#define STATUS_STOPPED		0x7f

bool machine_stopped;

/* A register in memory is watched by not mapping its page, until it is touched. */
static bool reset_page_watched;

/* The root may try again at once, as Linux does with the keyboard's port. */
void machine_ends(const char *why)
{
	static u64 last;

	if (last && tsc_now() - last < tsc_hz)
		return;
	log_line(LOG_ERROR, "end: %s", why);
	books_print();
	log_line(LOG_ERROR, "done");
	last = tsc_now();
}

void machine_halt_others(void)
{
	u32 i;

	WRITE_ONCE(machine_stopped, true);
	for (i = 0; i < nr_lps; i++)
		if (lps[i]->online && lps[i] != this_lp())
			apic_send(lps[i]->apic_id, APIC_DM_NMI << 8 | BIT(14));
}

void machine_halt(void)
{
	emulator_end(STATUS_STOPPED);
	machine_halt_others();
	for (;;)
		__asm__ __volatile__("cli; hlt");
}

void machine_stop(const char *why)
{
	machine_ends(why);
	machine_halt();
}

void machine_reset(const char *why)
{
	rv_assert_locked();
	machine_ends(why);
	power_reset();
}

void machine_off(const char *why, u8 pm1a_type, u8 pm1b_type)
{
	rv_assert_locked();
	machine_ends(why);
	power_off(pm1a_type, pm1b_type);
	log_line(LOG_ERROR, "the machine does not power off, it halts");
	machine_halt();
}

static bool is_pci_reset(u16 port)
{
	return fadt.reset.space == ACPI_IN_PCI &&
	       port == PCI_DATA_PORT + (fadt.reset.address & 3);
}

static bool is_reset(u16 port)
{
	if (is_pci_reset(port))
		return inl(PCI_ADDRESS_PORT) == pci_address(fadt.reset.address);
	return fadt.reset.space == ACPI_IN_PORTS && port == fadt.reset.address;
}

static bool is_control(u16 port, u16 control)
{
	return control && (port == control || port == control + 1);
}

bool port_is_acpi(u16 port)
{
	return is_control(port, fadt.pm1a_control) || is_control(port, fadt.pm1b_control) ||
	       (fadt.sleep_control && port == fadt.sleep_control) ||
	       (fadt.reset.space == ACPI_IN_PORTS && port == fadt.reset.address) ||
	       is_pci_reset(port);
}

/* False: the access is to be done.  The second half, @last, is written after the first. */
static bool sleep(struct vp *vp, u32 type, u8 off, bool last)
{
	type &= SLEEP_TYPE_MASK;
	if (sleep_off.known && type != off) {
		log_error("root VP %u: sleep type %u refused, there is only power-off",
			  vp->index, type);
		return true;
	}
	if (last)
		return false;
	log_info("root enters sleep type %u", type);
	machine_ends("power off");
	return false;
}

static bool acpi_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	u32 control = value;

	if (is_reset(port) && (u8)value == fadt.reset_value)
		machine_ends("reset");
	if (fadt.sleep_control && port == fadt.sleep_control && (value & SLEEP_CONTROL_EN))
		return sleep(vp, value >> SLEEP_CONTROL_SHIFT, sleep_off.pm1a, false);
	if (port == fadt.pm1a_control + 1 || port == fadt.pm1b_control + 1)
		control = value << 8;
	if (!(control & PM1_SLP_EN))
		return false;
	control >>= PM1_TYPE_SHIFT;
	if (is_control(port, fadt.pm1a_control))
		return sleep(vp, control, sleep_off.pm1a, false);
	if (is_control(port, fadt.pm1b_control))
		return sleep(vp, control, sleep_off.pm1b, true);
	return false;
}

/* count 0: the ports that ACPI names; end_start() intercepts them. */
PORT_UNIT(acpi, .first = 0, .count = 0, .write = acpi_write);

void end_start(void)
{
	u32 port;

	for (port = 0; port <= 0xffff; port++)
		if (port_is_acpi((u16)port))
			cpu_ops->port_exits((u16)port);
	if (!sleep_off.known)
		log_info("ACPI does not tell the type of power-off: all types are done");
	if (fadt.reset.space != ACPI_IN_MEMORY)
		return;
	reset_page_watched = root_map_page(fadt.reset.address >> PAGE_SHIFT, false);
}

bool end_touched(u64 gpa, bool write)
{
	u64 pfn = fadt.reset.address >> PAGE_SHIFT;

	if (!reset_page_watched || gpa >> PAGE_SHIFT != pfn)
		return false;
	if (write && gpa == fadt.reset.address)
		machine_ends("reset");
	/* From now on it is not watched: it has other registers, or this one failed. */
	reset_page_watched = false;
	return root_map_page(pfn, true);
}

static bool pci_reset_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if (value & PCI_RESET_GO)
		machine_ends("reset");
	return false;
}

PORT_UNIT(pci_reset, .first = PCI_RESET_PORT, .count = 1, .write = pci_reset_write);

static bool keyboard_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if ((value & 0xff) == KEYBOARD_RESET)
		machine_ends("reset");
	return false;
}

PORT_UNIT(keyboard, .first = KEYBOARD_PORT, .count = 1, .write = keyboard_write);

/* A program of the root must not end the emulator without printing the books. */
static bool debug_exit_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if (!emulator_ends())
		return false;
	log_info("root wrote 0x%x to the debug-exit port", value);
	machine_ends("debug exit");
	return false;
}

PORT_UNIT(debug_exit, .first = DEBUG_EXIT_PORT, .count = 4, .write = debug_exit_write);

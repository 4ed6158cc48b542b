// SPDX-License-Identifier: GPL-2.0
/*
 * The log on a serial port, a 16550 or one that is compatible.
 *
 * Model: the port is polled, no interrupt is used.  The root has access to it, too, and
 * may use it as its console.  Nothing but the transmitter is touched after the start, so
 * that this does no harm to its driver: lines of both are mixed, a character may come in
 * between, and the root's transmitter is empty a little later than it expects.
 *
 * A port that takes no more characters must not stop the machine: after a time nothing
 * is written there until it is ready again.
 */
#include <rv/acpi.h>
#include <rv/fadt.h>
#include <rv/x86.h>
#include "log_serial.h"

#define DATA		0
#define INTERRUPTS	1
#define FIFO		2
#define LINE		3
#define MODEM		4
#define STATUS		5
#define SCRATCH		7
#define DIVISOR_LOW	0	/* with LINE_DIVISOR */
#define DIVISOR_HIGH	1

#define FIFO_ON		0x07	/* and both are emptied */
#define LINE_8N1	0x03
#define LINE_DIVISOR	0x80
#define MODEM_READY	0x03	/* DTR, RTS */
#define STATUS_EMPTY	BIT(5)
#define FIFO_BYTES	16
#define PATIENCE	100000	/* reads of the status, about a microsecond each */

#define SPCR_TYPE	36
#define SPCR_ADDRESS	40
#define SPCR_BAUD	58
#define SPCR_LENGTH	80
#define TYPE_16550	0
#define TYPE_16450	1
#define TYPE_GENERIC	0x12

static u16 base;		/* 0: none */
static bool stalled;

static bool is_there(u16 port)
{
	outb(port + SCRATCH, 0x5a);
	return inb(port + SCRATCH) == 0x5a && inb(port + STATUS) != 0xff;
}

bool serial_open(u16 port, u32 baud)
{
	u32 divisor = baud ? SERIAL_BAUD / baud : 0;

	if (!is_there(port))
		return false;
	if (divisor) {
		outb(port + INTERRUPTS, 0);
		outb(port + LINE, LINE_DIVISOR);
		outb(port + DIVISOR_LOW, (u8)divisor);
		outb(port + DIVISOR_HIGH, (u8)(divisor >> 8));
		outb(port + LINE, LINE_8N1);
		outb(port + FIFO, FIFO_ON);
		outb(port + MODEM, MODEM_READY);
	}
	base = port;
	return true;
}

static bool ready(void)
{
	u32 i, patience = stalled ? 1 : PATIENCE;

	for (i = 0; i < patience; i++)
		if (inb(base + STATUS) & STATUS_EMPTY) {
			stalled = false;
			return true;
		}
	stalled = true;
	return false;
}

void serial_write(const char *text, u32 len)
{
	u32 i, room = 0;

	for (i = 0; base && i < len; i++) {
		if (!room) {
			if (!ready())
				return;
			room = FIFO_BYTES - 1;	/* for a CR */
		}
		if (text[i] == '\n')
			outb(base + DATA, '\r');
		outb(base + DATA, (u8)text[i]);
		room = text[i] == '\n' ? 0 : room - 1;
	}
}

bool spcr_parse(const u8 *table, u16 *port, u32 *baud)
{
	static const u32 bauds[] = { 0, 0, 0, 9600, 19200, 0, 57600, 115200 };
	u8 type, code;

	if (get32(table, ACPI_LENGTH) < SPCR_LENGTH)
		return false;
	type = table[SPCR_TYPE];
	code = table[SPCR_BAUD];
	if ((type != TYPE_16550 && type != TYPE_16450 && type != TYPE_GENERIC) ||
	    table[SPCR_ADDRESS] != ACPI_IN_PORTS)
		return false;
	*port = get16(table, SPCR_ADDRESS + 4);
	*baud = code < ARRAY_SIZE(bauds) ? bauds[code] : 0;
	return *port;
}

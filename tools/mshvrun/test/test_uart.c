// SPDX-License-Identifier: GPL-2.0
/*
 * The serial port, used as Linux's 8250 driver uses it.
 */
#include <string.h>

#include "tap.h"
#include "uart.h"

struct seen {
	char out[64];
	unsigned int sent;
	unsigned int edges;
	bool level;
};

static void on_tx(void *opaque, __u8 byte)
{
	struct seen *s = opaque;

	if (s->sent < sizeof(s->out))
		s->out[s->sent++] = byte;
}

static void on_line(void *opaque, bool level)
{
	struct seen *s = opaque;

	s->edges += level && !s->level;
	s->level = level;
}

static void reset(struct uart *u, struct seen *s)
{
	memset(s, 0, sizeof(*s));
	uart_init(u, on_tx, on_line, s);
}

static void test_probe(struct uart *u, struct seen *s)
{
	reset(u, s);
	uart_write(u, 1, 0xff);
	tap_ok(uart_read(u, 1) == 0x0f, "IER has four bits");
	uart_write(u, 1, 0);
	uart_write(u, 7, 0x5a);
	tap_ok(uart_read(u, 7) == 0x5a, "scratch register");
	uart_write(u, 4, 0x1a);
	tap_ok((uart_read(u, 6) & 0xf0) == 0x90, "loop: RTS and OUT2 come back");
	uart_write(u, 4, 0x15);
	tap_ok((uart_read(u, 6) & 0xf0) == 0x60, "loop: DTR and OUT1 come back");
	uart_write(u, 4, 0);
	tap_ok((uart_read(u, 6) & 0xf0) == 0xb0, "a terminal is connected");
	uart_write(u, 2, 0x01);
	tap_ok((uart_read(u, 2) & 0xc0) == 0xc0, "FIFO enabled: a 16550A");
	uart_write(u, 3, 0x80);
	uart_write(u, 0, 0x01);
	uart_write(u, 1, 0x02);
	tap_ok(uart_read(u, 0) == 1 && uart_read(u, 1) == 2, "divisor");
	uart_write(u, 3, 0x03);
	tap_ok(uart_read(u, 1) == 0, "divisor latch hides IER");
	tap_ok(s->sent == 0, "nothing was sent");
}

static void test_transmit(struct uart *u, struct seen *s)
{
	reset(u, s);
	tap_ok(uart_read(u, 5) == 0x60, "THRE and TEMT after reset");
	uart_write(u, 1, 0x02);
	tap_ok(s->edges == 1, "enabling THRI with an empty THR interrupts");
	tap_ok(uart_read(u, 2) == 0x02, "IIR: THR empty");
	tap_ok(!s->level, "reading IIR drops the line");
	tap_ok(uart_read(u, 2) == 0x01, "IIR: nothing more");
	uart_write(u, 0, 'a');
	tap_ok(s->sent == 1 && s->out[0] == 'a', "byte sent");
	tap_ok(s->edges == 2 && s->level, "sent byte: a new edge");
	uart_write(u, 0, 'b');
	tap_ok(s->edges == 3, "another byte without reading IIR: another edge");
	tap_ok(uart_read(u, 5) == 0x60, "transmitter is always empty");
	/* The 8250 driver's test for chips that do not interrupt again. */
	uart_write(u, 1, 0);
	uart_read(u, 2);
	uart_write(u, 1, 0x02);
	tap_ok(!(uart_read(u, 2) & 1), "enabling THRI again interrupts again");
}

static void test_receive(struct uart *u, struct seen *s)
{
	unsigned int i, n;

	reset(u, s);
	tap_ok(uart_room(u) == 1, "room for one byte without FIFO");
	uart_write(u, 2, 0x01);
	tap_ok(uart_room(u) == UART_FIFO, "room for a FIFO");
	uart_write(u, 1, 0x05);
	for (i = 0; i < UART_FIFO; i++)
		uart_receive(u, 'A' + i);
	tap_ok(uart_room(u) == 0, "full");
	tap_ok(s->level && (uart_read(u, 2) & 0x0f) == 0x04, "IIR: data");
	uart_receive(u, '!');
	tap_ok((uart_read(u, 2) & 0x0f) == 0x06, "IIR: line status first");
	tap_ok(uart_read(u, 5) == 0x63, "overrun and data in LSR");
	tap_ok(uart_read(u, 5) == 0x61, "overrun was cleared by reading");
	for (i = 0, n = 0; i < UART_FIFO; i++)
		n += uart_read(u, 0) == 'A' + i;
	tap_ok(n == UART_FIFO, "bytes in order, the late one lost");
	tap_ok(!s->level && uart_read(u, 5) == 0x60, "empty again");
	tap_ok(uart_read(u, 0) == 0, "reading nothing");
	uart_receive(u, 'x');
	uart_write(u, 2, 0x03);
	tap_ok(uart_read(u, 5) == 0x60, "FCR clears the FIFO");
	uart_write(u, 4, 0x10);
	uart_write(u, 0, 'L');
	tap_ok(s->sent == 0 && uart_read(u, 0) == 'L', "loop mode: data");
	tap_ok(uart_room(u) == 0, "loop mode: the wire is cut");
}

int main(void)
{
	struct uart u;
	struct seen s;

	test_probe(&u, &s);
	test_transmit(&u, &s);
	test_receive(&u, &s);
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's log: lines, the ring that keeps them, and the serial port.
 *
 * Model: the port is an array of registers here, whose transmitter takes as many
 * characters as a FIFO has, and then is not empty until a test says so.
 */
#include <string.h>

#include <rv/x86.h>

#define outb	fake_outb
#define inb	fake_inb

static void fake_outb(u16 port, u8 value);
static u8 fake_inb(u16 port);

#include "../rootvisor/boot/log_format.c"
#include "../rootvisor/boot/log_ring.c"
#include "../rootvisor/boot/log_serial.c"
#undef ARRAY_SIZE

#include "tap.h"

#define PORT		0x2f8
#define SPCR_SIZE	80

static struct {
	bool there, divisor, stuck;
	u8 registers[8];
	u32 rate;
	char sent[256];
	u32 nr_sent, in_fifo, reads;
} uart;

static void fake_outb(u16 port, u8 value)
{
	u32 n = port - PORT;

	if (n == LINE)
		uart.divisor = value & LINE_DIVISOR;
	else if (n == DIVISOR_LOW && uart.divisor)
		uart.rate = value;
	else if (n == DATA && uart.nr_sent < sizeof(uart.sent) - 1)
		uart.sent[uart.nr_sent++] = (char)value;
	if (n == DATA && !uart.divisor)
		uart.in_fifo++;
	uart.registers[n] = value;
}

static u8 fake_inb(u16 port)
{
	u32 n = port - PORT;

	if (!uart.there)
		return 0xff;
	if (n != STATUS)
		return uart.registers[n];
	uart.reads++;
	if (uart.stuck)
		return 0;
	tap_check(uart.in_fifo <= FIFO_BYTES, "%u characters in a FIFO", uart.in_fifo);
	uart.in_fifo = 0;
	return STATUS_EMPTY;
}

static void formats(void)
{
	struct line l = { .len = 0 };
	unsigned int i;

	line_format(&l, "%d|%5u|%05u|%x|%llx|%s|%c|%%", -7, 42, 42, 0xbeefu, 1ull << 40, "text",
		    'z');
	l.text[l.len] = 0;
	tap_ok(!strcmp(l.text, "-7|   42|00042|beef|10000000000|text|z|%"), "formats: %s", l.text);
	for (i = 0; i < 2 * LINE_MAX; i++)
		line_put(&l, 'x');
	tap_ok(l.len == LINE_MAX - 1, "a long line is cut off, with room for its end");
}

static void rings(void)
{
	static char text[LOG_RING_BYTES + 1];
	char line[32];
	u64 at = 0, total = 0;
	u32 n, i;

	tap_ok(!log_ring_read(&at, text, sizeof(text)) && !at, "nothing is in an empty ring");
	log_ring_add("first\n", 6);
	n = log_ring_read(&at, text, 3);
	tap_ok(n == 3 && !memcmp(text, "fir", 3), "a piece of a line");
	at += n;
	n = log_ring_read(&at, text, sizeof(text));
	tap_ok(n == 3 && !memcmp(text, "st\n", 3), "and the rest of it");
	total = 6;
	for (i = 0; total < 3 * LOG_RING_BYTES; i++) {
		n = (u32)snprintf(line, sizeof(line), "line %u\n", i);
		log_ring_add(line, n);
		total += n;
	}
	at = 0;
	n = log_ring_read(&at, text, sizeof(text));
	tap_ok(at && at + n == total && n <= LOG_RING_BYTES && n > LOG_RING_BYTES - 32,
	       "a full ring has the last lines: %u bytes", n);
	text[n] = 0;
	tap_ok(!strncmp(text, "line ", 5) && !strcmp(text + n - strlen(line), line),
	       "whole ones");
	at = total + 100;
	tap_ok(!log_ring_read(&at, text, sizeof(text)) && at == total, "nothing is behind its end");
}

static void ports(void)
{
	static const char long_text[] = "0123456789abcdefghijklmnopqrstuvwxyz\n";
	u32 reads;

	serial_write("x", 1);
	tap_ok(!uart.nr_sent, "nothing is written without a port");
	tap_ok(!serial_open(PORT, SERIAL_BAUD), "a port that is not there");
	uart.there = true;
	tap_ok(serial_open(PORT, 9600) && uart.rate == 12 && !uart.divisor, "the rate is set");
	uart.nr_sent = 0;
	uart.rate = 0;
	tap_ok(serial_open(PORT, 0) && !uart.rate, "or left as the firmware has set it");
	uart.nr_sent = 0;
	serial_write(long_text, sizeof(long_text) - 1);
	uart.sent[uart.nr_sent] = 0;
	tap_ok(!strcmp(uart.sent, "0123456789abcdefghijklmnopqrstuvwxyz\r\n"), "a line");
	tap_group("the FIFO does not overflow");
	uart.stuck = true;
	uart.nr_sent = 0;
	serial_write(long_text, sizeof(long_text) - 1);
	reads = uart.reads;
	serial_write(long_text, sizeof(long_text) - 1);
	tap_ok(!uart.nr_sent && uart.reads == reads + 1, "a stuck port is waited for only once");
	uart.stuck = false;
	serial_write("again\n", 6);
	tap_ok(uart.nr_sent == 7, "and used again when it is ready");
}

static void spcrs(void)
{
	u8 table[SPCR_SIZE] = { 0 };
	u16 port;
	u32 baud;

	table[ACPI_LENGTH] = SPCR_SIZE;
	table[SPCR_ADDRESS] = ACPI_IN_PORTS;
	table[SPCR_ADDRESS + 4] = 0xf8;
	table[SPCR_ADDRESS + 5] = 2;
	table[SPCR_BAUD] = 7;
	tap_ok(spcr_parse(table, &port, &baud) && port == 0x2f8 && baud == 115200,
	       "a port that the SPCR names");
	table[SPCR_BAUD] = 0;
	tap_ok(spcr_parse(table, &port, &baud) && !baud, "one that is set up already");
	table[SPCR_ADDRESS] = ACPI_IN_MEMORY;
	tap_ok(!spcr_parse(table, &port, &baud), "one in memory is not supported");
	table[SPCR_ADDRESS] = ACPI_IN_PORTS;
	table[SPCR_TYPE] = 3;
	tap_ok(!spcr_parse(table, &port, &baud), "nor another kind of port");
	table[SPCR_TYPE] = 0;
	table[ACPI_LENGTH] = SPCR_SIZE - 1;
	tap_ok(!spcr_parse(table, &port, &baud), "a table that is too short");
}

int main(void)
{
	formats();
	rings();
	ports();
	spcrs();
	return tap_end();
}

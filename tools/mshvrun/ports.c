// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's I/O ports: the serial port, the clock, the power block, and nothing else.
 *
 * Model: devices have byte registers; a wider access is split into bytes, as on an
 * ISA bus.  Unclaimed ports read as all ones.
 */
#include "clock.h"
#include "layout.h"
#include "machine.h"

#define SLEEP_ENABLE		0x20
#define SLEEP_TYPE(value)	(((value) >> 2) & 7)
#define ALL_ONES		0xff

static void power_write(struct machine *m, __u16 port, __u8 value)
{
	switch (port) {
	case POWER_SLEEP_CONTROL:
		if (!(value & SLEEP_ENABLE))
			break;
		if (SLEEP_TYPE(value) == POWER_SLEEP_TYPE_OFF)
			machine_end(m, m->carry, "%s", "");
		else
			machine_note(m, "sleep type %u is not supported",
				     SLEEP_TYPE(value));
		break;
	case POWER_RESET:
		if (value == POWER_RESET_VALUE)
			machine_end(m, STATUS_RESET,
				    "the guest requested a restart, which mshvrun does not do");
		break;
	case POWER_CARRY:
		m->carry = value;
		break;
	case POWER_SAVE:
		if (value == POWER_SAVE_VALUE)
			machine_ask_save(m);
		break;
	}
}

static __u8 port_in_byte(struct machine *m, __u16 port)
{
	if (port - COM1_PORT < UART_PORTS && port >= COM1_PORT)
		return uart_read(&m->uart, port - COM1_PORT);
	switch (port) {
	case CLOCK_INDEX:
		return m->clock_index;
	case CLOCK_DATA:
		return clock_read(m->clock_index, time(NULL));
	case POWER_CARRY:
		return m->carry;
	case POWER_SAVE:
		return m->restores;
	case POWER_SLEEP_CONTROL:
	case POWER_SLEEP_STATUS:
		return 0;
	}
	machine_note(m, "read from unclaimed port %#x", port);
	return ALL_ONES;
}

static void port_out_byte(struct machine *m, __u16 port, __u8 value)
{
	if (port - COM1_PORT < UART_PORTS && port >= COM1_PORT)
		uart_write(&m->uart, port - COM1_PORT, value);
	else if (port - POWER_BASE < POWER_PORTS && port >= POWER_BASE)
		power_write(m, port, value);
	else if (port == CLOCK_INDEX)
		m->clock_index = value & 0x7f;	/* the other bit masks NMIs */
	else
		machine_note(m, "write of %#x to unclaimed port %#x", value,
			     port);
}

/**
 * port_in() - read a port
 * @m: the machine
 * @port: first port
 * @size: 1, 2 or 4
 *
 * Return: the value.
 */
__u32 port_in(struct machine *m, __u16 port, unsigned int size)
{
	__u32 value = 0;
	unsigned int i;

	pthread_mutex_lock(&m->lock);
	for (i = 0; i < size; i++)
		value |= (__u32)port_in_byte(m, port + i) << (8 * i);
	pthread_mutex_unlock(&m->lock);
	return value;
}

/**
 * port_out() - write a port
 * @m: the machine
 * @port: first port
 * @size: 1, 2 or 4
 * @value: value
 */
void port_out(struct machine *m, __u16 port, unsigned int size, __u32 value)
{
	unsigned int i;

	pthread_mutex_lock(&m->lock);
	for (i = 0; i < size; i++)
		port_out_byte(m, port + i, value >> (8 * i));
	pthread_mutex_unlock(&m->lock);
}

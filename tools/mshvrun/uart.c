// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550A serial port: see uart.h.
 *
 * Words: THR and RBR are the transmit and receive registers, DLAB the bit in
 * LCR that turns the first two registers into the baud rate divisor.
 */
#include <string.h>

#include "uart.h"

#define IER_RX		0x01
#define IER_THR		0x02
#define IER_LINE	0x04
#define IER_MODEM	0x08
#define IIR_NONE	0x01
#define IIR_MODEM	0x00
#define IIR_THR		0x02
#define IIR_RX		0x04
#define IIR_LINE	0x06
#define IIR_FIFO	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT1	0x04
#define MCR_OUT2	0x08
#define MCR_LOOP	0x10
#define LSR_READY	0x01
#define LSR_OVERRUN	0x02
#define LSR_EMPTY	0x60	/* THRE and TEMT */
#define MSR_CTS		0x10
#define MSR_DSR		0x20
#define MSR_RI		0x40
#define MSR_DCD		0x80

static unsigned int uart_depth(const struct uart *u)
{
	return u->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

/* The pending interrupt of the highest priority, as in IIR. */
static __u8 uart_cause(const struct uart *u)
{
	if (u->overrun && (u->ier & IER_LINE))
		return IIR_LINE;
	if (u->count && (u->ier & IER_RX))
		return IIR_RX;
	if (u->thr_pending && (u->ier & IER_THR))
		return IIR_THR;
	if (u->msr_delta && (u->ier & IER_MODEM))
		return IIR_MODEM;
	return IIR_NONE;
}

static void uart_update(struct uart *u)
{
	bool level = uart_cause(u) != IIR_NONE;

	if (level == u->level)
		return;
	u->level = level;
	u->line(u->opaque, level);
}

/**
 * uart_init() - a port after reset
 * @u: the port
 * @tx: called with each byte the guest sends
 * @line: called when the interrupt line changes
 * @opaque: handed to both
 */
void uart_init(struct uart *u, void (*tx)(void *opaque, __u8 byte),
	       void (*line)(void *opaque, bool level), void *opaque)
{
	memset(u, 0, sizeof(*u));
	u->tx = tx;
	u->line = line;
	u->opaque = opaque;
	u->thr_pending = true;
}

static __u8 uart_pop(struct uart *u)
{
	__u8 byte;

	if (!u->count)
		return 0;
	byte = u->fifo[u->head];
	u->head = (u->head + 1) % UART_FIFO;
	u->count--;
	return byte;
}

/* Modem inputs: a connected terminal, or the outputs in loop mode. */
static __u8 uart_modem(const struct uart *u)
{
	__u8 msr = 0;

	if (!(u->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (u->mcr & MCR_RTS)
		msr |= MSR_CTS;
	if (u->mcr & MCR_DTR)
		msr |= MSR_DSR;
	if (u->mcr & MCR_OUT1)
		msr |= MSR_RI;
	if (u->mcr & MCR_OUT2)
		msr |= MSR_DCD;
	return msr;
}

static __u8 uart_read_iir(struct uart *u)
{
	__u8 cause = uart_cause(u);

	/* Reading it acknowledges this one interrupt. */
	if (cause == IIR_THR)
		u->thr_pending = false;
	return cause | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static __u8 uart_read_lsr(struct uart *u)
{
	__u8 lsr = LSR_EMPTY;

	if (u->count)
		lsr |= LSR_READY;
	if (u->overrun)
		lsr |= LSR_OVERRUN;
	u->overrun = false;
	return lsr;
}

/**
 * uart_read() - read a register
 * @u: the port
 * @reg: 0 to 7
 *
 * Return: the value.
 */
__u8 uart_read(struct uart *u, unsigned int reg)
{
	bool dlab = u->lcr & LCR_DLAB;
	__u8 value = 0xff;

	switch (reg) {
	case 0:
		value = dlab ? u->divisor[0] : uart_pop(u);
		break;
	case 1:
		value = dlab ? u->divisor[1] : u->ier;
		break;
	case 2:
		value = uart_read_iir(u);
		break;
	case 3:
		value = u->lcr;
		break;
	case 4:
		value = u->mcr;
		break;
	case 5:
		value = uart_read_lsr(u);
		break;
	case 6:
		value = uart_modem(u) | u->msr_delta;
		u->msr_delta = 0;
		break;
	case 7:
		value = u->scratch;
		break;
	}
	uart_update(u);
	return value;
}

static void uart_push(struct uart *u, __u8 byte)
{
	if (u->count >= uart_depth(u)) {
		u->overrun = true;
		return;
	}
	u->fifo[(u->head + u->count) % UART_FIFO] = byte;
	u->count++;
}

static void uart_send(struct uart *u, __u8 byte)
{
	/*
	 * The byte is sent at once, but the line has to drop first: it is an edge
	 * triggered interrupt, and the next one is a new edge.
	 */
	u->thr_pending = false;
	uart_update(u);
	if (u->mcr & MCR_LOOP)
		uart_push(u, byte);
	else
		u->tx(u->opaque, byte);
	u->thr_pending = true;
}

static void uart_write_ier(struct uart *u, __u8 value)
{
	value &= IER_RX | IER_THR | IER_LINE | IER_MODEM;
	if ((value & IER_THR) && !(u->ier & IER_THR))
		u->thr_pending = true;
	u->ier = value;
}

static void uart_write_fcr(struct uart *u, __u8 value)
{
	/* Switching the FIFO on or off empties it, as the bit does. */
	if ((value & FCR_CLEAR_RX) || ((value ^ u->fcr) & FCR_ENABLE)) {
		u->head = 0;
		u->count = 0;
	}
	u->fcr = value & FCR_ENABLE;
}

static void uart_write_mcr(struct uart *u, __u8 value)
{
	__u8 before = uart_modem(u);
	__u8 changed;

	u->mcr = value & 0x1f;
	changed = before ^ uart_modem(u);
	u->msr_delta |= (changed >> 4) & 0xb;
	/* Ring has no "changed" bit; its delta is the trailing edge only. */
	if ((changed & MSR_RI) && (before & MSR_RI))
		u->msr_delta |= 0x4;
}

/**
 * uart_write() - write a register
 * @u: the port
 * @reg: 0 to 7
 * @value: value
 */
void uart_write(struct uart *u, unsigned int reg, __u8 value)
{
	bool dlab = u->lcr & LCR_DLAB;

	switch (reg) {
	case 0:
		if (dlab)
			u->divisor[0] = value;
		else
			uart_send(u, value);
		break;
	case 1:
		if (dlab)
			u->divisor[1] = value;
		else
			uart_write_ier(u, value);
		break;
	case 2:
		uart_write_fcr(u, value);
		break;
	case 3:
		u->lcr = value;
		break;
	case 4:
		uart_write_mcr(u, value);
		break;
	case 7:
		u->scratch = value;
		break;
	}
	uart_update(u);
}

/**
 * uart_room() - number of bytes that the receiver can take
 * @u: the port
 *
 * Return: 0 until the guest has read what was received, or in loop mode.
 */
unsigned int uart_room(const struct uart *u)
{
	unsigned int depth = uart_depth(u);

	if ((u->mcr & MCR_LOOP) || u->count >= depth)
		return 0;
	return depth - u->count;
}

/**
 * uart_receive() - receive a byte
 * @u: the port
 * @byte: the byte; lost, with the overrun flag, if there is no room
 */
void uart_receive(struct uart *u, __u8 byte)
{
	uart_push(u, byte);
	uart_update(u);
}

/**
 * uart_save() - save the port's registers
 * @u: the port
 * @s: result
 */
void uart_save(const struct uart *u, struct uart_state *s)
{
	memset(s, 0, sizeof(*s));
	s->ier = u->ier;
	s->fcr = u->fcr;
	s->lcr = u->lcr;
	s->mcr = u->mcr;
	s->scratch = u->scratch;
	memcpy(s->divisor, u->divisor, sizeof(s->divisor));
	s->msr_delta = u->msr_delta;
	s->overrun = u->overrun;
	s->thr_pending = u->thr_pending;
	s->level = u->level;
	s->head = u->head;
	s->count = u->count;
	memcpy(s->fifo, u->fifo, sizeof(s->fifo));
}

/**
 * uart_restore() - restore the port's registers
 * @u: the port, after uart_init()
 * @s: from uart_save()
 *
 * The other end of the interrupt line is restored separately and not called.
 *
 * Return: false if no port can be in that state.
 */
bool uart_restore(struct uart *u, const struct uart_state *s)
{
	if (s->head >= UART_FIFO || s->count > UART_FIFO)
		return false;
	u->ier = s->ier;
	u->fcr = s->fcr;
	u->lcr = s->lcr;
	u->mcr = s->mcr;
	u->scratch = s->scratch;
	memcpy(u->divisor, s->divisor, sizeof(u->divisor));
	u->msr_delta = s->msr_delta;
	u->overrun = s->overrun;
	u->thr_pending = s->thr_pending;
	u->level = s->level;
	u->head = s->head;
	u->count = s->count;
	memcpy(u->fifo, s->fifo, sizeof(u->fifo));
	return true;
}

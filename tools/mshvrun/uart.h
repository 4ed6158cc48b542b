/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A 16550A serial port.
 *
 * Model: transmission takes no time, so THRE and TEMT are always set and a written
 * byte is passed to the owner's tx() at once.  Received bytes wait in a FIFO of the
 * chip's depth; the owner calls uart_room() before it sends more.  The owner is
 * called when the level of the interrupt line changes.
 *
 * Lock order: none; the owner calls with its device lock held.
 */
#ifndef _MSHVRUN_UART_H
#define _MSHVRUN_UART_H

#include <stdbool.h>
#include <linux/types.h>

#define UART_PORTS	8
#define UART_FIFO	16

/**
 * struct uart - one serial port
 * @tx: called with each byte the guest sends
 * @line: called when the interrupt line changes
 * @opaque: passed to both
 */
struct uart {
	void (*tx)(void *opaque, __u8 byte);
	void (*line)(void *opaque, bool level);
	void *opaque;
	/* private: the chip's registers */
	__u8 ier;
	__u8 fcr;
	__u8 lcr;
	__u8 mcr;
	__u8 scratch;
	__u8 divisor[2];
	__u8 msr_delta;
	bool overrun;
	bool thr_pending;	/* a "transmitter empty" interrupt is pending */
	bool level;
	__u8 fifo[UART_FIFO];
	unsigned int head;
	unsigned int count;
};

/* The saved state of a port: the chip's registers. */
struct uart_state {
	__u8 ier;
	__u8 fcr;
	__u8 lcr;
	__u8 mcr;
	__u8 scratch;
	__u8 divisor[2];
	__u8 msr_delta;
	__u8 overrun;
	__u8 thr_pending;
	__u8 level;
	__u8 head;
	__u8 count;
	__u8 reserved[3];
	__u8 fifo[UART_FIFO];
};

void uart_init(struct uart *u, void (*tx)(void *opaque, __u8 byte),
	       void (*line)(void *opaque, bool level), void *opaque);
__u8 uart_read(struct uart *u, unsigned int reg);
void uart_write(struct uart *u, unsigned int reg, __u8 value);
unsigned int uart_room(const struct uart *u);
void uart_receive(struct uart *u, __u8 byte);
void uart_save(const struct uart *u, struct uart_state *s);
bool uart_restore(struct uart *u, const struct uart_state *s);

#endif

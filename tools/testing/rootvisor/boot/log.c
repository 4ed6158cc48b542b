// SPDX-License-Identifier: GPL-2.0
/*
 * The log: lines, and where they are written.
 *
 * Model: each line goes to an emulator's debug console, port 0xe9, if there is one; to a
 * serial port, if there is an option or an ACPI table for one (log_serial.c); and to a
 * ring in memory, which the root can read (log_ring.c).  The latter two are written with
 * the time and the LP in front.  A port that is found later gets what is in the ring.
 *
 * A line is built in a buffer on the stack and written under a lock of its own, so that a
 * panic on one processor does not break up another processor's line.
 */
#include <rv/acpi.h>
#include <rv/crash.h>
#include <rv/end.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/timer.h>
#include <rv/x86.h>
#include "log_format.h"
#include "log_ring.h"
#include "log_serial.h"

#define CONSOLE_PORT	0xe9	/* reads back its own number */

enum log_level log_level = LOG_INFO;
static struct spinlock log_lock;
static bool panicking;

static bool console_is_there(void)
{
	static bool asked, there;

	if (!asked)
		there = inb(CONSOLE_PORT) == CONSOLE_PORT;
	asked = true;
	return there;
}

static void console_write(const char *text, u32 len)
{
	u32 i;

	for (i = 0; console_is_there() && i < len; i++)
		outb(CONSOLE_PORT, (u8)text[i]);
}

/* Before there are clocks, time is zero. */
static u32 stamp(struct line *l)
{
	u64 us = ref_scale ? tsc_to_ref(tsc_now()) / 10 : 0;
	struct lp *lp = this_lp();

	line_format(l, "[%5llu.%06u %u] ", (unsigned long long)(us / 1000000),
		    (u32)(us % 1000000), lp ? lp->index : 0);
	return l->len;
}

/* @l begins with a stamp of so many bytes. */
static void write_line(struct line *l, u32 stamp_len)
{
	l->text[l->len++] = '\n';
	if (!panicking)
		spin_lock(&log_lock);
	console_write(l->text + stamp_len, l->len - stamp_len);
	log_ring_add(l->text, l->len);
	serial_write(l->text, l->len);
	if (!panicking)
		spin_unlock(&log_lock);
}

static void serial_start(u16 port, u32 baud)
{
	char text[256];
	u64 at = 0;
	u32 n;

	if (!serial_open(port, baud)) {
		log_error("log: there is no serial port at 0x%x", port);
		return;
	}
	for (; (n = log_ring_read(&at, text, sizeof(text))); at += n)
		serial_write(text, n);
}

void log_start(void)
{
	if (options.log_port)
		serial_start(options.log_port, SERIAL_BAUD);
}

void log_start_acpi(void)
{
	u16 port;
	u32 baud;

	if (options.log_port || options.log_no_serial || !acpi.spcr || console_is_there())
		return;
	if (spcr_parse(pa_ptr(acpi.spcr), &port, &baud))
		serial_start(port, baud);
	else
		log_error("log: the serial port of the SPCR is not a 16550 at a port");
}

u32 log_read(u64 *at, char *to, u32 size)
{
	u32 n;

	spin_lock(&log_lock);
	n = log_ring_read(at, to, size);
	spin_unlock(&log_lock);
	return n;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	struct line l = { .len = 0 };
	va_list args;
	u32 start;

	if (level > log_level)
		return;
	start = stamp(&l);
	va_start(args, fmt);
	line_format(&l, "rootvisor: ");
	line_vformat(&l, fmt, args);
	va_end(args);
	write_line(&l, start);
}

void log_bytes(const char *prefix, const char *text, u32 len)
{
	struct line l = { .len = 0 };
	u32 i, start = stamp(&l);

	for (; *prefix; prefix++)
		line_put(&l, *prefix);
	for (i = 0; i < len; i++)
		line_put(&l, text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
	write_line(&l, start);
}

/* A second panic, in the report of the first one for example, ends it. */
void panic(const char *fmt, ...)
{
	static struct lp *panic_lp;
	struct line l = { .len = 0 };
	bool again = __atomic_exchange_n(&panicking, true, __ATOMIC_SEQ_CST);
	va_list args;
	u32 start;

	while (again && panic_lp != this_lp())
		__asm__ __volatile__("cli; hlt");
	panic_lp = this_lp();
	if (!again)
		machine_halt_others();
	start = stamp(&l);
	va_start(args, fmt);
	line_format(&l, "rootvisor: panic: ");
	line_vformat(&l, fmt, args);
	va_end(args);
	write_line(&l, start);
	if (!again) {
		crash_report();
		machine_stop("panic");
	}
	machine_halt();
}

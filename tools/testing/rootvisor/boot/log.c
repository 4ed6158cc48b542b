// SPDX-License-Identifier: GPL-2.0
/*
 * The log on QEMU's debug console.  A line is built in a buffer on the stack
 * and written under a lock of its own, so that a panic on one processor does
 * not break up another processor's line.
 */
#include <rv/end.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/x86.h>

#define LOG_PORT	0xe9
#define LINE_MAX	400

enum log_level log_level = LOG_INFO;
static struct spinlock log_lock;
static bool panicking;

struct line {
	char text[LINE_MAX];
	u32 len;
};

static void put(struct line *l, char c)
{
	if (l->len < LINE_MAX - 1)
		l->text[l->len++] = c;
}

static void put_number(struct line *l, u64 v, u32 base, u32 width, bool zero,
		       bool negative)
{
	char digits[24];
	u32 n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	if (negative)
		digits[n++] = '-';
	while (width > n) {
		put(l, zero ? '0' : ' ');
		width--;
	}
	while (n)
		put(l, digits[--n]);
}

static void format(struct line *l, const char *fmt, va_list args)
{
	for (; *fmt; fmt++) {
		u32 width = 0, longs = 0;
		bool zero = false;
		u64 v;

		if (*fmt != '%') {
			put(l, *fmt);
			continue;
		}
		fmt++;
		if (*fmt == '0') {
			zero = true;
			fmt++;
		}
		while (*fmt >= '0' && *fmt <= '9')
			width = width * 10 + (u32)(*fmt++ - '0');
		while (*fmt == 'l' || *fmt == 'z') {
			longs++;
			fmt++;
		}
		switch (*fmt) {
		case 's': {
			const char *s = va_arg(args, const char *);

			for (s = s ? s : "(null)"; *s; s++)
				put(l, *s);
			break;
		}
		case 'c':
			put(l, (char)va_arg(args, int));
			break;
		case 'p':
			put_number(l, va_arg(args, u64), 16, width, zero, false);
			break;
		case 'd': {
			s64 d = longs ? va_arg(args, s64) : va_arg(args, int);

			put_number(l, d < 0 ? -(u64)d : (u64)d, 10, width, zero, d < 0);
			break;
		}
		case 'u':
		case 'x':
			v = longs ? va_arg(args, u64) : va_arg(args, u32);
			put_number(l, v, *fmt == 'x' ? 16 : 10, width, zero, false);
			break;
		case '%':
			put(l, '%');
			break;
		default:
			return;
		}
	}
}

static void write_line(const struct line *l)
{
	u32 i;

	if (!panicking)
		spin_lock(&log_lock);
	for (i = 0; i < l->len; i++)
		outb(LOG_PORT, (u8)l->text[i]);
	outb(LOG_PORT, '\n');
	if (!panicking)
		spin_unlock(&log_lock);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	struct line l = { .len = 0 };
	va_list args;

	if (level > log_level)
		return;
	va_start(args, fmt);
	format(&l, "rootvisor: ", args);
	format(&l, fmt, args);
	va_end(args);
	write_line(&l);
}

void log_bytes(const char *prefix, const char *text, u32 len)
{
	struct line l = { .len = 0 };
	u32 i;

	for (; *prefix; prefix++)
		put(&l, *prefix);
	for (i = 0; i < len; i++)
		put(&l, text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
	write_line(&l);
}

void panic(const char *fmt, ...)
{
	struct line l = { .len = 0 };
	bool again = panicking;
	va_list args;

	panicking = true;
	va_start(args, fmt);
	format(&l, "rootvisor: panic: ", args);
	format(&l, fmt, args);
	va_end(args);
	write_line(&l);
	if (!again)
		machine_stop("panic");
	for (;;)
		__asm__ __volatile__("cli; hlt");
}

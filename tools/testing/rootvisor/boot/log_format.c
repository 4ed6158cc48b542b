// SPDX-License-Identifier: GPL-2.0
/* A line of the log is built on the stack; what does not fit into it is cut off. */
#include "log_format.h"

void line_put(struct line *l, char c)
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
		line_put(l, zero ? '0' : ' ');
		width--;
	}
	while (n)
		line_put(l, digits[--n]);
}

void line_vformat(struct line *l, const char *fmt, va_list args)
{
	for (; *fmt; fmt++) {
		u32 width = 0, longs = 0;
		bool zero = false;
		u64 v;

		if (*fmt != '%') {
			line_put(l, *fmt);
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
				line_put(l, *s);
			break;
		}
		case 'c':
			line_put(l, (char)va_arg(args, int));
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
			line_put(l, '%');
			break;
		default:
			return;
		}
	}
}

void line_format(struct line *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_vformat(l, fmt, args);
	va_end(args);
}

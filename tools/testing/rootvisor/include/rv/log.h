/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor's log; boot/log.c says where its lines are written.
 *
 * log_line() understands %d %u %x %lx %lu %llx %llu %s %c %p and widths with
 * zero padding.  LOG_INFO is always written, LOG_TRACE only with log=trace.
 */
#ifndef _RV_LOG_H
#define _RV_LOG_H

#include <rv/base.h>

enum log_level {
	LOG_ERROR,
	LOG_INFO,
	LOG_DEBUG,
	LOG_TRACE,
};

extern enum log_level log_level;

void log_line(enum log_level level, const char *fmt, ...) __printf(2, 3);
void log_bytes(const char *prefix, const char *text, u32 len);

/* Opens the serial port of the option; that of ACPI. */
void log_start(void);
void log_start_acpi(void);

/* Lines in memory, from position *@at on; see boot/log_ring.h. */
u32 log_read(u64 *at, char *to, u32 size);

/* Does not evaluate the arguments of lines that are not written. */
#define log_at(level, ...)						\
	do {								\
		if ((level) <= log_level)				\
			log_line(level, __VA_ARGS__);			\
	} while (0)

#define log_error(...)	log_at(LOG_ERROR, __VA_ARGS__)
#define log_info(...)	log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_at(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...)	log_at(LOG_TRACE, __VA_ARGS__)

/* May a line caused by a guest be written?  If so, it counts as written. */
bool log_guest_may(void);

#define log_guest(...)							\
	do {								\
		if (log_guest_may())					\
			log_info(__VA_ARGS__);				\
	} while (0)

/* An internal error of rootvisor: print a message and the books, and stop. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif

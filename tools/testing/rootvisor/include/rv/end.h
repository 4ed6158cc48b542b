/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the machine, see test/end.c.  From any LP. */
#ifndef _RV_END_H
#define _RV_END_H

#include <rv/base.h>

/* Prints why, and the books: the root is about to end the machine itself. */
void machine_ends(const char *why);

/* Prints the same, and ends the machine. */
void machine_off(const char *why, u8 pm1a_type, u8 pm1b_type) __noreturn;
void machine_reset(const char *why) __noreturn;

/* For an end that the root has not asked for: it does not start again. */
void machine_stop(const char *why) __noreturn;

/* Parts of it: without the books; all LPs but this one. */
void machine_halt(void) __noreturn;
void machine_halt_others(void);

/* No LP runs anything any more; one that gets an NMI halts. */
extern bool machine_stopped;

/* An access of the root to a page that is not mapped; true: it is to be repeated. */
bool end_touched(u64 gpa, bool write);

/* Watches the registers of the FADT; before the root starts. */
void end_start(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The sleep types of the machine, which only ACPI's bytecode tells. */
#ifndef _RV_SLEEP_TYPE_H
#define _RV_SLEEP_TYPE_H

#include <rv/base.h>

/**
 * struct sleep_off - what power-off is for this machine
 * @known: its types were found
 * @pm1a: type for the first control register, and for reduced hardware's
 * @pm1b: type for the second one
 */
struct sleep_off {
	bool known;
	u8 pm1a, pm1b;
};

extern struct sleep_off sleep_off;

/* Looks for the types of S5 in a table of bytecode. */
void sleep_find_off(const u8 *table, struct sleep_off *off);

/* Hides S1 to S4 from the root: a bit for each one that was there, 1 << state. */
u32 sleep_hide(u8 *table);

/* Both, with the table at this physical address. */
void sleep_table(u64 pa);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user's terminal, while a command in the root has it.
 *
 * Model: it is made raw, so that each key reaches the command's own terminal, which
 * makes of it what is to be made of it; only the escape key is looked at here.
 */
#ifndef HOSTROOT_TERMINAL_H
#define HOSTROOT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Ctrl-a, as in QEMU: then "x" ends the machine, and "a" is a Ctrl-a. */
#define ESCAPE_KEY	1

void terminal_make_raw(void);
void terminal_restore(void);
bool terminal_size(unsigned int *rows, unsigned int *columns);

/*
 * terminal_filter - take the escape key out of what was typed
 * @keys: room for one more than @count
 *
 * Returns how many keys are left; *@quit says whether the machine is to be ended.
 */
size_t terminal_filter(unsigned char *keys, size_t count, bool *quit);

#endif

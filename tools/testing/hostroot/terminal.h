/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user's terminal, while it is used by a command in the root.
 *
 * Model: it is raw, so that each key reaches the command's own terminal, which
 * interprets it; only the escape key is handled here.
 */
#ifndef HOSTROOT_TERMINAL_H
#define HOSTROOT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Ctrl-a, as in QEMU: followed by "x" it ends the machine, by "a" it is a Ctrl-a. */
#define ESCAPE_KEY	1

void terminal_make_raw(void);
void terminal_restore(void);
bool terminal_size(unsigned int *rows, unsigned int *columns);

/*
 * terminal_filter - handle the escape key
 * @keys: room for one more than @count
 *
 * Returns the number of remaining keys; *@quit: the machine is to be ended.
 */
size_t terminal_filter(unsigned char *keys, size_t count, bool *quit);

#endif

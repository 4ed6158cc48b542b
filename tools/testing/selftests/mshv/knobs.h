/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of the running kernel that a test changes: files of one word or number.
 *
 * Model: what a file said before the first change is kept; the teardown of the fixture,
 * which also comes after a failed assertion, calls knobs_restore(), by which all are
 * written back, the last one first.  A setup that gives up calls it itself.  What the
 * harness kills leaves them changed.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_KNOBS_H
#define _MSHV_KNOBS_H

int knob_set(const char *path, const char *value);
int knob_add(const char *path, unsigned long more);
void knobs_restore(void);

#endif

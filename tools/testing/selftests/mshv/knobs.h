/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of the running kernel that a test changes: files of one word or number.
 *
 * Model: what a file said before the first change is kept; the teardown of the fixture
 * calls knobs_restore(), by which all are written back, the last one first.  A setup
 * that gives up calls it itself.  After a test that has no teardown, because an assertion
 * has failed or the harness has killed it, that is done at the end of the program: what
 * they said is shared by its processes.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_KNOBS_H
#define _MSHV_KNOBS_H

int knob_set(const char *path, const char *value);
int knob_add(const char *path, unsigned long more);
void knobs_restore(void);

#endif

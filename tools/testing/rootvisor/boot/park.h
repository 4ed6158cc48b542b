/* SPDX-License-Identifier: GPL-2.0 */
/* A processor that runs no guest; park.c has the model. */
#ifndef _RV_PARK_H
#define _RV_PARK_H

#include <rv/base.h>

/* On the first processor, when another one goes on in its place. */
void __noreturn park(void);

/* On that other one: waits until the first is out of the way, and takes its pins. */
void park_take_over(void);

#endif

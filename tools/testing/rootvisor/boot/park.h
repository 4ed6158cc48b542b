/* SPDX-License-Identifier: GPL-2.0 */
/* A processor that runs no guest; park.c has the model. */
#ifndef _RV_PARK_H
#define _RV_PARK_H

#include <rv/base.h>

/* On the first processor, when another one has taken over. */
void __noreturn park(void);

/* On the other one: waits until the first is parked, and takes over its pins. */
void park_take_over(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts of devices: what others tell and ask of them. */
#ifndef _RV_INTERRUPT_H
#define _RV_INTERRUPT_H

#include <rv/base.h>
#include <rv/lp.h>

/*
 * The root VP of @lp takes an interrupt; only seen while interrupts are watched.
 * False: its vector is not mapped there, and what was has had its last.
 */
bool device_interrupt_taken(struct lp *lp, u8 vector);

/* How often a device's were; false if it never had one, or nobody counts. */
bool device_interrupts(u64 device, u64 *taken);

#endif

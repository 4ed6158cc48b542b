/* SPDX-License-Identifier: GPL-2.0 */
/* Device interrupts: the interface for other folders. */
#ifndef _RV_INTERRUPT_H
#define _RV_INTERRUPT_H

#include <rv/base.h>
#include <rv/lp.h>

/*
 * The root VP of @lp takes an interrupt; called only while interrupts are
 * watched.  False if its vector is not mapped there, and no last interrupt of an
 * old mapping is due.
 */
bool device_interrupt_taken(struct lp *lp, u8 vector);

/*
 * The number of a device's interrupts; false if it never had one, or they are
 * not counted.
 */
bool device_interrupts(u64 device, u64 *taken);

#endif

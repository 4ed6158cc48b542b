/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time of day, as a PC's clock (MC146818) tells it: in UTC, and read-only.
 *
 * Model: the guest writes the number of a register to one port, and reads its value from the
 * next.  Each value is what the host's clock says at that moment; the guest notices when the
 * second changes in between.  There are no alarms and no interrupts.
 *
 * ACPI tells that there is no such clock, so that drivers, which want the interrupts, leave
 * it alone.  Linux reads the time there nevertheless when it boots, and asks ten thousand
 * times, for a second, if nothing answers.
 */
#ifndef _MSHVRUN_CLOCK_H
#define _MSHVRUN_CLOCK_H

#include <time.h>
#include <linux/types.h>

__u8 clock_read(__u8 index, time_t now);

#endif

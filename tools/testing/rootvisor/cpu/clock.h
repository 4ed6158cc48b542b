/* SPDX-License-Identifier: GPL-2.0 */
/* Clock rates. */
#ifndef _RV_CPU_CLOCK_H
#define _RV_CPU_CLOCK_H

void clock_init(void);

#endif

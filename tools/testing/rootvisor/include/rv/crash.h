/* SPDX-License-Identifier: GPL-2.0 */
/* A crash of the hypervisor, see crash.c. */
#ifndef _RV_CRASH_H
#define _RV_CRASH_H

#include <rv/base.h>

extern bool crashed;

u64 crash_area_pfn(void);
void crash_now(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RV_CPU_MCHECK_H
#define _RV_CPU_MCHECK_H

#include <rv/crash.h>
#include <rv/lp.h>

/* Lets the host take machine checks: without that one shuts the processor down. */
void mcheck_init(void);

/* The host has got one. */
void mcheck_in_host(struct lp *lp, const struct host_regs *regs);

#endif

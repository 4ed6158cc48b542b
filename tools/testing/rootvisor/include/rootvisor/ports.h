/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accesses to the ports of the control port, in the way that works: by IN and OUT, or
 * by VMMCALL where these fault although ioperm() has permitted them.
 *
 * With RVCTL_BY=call in the environment it is VMMCALL in any case; this is for tests.
 */
#ifndef _ROOTVISOR_PORTS_H
#define _ROOTVISOR_PORTS_H

#include <linux/types.h>

#include <rootvisor/control.h>

int rv_ports_open(void);
__u32 rv_in(__u16 port);
void rv_out(__u32 value, __u16 port);

#endif

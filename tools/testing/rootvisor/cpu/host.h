/* SPDX-License-Identifier: GPL-2.0 */
/* The host side of a processor: its gates, its local APIC. */
#ifndef _RV_CPU_HOST_H
#define _RV_CPU_HOST_H

#include <rv/base.h>

struct lp;

#define HOST_TIMER_VECTOR	0xf4	/* never delivered to the root */
#define HOST_WAKE_VECTOR	0xf5	/* ends the host's own HLT */

/* Descriptor tables, virtualization, x2APIC of the calling processor. */
void host_cpu_init(struct lp *lp);
void host_idt_build(void);

/* Takes a pending physical interrupt; returns its vector, or -1. */
int host_take_interrupt(void);

/* HLT in the host until a kick arrives. */
void host_idle(struct lp *lp);

/* Writes the physical interrupt command register. */
void apic_send(u32 apic_id, u32 low);
int apic_pending_vector(void);	/* highest above PPR that is not ours, or -1 */
bool apic_irr(u8 vector);
bool apic_in_service(void);	/* or so high a TPR that our timer is blocked */
void apic_reset(void);
/* Writes the spurious-interrupt vector register; false: it is refused. */
bool apic_set_spurious(struct lp *lp, u64 value);
u32 apic_irr_top(void);		/* pending vectors 0xe0 to 0xff, a bit each */

#endif

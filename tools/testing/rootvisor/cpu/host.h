/* SPDX-License-Identifier: GPL-2.0 */
/* What the host side of one processor offers to the rest of cpu/ and boot/. */
#ifndef _RV_HOST_H
#define _RV_HOST_H

#include <rv/base.h>
#include <rv/vp.h>

#define HOST_TIMER_VECTOR	0xf4	/* never delivered to the root */
#define HOST_WAKE_VECTOR	0xf5	/* ends the host's own HLT */

struct lp;

/* Descriptor tables, virtualization, x2APIC of the processor that calls. */
void host_cpu_init(struct lp *lp);
void host_idt_build(void);

/* Takes one pending physical interrupt; its vector, or -1 for none. */
int host_take_interrupt(void);

/* HLT in the host until a kick arrives. */
void host_idle(struct lp *lp);

/* Ends the guest that is about to be entered, before its first instruction. */
void lp_end_guest(struct lp *lp);

/* For an interrupt that is not waited for: cpu/undone.c. */
void undone_interrupt(u64 vector, u64 rip) __noreturn;

/* Physical interrupt command. */
void apic_send(u32 apic_id, u32 low);
int apic_pending_vector(void);	/* highest above PPR but not ours, or -1 */
bool apic_irr(u8 vector);
void apic_reset(void);

void fpu_init(void);
void fpu_save(struct vp *vp);
bool fpu_restore(struct vp *vp);	/* false: not a state that can be loaded */
bool fpu_takes_xcr0(u64 value);	/* does the processor? */
extern u64 host_xcr0;		/* features whose state fits one page */

/* APIC timer multiplexing: cpu/timer.c. */
void lp_timers_leave(struct lp *lp);	/* its root VP has stopped: off to another LP */
void lp_timer_run(struct lp *lp);	/* due timers */
void lp_timer_update(struct lp *lp);	/* program the hardware */
void lp_timer_watch(struct lp *lp);	/* other LPs that sleep over theirs */
void lp_timer_late(struct lp *lp);	/* such an LP looks for itself */
bool lp_timer_wants_intr(struct lp *lp);
bool root_timer_write(struct vp *vp, u32 msr, u64 value);
u64 root_timer_read(struct vp *vp, u32 msr);
void clock_init(void);

/* Root processors: cpu/root.c, cpu/ipi.c. */
struct vp *root_vp_create(struct lp *lp);
void root_vp_reset(struct vp *vp);
bool root_icr_write(struct vp *vp, u64 value);

#endif

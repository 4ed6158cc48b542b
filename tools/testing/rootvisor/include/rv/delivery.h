/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event delivery: what a VP is entered with.
 *
 * Model: a source of events does not deliver, it leaves a mark.  The local APIC has its
 * request register, which timers and the SynIC use as well; an NMI, an ExtINT, a trap and
 * an exception that the VMM injects have marks of their own.  Before each entry
 * delivery_decide() looks at all marks and at what the guest can take, and decides which
 * one to deliver, and whether to leave the guest as soon as it can take the next.  It has
 * no side effects: its caller clears the mark and puts the event into the entry.  After
 * the exit delivery_back() returns what has to be delivered again.
 *
 * The order is the architecture's: an interrupted delivery, traps, exceptions, NMI,
 * ExtINT, the local APIC by priority.  An entry has one event.
 */
#ifndef _RV_DELIVERY_H
#define _RV_DELIVERY_H

#include <rv/base.h>
#include <rv/cpu.h>

#define NO_VECTOR	(-1)

/**
 * struct delivery_marks - pending events of a VP, and what blocks them
 * @stepping: the guest is single-stepped, which a handler would notice
 * @queued: the entry has an event already: an interrupted delivery, or the VMM's
 * @trap: #DB after a single step
 * @exception: the VMM's, PendingEvent0
 * @nmi: one is pending
 * @nmi_masked: NMIs are blocked
 * @nmi_unmasking: the IRET that ends the blocking is about to be executed
 * @extint: one is pending, and the local APIC accepts it
 * @watched: the VMM wants to know when an interrupt can be taken, and none in service
 *	blocks it
 * @floor: of this priority, 1 to 15, or 0: of any
 * @watched_nmi: the VMM wants to know when an NMI can be taken
 * @idle: halted by the guest idle MSR: any request wakes the VP
 * @interrupts: RFLAGS.IF
 * @shadow: the interrupt shadow
 * @tpr: the local APIC blocks requests up to this priority, 0 to 15
 * @vector: highest request with a priority above those in service, or NO_VECTOR
 * @behind: what @vector would be once @vector is in service
 */
struct delivery_marks {
	bool stepping, queued, trap, exception;
	bool nmi, nmi_masked, nmi_unmasking;
	bool extint, watched, watched_nmi, idle;
	bool interrupts, shadow;
	u8 tpr, floor;
	s16 vector, behind;
};

enum delivery_take {
	TAKE_NOTHING,
	TAKE_TRAP,
	TAKE_EXCEPTION,
	TAKE_NMI,
	TAKE_EXTINT,
	TAKE_VECTOR,
};

/**
 * struct delivery - the decision
 * @take: the mark to deliver
 * @step: step the guest over one instruction: there is no window for the NMI
 * @window: enum cpu_window, for remaining marks
 * @priority: of the window
 */
struct delivery {
	u8 take;		/* enum delivery_take */
	bool step;
	u8 window;
	u8 priority;
};

struct delivery delivery_decide(const struct delivery_marks *marks);

/* Is there an event that ends a halt? */
bool delivery_due(const struct delivery_marks *marks);

/* What to deliver again, if @entered was injected and @undelivered interrupted. */
struct cpu_event delivery_back(const struct cpu_event *entered,
			       const struct cpu_event *undelivered);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VP is entered with: the decision.
 *
 * Model: a source of events does not deliver, it leaves a mark.  The local APIC has its
 * requests, and timers and the SynIC leave theirs there; an NMI, an ExtINT, a trap and an
 * exception of the VMM's have marks of their own.  Before each entry delivery_decide()
 * looks at all of them and at what the guest can take, and says which one is taken, and
 * whether the guest is left when it could take the next.  It changes nothing: its caller
 * takes the mark away and puts the event into the entry.  After the exit delivery_back()
 * says what of the entry is to be delivered again.
 *
 * The order is the architecture's: what was begun, traps, exceptions, NMI, ExtINT, the
 * local APIC by priority.  One event goes into an entry.
 */
#ifndef _RV_DELIVERY_H
#define _RV_DELIVERY_H

#include <rv/base.h>
#include <rv/cpu.h>

#define NO_VECTOR	(-1)

/**
 * struct delivery_marks - what waits for a VP, and what keeps it waiting
 * @stepping: the guest steps over one instruction, and what is delivered would see that
 * @queued: the entry has an event already, delivered in part or given by the VMM
 * @trap: #DB after a single step
 * @exception: the VMM's, PendingEvent0
 * @nmi: one waits
 * @nmi_masked: NMIs are blocked
 * @nmi_unmasking: the IRET that ends the blocking is about to be executed
 * @extint: one waits, and the local APIC lets it through
 * @watched: the VMM is to be told when an interrupt or an NMI could be taken
 * @idle: halted by the guest idle MSR, which any request ends
 * @interrupts: RFLAGS.IF
 * @shadow: the interrupt shadow
 * @tpr: priority up to which the local APIC holds requests back, 0 to 15
 * @vector: the highest request of a priority above all that is in service, or NO_VECTOR
 * @behind: what @vector would be once @vector is in service
 */
struct delivery_marks {
	bool stepping, queued, trap, exception;
	bool nmi, nmi_masked, nmi_unmasking;
	bool extint, watched, idle;
	bool interrupts, shadow;
	u8 tpr;
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
 * @take: the mark that goes into the entry
 * @step: the guest has to step over one instruction, for the NMI that waits has no window
 * @window: enum cpu_window, for what is left
 * @priority: of the window
 */
struct delivery {
	u8 take;		/* enum delivery_take */
	bool step;
	u8 window;
	u8 priority;
};

struct delivery delivery_decide(const struct delivery_marks *marks);

/* Does anything end a halt? */
bool delivery_due(const struct delivery_marks *marks);

/* Of an entry with @entered, in whose guest the delivery of @undelivered was cut short. */
struct cpu_event delivery_back(const struct cpu_event *entered,
			       const struct cpu_event *undelivered);

#endif

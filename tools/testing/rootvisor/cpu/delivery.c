// SPDX-License-Identifier: GPL-2.0
/*
 * Decides what a VP is entered with: a child for vp/event.c, the root for cpu/root.c.
 * Pure functions; see rv/delivery.h for the model, tools/testing/unit/delivery.c for the
 * cases.
 */
#include <rv/cpu.h>
#include <rv/delivery.h>
#include <rv/x86.h>

static bool passes_tpr(const struct delivery_marks *m, int vector)
{
	return vector != NO_VECTOR && vector >> 4 > m->tpr;
}

static bool nmi_ready(const struct delivery_marks *m)
{
	return m->nmi && !m->nmi_masked;
}

/* The VMM wants to send one, or to know when it could. */
static bool nmi_wanted(const struct delivery_marks *m)
{
	return m->nmi || m->watched_nmi;
}

static enum delivery_take pick(const struct delivery_marks *m)
{
	if (m->queued || m->stepping)
		return TAKE_NOTHING;
	if (m->trap)
		return TAKE_TRAP;
	if (m->exception)
		return TAKE_EXCEPTION;
	/* Processors differ in whether the shadow blocks an NMI; here it does. */
	if (m->shadow)
		return TAKE_NOTHING;
	if (nmi_ready(m))
		return TAKE_NMI;
	/* Not before the IRET, or NMIs would not be blocked in the handler any more. */
	if (!m->interrupts || m->nmi_unmasking)
		return TAKE_NOTHING;
	if (m->extint)
		return TAKE_EXTINT;
	return passes_tpr(m, m->vector) ? TAKE_VECTOR : TAKE_NOTHING;
}

static bool nmi_window(const struct delivery_marks *m)
{
	if (!m->nmi_masked)
		return nmi_wanted(m);
	/* With IF set it would end each entry before the IRET, which is stepped over. */
	return nmi_wanted(m) && m->nmi_unmasking && !m->interrupts;
}

/* For marks that remain when @take has been cleared. */
static void open_window(const struct delivery_marks *m, struct delivery *d)
{
	int vector = d->take == TAKE_VECTOR ? m->behind : m->vector;
	u8 priority = vector != NO_VECTOR ? vector >> 4 : 0;

	if ((m->watched && (!m->floor || m->floor > m->tpr)) ||
	    passes_tpr(m, vector) || (m->extint && d->take != TAKE_EXTINT) ||
	    (nmi_window(m) && d->take != TAKE_NMI)) {
		d->window = WINDOW_OPEN;
		return;
	}
	if (m->watched)
		priority = MAX(priority, m->floor);
	if (!priority)
		return;
	d->window = WINDOW_PRIORITY;
	d->priority = priority;
}

struct delivery delivery_decide(const struct delivery_marks *m)
{
	struct delivery d = { .take = pick(m) };

	/* With IF set, the window opens after the shadow. */
	d.step = d.take == TAKE_NOTHING && !m->queued && !m->stepping &&
		 nmi_wanted(m) && !m->nmi_masked && m->shadow && !m->interrupts;
	open_window(m, &d);
	return d;
}

bool delivery_due(const struct delivery_marks *m)
{
	if (m->queued || m->trap || m->exception || nmi_ready(m))
		return true;
	if (m->idle && m->vector != NO_VECTOR)
		return true;
	return m->interrupts && (m->extint || passes_tpr(m, m->vector));
}

/* A processor reports INT3 and INTO as exceptions, QEMU like INT n. */
static bool by_instruction(const struct cpu_event *event)
{
	return event->type == EVENT_SOFTWARE ||
	       (event->type == EVENT_EXCEPTION &&
		(event->vector == VECTOR_BP || event->vector == VECTOR_OF));
}

struct cpu_event delivery_back(const struct cpu_event *entered,
			       const struct cpu_event *undelivered)
{
	bool ours = entered->type == undelivered->type &&
		    entered->vector == undelivered->vector;

	/* The guest's own INT n, INT3 or INTO is executed again: RIP has not changed. */
	if (by_instruction(undelivered) && !ours)
		return (struct cpu_event){};
	return *undelivered;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's decision what a VP is entered with: a table of cases, and what holds for
 * every combination of marks.
 */
#include "../rootvisor/cpu/delivery.c"
#undef ARRAY_SIZE

#include "tap.h"

#define NONE	.vector = NO_VECTOR, .behind = NO_VECTOR
#define OPEN	.interrupts = true

static const char *const takes[] = {
	[TAKE_NOTHING] = "nothing", [TAKE_TRAP] = "trap", [TAKE_EXCEPTION] = "exception",
	[TAKE_NMI] = "NMI", [TAKE_EXTINT] = "ExtINT", [TAKE_VECTOR] = "vector",
};

static const struct {
	const char *name;
	struct delivery_marks marks;
	struct delivery want;
} cases[] = {
	{ "nothing waits", { NONE, OPEN }, {} },

	/* The order. */
	{ "what was begun is before all others",
	  { .queued = true, .trap = true, .exception = true, .nmi = true, .extint = true,
	    .vector = 0x80, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "a trap is before an exception",
	  { .trap = true, .exception = true, .nmi = true, NONE, OPEN },
	  { .take = TAKE_TRAP, .window = WINDOW_OPEN } },
	{ "an exception is before an NMI", { .exception = true, .nmi = true, NONE, OPEN },
	  { .take = TAKE_EXCEPTION, .window = WINDOW_OPEN } },
	{ "an NMI is before an ExtINT", { .nmi = true, .extint = true, NONE, OPEN },
	  { .take = TAKE_NMI, .window = WINDOW_OPEN } },
	{ "an ExtINT is before the local APIC",
	  { .extint = true, .vector = 0xf0, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_EXTINT, .window = WINDOW_OPEN } },
	{ "the local APIC", { .vector = 0x31, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_VECTOR } },

	/* What the guest can take. */
	{ "a trap needs no IF", { .trap = true, NONE, .shadow = true }, { .take = TAKE_TRAP } },
	{ "an exception needs no IF", { .exception = true, NONE }, { .take = TAKE_EXCEPTION } },
	{ "an NMI needs no IF", { .nmi = true, NONE }, { .take = TAKE_NMI } },
	{ "an ExtINT needs IF", { .extint = true, NONE },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "a vector needs IF", { .vector = 0x31, .behind = NO_VECTOR },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "the shadow holds an ExtINT back", { .extint = true, NONE, OPEN, .shadow = true },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "the shadow holds a vector back",
	  { .vector = 0x31, .behind = NO_VECTOR, OPEN, .shadow = true },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "CR8 of the same priority holds a vector back",
	  { .vector = 0x31, .behind = NO_VECTOR, OPEN, .tpr = 3 },
	  { .take = TAKE_NOTHING, .window = WINDOW_PRIORITY, .priority = 3 } },
	{ "CR8 of a lower priority does not",
	  { .vector = 0x40, .behind = NO_VECTOR, OPEN, .tpr = 3 }, { .take = TAKE_VECTOR } },
	{ "CR8 does not hold an ExtINT back", { .extint = true, NONE, OPEN, .tpr = 15 },
	  { .take = TAKE_EXTINT } },
	{ "CR8 and IF: lowering CR8 is what opens the window",
	  { .vector = 0x31, .behind = NO_VECTOR, .tpr = 9 },
	  { .take = TAKE_NOTHING, .window = WINDOW_PRIORITY, .priority = 3 } },

	/* NMIs. */
	{ "an NMI that is blocked has no window: IRET exits",
	  { .nmi = true, .nmi_masked = true, NONE },
	  { .take = TAKE_NOTHING } },
	{ "an NMI that is about to be unblocked has one",
	  { .nmi = true, .nmi_masked = true, .nmi_unmasking = true, NONE },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "with IF it has none, which would open before the IRET",
	  { .nmi = true, .nmi_masked = true, .nmi_unmasking = true, NONE, OPEN },
	  { .take = TAKE_NOTHING } },
	{ "an NMI in the shadow with IF waits for the window",
	  { .nmi = true, NONE, OPEN, .shadow = true },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "an NMI in the shadow without IF has no window, and steps",
	  { .nmi = true, NONE, .shadow = true },
	  { .take = TAKE_NOTHING, .step = true, .window = WINDOW_OPEN } },
	{ "it does not step when an event goes in first",
	  { .queued = true, .nmi = true, NONE, .shadow = true },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "nor when a trap does", { .trap = true, .nmi = true, NONE, .shadow = true },
	  { .take = TAKE_TRAP, .window = WINDOW_OPEN } },
	{ "nor when it is blocked",
	  { .nmi = true, .nmi_masked = true, NONE, .shadow = true }, { .take = TAKE_NOTHING } },
	{ "an interrupt goes in while an NMI is blocked",
	  { .nmi = true, .nmi_masked = true, .vector = 0x31, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_VECTOR } },

	{ "an interrupt waits for the IRET that unblocks NMIs",
	  { .nmi_masked = true, .nmi_unmasking = true, .vector = 0x31, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "so does an ExtINT",
	  { .nmi_masked = true, .nmi_unmasking = true, .extint = true, NONE, OPEN },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },

	/* Steps. */
	{ "nothing goes in during a step",
	  { .stepping = true, .trap = true, .exception = true, .nmi = true, .extint = true,
	    .vector = 0x80, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },
	{ "a step does not begin another",
	  { .stepping = true, .nmi = true, NONE, .shadow = true },
	  { .take = TAKE_NOTHING, .window = WINDOW_OPEN } },

	/* The window for the next. */
	{ "behind the vector that is taken is one above it in priority",
	  { .vector = 0x55, .behind = 0x61, OPEN },
	  { .take = TAKE_VECTOR, .window = WINDOW_OPEN } },
	{ "behind it is one that CR8 holds back",
	  { .vector = 0x55, .behind = 0x31, OPEN, .tpr = 4 },
	  { .take = TAKE_VECTOR, .window = WINDOW_PRIORITY, .priority = 3 } },
	{ "an ExtINT leaves the vector for the window",
	  { .extint = true, .vector = 0x31, .behind = NO_VECTOR, OPEN, .tpr = 3 },
	  { .take = TAKE_EXTINT, .window = WINDOW_PRIORITY, .priority = 3 } },
	{ "the VMM watches", { .watched = true, NONE }, { .window = WINDOW_OPEN } },
	{ "the VMM watches for a priority above CR8",
	  { .watched = true, .floor = 4, NONE, .tpr = 3 }, { .window = WINDOW_OPEN } },
	{ "for one that CR8 holds back: lowering CR8 opens the window",
	  { .watched = true, .floor = 3, NONE, OPEN, .tpr = 3 },
	  { .window = WINDOW_PRIORITY, .priority = 3 } },
	{ "so do the vector and the VMM's, the higher one first",
	  { .watched = true, .floor = 4, .vector = 0x31, .behind = NO_VECTOR, OPEN, .tpr = 9 },
	  { .window = WINDOW_PRIORITY, .priority = 4 } },
	{ "the VMM watches for NMIs", { .watched_nmi = true, NONE, OPEN, .shadow = true },
	  { .window = WINDOW_OPEN } },
	{ "in the shadow without IF it steps",
	  { .watched_nmi = true, NONE, .shadow = true },
	  { .step = true, .window = WINDOW_OPEN } },
	{ "while NMIs are blocked there is no window",
	  { .watched_nmi = true, .nmi_masked = true, NONE, OPEN }, {} },
	{ "the VMM watches, and an event goes in",
	  { .watched = true, .vector = 0x31, .behind = NO_VECTOR, OPEN },
	  { .take = TAKE_VECTOR, .window = WINDOW_OPEN } },
};

static void table(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct delivery d = delivery_decide(&cases[i].marks);
		const struct delivery *w = &cases[i].want;

		if (!tap_ok(d.take == w->take && d.step == w->step && d.window == w->window &&
			    d.priority == w->priority, "%s", cases[i].name))
			printf("# takes %s, steps %d, window %u of priority %u\n",
			       takes[d.take], d.step, d.window, d.priority);
	}
}

static bool flag(unsigned int bits, unsigned int n)
{
	return bits >> n & 1;
}

/* Nothing is taken that does not wait, nothing that can be taken waits for nothing. */
static void check(const struct delivery_marks *m, unsigned int bits)
{
	struct delivery d = delivery_decide(m);
	bool open = m->interrupts && !m->shadow && !m->nmi_unmasking;
	bool waits[] = {
		[TAKE_NOTHING] = true,
		[TAKE_TRAP] = m->trap,
		[TAKE_EXCEPTION] = m->exception,
		[TAKE_NMI] = m->nmi && !m->nmi_masked && !m->shadow,
		[TAKE_EXTINT] = m->extint && open,
		[TAKE_VECTOR] = m->vector != NO_VECTOR && m->vector >> 4 > m->tpr && open,
	};

	tap_check(waits[d.take], "%x takes %s, which does not wait", bits, takes[d.take]);
	tap_check(!m->queued || d.take == TAKE_NOTHING, "%x: two events", bits);
	tap_check(!m->stepping || (d.take == TAKE_NOTHING && !d.step),
		  "%x: a step is disturbed", bits);
	for (unsigned int t = TAKE_TRAP; t <= TAKE_VECTOR; t++)
		if (!m->queued && !m->stepping && waits[t])
			tap_check(d.take != TAKE_NOTHING && d.take <= t,
				  "%x takes %s before %s", bits, takes[d.take], takes[t]);
	/* What would end a halt goes in, or there is a window for it, or a step. */
	if (delivery_due(m) && !m->queued && !m->stepping && !m->idle)
		tap_check(d.take != TAKE_NOTHING || d.step || d.window == WINDOW_OPEN,
			  "%x is due and forgotten", bits);
	if (d.take == TAKE_NOTHING && open && !m->queued && !m->stepping)
		tap_check(!m->extint, "%x: an ExtINT is forgotten", bits);
	/* What blocks what the VMM watches for does not end each entry at once. */
	if (d.window == WINDOW_OPEN && m->interrupts && !m->shadow && d.take == TAKE_NOTHING &&
	    !m->queued && !m->stepping && !m->extint &&
	    (m->vector == NO_VECTOR || m->vector >> 4 <= m->tpr))
		tap_check((m->watched && (!m->floor || m->floor > m->tpr)) ||
			  ((m->nmi || m->watched_nmi) && !m->nmi_masked),
			  "%x: the window opens for nothing", bits);
	tap_check(!d.step || (m->shadow && !m->interrupts), "%x steps without need", bits);
	tap_check(d.window == WINDOW_PRIORITY ? d.priority && d.priority <= m->tpr :
		  !d.priority, "%x: a window of priority %u", bits, d.priority);
}

static void all(void)
{
	static const struct {
		int vector, behind;
	} requests[] = { { NO_VECTOR, NO_VECTOR }, { 0x31, NO_VECTOR }, { 0x55, 0x31 } };
	static const unsigned char tprs[] = { 0, 3, 5, 15 };

	for (unsigned int bits = 0; bits < 1u << 14; bits++)
		for (unsigned int r = 0; r < ARRAY_SIZE(requests); r++)
			for (unsigned int t = 0; t < ARRAY_SIZE(tprs); t++) {
				struct delivery_marks m = {
					.queued = flag(bits, 0), .trap = flag(bits, 1),
					.exception = flag(bits, 2), .nmi = flag(bits, 3),
					.nmi_masked = flag(bits, 4),
					.nmi_unmasking = flag(bits, 5),
					.extint = flag(bits, 6), .watched = flag(bits, 7),
					.interrupts = flag(bits, 8), .shadow = flag(bits, 9),
					.idle = flag(bits, 10),
					.stepping = flag(bits, 11),
					.watched_nmi = flag(bits, 12),
					.floor = flag(bits, 13) ? 4 : 0,
					.vector = requests[r].vector,
					.behind = requests[r].behind, .tpr = tprs[t],
				};

				check(&m, bits);
			}
	tap_group("every combination of marks");
}

static void due(void)
{
	static const struct {
		const char *name;
		struct delivery_marks marks;
		bool due;
	} halts[] = {
		{ "nothing", { NONE, OPEN }, false },
		{ "an event in the entry", { .queued = true, NONE }, true },
		{ "a trap", { .trap = true, NONE }, true },
		{ "an exception", { .exception = true, NONE }, true },
		{ "an NMI", { .nmi = true, NONE }, true },
		{ "an NMI that is blocked", { .nmi = true, .nmi_masked = true, NONE, OPEN },
		  false },
		{ "an ExtINT", { .extint = true, NONE, OPEN }, true },
		{ "an ExtINT without IF", { .extint = true, NONE }, false },
		{ "a vector", { .vector = 0x31, .behind = NO_VECTOR, OPEN }, true },
		{ "a vector without IF", { .vector = 0x31, .behind = NO_VECTOR }, false },
		{ "a vector below CR8", { .vector = 0x31, .behind = NO_VECTOR, OPEN, .tpr = 4 },
		  false },
		{ "a vector without IF, of an idle one",
		  { .vector = 0x31, .behind = NO_VECTOR, .idle = true, .tpr = 4 }, true },
		{ "nothing, of an idle one", { NONE, OPEN, .idle = true }, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(halts); i++)
		tap_check(delivery_due(&halts[i].marks) == halts[i].due, "%s", halts[i].name);
	tap_group("what ends a halt");
}

static void back(void)
{
	const struct cpu_event none = {}, vector = { .type = EVENT_INTERRUPT, .vector = 0x31 },
		fault = { .type = EVENT_EXCEPTION, .vector = 14, .has_error = true, .error = 5 },
		soft = { .type = EVENT_SOFTWARE, .vector = 0x80 },
		other = { .type = EVENT_SOFTWARE, .vector = 0x81 };
	struct cpu_event e;

	e = delivery_back(&vector, &none);
	tap_check(e.type == EVENT_NONE, "what was delivered comes again");
	e = delivery_back(&vector, &vector);
	tap_check(e.type == EVENT_INTERRUPT && e.vector == 0x31, "an interrupt is lost");
	e = delivery_back(&none, &fault);
	tap_check(e.type == EVENT_EXCEPTION && e.vector == 14 && e.has_error && e.error == 5,
		  "an exception of the guest's own is lost");
	e = delivery_back(&vector, &fault);
	tap_check(e.type == EVENT_EXCEPTION, "the guest's exception is lost");
	e = delivery_back(&none, &soft);
	tap_check(e.type == EVENT_NONE, "the guest's INT comes twice");
	e = delivery_back(&soft, &soft);
	tap_check(e.type == EVENT_SOFTWARE && e.vector == 0x80, "an INT that was executed is lost");
	e = delivery_back(&soft, &other);
	tap_check(e.type == EVENT_NONE, "an INT of the handler comes twice");
	/* INT3 and INTO, as processors report them. */
	for (u8 n = 3; n <= 4; n++) {
		const struct cpu_event trap = { .type = EVENT_EXCEPTION, .vector = n };

		e = delivery_back(&none, &trap);
		tap_check(e.type == EVENT_NONE, "the guest's instruction comes twice");
		e = delivery_back(&fault, &trap);
		tap_check(e.type == EVENT_NONE, "the handler's instruction comes twice");
		e = delivery_back(&trap, &trap);
		tap_check(e.type == EVENT_EXCEPTION && e.vector == n, "the VMM's is lost");
	}
	tap_group("what was not delivered");
}

int main(void)
{
	table();
	all();
	due();
	back();
	return tap_end();
}

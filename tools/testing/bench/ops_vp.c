// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a whole processor: all registers as a VMM synchronizes them, and what has
 * to be saved of it as well.
 *
 * A driver that refuses one of these is measured without it.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench.h"

#define TIMES		17
#define STATE_PAGES	4

/* Registers whose numbers follow each other. */
static const struct {
	__u32 first;
	unsigned int nr;
} sets[] = {
	{ HV_X64_REGISTER_RAX, 18 },		/* to RFLAGS */
	{ HV_X64_REGISTER_CR0, 6 },		/* to XFEM */
	{ HV_X64_REGISTER_DR0, 6 },		/* to DR7 */
	{ HV_X64_REGISTER_ES, 8 },		/* to TR */
	{ HV_X64_REGISTER_IDTR, 2 },
	{ HV_X64_REGISTER_EFER, 11 },		/* to SFMASK */
	{ HV_X64_REGISTER_TSC_AUX, 1 },
	{ HV_REGISTER_PENDING_INTERRUPTION, 2 },
};

#define REGISTERS	54

/**
 * struct saved - a processor
 * @regs: its registers
 * @nr: how many
 * @apic: its local APIC, a page
 * @xsave: its XSAVE state
 * @xsave_room: for that, whole pages
 */
struct saved {
	struct hv_register_assoc regs[REGISTERS];
	unsigned int nr;
	void *apic;
	void *xsave;
	__u32 xsave_room;
};

static int get_all(struct world *w)
{
	struct saved *s = w->state;

	return vmm_get_registers(w->t.vp[0], 0, s->regs, s->nr);
}

static int set_all(struct world *w)
{
	struct saved *s = w->state;

	return vmm_set_registers(w->t.vp[0], 0, s->regs, s->nr);
}

static int save(struct world *w)
{
	struct saved *s = w->state;
	__u32 apic = VMM_PAGE, xsave = s->xsave_room;

	return get_all(w) ?:
	       vmm_get_state(w->t.vp[0], MSHV_VP_STATE_LAPIC, s->apic, &apic) ?:
	       vmm_get_state(w->t.vp[0], MSHV_VP_STATE_XSAVE, s->xsave, &xsave);
}

static int restore(struct world *w)
{
	struct saved *s = w->state;
	__u32 apic = VMM_PAGE, xsave = s->xsave_room;

	return set_all(w) ?:
	       vmm_set_state(w->t.vp[0], MSHV_VP_STATE_LAPIC, s->apic, &apic) ?:
	       vmm_set_state(w->t.vp[0], MSHV_VP_STATE_XSAVE, s->xsave, &xsave);
}

static int setup_saved(struct world *w)
{
	struct saved *s = calloc(1, sizeof(*s));
	unsigned int i, n;
	int ret;

	if (!s)
		return -ENOMEM;
	w->state = s;
	s->apic = aligned_alloc(VMM_PAGE, VMM_PAGE);
	s->xsave = aligned_alloc(VMM_PAGE, STATE_PAGES * VMM_PAGE);
	if (!s->apic || !s->xsave)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		for (n = 0; n < sets[i].nr; n++)
			s->regs[s->nr++].name = sets[i].first + n;
	ret = guest_setup(w);
	if (ret)
		return ret;
	/* What is too large is refused by some drivers, as is what is too small. */
	do {
		s->xsave_room += VMM_PAGE;
		ret = save(w);
	} while (ret && s->xsave_room < STATE_PAGES * VMM_PAGE);
	return ret;
}

static void teardown_saved(struct world *w)
{
	struct saved *s = w->state;

	guest_teardown(w);
	if (s) {
		free(s->apic);
		free(s->xsave);
	}
	free(s);
	w->state = NULL;
}

const struct operation ops_vp[] = {
	{
		.group = "state", .name = "all registers of a processor read (54)",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_saved, .run = get_all, .teardown = teardown_saved,
	}, {
		.group = "state", .name = "all registers of a processor written (54)",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_saved, .run = set_all, .teardown = teardown_saved,
	}, {
		.group = "state", .name = "processor saved: registers, local APIC, XSAVE",
		.floor_root = 3, .floor_classic = 3, .times = TIMES,
		.setup = setup_saved, .run = save, .teardown = teardown_saved,
	}, {
		.group = "state", .name = "processor restored: the same",
		.floor_root = 3, .floor_classic = 3, .times = TIMES,
		.setup = setup_saved, .run = restore, .teardown = teardown_saved,
	},
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Running: a VP runs and stops, and its VMM accesses its registers.
 */
#include "bench.h"

#define TIMES		33

static int by_call(struct world *w)
{
	int ret = tvm_skip(&w->t, 0);

	return ret ? ret : tvm_run(&w->t, 0);
}

static int get_registers(struct world *w)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP }, { .name = HV_X64_REGISTER_CR3 },
		{ .name = HV_X64_REGISTER_EFER }, { .name = HV_X64_REGISTER_CS },
	};

	return vmm_get_registers(w->t.vp[0], 0, regs, ARRAY_SIZE(regs));
}

/* A stop at unmapped memory: the VMM skips the instruction. */
static int setup_mmio(struct world *w)
{
	int ret = guest_setup(w);

	return ret ? ret : guest_aim(w, TVM_MEMORY);
}

static int mmio(struct world *w)
{
	if (w->page && w->page->isvalid) {
		w->page->rip = TVM_CODE;
		w->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_IP);
	} else {
		int ret = vmm_set_register(w->t.vp[0], 0, HV_X64_REGISTER_RIP,
					   TVM_CODE);

		if (ret)
			return ret;
	}
	return tvm_run(&w->t, 0);
}

const struct operation ops_run[] = {
	{
		.group = "running", .name = "port exit to the VMM and back (register page)",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = guest_setup, .run = guest_next, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "port exit to the VMM and back (RIP by a call)",
		.floor_root = 2, .floor_classic = 2, .times = TIMES,
		.setup = guest_setup, .run = by_call, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "MMIO exit to the VMM and back (register page)",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_mmio, .run = mmio, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "4 registers read by the VMM",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = guest_setup, .run = get_registers, .teardown = guest_teardown,
	},
	{ .name = NULL },
};

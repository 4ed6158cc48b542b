// SPDX-License-Identifier: GPL-2.0
/*
 * Running: a VP runs and stops, and its VMM accesses its registers.
 *
 * Cloud Hypervisor writes RAX and RIP to the register page after a port access.  After
 * one to memory it decodes the instruction with a copy of the general registers and the
 * segments, and writes all of these; without a valid page it gets and sets them by calls.
 */
#include <errno.h>
#include <string.h>

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

static int setup_page(struct world *w, int (*setup)(struct world *w))
{
	int ret = setup(w);

	if (ret)
		return ret;
	return w->page && w->page->isvalid ? 0 : vmm_fail(ENODEV, "no register page");
}

static int setup_ch_port(struct world *w)
{
	return setup_page(w, guest_setup);
}

static int setup_ch_mmio(struct world *w)
{
	return setup_page(w, setup_mmio);
}

static int ch_port(struct world *w)
{
	w->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_GENERAL);
	return guest_next(w);
}

static int ch_mmio(struct world *w)
{
	struct hv_vp_register_page copy = *w->page;

	copy.rip = TVM_CODE;
	memcpy(w->page->gp_registers, copy.gp_registers, sizeof(copy.gp_registers));
	memcpy(w->page->segments, copy.segments, sizeof(copy.segments));
	w->page->rip = copy.rip;
	w->page->rflags = copy.rflags;
	w->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_GENERAL) |
			  HV_BIT(HV_X64_REGISTER_CLASS_IP) |
			  HV_BIT(HV_X64_REGISTER_CLASS_SEGMENT) |
			  HV_BIT(HV_X64_REGISTER_CLASS_FLAGS);
	return tvm_run(&w->t, 0);
}

/* RAX to R15, RIP, RFLAGS have numbers that follow each other. */
#define GENERAL		18

static int ch_mmio_by_call(struct world *w)
{
	struct hv_register_assoc regs[GENERAL];
	unsigned int i;
	int ret;

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < GENERAL; i++)
		regs[i].name = HV_X64_REGISTER_RAX + i;
	ret = vmm_get_registers(w->t.vp[0], 0, regs, GENERAL);
	if (ret)
		return ret;
	regs[HV_X64_REGISTER_RIP - HV_X64_REGISTER_RAX].value.reg64 = TVM_CODE;
	ret = vmm_set_registers(w->t.vp[0], 0, regs, GENERAL);
	return ret ? ret : tvm_run(&w->t, 0);
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
		.group = "running", .name = "port exit, as Cloud Hypervisor answers it",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_ch_port, .run = ch_port, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "MMIO exit, as Cloud Hypervisor answers it",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_ch_mmio, .run = ch_mmio, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "MMIO exit, likewise without a register page",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_mmio, .run = ch_mmio_by_call, .teardown = guest_teardown,
	}, {
		.group = "running", .name = "4 registers read by the VMM",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = guest_setup, .run = get_registers, .teardown = guest_teardown,
	},
	{ .name = NULL },
};

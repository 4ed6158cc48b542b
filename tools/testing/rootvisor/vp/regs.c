// SPDX-License-Identifier: GPL-2.0
/*
 * GetVpRegisters and SetVpRegisters.
 *
 * Model: a running VP is taken out of its guest first; an exit that it has not
 * handled yet becomes stale, so that the state accessed here is one between two
 * instructions.  After a write the VP may have become runnable.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "regpage.h"
#include "regs.h"

#define REMEMBERED	256

static const struct reg *find_in(const struct reg *table, u32 nr, u32 name)
{
	for (u32 i = 0; i < nr; i++)
		if (name >= table[i].first && name <= table[i].last)
			return &table[i];
	return NULL;
}

/* A cache of results, since a VMM asks for the same few names. */
static struct {
	u32 name;
	const struct reg *reg;
} remembered[REMEMBERED];

/* The first 32 names of a class (general, control, ...) do not displace others. */
static u32 slot_of(u32 name)
{
	return (name % 32 | (name >> 12 & ~31u)) % REMEMBERED;
}

static const struct reg *reg_find(u32 name)
{
	u32 slot = slot_of(name);
	const struct reg *reg = remembered[slot].reg;

	if (reg && remembered[slot].name == name)
		return reg;
	reg = find_in(basic_regs, nr_basic_regs, name);
	if (!reg)
		reg = find_in(fpu_regs, nr_fpu_regs, name);
	if (!reg)
		reg = find_in(msr_regs, nr_msr_regs, name);
	if (!reg)
		reg = find_in(synthetic_regs, nr_synthetic_regs, name);
	remembered[slot].name = name;
	remembered[slot].reg = reg;
	return reg;
}

static u16 reg_get(struct vp *vp, u32 name, union hv_register_value *value)
{
	const struct reg *reg = reg_find(name);

	memset(value, 0, sizeof(*value));
	if (!reg)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	return reg->get(vp, name, value);
}

static u16 reg_set(struct vp *vp, u32 name, const union hv_register_value *value)
{
	const struct reg *reg = reg_find(name);

	if (!reg)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	if ((reg->flags & REG_READ_ONLY) || !reg->set)
		return HV_STATUS_INVALID_PARAMETER;
	if (!(reg->flags & REG_SUSPEND))
		child_of(vp)->broken = false;
	return reg->set(vp, name, value);
}

static u16 get_registers(struct hv_call *call)
{
	struct hv_input_get_vp_registers *in = call->in;
	union hv_register_value *out = call->out;
	const u32 *names = call_list(call);
	struct vp *vp;
	u16 status;

	if ((in->input_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->rsvd_z8 ||
	    in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	vp_state(vp);
	for (; rep_more(call); call->done++) {
		status = reg_get(vp, names[call->done], &out[call->done]);
		if (status) {
			log_debug("get register 0x%x: status 0x%x",
				  names[call->done], status);
			return status;
		}
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_vp_registers, .code = HVCALL_GET_VP_REGISTERS,
	  .flags = CALL_REP | CALL_CHILD,
	  .in = sizeof(struct hv_input_get_vp_registers), .rep_in = sizeof(u32),
	  .rep_out = sizeof(union hv_register_value), .privilege = -1,
	  .fn = get_registers);

static u16 set_registers(struct hv_call *call)
{
	struct hv_input_set_vp_registers *in = call->in;
	const struct hv_register_assoc *list = call_list(call);
	bool shown = false;
	struct vp *vp;
	u16 status;

	if ((in->input_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->rsvd_z8 ||
	    in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	child_write(vp);
	for (; rep_more(call); call->done++) {
		const struct hv_register_assoc *r = &list[call->done];

		if (r->reserved1 || r->reserved2) {
			status = HV_STATUS_INVALID_PARAMETER;
			break;
		}
		/* The first two only start a run, and are set for each. */
		shown |= r->name > HV_REGISTER_INTERCEPT_SUSPEND;
		status = reg_set(vp, r->name, &r->value);
		if (status) {
			log_debug("set register 0x%x to 0x%llx:%llx: status 0x%x",
				  r->name,
				  (unsigned long long)r->value.reg128.high_part,
				  (unsigned long long)r->value.reg128.low_part,
				  status);
			break;
		}
	}
	if (shown)
		regpage_refresh(vp);
	sched_wake(vp);
	return status;
}

HYPERCALL(set_vp_registers, .code = HVCALL_SET_VP_REGISTERS,
	  .flags = CALL_REP | CALL_CHILD,
	  .in = sizeof(struct hv_input_set_vp_registers),
	  .rep_in = sizeof(struct hv_register_assoc), .privilege = -1,
	  .fn = set_registers);

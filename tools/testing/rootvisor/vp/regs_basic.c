// SPDX-License-Identifier: GPL-2.0
/*
 * Registers by name: suspension, events, general, control, debug, segments.
 */
#include <hyperv/hv_vp.h>
#include "intercept.h"
#include "pending.h"
#include "regpage.h"
#include "regs.h"
#include "regs_basic.h"
#include "regs_fpu.h"

#define RFLAGS_DEFINED	0x3f7fd7ull
#define CR0_DEFINED	0xe005003full
#define CR4_DEFINED	0x01ff7fffull
#define DR_HIGH(v)	((v) >> 32)

/* ---- suspension ---------------------------------------------------------------- */

static bool *suspend_flag(struct vp *vp, u32 name)
{
	struct child *child = child_of(vp);

	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		return &child->explicit_suspend;
	case HV_REGISTER_INTERCEPT_SUSPEND:
		return &child->intercept_suspend;
	default:
		return &child->dispatch_suspend;
	}
}

static u16 get_suspend(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = *suspend_flag(vp, name) ? HV_SUSPENDED : 0;
	return REG_OK;
}

static u16 set_suspend(struct vp *vp, u32 name, const union hv_register_value *value)
{
	bool on = value->reg64 & HV_SUSPENDED;

	if (value->reg64 & ~HV_SUSPENDED)
		return REG_BAD;
	/* Only an intercept can set it. */
	if (name == HV_REGISTER_INTERCEPT_SUSPEND && on)
		return child_of(vp)->intercept_suspend ? REG_OK : REG_BAD;
	*suspend_flag(vp, name) = on;
	/* Whether a VP that has halted runs is up to the flags, which may be in the page. */
	if (!on)
		regpage_load(vp);
	return REG_OK;
}

static u16 get_hints(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = 0;
	return REG_OK;
}

static u16 get_activity(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct child *child = child_of(vp);

	value->reg64 = (child->wait_sipi ? HV_ACTIVITY_STARTUP_SUSPEND : 0) |
		       (child->halted ? HV_ACTIVITY_HALT_SUSPEND : 0) |
		       (child->idle ? HV_ACTIVITY_IDLE_SUSPEND : 0);
	return REG_OK;
}

static u16 set_activity(struct vp *vp, u32 name, const union hv_register_value *value)
{
	struct child *child = child_of(vp);
	u64 v = value->reg64;

	if (v & ~(HV_ACTIVITY_STARTUP_SUSPEND | HV_ACTIVITY_HALT_SUSPEND |
		  HV_ACTIVITY_IDLE_SUSPEND))
		return REG_BAD;
	child->wait_sipi = v & HV_ACTIVITY_STARTUP_SUSPEND;
	child->idle = v & HV_ACTIVITY_IDLE_SUSPEND;
	child->halted = child->idle || (v & HV_ACTIVITY_HALT_SUSPEND);
	return REG_OK;
}

/* ---- events ------------------------------------------------------------------------ */

static u16 get_pending(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = pending_get(vp);
	return REG_OK;
}

static u16 set_pending(struct vp *vp, u32 name, const union hv_register_value *value)
{
	return reg_result(pending_set(vp, value->reg64));
}

static u16 get_intr_state(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = (vp->cpu->shadow & 1 ? HV_INTERRUPT_STATE_SHADOW : 0) |
		(child_of(vp)->nmi_masked ? HV_INTERRUPT_STATE_NMI_MASKED : 0);
	return REG_OK;
}

static u16 set_intr_state(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (value->reg64 & ~(HV_INTERRUPT_STATE_SHADOW |
			     HV_INTERRUPT_STATE_NMI_MASKED))
		return REG_BAD;
	vp->cpu->shadow = value->reg64 & HV_INTERRUPT_STATE_SHADOW;
	child_of(vp)->nmi_masked = value->reg64 & HV_INTERRUPT_STATE_NMI_MASKED;
	if (child_of(vp)->nmi_masked)
		vp->leave_on |= LEAVE_ON_IRET;
	else
		vp->leave_on &= ~LEAVE_ON_IRET;
	return REG_OK;
}

static u16 get_event(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct child *child = child_of(vp);

	if (name != HV_REGISTER_PENDING_EVENT0)
		return REG_OK;
	if (child->event_pending) {
		value->reg128.low_part = child->event[0];
		value->reg128.high_part = child->event[1];
	} else if (child->extint_pending) {
		value->reg64 = HV_PENDING_EVENT_PENDING |
			HV_X64_PENDING_EVENT_EXT_INT << HV_PENDING_EVENT_TYPE_SHIFT |
			child->extint_vector << HV_PENDING_EXT_INT_VECTOR_SHIFT;
	}
	return REG_OK;
}

static u16 set_event(struct vp *vp, u32 name, const union hv_register_value *value)
{
	struct child *child = child_of(vp);
	u64 v = value->reg128.low_part, vector;

	if (name != HV_REGISTER_PENDING_EVENT0)
		return v & HV_PENDING_EVENT_PENDING ? REG_BAD : REG_OK;
	if (!(v & HV_PENDING_EVENT_PENDING)) {
		child->event_pending = false;
		child->extint_pending = false;
		return REG_OK;
	}
	switch ((v & HV_PENDING_EVENT_TYPE_MASK) >> HV_PENDING_EVENT_TYPE_SHIFT) {
	case HV_X64_PENDING_EVENT_EXCEPTION:
		vector = (v & HV_PENDING_EXCEPTION_VECTOR_MASK) >>
			 HV_PENDING_EXCEPTION_VECTOR_SHIFT;
		if (vector >= 32 || vector == VECTOR_NMI)
			return REG_BAD;
		child->event_pending = true;
		child->event[0] = v;
		child->event[1] = value->reg128.high_part;
		return REG_OK;
	case HV_X64_PENDING_EVENT_EXT_INT:
		child->extint_pending = true;
		child->extint_vector = (v & HV_PENDING_EXT_INT_VECTOR_MASK) >>
				       HV_PENDING_EXT_INT_VECTOR_SHIFT;
		return REG_OK;
	}
	return REG_BAD;
}

static u16 get_notify(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = child_of(vp)->notify;
	return REG_OK;
}

static u16 set_notify(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (value->reg64 & ~(HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT |
			     HV_DELIVERABILITY_PRIORITY_MASK |
			     HV_DELIVERABILITY_SINTS_MASK))
		return REG_BAD;
	child_of(vp)->notify = value->reg64;
	return REG_OK;
}

static u16 get_debug_exception(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = vp->trap ? DR6_BS : 0;
	return REG_OK;
}

static u16 set_debug_exception(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (value->reg64 & ~(u64)DR6_BS)
		return REG_BAD;
	vp->trap = value->reg64;
	return REG_OK;
}

/* ---- general and control ---------------------------------------------------------------- */

static u16 get_gpr(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = vp->gpr[name - HV_X64_REGISTER_RAX];
	return REG_OK;
}

static u16 set_gpr(struct vp *vp, u32 name, const union hv_register_value *value)
{
	vp->gpr[name - HV_X64_REGISTER_RAX] = value->reg64;
	return REG_OK;
}

static u16 get_flow(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = name == HV_X64_REGISTER_RIP ? vp->cpu->rip :
						     vp->cpu->rflags;
	return REG_OK;
}

static u16 set_flow(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (name == HV_X64_REGISTER_RIP)
		vp->cpu->rip = value->reg64;
	else
		vp->cpu->rflags = (value->reg64 & RFLAGS_DEFINED) | RFLAGS_FIXED;
	return REG_OK;
}

static u16 get_cr(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct cpu_state *v = vp->cpu;

	switch (name) {
	case HV_X64_REGISTER_CR0:
	case HV_X64_REGISTER_INTERMEDIATE_CR0:
		value->reg64 = v->cr0;
		break;
	case HV_X64_REGISTER_CR2:
		value->reg64 = v->cr2;
		break;
	case HV_X64_REGISTER_CR3:
	case HV_X64_REGISTER_INTERMEDIATE_CR3:
		value->reg64 = v->cr3;
		break;
	case HV_X64_REGISTER_CR4:
	case HV_X64_REGISTER_INTERMEDIATE_CR4:
		value->reg64 = v->cr4;
		break;
	case HV_X64_REGISTER_XFEM:
		value->reg64 = vp->xcr0;
		break;
	default:
		value->reg64 = child_of(vp)->vapic.tpr >> 4;
	}
	return REG_OK;
}

bool cr0_valid(u64 value)
{
	return !(value & ~CR0_DEFINED) && (!(value & CR0_NW) || (value & CR0_CD)) &&
	       (!(value & CR0_PG) || (value & CR0_PE));
}

static u16 set_cr(struct vp *vp, u32 name, const union hv_register_value *value)
{
	struct cpu_state *v = vp->cpu;
	u64 new = value->reg64;

	switch (name) {
	case HV_X64_REGISTER_CR0:
	case HV_X64_REGISTER_INTERMEDIATE_CR0:
		if (!cr0_valid(new))
			return REG_BAD;
		v->cr0 = new | CR0_ET;
		break;
	case HV_X64_REGISTER_CR2:
		v->cr2 = new;
		break;
	case HV_X64_REGISTER_CR3:
	case HV_X64_REGISTER_INTERMEDIATE_CR3:
		/* Bit 63 has a meaning for MOV only. */
		v->cr3 = new & ~BIT_ULL(63);
		break;
	case HV_X64_REGISTER_CR4:
	case HV_X64_REGISTER_INTERMEDIATE_CR4:
		if (new & ~CR4_DEFINED)
			return REG_BAD;
		v->cr4 = new;
		break;
	case HV_X64_REGISTER_XFEM:
		return reg_result(child_set_xcr0(vp, new));
	default:
		if (new > 0xf)
			return REG_BAD;
		vapic_set_tpr(vp, new << 4);
	}
	vp->flush = true;
	return REG_OK;
}

static u16 get_dr(struct vp *vp, u32 name, union hv_register_value *value)
{
	if (name == HV_X64_REGISTER_DR6)
		value->reg64 = vp->cpu->dr6;
	else if (name == HV_X64_REGISTER_DR7)
		value->reg64 = vp->cpu->dr7;
	else
		value->reg64 = vp->dr[name - HV_X64_REGISTER_DR0];
	return REG_OK;
}

static u16 set_dr(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 new = value->reg64;

	if (name == HV_X64_REGISTER_DR6 || name == HV_X64_REGISTER_DR7) {
		if (DR_HIGH(new))
			return REG_BAD;
		if (name == HV_X64_REGISTER_DR6)
			vp->cpu->dr6 = new | 0xffff0ff0;
		else
			vp->cpu->dr7 = new | 0x400;
	} else {
		vp->dr[name - HV_X64_REGISTER_DR0] = new;
	}
	return REG_OK;
}

/* ---- segments and tables ------------------------------------------------------------------ */

static struct cpu_segment *segment(struct vp *vp, u32 name)
{
	struct cpu_state *v = vp->cpu;
	struct cpu_segment *seg[] = { &v->es, &v->cs, &v->ss, &v->ds, &v->fs,
				      &v->gs, &v->ldtr, &v->tr };

	return seg[name - HV_X64_REGISTER_ES];
}

static u16 get_segment(struct vp *vp, u32 name, union hv_register_value *value)
{
	segment_get(segment(vp, name), &value->segment);
	return REG_OK;
}

static u16 set_segment(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (value->segment.attributes & 0x0f00)
		return REG_BAD;
	if (name == HV_X64_REGISTER_TR && !task_valid(&value->segment))
		return REG_BAD;
	segment_set(segment(vp, name), &value->segment);
	if (name == HV_X64_REGISTER_SS)
		vp->cpu->cpl = (vp->cpu->ss.attrib >> 5) & 3;
	return REG_OK;
}

static struct cpu_segment *table(struct vp *vp, u32 name)
{
	return name == HV_X64_REGISTER_IDTR ? &vp->cpu->idtr : &vp->cpu->gdtr;
}

static u16 get_table(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->table.limit = table(vp, name)->limit;
	value->table.base = table(vp, name)->base;
	return REG_OK;
}

static u16 set_table(struct vp *vp, u32 name, const union hv_register_value *value)
{
	table(vp, name)->limit = value->table.limit;
	table(vp, name)->base = value->table.base;
	return REG_OK;
}

#define ONE(name)	HV_X64_REGISTER_##name, HV_X64_REGISTER_##name

const struct reg basic_regs[] = {
	{ HV_REGISTER_EXPLICIT_SUSPEND, HV_REGISTER_INTERCEPT_SUSPEND,
	  REG_SUSPEND, get_suspend, set_suspend },
	{ HV_REGISTER_INSTRUCTION_EMULATION_HINTS,
	  HV_REGISTER_INSTRUCTION_EMULATION_HINTS, REG_READ_ONLY, get_hints, NULL },
	{ HV_REGISTER_DISPATCH_SUSPEND, HV_REGISTER_DISPATCH_SUSPEND,
	  REG_SUSPEND, get_suspend, set_suspend },
	{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, HV_REGISTER_INTERNAL_ACTIVITY_STATE,
	  0, get_activity, set_activity },
	{ HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_PENDING_INTERRUPTION,
	  0, get_pending, set_pending },
	{ HV_REGISTER_INTERRUPT_STATE, HV_REGISTER_INTERRUPT_STATE,
	  0, get_intr_state, set_intr_state },
	{ HV_REGISTER_PENDING_EVENT0, HV_REGISTER_PENDING_EVENT1,
	  0, get_event, set_event },
	{ ONE(DELIVERABILITY_NOTIFICATIONS), 0, get_notify, set_notify },
	{ ONE(PENDING_DEBUG_EXCEPTION), 0, get_debug_exception,
	  set_debug_exception },
	{ HV_REGISTER_PENDING_EVENT2, HV_REGISTER_PENDING_EVENT3,
	  0, get_event, set_event },
	{ HV_X64_REGISTER_RAX, HV_X64_REGISTER_R15, 0, get_gpr, set_gpr },
	{ HV_X64_REGISTER_RIP, HV_X64_REGISTER_RFLAGS, 0, get_flow, set_flow },
	{ HV_X64_REGISTER_CR0, HV_X64_REGISTER_XFEM, 0, get_cr, set_cr },
	{ ONE(INTERMEDIATE_CR0), 0, get_cr, set_cr },
	{ HV_X64_REGISTER_INTERMEDIATE_CR3, HV_X64_REGISTER_INTERMEDIATE_CR8,
	  0, get_cr, set_cr },
	{ HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR7, 0, get_dr, set_dr },
	{ HV_X64_REGISTER_ES, HV_X64_REGISTER_TR, 0, get_segment, set_segment },
	{ HV_X64_REGISTER_IDTR, HV_X64_REGISTER_GDTR, 0, get_table, set_table },
};

const u32 nr_basic_regs = ARRAY_SIZE(basic_regs);

// SPDX-License-Identifier: GPL-2.0
/*
 * Common parts of root and child VPs: the state after power-up, stepping over an
 * instruction, and events for the next entry.
 */
#include <rv/cpu.h>
#include <rv/vp.h>

#define PAT_RESET	0x0007040600070406ull

void cpu_state_reset(struct vp *vp)
{
	static const struct cpu_segment data = { .attrib = 0x93, .limit = 0xffff };
	struct cpu_state *v = vp->cpu;

	memset(v, 0, sizeof(*v));
	v->cr0 = CR0_ET | CR0_NW | CR0_CD;
	v->g_pat = PAT_RESET;
	v->dr6 = 0xffff0ff0;
	v->dr7 = 0x400;
	v->rflags = RFLAGS_FIXED;
	v->rip = 0xfff0;
	v->cs = (struct cpu_segment){ .selector = 0xf000, .attrib = 0x9b,
				      .limit = 0xffff, .base = 0xffff0000 };
	v->ds = data;
	v->es = data;
	v->ss = data;
	v->fs = data;
	v->gs = data;
	v->gdtr.limit = 0xffff;
	v->idtr.limit = 0xffff;
	v->ldtr = (struct cpu_segment){ .attrib = 0x82, .limit = 0xffff };
	v->tr = (struct cpu_segment){ .attrib = 0x8b, .limit = 0xffff };
	vp->entry = (struct cpu_entry){};
	vp->leave_on = 0;
	vp->cr8 = 0;
	cpu_ops->reset(vp);
	vp->flush = true;
}

void vp_skip(struct vp *vp, u32 len)
{
	vp->cpu->rip += len;
	vp_done(vp);
}

/* The processor traps only after instructions that it has executed itself. */
void vp_done(struct vp *vp)
{
	vp->cpu->shadow = 0;
	vp->trap = vp->cpu->rflags & RFLAGS_TF;
}

void vp_event(struct vp *vp, enum cpu_event_type type, u8 vector)
{
	vp->entry.event = (struct cpu_event){ .type = type, .vector = vector };
}

void vp_exception(struct vp *vp, u8 vector, bool has_error, u32 error)
{
	vp->entry.event = (struct cpu_event){
		.type = EVENT_EXCEPTION,
		.vector = vector,
		.has_error = has_error,
		.error = error,
	};
}

void vp_step_exception(struct vp *vp)
{
	vp->trap = false;
	vp->cpu->dr6 |= DR6_BS;
	vp->cpu->dr7 &= ~(u64)DR7_GD;
	vp_exception(vp, VECTOR_DB, false, 0);
}

void vp_gp(struct vp *vp)
{
	vp_exception(vp, VECTOR_GP, true, 0);
}

void vp_ud(struct vp *vp)
{
	vp_exception(vp, VECTOR_UD, false, 0);
}

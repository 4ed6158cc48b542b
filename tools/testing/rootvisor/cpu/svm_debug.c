// SPDX-License-Identifier: GPL-2.0
/*
 * Debug registers.
 *
 * Model: DR6 and DR7 are in the VMCB.  DR0 to DR3 are loaded when they are needed, since an
 * outer hypervisor may take an exit for each access: when a breakpoint is enabled, or when
 * the guest accesses one, which exits until then.  While they are not loaded, writes of
 * DR7 exit as well, since they could enable one.
 *
 * Data breakpoints can end QEMU, see TCG_DATA_BREAKPOINTS.  There they are *hidden* in DR7
 * while a child runs, and visible at all other times: they have no effect, those on
 * instructions and ports work.
 */
#include <rv/vp.h>
#include "svm.h"
#include "tcg.h"
#include "vmcb.h"

/* Bits of intercept_dr_*; DR5 is another name of DR7. */
#define DR0_TO_3	0x000f
#define DR5_AND_7	0x00a0

static void load(struct vp *vp)
{
	WRITE_DR(0, vp->dr[0]);
	WRITE_DR(1, vp->dr[1]);
	WRITE_DR(2, vp->dr[2]);
	WRITE_DR(3, vp->dr[3]);
	vp->dr_loaded = true;
}

static void hide(struct vp *vp)
{
	vp->dr7_hidden = tcg_data_breakpoints(vp->cpu->dr7);
	vp->cpu->dr7 &= ~vp->dr7_hidden;
}

void svm_debug_prepare(struct vp *vp)
{
	struct vmcb *c = vmcb_of(vp->cpu);

	if (!vp->dr_loaded && (vp->cpu->dr7 & DR7_ENABLED))
		load(vp);
	vp->dr_ready = !(vp->cpu->dr7 & DR7_ENABLED);
	c->intercept_dr_read = vp->dr_loaded ? 0 : DR0_TO_3;
	c->intercept_dr_write = vp->dr_loaded ? 0 : DR0_TO_3 | DR5_AND_7;
	if (!tcg_has(TCG_DATA_BREAKPOINTS) || vp_is_root(vp))
		return;
	hide(vp);
	c->intercept_dr_write |= VMCB_DR7;
	if (vp->dr7_hidden)
		c->intercept_dr_read |= VMCB_DR7;
}

/* The guest is entered again and executes the access. */
void svm_debug_touched(struct vp *vp)
{
	load(vp);
	vp->dr_ready = false;
}

void svm_debug_unload(struct vp *vp)
{
	if (!vp->dr_loaded)
		return;
	vp->dr_ready = false;
	vp->dr[0] = READ_DR(0);
	vp->dr[1] = READ_DR(1);
	vp->dr[2] = READ_DR(2);
	vp->dr[3] = READ_DR(3);
	vp->dr_loaded = false;
}

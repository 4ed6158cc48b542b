// SPDX-License-Identifier: GPL-2.0
/*
 * The root's interrupt commands.
 *
 * Fixed and lowest-priority interrupts are passed to the hardware unchanged.
 * INIT, SIPI and NMI are not: a real INIT would reset a processor that the
 * hypervisor owns, and NMIs are the hypervisor's kicks.
 */
#include <rv/log.h>
#include <rv/options.h>
#include <rv/vp.h>
#include "../device/stray.h"
#include "ipi.h"
#include "root.h"

#define ICR_LOGICAL		BIT(11)
#define ICR_ASSERT		BIT(14)
#define ICR_LEVEL		BIT(15)
#define ICR_SHORTHAND(v)	((v) >> 18 & 3)
#define BROADCAST		0xffffffffu

static bool targets(struct lp *lp, struct vp *from, u64 icr)
{
	u32 dest = (u32)(icr >> 32);

	switch (ICR_SHORTHAND(icr)) {
	case 1:
		return lp == from->lp;
	case 2:
		return true;
	case 3:
		return lp != from->lp;
	}
	if (dest == BROADCAST)
		return true;
	if (icr & ICR_LOGICAL)
		return dest >> 16 == lp->apic_id >> 4 &&
		       (dest & 0xffff & BIT(lp->apic_id & 15));
	return dest == lp->apic_id;
}

static void init_vp(struct lp *lp)
{
	if (!lp->root)
		return;
	lp->root->started = false;
	lp->root->wait_sipi = true;
	lp->root->sipi_vector = 0;
	lp->root->root_deadline = 0;
	lp->root->lvt_timer = APIC_LVT_MASKED;
	lp_kick(lp, KICK_START);
}

static void start_vp(struct lp *lp, u32 vector)
{
	if (!lp->root && !options.strict) {
		lp->added = true;
		lp->root = root_vp_create(lp);
		lp->root->wait_sipi = true;
	}
	if (!lp->root) {
		log_error("SIPI for processor %u, which has no root VP: refused",
			  lp->index);
		return;
	}
	/* The second SIPI of the usual pair finds a VP that is running. */
	if (!lp->root->wait_sipi)
		return;
	if (!vector)
		log_error("SIPI with vector 0 for processor %u: refused", lp->index);
	lp->root->sipi_vector = vector;
	lp_kick(lp, KICK_START);
}

bool root_icr_write(struct vp *vp, u64 value)
{
	u32 mode = value >> 8 & 7, i;

	if (mode == APIC_DM_FIXED || mode == APIC_DM_LOWEST) {
		interrupt_sent((u8)value);
		return wrmsr_safe(X2APIC_ICR, value);
	}
	for (i = 0; i < nr_lps; i++) {
		struct lp *lp = lps[i];

		if (!targets(lp, vp, value))
			continue;
		switch (mode) {
		case APIC_DM_NMI:
			lp_kick(lp, KICK_ROOT_NMI);
			break;
		case APIC_DM_INIT:
			if ((value & ICR_ASSERT) || !(value & ICR_LEVEL))
				init_vp(lp);
			break;
		case APIC_DM_SIPI:
			start_vp(lp, value & 0xff);
			break;
		default:
			log_error("root VP %u: interrupt command 0x%llx ignored",
				  vp->index, value);
		}
	}
	return true;
}

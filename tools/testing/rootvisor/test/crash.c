// SPDX-License-Identifier: GPL-2.0
/*
 * A crash of the hypervisor, requested by the control port.
 *
 * Model: the root gets a page, the crash area, when it queries the property.  A
 * crashing hypervisor marks the page valid and sends an NMI to every root VP; from
 * then on it runs no guest and answers no hypercall.
 */
#include <hyperv/hv_system.h>
#include <rv/crash.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/page.h>
#include <rv/vp.h>
#include "../vp/child.h"

#define AREA_VERSION	1

bool crashed;

static struct hv_crashdump_area *area;

u64 crash_area_pfn(void)
{
	if (!area)
		area = window_alloc();
	return ptr_pa(area) >> PAGE_SHIFT;
}

void crash_now(void)
{
	u32 i;

	log_info("the hypervisor crashes on request");
	crash_report();
	crashed = true;
	child_suspend_all();
	if (area) {
		area->version = AREA_VERSION;
		area->flags = HV_CRASHDUMP_AREA_VALID;
	}
	for (i = 0; i < nr_lps; i++)
		if (lps[i]->root && lps[i]->root->started)
			lp_kick(lps[i], KICK_ROOT_NMI);
}

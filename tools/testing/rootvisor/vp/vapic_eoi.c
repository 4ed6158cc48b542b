// SPDX-License-Identifier: GPL-2.0
/*
 * EOIs, and how they are reported.
 *
 * Model: an IO-APIC samples its line again after the EOI of a level-triggered
 * interrupt, and a child's IO-APIC is emulated by its VMM.  The EOI is reported
 * twice.  The VP stops with a message, like an intercept, which always reaches the
 * VMM; and the same message is sent to the root, for listeners there that need not
 * stop the VP.  Neither has to be requested.
 *
 * EOIs that have not been reported yet stay in a set of vectors until the VP stops
 * for them, one at a time, even if something else keeps it from running meanwhile.
 * EOIs of edge-triggered interrupts are not reported.
 *
 * The bit of the TMR stays set, as on a processor: the same vector may have been
 * sent again while it was in service, and its EOI has to be reported as well.
 */
#include <hyperv/hv_message.h>
#include <hyperv/hv_partition.h>
#include "child.h"
#include "intercept.h"
#include "vapic_eoi.h"
#include "vectors.h"

static void report_to_root(struct vp *vp, u32 vector)
{
	struct hv_x64_apic_eoi_message message = {
		.vp_index = vp->index,
		.interrupt_vector = vector,
	};

	/* Without a page the message that stops the VP is sent to the root anyway. */
	if (!(vp->partition->flags & HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED))
		return;
	synic_post(synic_listener(vp->lp), 0, HVMSG_X64_APIC_EOI, vp->partition->id,
		   &message, sizeof(message));
}

void vapic_eoi(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;
	int vector = bit_highest(apic->isr);

	if (vector < 0)
		return;
	bit_clear(apic->isr, vector);
	if (!bit_test(apic->tmr, vector))
		return;
	bit_set(apic->ended, vector);
	report_to_root(vp, vector);
}

bool vapic_eoi_pending(struct vp *vp)
{
	return bit_any(child_of(vp)->vapic.ended);
}

static __noinline void report(struct vp *vp)
{
	struct hv_x64_apic_eoi_message message = { .vp_index = vp->index };
	struct vapic *apic = &child_of(vp)->vapic;

	message.interrupt_vector = bit_highest(apic->ended);
	bit_clear(apic->ended, message.interrupt_vector);
	intercept_send_raw(vp, HVMSG_X64_APIC_EOI, &message, sizeof(message));
}

bool vapic_report_eoi(struct vp *vp)
{
	/* One message at a time: the page still contains another one. */
	if (child_of(vp)->intercept_suspend || !bit_any(child_of(vp)->vapic.ended))
		return false;
	report(vp);
	return true;
}

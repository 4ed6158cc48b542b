// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of a guest that its VMM executes.
 *
 * Model: a VMM asks for calls that the hypervisor does not know, for messages and events
 * to connections that do not exist, and for interrupts of devices that it has not
 * assigned, by the types of InstallIntercept.  It gets one kind of message for all of
 * them, with RIP at the call's instruction.  It puts the result into RAX and moves RIP;
 * if it does not, the guest makes the call again.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <rv/call.h>
#include "../vp/report.h"
#include "../vp/rules.h"

bool hypercall_forward(struct hv_call *call, u32 type)
{
	struct vp *vp = call->vp;

	if (vp_is_root(vp) ||
	    !intercept_wanted(vp->partition, type, 0, HV_INTERCEPT_ACCESS_MASK_EXECUTE))
		return false;
	report_hypercall(vp, VMMCALL_LEN);
	call->again = true;
	return true;
}

bool hypercall_forward_unknown(struct hv_call *call)
{
	/* No device is ever assigned to a guest. */
	if (call->code == HVCALL_RETARGET_INTERRUPT &&
	    hypercall_forward(call, HV_INTERCEPT_TYPE_RETARGET_INTERRUPT_WITH_UNKNOWN_DEVICE_ID))
		return true;
	return hypercall_forward(call, HV_INTERCEPT_TYPE_HYPERCALL);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls about the machine: its processors, properties, sleep states, events.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_system.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/crash.h>
#include <rv/end.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "../cpu/root.h"
#include "../device/dma.h"
#include "../device/dma_fault.h"
#include "../device/remap.h"
#include "../vp/child.h"

#define PRIVILEGE_PARTITION_ID	33
#define PRIVILEGE_CPU		44
#define NONE			-1
#define SLEEP_TYPE_MAX		7
#define EVENT_CRASH_MAX		4

static u16 get_partition_id(struct hv_call *call)
{
	struct hv_output_get_partition_id *out = call->out;

	out->partition_id = call->vp->partition->id;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_partition_id, .code = HVCALL_GET_PARTITION_ID, .flags = CALL_CHILD,
	  .out = sizeof(struct hv_output_get_partition_id),
	  .privilege = PRIVILEGE_PARTITION_ID, .fn = get_partition_id);

static struct lp *lp_get(u32 index)
{
	return index < nr_lps ? lps[index] : NULL;
}

/*
 * Makes the root pay for a processor, with option "lp_pages": so many pages of
 * its pool, permanently.  If the pool has too few, these are taken, and a retry
 * takes the rest.
 */
static u16 charge(struct partition *p, struct lp *lp, u32 pages)
{
	while (lp->charged < pages) {
		if (!pool_alloc(p))
			return pool_empty_status(p);
		lp->charged++;
	}
	return HV_STATUS_SUCCESS;
}

static u16 add_lp(struct hv_call *call)
{
	const struct hv_input_add_logical_processor *in = call->in;
	struct lp *lp = lp_get(in->lp_index);
	u16 status;

	if (!lp)
		return HV_STATUS_INVALID_LP_INDEX;
	if (lp->added || lp->apic_id != in->apic_id)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->lp_index && !lps[in->lp_index - 1]->added)
		return HV_STATUS_INVALID_LP_INDEX;
	status = charge(call->vp->partition, lp, options.lp_pages);
	if (!status)
		lp->added = true;
	return status;
}

HYPERCALL(add_logical_processor, .code = HVCALL_ADD_LOGICAL_PROCESSOR,
	  .in = sizeof(struct hv_input_add_logical_processor),
	  .out = sizeof(struct hv_output_add_logical_processor),
	  .privilege = PRIVILEGE_CPU, .fn = add_lp);

/* CreateVp on the caller's own partition: a root VP for an added processor. */
u16 root_create_vp(struct hv_call *call)
{
	const struct hv_input_create_vp *in = call->in;
	struct lp *lp = lp_get((u32)in->flags);
	u16 status;

	if (in->flags >> 32 || !lp || !lp->added || in->vp_index != lp->index)
		return HV_STATUS_INVALID_PARAMETER;
	if (lp->root)
		return HV_STATUS_INVALID_VP_INDEX;
	status = charge(call->vp->partition, lp, 2 * options.lp_pages);
	if (status)
		return status;
	lp->root = root_vp_create(lp);
	lp->root->wait_sipi = true;
	return HV_STATUS_SUCCESS;
}

static u16 lp_run_time(struct hv_call *call)
{
	const struct hv_input_get_logical_processor_run_time *in = call->in;
	struct hv_output_get_logical_processor_run_time *out = call->out;
	struct lp *lp = lp_get(in->lp_index);

	if (!lp || !lp->added)
		return HV_STATUS_INVALID_LP_INDEX;
	out->global_time = tsc_to_ref(rdtsc());
	out->local_run_time = tsc_span_to_ref(rdtsc() - lp->start_tsc);
	out->hypervisor_time = out->local_run_time - tsc_span_to_ref(lp->guest_time);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_logical_processor_run_time,
	  .code = HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME,
	  .in = sizeof(struct hv_input_get_logical_processor_run_time),
	  .out = sizeof(struct hv_output_get_logical_processor_run_time),
	  .privilege = PRIVILEGE_CPU, .fn = lp_run_time);

static struct {
	bool registered, locked;
	u8 pm1a, pm1b;
} sleep_states[HV_SLEEP_STATE_S5 + 1];

static u64 iommu_status(void)
{
	union {
		struct hv_iommu_init_status status;
		u64 value;
	} u = { .status = { .hardware_present = remap_active(), .enabled = !!dma_hw } };

	return u.value;
}

static u16 get_property(struct hv_call *call)
{
	const struct hv_input_get_system_property *in = call->in;
	struct hv_output_get_system_property *out = call->out;

	switch (in->property_id) {
	case HV_SYSTEM_PROPERTY_SCHEDULER_TYPE:
		out->scheduler_type = sched_is_root ? HV_SCHEDULER_TYPE_ROOT :
						      HV_SCHEDULER_TYPE_LP;
		return HV_STATUS_SUCCESS;
	case HV_SYSTEM_PROPERTY_CRASHDUMPAREA:
		out->as_uint64 = crash_area_pfn();
		return HV_STATUS_SUCCESS;
	case HV_SYSTEM_PROPERTY_IOMMU_INIT_STATUS:
		out->as_uint64 = iommu_status();
		return HV_STATUS_SUCCESS;
	case HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY:
		if (!dma_hw)
			break;
		out->as_uint64 = dma_fault_ready;
		return HV_STATUS_SUCCESS;
	case HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY:
		/* Zero: memory is not encrypted. */
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_UNKNOWN_PROPERTY;
}

HYPERCALL(get_system_property, .code = HVCALL_GET_SYSTEM_PROPERTY,
	  .in = sizeof(struct hv_input_get_system_property),
	  .out = sizeof(struct hv_output_get_system_property),
	  .privilege = PRIVILEGE_CPU, .fn = get_property);

static u16 set_property(struct hv_call *call)
{
	const struct hv_input_set_system_property *in = call->in;
	u32 state = in->set_sleep_state_info.sleep_state;

	if (in->property_id == HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY && dma_hw) {
		dma_fault_ready = in->value[0];
		return HV_STATUS_SUCCESS;
	}
	if (in->property_id != HV_SYSTEM_PROPERTY_SLEEP_STATE)
		return HV_STATUS_UNKNOWN_PROPERTY;
	if (!state || state > HV_SLEEP_STATE_S5 ||
	    in->set_sleep_state_info.pm1a_slp_typ > SLEEP_TYPE_MAX ||
	    in->set_sleep_state_info.pm1b_slp_typ > SLEEP_TYPE_MAX)
		return HV_STATUS_INVALID_PARAMETER;
	if (sleep_states[0].locked)
		return HV_STATUS_OPERATION_DENIED;
	sleep_states[state].registered = true;
	sleep_states[state].pm1a = in->set_sleep_state_info.pm1a_slp_typ;
	sleep_states[state].pm1b = in->set_sleep_state_info.pm1b_slp_typ;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(set_system_property, .code = HVCALL_SET_SYSTEM_PROPERTY,
	  .in = sizeof(struct hv_input_set_system_property),
	  .privilege = PRIVILEGE_CPU, .fn = set_property);

static u16 enter_sleep(struct hv_call *call)
{
	const struct hv_input_enter_sleep_state *in = call->in;

	if (in->sleep_state == HV_SLEEP_STATE_LOCK) {
		sleep_states[0].locked = true;
		return HV_STATUS_SUCCESS;
	}
	if (!in->sleep_state || in->sleep_state > HV_SLEEP_STATE_S5)
		return HV_STATUS_INVALID_PARAMETER;
	if (!sleep_states[in->sleep_state].registered)
		return HV_STATUS_OPERATION_DENIED;
	if (in->sleep_state != HV_SLEEP_STATE_S5)
		return HV_STATUS_FEATURE_UNAVAILABLE;
	machine_off("power off by hypercall", sleep_states[HV_SLEEP_STATE_S5].pm1a,
		    sleep_states[HV_SLEEP_STATE_S5].pm1b);
}

HYPERCALL(enter_sleep_state, .code = HVCALL_ENTER_SLEEP_STATE,
	  .in = sizeof(struct hv_input_enter_sleep_state),
	  .privilege = PRIVILEGE_CPU, .fn = enter_sleep);

static u16 notify_event(struct hv_call *call)
{
	const struct hv_input_notify_partition_event *in = call->in;
	u32 i;

	switch (in->event) {
	case HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED:
		for (i = 0; i < nr_lps; i++)
			if (!lps[i]->added)
				log_info("the root does not use processor %u", i);
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_EVENT_ROOT_CRASHDUMP:
		if (!in->input || in->input > EVENT_CRASH_MAX)
			return HV_STATUS_INVALID_PARAMETER;
		log_info("root crash, action %u", in->input);
		if (in->input == HV_CRASHDUMP_SUSPEND_ALL_VPS)
			child_suspend_all();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_DEBUG_DEVICE_AVAILABLE_NOTIFICATION:
	case HV_PARTITION_ACPI_REENABLED_NOTIFICATION:
	case HV_PARTITION_COMMIT_LP_INDICES:
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

HYPERCALL(notify_partition_event, .code = HVCALL_NOTIFY_PARTITION_EVENT,
	  .in = sizeof(struct hv_input_notify_partition_event),
	  .privilege = PRIVILEGE_CPU, .fn = notify_event);

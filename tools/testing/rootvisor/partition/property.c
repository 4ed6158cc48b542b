// SPDX-License-Identifier: GPL-2.0
/*
 * Partition properties: a table says which ones can be set, in which state, and how.
 *
 * "Early" ones can be set between create and initialize only, the others only in the
 * active state.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/sched.h>
#include <rv/share.h>
#include <rv/timer.h>
#include <rv/unit.h>
#include "../vp/cpuid.h"
#include "features.h"

#define PRIVILEGE_CREATE	32
#define ONE_BIT			1ull
/* Of a local APIC's timer: what a 32-bit count is useful for. */
#define MIN_APIC_HZ		1000000ull
#define MAX_APIC_HZ		10000000000ull
#define ANY_VALUE		~0ull

enum {
	READ_ONLY = 1,
	EARLY = 2,
	ON_SELF = 4,		/* the root may read its own */
};

struct property {
	u32 code;
	u32 flags;
	u64 allowed;		/* valid bits */
	u64 (*get)(struct partition *p);
	u16 (*set)(struct partition *p, u64 value);	/* an HV_STATUS_* */
	s16 offset;		/* of a u64 in struct partition, or -1 */
};

#define FIELD(f)	.offset = offsetof(struct partition, f)

/*
 * Reserve and cap are a fraction of a processor for each VP; HV_CPU_CAP_DEFAULT is
 * all of it.  Cap and weight are for the classic scheduler, see rv/share.h; the
 * reserve has no effect.
 */
static u16 set_reserve(struct partition *p, u64 value)
{
	if (value > HV_CPU_CAP_DEFAULT)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->cpu_reserve = value;
	return HV_STATUS_SUCCESS;
}

static u16 set_cap(struct partition *p, u64 value)
{
	if (!value || value > HV_CPU_CAP_DEFAULT)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->cpu_cap = value;
	sched_cap_changed(p);
	return HV_STATUS_SUCCESS;
}

static u16 set_weight(struct partition *p, u64 value)
{
	if (!value || value > MAX_CPU_WEIGHT)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->cpu_weight = value;
	return HV_STATUS_SUCCESS;
}

static u64 get_frozen(struct partition *p)
{
	return p->time_frozen;
}

static u16 set_frozen(struct partition *p, u64 value)
{
	partition_time_freeze(p, value);
	partition_time_changed(p);
	return HV_STATUS_SUCCESS;
}

/* While the time runs, the VMM cannot know what it changes. */
static u16 set_time(struct partition *p, u64 value)
{
	if (!p->time_frozen)
		return HV_STATUS_INVALID_PARTITION_STATE;
	partition_time_set(p, value);
	partition_time_changed(p);
	return HV_STATUS_SUCCESS;
}

/* A VP may have started its timer. */
static u16 set_apic_hz(struct partition *p, u64 value)
{
	if (p->nr_vps)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (value < MIN_APIC_HZ || value > MAX_APIC_HZ)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->apic_hz = value;
	return HV_STATUS_SUCCESS;
}

/* For the guest's CPUID, see vp/topology.c. */
static u64 get_per_socket(struct partition *p)
{
	return p->per_socket ?: p->nr_vps;
}

static u16 set_per_socket(struct partition *p, u64 value)
{
	if (value > MAX_VPS)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->per_socket = value;
	return HV_STATUS_SUCCESS;
}

static u64 get_privileges(struct partition *p)
{
	return p->privileges;
}

static u16 set_synthetic(struct partition *p, u64 value)
{
	/* Unavailable features are not stored: reading returns what the guest has. */
	p->synthetic = value & assignable_features();
	p->privileges = synthetic_privileges(p->synthetic);
	return HV_STATUS_SUCCESS;
}

static u64 get_synthetic(struct partition *p)
{
	return p->synthetic;
}

/* The states that the guest can enable: without them other features do not work. */
static u64 usable_states(struct partition *p)
{
	return p->disabled_xsave & HV_XSAVE_XSAVE ? 0 : child_xcr0_mask(p);
}

static u64 get_bank0(struct partition *p)
{
	return host_features(0, usable_states(p)) & ~p->disabled_features[0];
}

static u64 get_bank1(struct partition *p)
{
	return host_features(1, usable_states(p)) & ~p->disabled_features[1];
}

static u64 get_xsave(struct partition *p)
{
	return host_xsave_features(usable_states(p)) & ~p->disabled_xsave;
}

static u64 get_xsave_states(struct partition *p)
{
	return child_xcr0_mask(p);
}

static u64 get_xsave_size(struct partition *p)
{
	return host_xsave_size(child_xcr0_mask(p));
}

static u64 get_clock(struct partition *p)
{
	return tsc_hz;
}

static u64 get_vendor(struct partition *p)
{
	return HV_PROCESSOR_VENDOR_AMD;
}

static u64 get_flush_size(struct partition *p)
{
	return cpuid(1, 0).ebx >> 8 & 0xff;
}

static u64 get_address_width(struct partition *p)
{
	return cpuid(0x80000008, 0).eax & 0xff;
}

static u64 get_compat(struct partition *p)
{
	return p->compat_version;
}

static const struct property properties[] = {
	{ HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, EARLY | READ_ONLY | ON_SELF, 0,
	  get_privileges, NULL, -1 },
	{ HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, EARLY, ANY_VALUE,
	  get_synthetic, set_synthetic, -1 },
	{ HV_PARTITION_PROPERTY_SUSPEND, READ_ONLY, 0, .offset = -1 },
	{ HV_PARTITION_PROPERTY_CPU_RESERVE, 0, ANY_VALUE, .set = set_reserve,
	  FIELD(cpu_reserve) },
	{ HV_PARTITION_PROPERTY_CPU_CAP, 0, ANY_VALUE, .set = set_cap, FIELD(cpu_cap) },
	{ HV_PARTITION_PROPERTY_CPU_WEIGHT, 0, ANY_VALUE, .set = set_weight,
	  FIELD(cpu_weight) },
	{ HV_PARTITION_PROPERTY_TIME_FREEZE, 0, ONE_BIT, get_frozen, set_frozen, -1 },
	{ HV_PARTITION_PROPERTY_REFERENCE_TIME, 0, ANY_VALUE, partition_time, set_time, -1 },
	{ HV_PARTITION_PROPERTY_APIC_FREQUENCY, 0, ANY_VALUE, .set = set_apic_hz,
	  FIELD(apic_hz) },
	{ HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET, 0, ANY_VALUE, get_per_socket,
	  set_per_socket, -1 },
	{ HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, 0, ONE_BIT,
	  FIELD(access_tracking) },
	{ HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 0, ONE_BIT, FIELD(msr_action) },
	{ HV_PARTITION_PROPERTY_PROCESSOR_VENDOR, READ_ONLY | ON_SELF, 0,
	  get_vendor, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, READ_ONLY | ON_SELF, 0,
	  get_xsave, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PROCESSOR_CL_FLUSH_SIZE, READ_ONLY | ON_SELF, 0,
	  get_flush_size, NULL, -1 },
	{ HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION, READ_ONLY, 0, get_compat, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, READ_ONLY | ON_SELF, 0,
	  get_address_width, NULL, -1 },
	{ HV_PARTITION_PROPERTY_XSAVE_STATES, READ_ONLY | ON_SELF, 0,
	  get_xsave_states, NULL, -1 },
	{ HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, READ_ONLY | ON_SELF, 0,
	  get_xsave_size, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, READ_ONLY | ON_SELF, 0,
	  get_clock, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0, READ_ONLY | ON_SELF, 0,
	  get_bank0, NULL, -1 },
	{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, READ_ONLY | ON_SELF, 0,
	  get_bank1, NULL, -1 },
	{ HV_PARTITION_PROPERTY_GUEST_OS_ID, READ_ONLY | ON_SELF, 0, FIELD(guest_os_id) },
};

static const struct property *find(u32 code)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i].code == code)
			return &properties[i];
	return NULL;
}

static u64 *field(struct partition *p, const struct property *prop)
{
	return (u64 *)((u8 *)p + prop->offset);
}

static u64 value_of(struct partition *p, const struct property *prop)
{
	if (prop->get)
		return prop->get(p);
	return prop->offset >= 0 ? *field(p, prop) : 0;
}

static struct partition *target(struct hv_call *call, u64 id, const struct property *prop,
				u16 *status)
{
	struct partition *p = partition_target(call->vp, id, true, status);

	if (!p)
		return NULL;
	if (!prop) {
		*status = HV_STATUS_UNKNOWN_PROPERTY;
		return NULL;
	}
	if (p == call->vp->partition && !(prop->flags & ON_SELF)) {
		*status = HV_STATUS_ACCESS_DENIED;
		return NULL;
	}
	return p;
}

static u16 get(struct hv_call *call)
{
	const struct hv_input_get_partition_property *in = call->in;
	struct hv_output_get_partition_property *out = call->out;
	const struct property *prop = find(in->property_code);
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = target(call, in->partition_id, prop, &status);

	if (!p)
		return status;
	out->property_value = value_of(p, prop);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_partition_property, .code = HVCALL_GET_PARTITION_PROPERTY,
	  .in = sizeof(struct hv_input_get_partition_property),
	  .out = sizeof(struct hv_output_get_partition_property),
	  .privilege = PRIVILEGE_CREATE, .fn = get);

static u16 set(struct hv_call *call)
{
	const struct hv_input_set_partition_property *in = call->in;
	const struct property *prop = find(in->property_code);
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = target(call, in->partition_id, prop, &status);

	if (!p)
		return status;
	if (p == call->vp->partition)
		return HV_STATUS_ACCESS_DENIED;
	if ((prop->flags & EARLY) && p->state != PT_UNINITIALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (prop->flags & READ_ONLY)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (!(prop->flags & EARLY) && p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (in->property_value & ~prop->allowed)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (prop->set)
		return prop->set(p, in->property_value);
	*field(p, prop) = in->property_value;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(set_partition_property, .code = HVCALL_SET_PARTITION_PROPERTY,
	  .in = sizeof(struct hv_input_set_partition_property),
	  .privilege = PRIVILEGE_CREATE, .fn = set);

/* These consist of 64-bit banks, preceded by their number. */
static bool get_banks(u32 code, struct hv_call *call)
{
	struct hv_partition_property_vmm_capabilities *caps = call->out;
	struct hv_partition_property_assignable_features *features = call->out;

	switch (code) {
	case HV_PARTITION_PROPERTY_VMM_CAPABILITIES:
		caps->bank_count = 1;
		caps->capabilities = HV_VMM_CAP_ASSIGNABLE_SYNTHETIC_FEATURES;
		call->out_size = sizeof(*caps);
		return true;
	case HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES:
		features->bank_count = 1;
		features->features = assignable_features();
		call->out_size = sizeof(*features);
		return true;
	}
	return false;
}

static u16 get_ex(struct hv_call *call)
{
	const struct hv_input_get_partition_property_ex *in = call->in;
	const struct property *prop = find(in->property_code);
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, true, &status);

	if (!p)
		return status;
	if (get_banks(in->property_code, call))
		return HV_STATUS_SUCCESS;
	p = target(call, in->partition_id, prop, &status);
	if (!p)
		return status;
	*(u64 *)call->out = value_of(p, prop);
	call->out_size = sizeof(u64);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_partition_property_ex, .code = HVCALL_GET_PARTITION_PROPERTY_EX,
	  .in = sizeof(struct hv_input_get_partition_property_ex),
	  .out = sizeof(u64), .privilege = PRIVILEGE_CREATE, .fn = get_ex);

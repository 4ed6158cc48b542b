// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_RESET_VP: put a processor into the state after power-up.
 *
 * Model: the hypervisor has no call for that, and deleting a processor would remove
 * pages that are mapped.  So it is suspended, its intercept is dismissed, and all
 * of its state gets the value after power-up: registers from the table here, the
 * rest by state.c.
 *
 * A register of a feature that the partition does not have cannot be set, and need
 * not be: those are tried one by one, or as a run of names that ends with the first
 * that does not exist.  Time goes on, less what the guest has added to its time
 * stamp counter; the state of the partition as a whole stays, except for the report
 * of a crash.
 */
#include <linux/string.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "trace.h"

#define SEGMENT(base, limit, selector, attributes)			\
	.low = (base), .high = (limit) | (u64)(selector) << 32 |	\
			       (u64)(attributes) << 48
#define TABLE(base, limit)	.low = (u64)(limit) << 48, .high = (base)

#define REAL_MODE_CODE		0x9b
#define REAL_MODE_DATA		0x93
#define EMPTY_LDT		0x82
#define BUSY_TSS		0x8b

#define PAT_AT_RESET		0x0007040600070406ULL
#define MISC_ENABLE_AT_RESET	1	/* fast strings */

struct reset_value {
	u32 name;
	u64 low;
	u64 high;
};

/* The order matters where one is checked against another. */
static const struct reset_value at_reset[] = {
	{ HV_REGISTER_PENDING_INTERRUPTION, 0 },
	{ HV_REGISTER_PENDING_EVENT0, 0 },
	{ HV_REGISTER_INTERRUPT_STATE, 0 },
	{ HV_X64_REGISTER_CR0, 0x60000010 },
	{ HV_X64_REGISTER_CR4, 0 },
	{ HV_X64_REGISTER_EFER, 0 },
	{ HV_X64_REGISTER_CR2, 0 },
	{ HV_X64_REGISTER_CR3, 0 },
	{ HV_X64_REGISTER_CR8, 0 },
	{ HV_X64_REGISTER_XFEM, 1 },
	{ HV_X64_REGISTER_DR0, 0 },
	{ HV_X64_REGISTER_DR1, 0 },
	{ HV_X64_REGISTER_DR2, 0 },
	{ HV_X64_REGISTER_DR3, 0 },
	{ HV_X64_REGISTER_DR6, 0xffff0ff0 },
	{ HV_X64_REGISTER_DR7, 0x400 },
	{ HV_X64_REGISTER_ES, SEGMENT(0, 0xffff, 0, REAL_MODE_DATA) },
	{ HV_X64_REGISTER_CS, SEGMENT(0xffff0000, 0xffff, 0xf000,
				      REAL_MODE_CODE) },
	{ HV_X64_REGISTER_SS, SEGMENT(0, 0xffff, 0, REAL_MODE_DATA) },
	{ HV_X64_REGISTER_DS, SEGMENT(0, 0xffff, 0, REAL_MODE_DATA) },
	{ HV_X64_REGISTER_FS, SEGMENT(0, 0xffff, 0, REAL_MODE_DATA) },
	{ HV_X64_REGISTER_GS, SEGMENT(0, 0xffff, 0, REAL_MODE_DATA) },
	{ HV_X64_REGISTER_LDTR, SEGMENT(0, 0xffff, 0, EMPTY_LDT) },
	{ HV_X64_REGISTER_TR, SEGMENT(0, 0xffff, 0, BUSY_TSS) },
	{ HV_X64_REGISTER_IDTR, TABLE(0, 0xffff) },
	{ HV_X64_REGISTER_GDTR, TABLE(0, 0xffff) },
	{ HV_X64_REGISTER_RFLAGS, 2 },
	{ HV_X64_REGISTER_RIP, 0xfff0 },
	{ HV_X64_REGISTER_KERNEL_GS_BASE, 0 },
	{ HV_X64_REGISTER_PAT, PAT_AT_RESET },
	{ HV_X64_REGISTER_SYSENTER_CS, 0 },
	{ HV_X64_REGISTER_SYSENTER_EIP, 0 },
	{ HV_X64_REGISTER_SYSENTER_ESP, 0 },
	{ HV_X64_REGISTER_STAR, 0 },
	{ HV_X64_REGISTER_LSTAR, 0 },
	{ HV_X64_REGISTER_CSTAR, 0 },
	{ HV_X64_REGISTER_SFMASK, 0 },
};

/* Not every partition has these. */
static const struct reset_value at_reset_if_there[] = {
	{ HV_REGISTER_DISPATCH_SUSPEND, 0 },
	{ HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0 },
	{ HV_X64_REGISTER_MSR_IA32_MISC_ENABLE, MISC_ENABLE_AT_RESET },
	{ HV_X64_REGISTER_TSC_AUX, 0 },
	{ HV_X64_REGISTER_TSC_ADJUST, 0 },
	{ HV_X64_REGISTER_XSS, 0 },
	{ HV_X64_REGISTER_SPEC_CTRL, 0 },
	{ HV_X64_REGISTER_DEBUG_CTL, 0 },
	{ HV_X64_REGISTER_TSC_DEADLINE, 0 },
	{ HV_REGISTER_VP_ASSIST_PAGE, 0 },
	{ HV_REGISTER_SIMP, 0 },
	{ HV_REGISTER_SIEFP, 0 },
	{ HV_REGISTER_SCONTROL, 0 },
};

/*
 * Nor does every one have all of these, or any.  What the system said of its crash is
 * the partition's.  It ends with the system, and a system ends with its first processor.
 */
static const struct {
	u32 first;
	u32 last;
	u64 value;
	bool first_vp_only;
} runs_at_reset[] = {
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0,
	  HV_X64_REGISTER_MSR_MTRR_PHYS_BASEF, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0,
	  HV_X64_REGISTER_MSR_MTRR_PHYS_MASKF, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000,
	  HV_X64_REGISTER_MSR_MTRR_FIX4KF8000, 0 },
	{ HV_REGISTER_SINT0, HV_REGISTER_SINT15, HV_SYNIC_SINT_MASKED },
	{ HV_REGISTER_GUEST_CRASH_P0, HV_REGISTER_GUEST_CRASH_P4, 0, true },
};

static void reset_put(struct hv_register_assoc *element,
		      const struct reset_value *value)
{
	memset(element, 0, sizeof(*element));
	element->name = value->name;
	memcpy(&element->value, &value->low, sizeof(u64));
	memcpy((void *)&element->value + sizeof(u64), &value->high,
	       sizeof(u64));
}

/* Set the first @nr elements of the list in the call's page. */
static int reset_set(struct mshv_vp *vp, unsigned int nr)
{
	struct hv_input_set_vp_registers *in = vp->call.in;
	unsigned int done = 0;

	memset(in, 0, sizeof(*in));
	in->partition_id = vp->partition->id;
	in->vp_index = vp->index;
	vp->call.in_dirty = max_t(unsigned int, vp->call.in_dirty,
				  sizeof(*in) + nr * sizeof(in->elements[0]));
	return hvr_errno(hvr_list_rest(HVCALL_SET_VP_REGISTERS, nr, &done, in,
				       NULL));
}

/* General registers are zero, except one, which has the processor's signature. */
static int reset_registers(struct mshv_vp *vp)
{
	struct hv_input_set_vp_registers *in = vp->call.in;
	unsigned int i, nr = 0;
	int ret;

	for (i = 0; i < ARRAY_SIZE(at_reset); i++)
		reset_put(&in->elements[nr++], &at_reset[i]);
	for (i = HV_X64_REGISTER_RAX; i <= HV_X64_REGISTER_R15; i++) {
		struct reset_value value = { .name = i };

		if (i == HV_X64_REGISTER_RDX)
			value.low = cpuid_eax(1);
		reset_put(&in->elements[nr++], &value);
	}
	ret = reset_set(vp, nr);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(at_reset_if_there); i++) {
		reset_put(&in->elements[0], &at_reset_if_there[i]);
		reset_set(vp, 1);
	}
	for (i = 0; i < ARRAY_SIZE(runs_at_reset); i++) {
		u32 first = runs_at_reset[i].first;

		if (runs_at_reset[i].first_vp_only && vp->index)
			continue;
		for (nr = 0; nr <= runs_at_reset[i].last - first; nr++)
			reset_put(&in->elements[nr], &(struct reset_value){
				    first + nr, runs_at_reset[i].value });
		reset_set(vp, nr);
	}
	return 0;
}

/* Suspended, and in no intercept. */
static int reset_suspend(struct mshv_vp *vp)
{
	static const u32 names[] = {
		HV_REGISTER_EXPLICIT_SUSPEND,
		HV_REGISTER_INTERCEPT_SUSPEND,
	};
	static const u64 values[ARRAY_SIZE(names)] = { 1, 0 };
	int ret;

	ret = mshv_call_set_registers(vp->partition->id, vp->index,
				      ARRAY_SIZE(names), names, values);
	if (ret)
		return ret;
	vp->resume = false;
	vp->undelivered = false;
	vp->in_flight = false;
	vp->halted = false;
	vp->fault_repeats = 0;
	WRITE_ONCE(vp->message->header.message_type, HVMSG_NONE);
	return 0;
}

/* All but the first wait until another starts them. */
static int reset_activity(struct mshv_vp *vp)
{
	static const u32 name = HV_REGISTER_INTERNAL_ACTIVITY_STATE;
	const u64 value = vp->index ? HV_ACTIVITY_STARTUP_SUSPEND : 0;

	return mshv_call_set_registers(vp->partition->id, vp->index, 1, &name,
				       &value);
}

/**
 * mshv_reset_vp() - MSHV_RESET_VP
 * @object: the processor
 * @arg: nothing
 * @uarg: nothing
 *
 * Return: 0 or a negative errno; the processor's state is undefined then, and it
 * can be reset again.
 */
long mshv_reset_vp(void *object, void *arg, void __user *uarg)
{
	struct mshv_vp *vp = object;
	int ret;

	lockdep_assert_held(&vp->lock);
	if (READ_ONCE(vp->partition->broken))
		return -EIO;
	mshv_vectors_flush(vp);
	mshv_resample_forget(vp);
	ret = reset_suspend(vp);
	if (!ret)
		ret = mshv_reset_state(vp);
	if (!ret)
		ret = reset_registers(vp);
	if (!ret)
		ret = reset_activity(vp);
	mshv_vectors_forget(vp->partition);
	trace_mshv_vp_reset(vp->partition->id, vp->index, ret);
	return ret;
}

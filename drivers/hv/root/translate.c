// SPDX-License-Identifier: GPL-2.0
/*
 * Address translation for a VMM, with movable guest memory.
 *
 * Model: TRANSLATE_VIRTUAL_ADDRESS reads the guest's page tables as the hypervisor
 * has them mapped.  If a table is not mapped, it fails, although an access of the
 * guest would only cause a fault that the driver handles.  In this case the same
 * walk is done here, everything it touches is made accessible, and the call is
 * repeated.
 */
#include <linux/gfp.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <hv/pagewalk.h>

#include "core.h"

/* Wide enough for every guest; the hypervisor checks the real width. */
#define PHYSICAL_BITS	52

/* Attempts at a translation that conflicts with changes all the time. */
#define TRANSLATE_TRIES	16

/* The program's flags are the hypervisor's. */
static_assert(BIT(MSHV_TRANSLATE_BIT_READ) == HV_TRANSLATE_GVA_VALIDATE_READ);
static_assert(BIT(MSHV_TRANSLATE_BIT_WRITE) == HV_TRANSLATE_GVA_VALIDATE_WRITE);
static_assert(BIT(MSHV_TRANSLATE_BIT_EXECUTE) ==
	      HV_TRANSLATE_GVA_VALIDATE_EXECUTE);
static_assert(BIT(MSHV_TRANSLATE_BIT_EXEMPT) ==
	      HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT);
static_assert(BIT(MSHV_TRANSLATE_BIT_SET_ACCESSED) ==
	      HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS);

struct translation {
	struct mshv_partition *partition;
	unsigned long *pfns;
	u8 table_access;
};

static int translate_make_accessible(struct translation *t, u64 gpa, u8 access)
{
	return mshv_space_fault(t->partition, gpa >> HV_HYP_PAGE_SHIFT, access,
				t->pfns);
}

static int translate_read_entry(void *opaque, __u64 gpa, unsigned int size,
				__u64 *entry)
{
	struct translation *t = opaque;

	*entry = 0;
	if (translate_make_accessible(t, gpa, t->table_access) <= 0 ||
	    mshv_space_read(t->partition, gpa, entry, size))
		return HV_TRANSLATE_GVA_GPA_UNMAPPED;
	return 0;
}

static int translate_read_registers(const struct hv_input_translate_virtual_address *in,
				    struct hv_walk *walk)
{
	const struct {
		u32 name;
		__u64 *value;
	} wanted[] = {
		{ HV_X64_REGISTER_CR0, &walk->cr0 },
		{ HV_X64_REGISTER_CR3, &walk->cr3 },
		{ HV_X64_REGISTER_CR4, &walk->cr4 },
		{ HV_X64_REGISTER_EFER, &walk->efer },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		ret = mshv_call_get_register(in->partition_id, in->vp_index,
					     wanted[i].name, wanted[i].value);
		if (ret)
			return ret;
	}
	return 0;
}

/* The strongest access that is validated. */
static u8 translate_wanted_access(u64 control)
{
	if (control & HV_TRANSLATE_GVA_VALIDATE_WRITE)
		return HV_INTERCEPT_ACCESS_WRITE;
	if (control & HV_TRANSLATE_GVA_VALIDATE_EXECUTE)
		return HV_INTERCEPT_ACCESS_EXECUTE;
	return HV_INTERCEPT_ACCESS_READ;
}

/**
 * mshv_translate_fault_in() - make the memory accessible that a translation touches
 * @partition: the partition
 * @in: the call's input
 * @out: its output
 *
 * Context: process context; sleeps.
 * Return: true if the call should be repeated.
 */
bool mshv_translate_fault_in(struct mshv_partition *partition,
			     const struct hv_input_translate_virtual_address *in,
			     const struct hv_output_translate_virtual_address *out)
{
	u8 access = translate_wanted_access(in->control_flags);
	struct hv_walk_result result = { };
	struct translation t = {
		.partition = partition,
		.table_access = in->control_flags &
				HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS ?
				HV_INTERCEPT_ACCESS_WRITE :
				HV_INTERCEPT_ACCESS_READ,
	};
	struct hv_walk walk = {
		.physical_bits = PHYSICAL_BITS,
		.read = translate_read_entry,
		.opaque = &t,
	};
	bool again = false;

	switch (out->result_code) {
	case HV_TRANSLATE_GVA_GPA_UNMAPPED:
	case HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS:
	case HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS:
		break;
	default:
		return false;
	}
	if (translate_read_registers(in, &walk))
		return false;
	t.pfns = (unsigned long *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!t.pfns)
		return false;
	/* The hypervisor checks rights; this only looks for addresses. */
	hv_walk(&walk, in->gva_page << HV_HYP_PAGE_SHIFT, HV_WALK_EXEMPT,
		&result);
	switch (result.code) {
	case HV_TRANSLATE_GVA_SUCCESS:
		again = translate_make_accessible(&t, result.gpa, access) > 0;
		/* Whether it may be written can be reported when it is present. */
		if (!again && out->result_code == HV_TRANSLATE_GVA_GPA_UNMAPPED)
			again = translate_make_accessible(&t, result.gpa,
							  HV_INTERCEPT_ACCESS_READ) > 0;
		break;
	case HV_TRANSLATE_GVA_GPA_UNMAPPED:
		break;
	default:
		/* The tables are mapped now, and show why not. */
		again = true;
	}
	free_page((unsigned long)t.pfns);
	return again;
}

/* The call reads guest memory, and may write to it. */
static int translate_call(struct mshv_partition *partition,
			  const struct hv_input_translate_virtual_address *in,
			  struct hv_output_translate_virtual_address *out)
{
	struct mshv_memory_call t = {
		.call = {
			.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
			.in = in, .in_size = sizeof(*in),
			.out = out, .out_size = sizeof(*out),
			.enter = mshv_memory_enter,
			.pool = partition->pool, .retry.pages = HVR_PAGES_FEW,
		},
		.partition = partition,
	};

	return hvr_call(&t.call);
}

/*
 * Make the call until the answer is the guest's own.  A page that was just faulted
 * in may have been reclaimed before it is used.
 */
static int translate_settled(struct mshv_vp *vp, u64 gva, u64 control,
			     struct hv_output_translate_virtual_address *out)
{
	const struct hv_input_translate_virtual_address in = {
		.partition_id = vp->partition->id,
		.vp_index = vp->index,
		.control_flags = control,
		.gva_page = gva >> HV_HYP_PAGE_SHIFT,
	};
	unsigned int tries = 0;
	int ret;

	lockdep_assert_held(&vp->lock);
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = translate_call(vp->partition, &in, out);
		if (ret)
			return ret;
	} while (++tries < TRANSLATE_TRIES &&
		 mshv_translate_fault_in(vp->partition, &in, out));
	return 0;
}

static u64 translate_found(const struct hv_output_translate_virtual_address *out, u64 gva)
{
	if (out->result_code)
		return 0;
	return out->gpa_page << HV_HYP_PAGE_SHIFT | (gva & ~HV_HYP_PAGE_MASK);
}

/**
 * mshv_translate_address() - MSHV_TRANSLATE_ADDRESS
 * @object: the processor
 * @arg: struct mshv_translate_address
 * @uarg: where it came from
 *
 * Return: 0, also if the guest could not use the address, or a negative errno.
 */
long mshv_translate_address(void *object, void *arg, void __user *uarg)
{
	struct hv_output_translate_virtual_address out;
	struct mshv_translate_address *user = arg;
	int ret;

	if (user->flags & ~MSHV_TRANSLATE_FLAGS_MASK || user->rsvd)
		return -EINVAL;
	ret = translate_settled(object, user->gva, user->flags, &out);
	if (ret)
		return ret;
	user->result = out.result_code;
	user->gpa = translate_found(&out, user->gva);
	return copy_to_user(uarg, user, sizeof(*user)) ? -EFAULT : 0;
}

/* Programs know the first half of the answer as the result. */
#define RESULT_SIZE	sizeof(u64)

static_assert(offsetof(struct hv_output_translate_virtual_address, gpa_page) ==
	      RESULT_SIZE);

/**
 * mshv_translate_gva() - MSHV_TRANSLATE_GVA
 * @object: the processor
 * @arg: struct mshv_translate_gva
 * @uarg: where it came from
 *
 * Return: 0, also if the guest could not use the address, or a negative errno.
 */
long mshv_translate_gva(void *object, void *arg, void __user *uarg)
{
	struct hv_output_translate_virtual_address out;
	const struct mshv_translate_gva *user = arg;
	u64 gpa;
	int ret;

	if (user->flags & ~HV_TRANSLATE_GVA_DEFINED_MASK)
		return -EINVAL;
	ret = translate_settled(object, user->gva, user->flags, &out);
	if (ret)
		return ret;
	gpa = translate_found(&out, user->gva);
	if (copy_to_user(u64_to_user_ptr(user->result), &out, RESULT_SIZE) ||
	    copy_to_user(u64_to_user_ptr(user->gpa), &gpa, sizeof(gpa)))
		return -EFAULT;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_VP_STATE and MSHV_SET_VP_STATE: state that is not in registers.
 *
 * Model: a table has the size of each part of the state and how it is transferred.
 * Small parts are in the call's own pages.  Large ones are in pages named by the
 * call, which are those of the program's buffer (state_buffer.c); how long that is
 * does not change the call.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/uaccess.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "state_buffer.h"
#include "trace.h"

/* The most that follows the input: state itself, or numbers of pages. */
#define STATE_DATA_MAX		sizeof(struct hv_synthetic_timers_state)

static_assert(MSHV_STATE_PAGES * sizeof(u64) <= STATE_DATA_MAX);

/* Parts of XSAVE that every processor has, whatever the property says. */
#define XSTATE_X87_SSE		0x3ULL

/* A local APIC and an XSAVE area at power-up. */
#define APIC_BASE_AT_RESET	0xfee00800ULL
#define APIC_BASE_ENABLE	BIT_ULL(11)
#define APIC_BASE_BSP		BIT_ULL(8)
#define APIC_LVT_OFF		0x10000
#define XSAVE_FCW		0
#define XSAVE_FCW_AT_RESET	0x37f
#define XSAVE_MXCSR		24
#define XSAVE_MXCSR_AT_RESET	0x1f80
#define XSAVE_XCOMP_BV		520
#define XSAVE_COMPACTED		BIT_ULL(63)

struct state_type {
	u32 hv;
	u32 size;	/* 0: queried */
};

static const struct state_type state_types[] = {
	[MSHV_VP_STATE_LAPIC] = { HV_GET_SET_VP_STATE_LAPIC_STATE,
				  HV_HYP_PAGE_SIZE },
	[MSHV_VP_STATE_XSAVE] = { HV_GET_SET_VP_STATE_XSAVE, 0 },
	[MSHV_VP_STATE_SIMP] = { HV_GET_SET_VP_STATE_SIM_PAGE,
				 HV_HYP_PAGE_SIZE },
	[MSHV_VP_STATE_SIEFP] = { HV_GET_SET_VP_STATE_SIEF_PAGE,
				  HV_HYP_PAGE_SIZE },
	[MSHV_VP_STATE_SYNTHETIC_TIMERS] = {
		HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS,
		sizeof(struct hv_synthetic_timers_state) },
};

/*
 * How the format of an XSAVE area is specified: zero means the compacted one, but
 * some hypervisors require it to be explicit.
 */
static u64 xsave_flags;

/* Both calls have the same input, except for what follows it. */
static_assert(sizeof(struct hv_input_get_vp_state) ==
	      sizeof(struct hv_input_set_vp_state));

/* The same for all processors of a partition, and queried once. */
static int state_xsave_properties(struct mshv_partition *partition)
{
	u64 size, states;
	int ret;

	/* Several threads may query at the same time, with the same result. */
	if (smp_load_acquire(&partition->xsave_size))
		return 0;
	ret = mshv_call_get_partition_property(partition->id,
					       HV_PARTITION_PROPERTY_XSAVE_STATES,
					       &states);
	if (ret)
		return ret;
	ret = mshv_call_get_partition_property(partition->id,
					       HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE,
					       &size);
	if (ret)
		return ret;
	if (!size || size > MSHV_STATE_PAGES * HV_HYP_PAGE_SIZE)
		return -EIO;
	WRITE_ONCE(partition->xsave_states, states | XSTATE_X87_SSE);
	/* If the size is seen, so are the states. */
	smp_store_release(&partition->xsave_size, size);
	return 0;
}

/* Fill in everything but the data; returns the number of pages it needs. */
static int state_prepare(struct mshv_vp *vp, u8 type, u32 *size)
{
	struct hv_input_get_vp_state *in = vp->call.in;
	int ret;

	/* The call has a size: what is behind it is not read. */
	memset(in, 0, sizeof(*in));
	vp->call.in_dirty = max_t(unsigned int, vp->call.in_dirty,
				  sizeof(*in) + STATE_DATA_MAX);
	in->partition_id = vp->partition->id;
	in->vp_index = vp->index;
	in->state_data.type = state_types[type].hv;
	*size = state_types[type].size;
	if (type == MSHV_VP_STATE_XSAVE) {
		ret = state_xsave_properties(vp->partition);
		if (ret)
			return ret;
		*size = READ_ONCE(vp->partition->xsave_size);
		in->state_data.xsave.flags = READ_ONCE(xsave_flags);
		hv_set_xsave_states(&in->state_data,
				    READ_ONCE(vp->partition->xsave_states));
	}
	return 0;
}

/* Was it refused because the format was not explicit? */
static bool state_set_format(struct hv_input_get_vp_state *in, u64 result)
{
	if (in->state_data.type != HV_GET_SET_VP_STATE_XSAVE ||
	    in->state_data.xsave.flags ||
	    hvr_status(result) != HV_STATUS_INVALID_PARAMETER)
		return false;
	in->state_data.xsave.flags = HV_VP_STATE_XSAVE_COMPACTED_FORMAT;
	return true;
}

/*
 * Make the call, and deposit what it needs.  Message and event pages are guest
 * memory.  @out_size bytes are used of what it returns in the call's own page.
 */
static int state_call(struct mshv_vp *vp, u16 code, unsigned int qwords,
		      unsigned int out_size)
{
	struct mshv_memory_call state = {
		.call = {
			.code = code,
			.varhead = qwords,
			.in = vp->call.in,
			.out = code == HVCALL_GET_VP_STATE ? vp->call.out : NULL,
			.enter = mshv_memory_enter,
			.pool = vp->partition->pool,
			.retry.pages = HVR_PAGES_FEW,
		},
		.partition = vp->partition,
	};
	int ret;

	if (out_size)
		memset(vp->call.out, 0, out_size);
	ret = hvr_call(&state.call);
	if (!ret || !state_set_format(vp->call.in, state.call.result))
		return ret;
	ret = hvr_call(&state.call);
	/* From now on it is explicit from the start. */
	if (!ret)
		WRITE_ONCE(xsave_flags, HV_VP_STATE_XSAVE_COMPACTED_FORMAT);
	return ret;
}

/* State in the call's own pages. */
static int state_transfer_inline(struct mshv_vp *vp, u16 code, void __user *buffer,
				 u32 size)
{
	struct hv_input_set_vp_state *in = vp->call.in;
	int ret;

	if (code == HVCALL_SET_VP_STATE) {
		if (copy_from_user(in->data, buffer, size))
			return -EFAULT;
		return state_call(vp, code, DIV_ROUND_UP(size, sizeof(u64)), 0);
	}
	ret = state_call(vp, code, 0, size);
	if (!ret && copy_to_user(buffer, vp->call.out, size))
		ret = -EFAULT;
	return ret;
}

/* State in separate pages. */
static int state_transfer_pages(struct mshv_vp *vp, u16 code, void __user *user,
				u32 size)
{
	struct hv_input_get_vp_state *in = vp->call.in;
	struct mshv_state_buffer buffer;
	int nr;

	buffer.user = user;
	buffer.size = size;
	buffer.write = code == HVCALL_GET_VP_STATE;
	nr = mshv_state_buffer_begin(&buffer, in->output_data_pfns);
	if (nr < 0)
		return nr;
	return mshv_state_buffer_end(&buffer, state_call(vp, code, nr, 0));
}

/* One call with state in a page of the driver; @page is its content. */
static int state_move_page(struct mshv_vp *vp, u16 code, u8 type, void *page,
			   unsigned int nr)
{
	struct hv_input_get_vp_state *in = vp->call.in;
	unsigned int i;
	u32 size;
	int ret;

	ret = state_prepare(vp, type, &size);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++)
		in->output_data_pfns[i] =
			virt_to_phys(page + i * HV_HYP_PAGE_SIZE) >>
			HV_HYP_PAGE_SHIFT;
	return state_call(vp, code, nr, 0);
}

/* Its id and version stay, everything else is reset. */
static int state_reset_lapic(struct mshv_vp *vp)
{
	static const u32 name = HV_X64_REGISTER_APIC_BASE;
	const u64 base = APIC_BASE_AT_RESET | (vp->index ? 0 : APIC_BASE_BSP);
	const u64 off = APIC_BASE_AT_RESET & ~APIC_BASE_ENABLE;
	struct hv_local_interrupt_controller_state *apic;
	u32 id, version;
	int ret;

	apic = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!apic)
		return -ENOMEM;
	/* From one mode to the other it must be switched off. */
	mshv_call_set_registers(vp->partition->id, vp->index, 1, &name, &off);
	ret = mshv_call_set_registers(vp->partition->id, vp->index, 1, &name, &base);
	if (!ret)
		ret = state_move_page(vp, HVCALL_GET_VP_STATE, MSHV_VP_STATE_LAPIC,
				      apic, 1);
	if (!ret) {
		id = apic->apic_id;
		version = apic->apic_version;
		memset(apic, 0, HV_HYP_PAGE_SIZE);
		apic->apic_id = id;
		apic->apic_version = version;
		apic->apic_dfr = ~0U;
		apic->apic_spurious = 0xff;
		apic->apic_lvt_timer = APIC_LVT_OFF;
		apic->apic_lvt_thermal = APIC_LVT_OFF;
		apic->apic_lvt_perfmon = APIC_LVT_OFF;
		apic->apic_lvt_lint0 = APIC_LVT_OFF;
		apic->apic_lvt_lint1 = APIC_LVT_OFF;
		apic->apic_lvt_error = APIC_LVT_OFF;
		apic->apic_lvt_cmci = APIC_LVT_OFF;
		ret = state_move_page(vp, HVCALL_SET_VP_STATE, MSHV_VP_STATE_LAPIC,
				      apic, 1);
	}
	free_page((unsigned long)apic);
	return ret;
}

/* Nothing in use, according to the header; the control words are not zero. */
static int state_reset_xsave(struct mshv_vp *vp)
{
	unsigned int nr;
	void *area;
	int ret;

	ret = state_xsave_properties(vp->partition);
	if (ret)
		return ret;
	nr = DIV_ROUND_UP(vp->partition->xsave_size, HV_HYP_PAGE_SIZE);
	area = alloc_pages_exact(nr * HV_HYP_PAGE_SIZE,
				 GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!area)
		return -ENOMEM;
	*(u16 *)(area + XSAVE_FCW) = XSAVE_FCW_AT_RESET;
	*(u32 *)(area + XSAVE_MXCSR) = XSAVE_MXCSR_AT_RESET;
	*(u64 *)(area + XSAVE_XCOMP_BV) = XSAVE_COMPACTED |
					  vp->partition->xsave_states;
	ret = state_move_page(vp, HVCALL_SET_VP_STATE, MSHV_VP_STATE_XSAVE, area, nr);
	free_pages_exact(area, nr * HV_HYP_PAGE_SIZE);
	return ret;
}

static int state_reset_timers(struct mshv_vp *vp)
{
	struct hv_input_set_vp_state *in = vp->call.in;
	u32 size;
	int ret;

	ret = state_prepare(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, &size);
	if (ret)
		return ret;
	memset(in->data, 0, size);
	return state_call(vp, HVCALL_SET_VP_STATE, DIV_ROUND_UP(size, sizeof(u64)), 0);
}

/**
 * mshv_reset_state() - reset state that is not in registers
 * @vp: a processor that does not run
 *
 * Return: 0 or a negative errno.
 */
int mshv_reset_state(struct mshv_vp *vp)
{
	int ret;

	lockdep_assert_held(&vp->lock);
	ret = state_reset_lapic(vp);
	if (!ret)
		ret = state_reset_xsave(vp);
	if (!ret)
		ret = state_reset_timers(vp);
	return ret;
}

static long state_transfer(struct mshv_vp *vp, u16 code,
			   struct mshv_get_set_vp_state *arg, void __user *uarg)
{
	u32 __user *told = &((struct mshv_get_set_vp_state __user *)uarg)->buf_sz;
	void __user *buffer = u64_to_user_ptr(arg->buf_ptr);
	u64 end;
	u32 size;
	int ret;

	lockdep_assert_held(&vp->lock);
	if (arg->type >= ARRAY_SIZE(state_types) ||
	    arg->rsvd[0] || arg->rsvd[1] || arg->rsvd[2] || !arg->buf_sz ||
	    !IS_ALIGNED(arg->buf_sz | arg->buf_ptr, HV_HYP_PAGE_SIZE))
		return -EINVAL;
	if (check_add_overflow(arg->buf_ptr, (u64)arg->buf_sz, &end))
		return -EOVERFLOW;
	if (!access_ok(buffer, arg->buf_sz))
		return -EFAULT;

	ret = state_prepare(vp, arg->type, &size);
	if (ret)
		return ret;
	if (arg->type == MSHV_VP_STATE_LAPIC)
		mshv_vectors_flush(vp);
	if (arg->buf_sz < size)
		ret = -EINVAL;
	else if (state_types[arg->type].hv & HV_GET_SET_VP_STATE_TYPE_PFN)
		ret = state_transfer_pages(vp, code, buffer, size);
	else
		ret = state_transfer_inline(vp, code, buffer, size);
	if (code == HVCALL_SET_VP_STATE && arg->type == MSHV_VP_STATE_LAPIC)
		mshv_vectors_forget(vp->partition);
	trace_mshv_vp_state(vp->partition->id, vp->index, arg->type,
			    code == HVCALL_SET_VP_STATE, ret);

	/* The actual size, also when that was too much. */
	if (put_user(size, told) && !ret)
		ret = -EFAULT;
	return ret;
}

/**
 * mshv_get_vp_state() - MSHV_GET_VP_STATE
 * @object: the processor
 * @arg: struct mshv_get_set_vp_state
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_get_vp_state(void *object, void *arg, void __user *uarg)
{
	return state_transfer(object, HVCALL_GET_VP_STATE, arg, uarg);
}

/**
 * mshv_set_vp_state() - MSHV_SET_VP_STATE
 * @object: the processor
 * @arg: struct mshv_get_set_vp_state
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_set_vp_state(void *object, void *arg, void __user *uarg)
{
	return state_transfer(object, HVCALL_SET_VP_STATE, arg, uarg);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hypercalls user space may make, on which files, and how large they are.
 *
 * A call that is not in the table is not allowed.
 */
#ifndef _MSHV_PASSTHROUGH_TABLE_H
#define _MSHV_PASSTHROUGH_TABLE_H

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/types.h>

#include <uapi/linux/mshv.h>

#include <hyperv/hv_root.h>

/* On which files a call is allowed. */
#define ON_DEVICE	BIT(0)
#define ON_PARTITION	BIT(1)
#define ON_VP		BIT(2)
#define ON_CHILD	(ON_PARTITION | ON_VP)
#define ON_ALL		(ON_DEVICE | ON_CHILD)

/**
 * struct passthrough_call - an allowed call
 * @files: ON_*, 0: not allowed
 * @is_rep: it works on a list
 * @async: it may be completed by a message
 * @resumes: it sets registers, and so could let a processor run
 * @memory: the hypervisor reads or writes guest memory for it
 * @names_vp: the number behind the partition id is a processor's
 * @head: bytes of input in front of the list
 * @in: bytes of input for each element
 * @out: bytes of output for each element, or in all if there is no list
 */
struct passthrough_call {
	u8 files;
	bool is_rep;
	bool async;
	bool resumes;
	bool memory;
	bool names_vp;
	u8 head;
	u8 in;
	u16 out;
};

static const struct passthrough_call passthrough_calls[] = {
	[HVCALL_GET_PARTITION_PROPERTY] = { ON_ALL, .out = 8 },
	[HVCALL_SET_PARTITION_PROPERTY] = { ON_PARTITION, .async = true },
	[HVCALL_INSTALL_INTERCEPT] = { ON_CHILD },
	[HVCALL_GET_VP_REGISTERS] = { ON_CHILD, true, .names_vp = true,
				      .head = 16, .in = 4, .out = 16 },
	[HVCALL_SET_VP_REGISTERS] = { ON_CHILD, true, .resumes = true,
				      .names_vp = true, .head = 16, .in = 32 },
	[HVCALL_TRANSLATE_VIRTUAL_ADDRESS] = { ON_CHILD, .memory = true,
					       .names_vp = true, .out = 16 },
	[HVCALL_CLEAR_VIRTUAL_INTERRUPT] = { ON_CHILD },
	[HVCALL_REGISTER_INTERCEPT_RESULT] = { ON_CHILD, .names_vp = true },
	[HVCALL_ASSERT_VIRTUAL_INTERRUPT] = { ON_CHILD },
	[HVCALL_SIGNAL_EVENT_DIRECT] = { ON_CHILD, .memory = true,
					 .names_vp = true, .out = 8 },
	[HVCALL_POST_MESSAGE_DIRECT] = { ON_CHILD, .memory = true,
					 .names_vp = true },
	[HVCALL_GET_GPA_PAGES_ACCESS_STATES] = { ON_CHILD, true, .head = 24,
						 .out = 1 },
	[HVCALL_GET_VP_CPUID_VALUES] = { ON_CHILD, true, .names_vp = true,
					 .head = 24, .in = 24, .out = 16 },
	[HVCALL_GET_PARTITION_PROPERTY_EX] = { ON_ALL,
					       .out = HV_HYP_PAGE_SIZE },
};

/* The call, if it is allowed on such a file, or NULL. */
static inline const struct passthrough_call *
passthrough_find(const struct mshv_root_hvcall *arg, unsigned int file)
{
	const struct passthrough_call *call;

	if (arg->code >= ARRAY_SIZE(passthrough_calls))
		return NULL;
	call = &passthrough_calls[array_index_nospec(arg->code,
						     ARRAY_SIZE(passthrough_calls))];
	return call->files & file ? call : NULL;
}

static inline bool passthrough_sizes_valid(const struct passthrough_call *call,
					   const struct mshv_root_hvcall *arg)
{
	if (arg->in_sz < sizeof(u64) || arg->in_sz > HV_HYP_PAGE_SIZE ||
	    arg->out_sz > HV_HYP_PAGE_SIZE || !arg->out_sz != !arg->out_ptr)
		return false;
	if (!call->is_rep)
		return !arg->reps;
	/* Elements that were not provided would be zeroes, and output would overflow. */
	return arg->reps && arg->reps <= HV_HYPERCALL_MAX_REPS &&
	       arg->in_sz >= call->head + arg->reps * call->in &&
	       arg->reps * call->out <= HV_HYP_PAGE_SIZE;
}

/*
 * What is wrong with the argument, as a status: a program finds in it why it was
 * refused, by the kernel as well as by the hypervisor.
 */
static inline u16 passthrough_argument(const struct passthrough_call *call,
				       const struct mshv_root_hvcall *arg)
{
	if (arg->status || memchr_inv(arg->rsvd, 0, sizeof(arg->rsvd)))
		return HV_STATUS_INVALID_PARAMETER;
	if (!call)
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	return passthrough_sizes_valid(call, arg) ? HV_STATUS_SUCCESS :
						    HV_STATUS_INVALID_HYPERCALL_INPUT;
}

/* @page: the input; @own: the processor of the file, %HV_ANY_VP if it is not of one */
static inline bool passthrough_vp_allowed(const struct passthrough_call *call,
					  const void *page, u32 own)
{
	const struct hv_input_get_vp_registers *head = page;

	return !call->names_vp || own == HV_ANY_VP || head->vp_index == own;
}

/*
 * Registers that hold an address of this machine and not of the guest.  Reading
 * them would disclose addresses of the kernel, writing them would give access to
 * it.
 */
static inline bool passthrough_names_host_memory(u32 name)
{
	return name == HV_X64_REGISTER_REG_PAGE;
}

/* @page: the input, of GET_VP_REGISTERS or SET_VP_REGISTERS if it is to be refused */
static inline bool
passthrough_registers_allowed(const struct mshv_root_hvcall *arg, const void *page)
{
	const struct hv_input_get_vp_registers *get = page;
	const struct hv_input_set_vp_registers *set = page;
	unsigned int i, n = arg->reps;

	switch (arg->code) {
	case HVCALL_GET_VP_REGISTERS:
		for (i = 0; i < n; i++)
			if (passthrough_names_host_memory(get->names[i]))
				return false;
		break;
	case HVCALL_SET_VP_REGISTERS:
		for (i = 0; i < n; i++)
			if (passthrough_names_host_memory(set->elements[i].name))
				return false;
		break;
	}
	return true;
}

/* What is wrong with the input, as a status. */
static inline u16 passthrough_input(const struct passthrough_call *call,
				    const struct mshv_root_hvcall *arg,
				    const void *page, u32 own)
{
	if (!passthrough_vp_allowed(call, page, own))
		return HV_STATUS_INVALID_VP_INDEX;
	return passthrough_registers_allowed(arg, page) ? HV_STATUS_SUCCESS :
							  HV_STATUS_ACCESS_DENIED;
}

#endif

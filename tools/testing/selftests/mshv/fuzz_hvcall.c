// SPDX-License-Identifier: GPL-2.0
/*
 * Random hypercalls through MSHV_ROOT_HVCALL: those that are allowed, with input and
 * output of about the right form.  See fuzz_ops.c.
 */
#include "fuzz.h"

static const __u16 allowed[] = {
	HVCALL_GET_PARTITION_PROPERTY, HVCALL_SET_PARTITION_PROPERTY,
	HVCALL_INSTALL_INTERCEPT, HVCALL_GET_VP_REGISTERS,
	HVCALL_SET_VP_REGISTERS, HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
	HVCALL_CLEAR_VIRTUAL_INTERRUPT, HVCALL_REGISTER_INTERCEPT_RESULT,
	HVCALL_ASSERT_VIRTUAL_INTERRUPT, HVCALL_SIGNAL_EVENT_DIRECT,
	HVCALL_POST_MESSAGE_DIRECT, HVCALL_GET_GPA_PAGES_ACCESS_STATES,
	HVCALL_GET_VP_CPUID_VALUES, HVCALL_GET_PARTITION_PROPERTY_EX,
};

static const __u32 registers[] = {
	HV_X64_REGISTER_RIP, HV_X64_REGISTER_RSP, HV_X64_REGISTER_RFLAGS,
	HV_X64_REGISTER_CS, HV_X64_REGISTER_SS, HV_X64_REGISTER_CR0,
	HV_X64_REGISTER_CR3, HV_X64_REGISTER_CR4, HV_X64_REGISTER_EFER,
};

/* Words that are valid in several calls: indexes, names, small numbers. */
static void fill_input(struct fuzzer *f, __u8 *input, size_t size)
{
	__u32 word;
	size_t at;

	memset(input, 0, size);
	for (at = 8; at + 4 <= size; at += 4) {
		switch (fz_below(f, 8)) {
		case 0:
			word = PICK(f, registers);
			break;
		case 1:
			word = fz_odd_number(f);
			break;
		case 2:
			word = fz_below(f, 4);
			break;
		case 3:
			word = 0x10000 + fz_below(f, 4) * 0x10000 + fz_below(f, 24);
			break;
		default:
			word = 0;
		}
		memcpy(input + at, &word, 4);
	}
}

/* Elements of a list: a few, or about as many as fit into a page. */
static unsigned int fz_reps(struct fuzzer *f, size_t size)
{
	return 1 + fz_below(f, fz_one_in(f, 6) ? VMM_PAGE / size + 2 : 6);
}

/* More output than a page is refused; less than there is may be requested. */
static size_t fz_output(struct fuzzer *f, size_t size)
{
	return size > VMM_PAGE && !fz_one_in(f, 4) ? VMM_PAGE : size;
}

/**
 * fuzz_hvcall() - MSHV_ROOT_HVCALL at random, an operation of fuzz_ops.c
 * @f: the thread
 *
 * Return: what the ioctl returns.
 */
long fuzz_hvcall(struct fuzzer *f)
{
	__u8 *input = f->buffer + VMM_PAGE, *output = f->buffer + 6 * VMM_PAGE;
	struct mshv_root_hvcall arg = {
		.code = fz_one_in(f, 10) ? fz_odd_number(f) : PICK(f, allowed),
		.in_sz = 8 + fz_below(f, 16) * 8,
		.out_sz = fz_below(f, 3) ? fz_below(f, 16) * 8 : 0,
	};
	int fd = fz_fd_of(f, FUZZ_DEVICE + fz_below(f, 3));

	switch (arg.code) {
	case HVCALL_GET_VP_REGISTERS:
		arg.reps = fz_reps(f, 4);
		arg.in_sz = 16 + arg.reps * 4;
		arg.out_sz = fz_output(f, arg.reps * 16);
		break;
	case HVCALL_SET_VP_REGISTERS:
		arg.reps = fz_reps(f, 32);
		arg.in_sz = 16 + arg.reps * 32;
		arg.out_sz = 0;
		break;
	case HVCALL_GET_GPA_PAGES_ACCESS_STATES:
		arg.reps = 1 + fz_below(f, 600);
		arg.in_sz = 24;
		arg.out_sz = arg.reps;
		break;
	case HVCALL_GET_VP_CPUID_VALUES:
		arg.reps = fz_reps(f, 16);
		arg.in_sz = 24 + arg.reps * 24;
		arg.out_sz = fz_output(f, arg.reps * 16);
		break;
	case HVCALL_GET_PARTITION_PROPERTY:
	case HVCALL_SIGNAL_EVENT_DIRECT:
		arg.out_sz = 8;
		break;
	case HVCALL_TRANSLATE_VIRTUAL_ADDRESS:
		arg.out_sz = 16;
		break;
	case HVCALL_GET_PARTITION_PROPERTY_EX:
		arg.out_sz = VMM_PAGE;
		break;
	case HVCALL_SET_PARTITION_PROPERTY:
	case HVCALL_INSTALL_INTERCEPT:
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
	case HVCALL_CLEAR_VIRTUAL_INTERRUPT:
	case HVCALL_POST_MESSAGE_DIRECT:
	case HVCALL_REGISTER_INTERCEPT_RESULT:
		arg.out_sz = 0;
		break;
	}
	fill_input(f, input, arg.in_sz);
	arg.in_ptr = fz_pointer(f, (__u64)input, arg.in_sz);
	arg.out_ptr = arg.out_sz ? fz_pointer(f, (__u64)output, arg.out_sz) : 0;
	fz_say(f, "hvcall %d code %#x reps %u in %u out %u", fd, arg.code, arg.reps,
	       arg.in_sz, arg.out_sz);
	return fz_call(f, fd, MSHV_ROOT_HVCALL, &arg, sizeof(arg));
}

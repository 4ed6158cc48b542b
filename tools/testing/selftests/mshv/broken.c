// SPDX-License-Identifier: GPL-2.0
/*
 * A partition whose memory the hypervisor did not unmap: the memory has another
 * owner by now, so neither the guest nor a hypercall of the driver may touch it.
 */
#include <hyperv/hv_intercept.h>

#include "harness.h"
#include "probe.h"

#define SPIN	0x3000		/* where a guest's code is free */

FIXTURE(broken) {
	struct books before;
	struct tvm t;
	__u8 *area;
};

FIXTURE_SETUP(broken)
{
	__u8 value;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(probe_start(&self->t));
	self->area = probe_area(BLOCK);
	ASSERT_NE(NULL, self->area);
	self->area[0] = 1;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, self->area, MEM_RWX));
	ASSERT_EQ(0, probe_read(&self->t, 0, PROBE_GPA, &value));
}

FIXTURE_TEARDOWN(broken)
{
	rv_rules_clear();
	tvm_close(&self->t);
	munmap(self->area, BLOCK);
	ASSERT_BOOKS(&self->before);
}

/* The kernel takes a page, and the hypervisor does not unmap it. */
static int take_page(__u8 *area)
{
	__u32 rule;

	return rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED, 0, 0,
		       &rule) ?:
	       madvise(area, VMM_PAGE, MADV_DONTNEED) ?:
	       rv_rules_clear();
}

TEST_F(broken, nothing_touches_memory)
{
	static const __u8 states[] = {
		MSHV_VP_STATE_LAPIC, MSHV_VP_STATE_XSAVE, MSHV_VP_STATE_SIMP,
		MSHV_VP_STATE_SIEFP,
	};
	static __u8 buffer[16 * VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u64 post[3] = { }, signal[3] = { }, out[2], gpa;
	struct mshv_translate_address gva = {
		.gva = PROBE_GPA,
		.flags = HV_BIT(MSHV_TRANSLATE_BIT_READ),
	};
	struct mshv_root_hvcall call = {
		.in_sz = sizeof(post),
		.in_ptr = (unsigned long)post,
	};
	struct hv_message message;
	__u32 result, size;
	unsigned int i;
	__u64 calls;

	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, &gva));
	ASSERT_EQ(0, vmm_translate(self->t.vp[0], 0, PROBE_GPA,
				   HV_TRANSLATE_GVA_VALIDATE_READ, &gpa, &result));
	ASSERT_EQ(0, take_page(self->area));
	ASSERT_EQ(0, rv_mark());

	EXPECT_EQ(-EIO, vmm_run(self->t.vp[0], &message));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, &gva));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(-EIO, vmm_translate(self->t.vp[0], 0, PROBE_GPA,
				      HV_TRANSLATE_GVA_VALIDATE_READ, &gpa,
				      &result));
	EXPECT_EQ(-EIO, vmm_translate(self->t.part, 0, PROBE_GPA,
				      HV_TRANSLATE_GVA_VALIDATE_READ, &gpa,
				      &result));
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		size = sizeof(buffer);
		EXPECT_EQ(-EIO, vmm_get_state(self->t.vp[0], states[i], buffer,
					      &size));
		size = sizeof(buffer);
		EXPECT_EQ(-EIO, vmm_set_state(self->t.vp[0], states[i], buffer,
					      &size));
	}
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_RESET_VP));
	EXPECT_EQ(EIO, errno);
	/* Messages and events go to pages of the guest. */
	call.code = HVCALL_POST_MESSAGE_DIRECT;
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_ROOT_HVCALL, &call));
	EXPECT_EQ(EIO, errno);
	call.code = HVCALL_SIGNAL_EVENT_DIRECT;
	call.in_ptr = (unsigned long)signal;
	call.out_ptr = (unsigned long)out;
	call.out_sz = 8;
	call.reps = 0;
	call.status = 0;
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_ROOT_HVCALL, &call));
	EXPECT_EQ(EIO, errno);
	/* What is mapped now could not be unmapped either. */
	EXPECT_EQ(-EIO, vmm_map(self->t.part, PROBE_GPA + 4 * BLOCK, VMM_PAGE,
				self->area + VMM_PAGE, MEM_RWX));
	ASSERT_EQ(0, rv_count_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &calls));
	EXPECT_EQ(0, calls);
	ASSERT_EQ(0, rv_count_call(HVCALL_GET_VP_STATE, &calls));
	EXPECT_EQ(0, calls);
}

static volatile pid_t runner;

static void *run(void *data)
{
	runner = gettid();
	return (void *)(long)tvm_run(data, 0);
}

/* A guest that runs is stopped. */
TEST_F(broken, run_ends)
{
	pthread_t thread;
	void *result;

	memcpy(self->t.memory + SPIN, guest_spin, sizeof(guest_spin));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RIP, SPIN));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run, &self->t));
	EXPECT_TRUE(wait_until(runner && is_in_guest(runner)));
	ASSERT_EQ(0, take_page(self->area));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(-EIO, (long)result);
}

/* A processor that does not stop either causes its partition to be finalized, once. */
TEST_F(broken, processor_that_does_not_stop)
{
	struct hv_input_register_intercept_result in = {
		.vp_index = HV_ANY_VP, .intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
	};
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &in, .in_size = sizeof(in),
	};
	__u64 mapped, calls;
	__u32 rule;

	if (tvm_root_scheduler(&self->t))
		SKIP(return, "needs the hypervisor's scheduler");
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, rv_fail(HVCALL_SET_VP_REGISTERS, HV_STATUS_OPERATION_FAILED,
			     0, 0, &rule));
	ASSERT_EQ(0, take_page(self->area));
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &mapped));
	EXPECT_EQ(self->before.value[RV_BOOKS_MAPPED], mapped);
	ASSERT_EQ(0, rv_count_call(HVCALL_FINALIZE_PARTITION, &calls));
	EXPECT_EQ(1, calls);
	ASSERT_EQ(0, rv_rules_clear());
	/* A guest that cannot run any more needs no results for it. */
	EXPECT_EQ(-EBADFD, vmm_hvcall(self->t.part, &call));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, call.status);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory that is mapped without access is mapped: results of the guest's
 * access, of a translation, and of a walk of the guest's tables.
 *
 * There is no region there, so that the driver passes the messages on.
 */
#include "harness.h"
#include "probe.h"

#define TABLE_GPA	0x20000000ULL
#define SECOND		0x40000000ULL	/* a GiB whose table is at TABLE_GPA */
#define PTE_PRESENT	1ULL

FIXTURE(noaccess) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(noaccess)
{
	__u64 *pdpt;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(probe_start(&self->t));
	pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	pdpt[1] = TABLE_GPA | PTE_PRESENT;
	/* Its message has the partition id. */
	EXPECT_REFUSED(PROBE_GPA);
	ASSERT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
}

FIXTURE_TEARDOWN(noaccess)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static __u32 translated(struct tvm *t, __u64 gva, __u64 flags)
{
	__u32 result = ~0U;
	__u64 gpa;

	return vmm_translate(t->vp[0], 0, gva, flags, &gpa, &result) ? ~0U : result;
}

#define EXPECT_TYPE(type) \
	EXPECT_EQ(type, self->t.message.header.message_type)

TEST_F(noaccess, guest)
{
	struct tvm *t = &self->t;

	ASSERT_EQ(0, rv_no_access(tvm_id(t), PROBE_PFN));
	EXPECT_REFUSED(PROBE_GPA);
	EXPECT_TYPE(HVMSG_GPA_INTERCEPT);
	EXPECT_EQ(PROBE_GPA, tvm_mem(t)->guest_physical_address);
	EXPECT_EQ(PROBE_REFUSED, probe_write(t, 0, PROBE_GPA, 1));
	EXPECT_TYPE(HVMSG_GPA_INTERCEPT);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, tvm_mem(t)->header.intercept_access_type);
	EXPECT_EQ(PROBE_REFUSED, probe_call(t, 0, PROBE_GPA));
	EXPECT_TYPE(HVMSG_GPA_INTERCEPT);
	/* And beside it nothing is mapped. */
	EXPECT_REFUSED(PROBE_GPA + VMM_PAGE);
	EXPECT_TYPE(HVMSG_UNMAPPED_GPA);
}

/* A page of a region, mapped or not any more: the driver maps it again. */
TEST_F(noaccess, page_of_a_region)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(BLOCK);
	__u64 before, mapped;

	ASSERT_NE(NULL, area);
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	area[0] = 0x5a;
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, tvm_id(t), &before));
	ASSERT_OK(vmm_map(t->part, PROBE_GPA, BLOCK, area, MEM_RWX));
	EXPECT_BYTE(0x5a, PROBE_GPA);
	ASSERT_EQ(0, rv_no_access(tvm_id(t), PROBE_PFN));
	EXPECT_BYTE(0x5a, PROBE_GPA);
	ASSERT_EQ(0, rv_no_access(tvm_id(t), PROBE_PFN));
	ASSERT_OK(vmm_unmap(t->part, PROBE_GPA, BLOCK, area));
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, tvm_id(t), &mapped));
	EXPECT_EQ(before, mapped);
	EXPECT_REFUSED(PROBE_GPA);
	EXPECT_TYPE(HVMSG_UNMAPPED_GPA);
	munmap(area, BLOCK);
}

TEST_F(noaccess, without_memory)
{
	struct tvm *t = &self->t;

	ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
	EXPECT_EQ(-ENOSPC, rv_no_access(tvm_id(t), PROBE_PFN));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
	EXPECT_EQ(0, rv_no_access(tvm_id(t), PROBE_PFN));
	EXPECT_REFUSED(PROBE_GPA);
	EXPECT_TYPE(HVMSG_GPA_INTERCEPT);
}

TEST_F(noaccess, translation)
{
	struct tvm *t = &self->t;

	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED,
		  translated(t, PROBE_GPA, HV_TRANSLATE_GVA_VALIDATE_READ));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED,
		  translated(t, SECOND, HV_TRANSLATE_GVA_VALIDATE_READ));
	ASSERT_EQ(0, rv_no_access(tvm_id(t), PROBE_PFN));
	ASSERT_EQ(0, rv_no_access(tvm_id(t), TABLE_GPA / VMM_PAGE));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
		  translated(t, PROBE_GPA, HV_TRANSLATE_GVA_VALIDATE_READ));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
		  translated(t, PROBE_GPA, HV_TRANSLATE_GVA_VALIDATE_READ |
			     HV_TRANSLATE_GVA_VALIDATE_WRITE));
	/* A page table of the guest. */
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
		  translated(t, SECOND, HV_TRANSLATE_GVA_VALIDATE_READ));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings without pages, as made by drivers, in the guest.
 *
 * Model: the control page of a processor serves as the device.  Its mapping
 * consists of bare page numbers, begins at an offset without meaning, has the same
 * page again and again, and is ordinary memory that both sides can access.
 */
#include "harness.h"
#include "probe.h"

#define SPOT		0x123	/* where the VMM leaves its mark */

FIXTURE(device) {
	struct books before;
	struct tvm t;
	__u8 *pages;
	bool books;
};

/* The control page of a processor, at a chosen address. */
static __u8 *control(int vp, __u8 *where, __u64 size)
{
	__u8 *page = mmap(where, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | (where ? MAP_FIXED : 0), vp,
			  MSHV_VP_MMAP_OFFSET_CONTROL * VMM_PAGE);

	return page == MAP_FAILED ? NULL : page;
}

FIXTURE_SETUP(device)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_vp(&self->t, 2));
	self->pages = control(self->t.vp[1], NULL, 3 * VMM_PAGE);
	if (!self->pages)
		SKIP(return, "no control page to use as the device");
	self->pages[SPOT] = 0x11;
}

FIXTURE_TEARDOWN(device)
{
	if (self->pages)
		munmap(self->pages, 3 * VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(device, pitfall_U23_what_the_page_tables_say)
{
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, self->pages,
			  MEM_WRITE));
	EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x12));
	EXPECT_EQ(0x12, self->pages[SPOT]);
	self->pages[SPOT] = 0x13;
	EXPECT_BYTE(0x13, PROBE_GPA + SPOT);
	/* Never executable, whatever is requested. */
	self->pages[SPOT] = RET;
	EXPECT_EQ(PROBE_REFUSED, probe_call(&self->t, 0, PROBE_GPA + SPOT));
}

/* The region begins in the middle of the mapping, and ends before its end. */
TEST_F(device, pitfall_U23_inside_a_mapping)
{
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE,
			  self->pages + VMM_PAGE, MEM_WRITE));
	EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
	EXPECT_REFUSED(PROBE_GPA + VMM_PAGE + SPOT);
}

/* Two adjacent devices are one region and remain two devices. */
TEST_F(device, pitfall_28_several_mappings)
{
	__u8 *second = self->pages + 2 * VMM_PAGE;

	ASSERT_EQ(second, control(self->t.vp[2], second, VMM_PAGE));
	second[SPOT] = 0x22;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 3 * VMM_PAGE, self->pages,
			  MEM_WRITE));
	EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
	EXPECT_BYTE(0x11, PROBE_GPA + VMM_PAGE + SPOT);
	EXPECT_BYTE(0x22, PROBE_GPA + 2 * VMM_PAGE + SPOT);
}

/* A device and memory are not one region. */
TEST_F(device, mixed_with_memory)
{
	ASSERT_NE(MAP_FAILED, mmap(self->pages + VMM_PAGE, VMM_PAGE,
				   PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				   -1, 0));
	EXPECT_EQ(-EINVAL, vmm_map(self->t.part, PROBE_GPA, 2 * VMM_PAGE,
				   self->pages, MEM_WRITE));
}

TEST_F(device, pitfall_U16_unmap_takes_effect)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 2 * VMM_PAGE,
				  self->pages, MEM_WRITE));
		EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
		ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, 2 * VMM_PAGE,
				    self->pages));
		EXPECT_REFUSED(PROBE_GPA + SPOT);
		EXPECT_REFUSED(PROBE_GPA + VMM_PAGE + SPOT);
	}
}

/* What is unmapped from the process is unmapped from the guest. */
TEST_F(device, revoked)
{
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 2 * VMM_PAGE, self->pages,
			  MEM_WRITE));
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x31));
	EXPECT_BYTE(0x31, PROBE_GPA + VMM_PAGE + SPOT);
	ASSERT_EQ(0, mprotect(self->pages, VMM_PAGE, PROT_READ));
	EXPECT_EQ(PROBE_REFUSED,
		  probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x32));
	EXPECT_BYTE(0x31, PROBE_GPA + SPOT);
	ASSERT_EQ(0, munmap(self->pages, VMM_PAGE));
	EXPECT_REFUSED(PROBE_GPA + SPOT);
	EXPECT_BYTE(0x31, PROBE_GPA + VMM_PAGE + SPOT);
	/* Memory in its place is not the device. */
	ASSERT_EQ(self->pages, mmap(self->pages, VMM_PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	self->pages[SPOT] = 0x33;
	EXPECT_REFUSED(PROBE_GPA + SPOT);
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x34));
	EXPECT_BYTE(0x31, PROBE_GPA + VMM_PAGE + SPOT);
	/* Nor is what the process itself cannot access. */
	ASSERT_EQ(0, mprotect(self->pages + VMM_PAGE, VMM_PAGE, PROT_NONE));
	EXPECT_REFUSED(PROBE_GPA + VMM_PAGE + SPOT);
	ASSERT_EQ(0, mprotect(self->pages + VMM_PAGE, VMM_PAGE, PROT_READ));
	EXPECT_BYTE(0x31, PROBE_GPA + VMM_PAGE + SPOT);
}

/* The process could read it, but has not, and cannot write to it. */
TEST_F(device, written_first)
{
	__u8 *page = self->pages + 2 * VMM_PAGE;

	ASSERT_EQ(0, mprotect(page, VMM_PAGE, PROT_READ));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, page, MEM_WRITE));
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x12));
	EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x12));
	EXPECT_EQ(0x11, self->pages[SPOT]);
}

/* It has no pages that could be pinned. */
TEST_F(device, mapped_while_memory_is_pinned)
{
	int pinned = pin_memory(true), ret;

	if (pinned < 0)
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	ret = vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, self->pages, MEM_WRITE);
	pin_memory(pinned);
	ASSERT_OK(ret);
	EXPECT_BYTE(0x11, PROBE_GPA + SPOT);
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x12));
	EXPECT_EQ(0x12, self->pages[SPOT]);
	ASSERT_EQ(0, munmap(self->pages, VMM_PAGE));
	EXPECT_REFUSED(PROBE_GPA + SPOT);
}

/* A device is not read for a translation: page tables in it lead nowhere. */
TEST_F(device, page_tables)
{
	const unsigned int entry = 0x80;
	struct mshv_translate_address args = {
		.gva = ((__u64)entry << 39) + TVM_STACK,
		.flags = HV_BIT(MSHV_TRANSLATE_BIT_READ), .result = ~0U, .gpa = ~0ULL,
	};

	if (ioctl(self->t.dev, MSHV_CHECK_EXTENSION,
		  &(__u32){ MSHV_EXTENSION_TRANSLATE_ADDRESS }) <= 0)
		SKIP(return, NOT_THIS_DRIVER "translation");
	/* The other tables are mapped, and so is what they lead to. */
	EXPECT_BYTE(0, TVM_STACK);
	((__u64 *)self->pages)[entry] = (TVM_TABLES + VMM_PAGE) | 7;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, self->pages, MEM_WRITE));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_CR3, PROBE_GPA));
	EXPECT_EQ(0, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, &args));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED, args.result);
	EXPECT_EQ(0, args.gpa);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_TRANSLATE_ADDRESS: translation of a guest's address, whether or not the
 * hypervisor has the memory mapped.
 */
#include "harness.h"
#include "probe.h"

#define READ		HV_BIT(MSHV_TRANSLATE_BIT_READ)
#define WRITE		HV_BIT(MSHV_TRANSLATE_BIT_WRITE)
#define EXECUTE		HV_BIT(MSHV_TRANSLATE_BIT_EXECUTE)
#define EXEMPT		HV_BIT(MSHV_TRANSLATE_BIT_EXEMPT)

/* Addresses in the second GiB: a large page of each kind. */
#define MISSING		0x40000000ULL
#define NOWHERE		0x40200000ULL
#define ROM		0x40400000ULL
#define KERNEL		0x40600000ULL
#define ROM_GPA		0x20000000ULL
#define BY_ROM		0x8000000000ULL	/* the tables are there */
#define PTE_PRESENT	0x01ULL
#define PTE_WRITE	0x02ULL
#define PTE_LARGE	0x80ULL
#define PTE_PWT		0x08ULL
#define PTE_PCD		0x10ULL

FIXTURE(translate) {
	struct books before;
	struct tvm t;
	__u8 *rom;
	int pinned;
	bool books;
};

/* A machine that has never run: the hypervisor has none of its memory mapped. */
FIXTURE_SETUP(translate)
{
	__u64 *pdpt, *second;

	self->books = !rv_open() && !books_read(&self->before);
	self->pinned = pin_memory(false);
	self->rom = probe_area(BLOCK);
	ASSERT_NE(NULL, self->rom);
	ASSERT_OK(tvm_start_long(&self->t, guest_halt, sizeof(guest_halt)));
	if (ioctl(self->t.dev, MSHV_CHECK_EXTENSION,
		  &(__u32){ MSHV_EXTENSION_TRANSLATE_ADDRESS }) <= 0)
		SKIP(return, NOT_THIS_DRIVER "translation");
	ASSERT_OK(vmm_map(self->t.part, ROM_GPA, BLOCK, self->rom, 0));
	pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	second = (__u64 *)(self->t.memory + TVM_TABLES + 8 * VMM_PAGE);
	memset(second, 0, VMM_PAGE);
	pdpt[1] = (TVM_TABLES + 8 * VMM_PAGE) | PTE_PRESENT | PTE_WRITE;
	second[1] = 0x80000000ULL | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
	second[2] = ROM_GPA | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
	second[3] = PTE_PRESENT | PTE_LARGE;
}

FIXTURE_TEARDOWN(translate)
{
	tvm_close(&self->t);
	munmap(self->rom, BLOCK);
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int translate(struct tvm *t, __u64 gva, __u32 flags,
		     struct mshv_translate_address *args)
{
	*args = (struct mshv_translate_address) {
		.gva = gva, .flags = flags, .result = ~0U, .gpa = ~0ULL,
	};
	return ioctl(t->vp[0], MSHV_TRANSLATE_ADDRESS, args) ? -errno : 0;
}

#define EXPECT_GPA(expected, gva, flags) do {				\
	struct mshv_translate_address args_;				\
									\
	EXPECT_EQ(0, translate(&self->t, gva, flags, &args_));		\
	EXPECT_EQ(HV_TRANSLATE_GVA_SUCCESS, args_.result);		\
	EXPECT_EQ(expected, args_.gpa);					\
} while (0)

#define EXPECT_RESULT(expected, gva, flags) do {			\
	struct mshv_translate_address args_;				\
									\
	EXPECT_EQ(0, translate(&self->t, gva, flags, &args_));		\
	EXPECT_EQ(expected, args_.result);				\
	EXPECT_EQ(0, args_.gpa);					\
} while (0)

TEST_F(translate, never_touched)
{
	EXPECT_GPA(0x12345, 0x12345, READ);
	EXPECT_GPA(0x54321, 0x54321, WRITE);
	EXPECT_GPA(0xfffff, 0xfffff, READ | WRITE | EXECUTE);
	EXPECT_GPA(ROM_GPA + 0x1234, ROM + 0x1234, READ);
}

TEST_F(translate, what_is_in_the_way)
{
	EXPECT_RESULT(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, MISSING, READ);
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, NOWHERE, READ);
	/* The guest has the right, but not the memory. */
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS, ROM, WRITE);
	EXPECT_GPA(0, KERNEL, READ);
	EXPECT_GPA(0, KERNEL, WRITE | EXEMPT);
}

/* The kernel takes the page, and the tables on the way to it. */
TEST_F(translate, taken_back)
{
	__u8 *page = self->t.memory + 0x30000;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		EXPECT_GPA(0x30010, 0x30010, i & 1 ? WRITE : READ);
		/* In the same block as the tables, which are unmapped with it. */
		ASSERT_EQ(0, madvise(page, VMM_PAGE, MADV_DONTNEED));
	}
	/* Memory that is gone cannot be faulted in. */
	ASSERT_EQ(0, munmap(page, VMM_PAGE));
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x30010, READ);
	EXPECT_GPA(0x31010, 0x31010, READ);
	ASSERT_EQ(page, mmap(page, VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_GPA(0x30010, 0x30010, READ);
}

TEST_F(translate, bad_arguments)
{
	struct mshv_translate_address args;
	unsigned int i;

	for (i = MSHV_TRANSLATE_BIT_COUNT; i < 32; i++)
		EXPECT_EQ(-EINVAL, translate(&self->t, 0x12345, READ | HV_BIT(i),
					     &args));
	/* Neither reading nor writing nor executing is invalid. */
	EXPECT_EQ(-EINVAL, translate(&self->t, 0x12345, 0, &args));
	EXPECT_EQ(~0U, args.result);
	args = (struct mshv_translate_address) { .flags = READ, .rsvd = 1 };
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, &args));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_TRANSLATE_ADDRESS, &args));
	EXPECT_EQ(ENOTTY, errno);
}

/* The arguments can be read, but the answer has no place. */
TEST_F(translate, nowhere_to_answer)
{
	struct mshv_translate_address *args = (void *)self->rom;

	*args = (struct mshv_translate_address) { .gva = 0x12345, .flags = READ };
	ASSERT_EQ(0, mprotect(self->rom, VMM_PAGE, PROT_READ));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_TRANSLATE_ADDRESS, args));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, args->gpa);
	EXPECT_GPA(0x12345, 0x12345, READ);
}

/* The kernel takes the page of an address away from the guest. */
static int take_page(struct tvm *t, __u64 gpa)
{
	return madvise(t->memory + gpa / VMM_PAGE * VMM_PAGE, VMM_PAGE, MADV_DONTNEED);
}

TEST_F(translate, calls_fail)
{
	struct mshv_translate_address args;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, rv_fail(HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
			     HV_STATUS_INSUFFICIENT_MEMORY, 0, 2, &rule));
	EXPECT_GPA(0x12345, 0x12345, READ);
	ASSERT_EQ(0, rv_fail(HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
			     HV_STATUS_OPERATION_DENIED, 0, 1, &rule));
	EXPECT_EQ(-EACCES, translate(&self->t, 0x12345, READ, &args));
	/* The page cannot be mapped: the result says what is missing. */
	ASSERT_EQ(0, take_page(&self->t, 0x12345));
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
			     0, 0, &rule));
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x12345, READ);
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_GPA(0x12345, 0x12345, READ);
}

/* Each of the registers that say where the tables are. */
TEST_F(translate, registers_cannot_be_read)
{
	unsigned int skip;
	__u64 hits;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (skip = 0; skip < 4; skip++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, HV_STATUS_OPERATION_DENIED,
				     skip, 1, &rule));
		EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x12345, READ);
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(1, hits);
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_GPA(0x12345, 0x12345, READ);
}

/* The memory is mapped, and the hypervisor says for ever that it is not. */
TEST_F(translate, mapping_does_not_help)
{
	__u64 calls;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	EXPECT_GPA(0x12345, 0x12345, READ);
	ASSERT_EQ(0, rv_answer_value(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, 0,
				     HV_TRANSLATE_GVA_GPA_UNMAPPED));
	ASSERT_EQ(0, rv_mark());
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x12345, READ);
	ASSERT_EQ(0, rv_count_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &calls));
	EXPECT_EQ(16, calls);
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_GPA(0x12345, 0x12345, READ);
}

#define PTE_ACCESSED	0x20ULL
#define PTE_DIRTY	0x40ULL

/* As an access of the guest would, and only if requested. */
TEST_F(translate, accessed_bits)
{
	const __u64 *pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	struct mshv_translate_address args;

	EXPECT_EQ(0, pdpt[1] & PTE_ACCESSED);
	EXPECT_EQ(0, translate(&self->t, ROM, READ, &args));
	EXPECT_EQ(0, args.result);
	EXPECT_EQ(0, pdpt[1] & PTE_ACCESSED);
	EXPECT_EQ(0, translate(&self->t, ROM,
			       READ | HV_BIT(MSHV_TRANSLATE_BIT_SET_ACCESSED),
			       &args));
	EXPECT_EQ(0, args.result);
	EXPECT_EQ(PTE_ACCESSED, pdpt[1] & PTE_ACCESSED);
}

/* Nor can a bit be set in a page table that the guest cannot write. */
TEST_F(translate, accessed_bits_in_rom)
{
	__u64 *pml4 = (__u64 *)(self->t.memory + TVM_TABLES);
	__u64 *pdpt = (__u64 *)self->rom, *pd = pdpt + 512;
	struct mshv_translate_address args;

	pml4[1] = ROM_GPA | PTE_PRESENT | PTE_WRITE;
	pdpt[0] = (ROM_GPA + VMM_PAGE) | PTE_PRESENT | PTE_WRITE;
	pd[0] = PTE_PRESENT | PTE_WRITE | PTE_LARGE;
	EXPECT_GPA(0x1234, BY_ROM + 0x1234, READ);
	EXPECT_EQ(0, translate(&self->t, BY_ROM,
			       READ | HV_BIT(MSHV_TRANSLATE_BIT_SET_ACCESSED), &args));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS, args.result);
	EXPECT_EQ((ROM_GPA + VMM_PAGE) | PTE_PRESENT | PTE_WRITE, pdpt[0]);
}

#define SET_ACCESSED	HV_BIT(MSHV_TRANSLATE_BIT_SET_ACCESSED)

/* A table in memory that the guest may not write to. */
TEST_F(translate, accessed_bits_in_one_table_of_rom)
{
	__u64 *pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	__u64 *table = (__u64 *)self->rom;

	table[1] = PTE_PRESENT | PTE_LARGE;
	pdpt[1] = ROM_GPA | PTE_PRESENT | PTE_ACCESSED;
	EXPECT_GPA(0x12345, NOWHERE + 0x12345, READ);
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS, NOWHERE + 0x12345,
		      READ | SET_ACCESSED);
	EXPECT_EQ(PTE_PRESENT | PTE_LARGE, table[1]);
	table[1] |= PTE_ACCESSED;
	EXPECT_GPA(0x12345, NOWHERE + 0x12345, READ | SET_ACCESSED);
}

#define SHORT_TABLES	(TVM_TABLES + 16 * VMM_PAGE)
#define SHORT_CR0	0x11

/* Entries of four bytes: the ones beside them are left alone. */
TEST_F(translate, accessed_bits_of_32_bits)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_CR0, SHORT_CR0),
		vmm_value(HV_X64_REGISTER_EFER, 0),
		vmm_value(HV_X64_REGISTER_CR4, 0),
		vmm_value(HV_X64_REGISTER_CR3, SHORT_TABLES),
		vmm_value(HV_X64_REGISTER_CR0, 0x80000000 | SHORT_CR0),
		vmm_segment(HV_X64_REGISTER_CS, 0x10, 0, 0xffffffff, 0xc09b),
	};
	__u32 *directory = (__u32 *)(self->t.memory + SHORT_TABLES);
	__u32 *table = directory + 1024;

	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	memset(directory, 0xfe, 2 * VMM_PAGE);
	directory[MISSING >> 22] = (SHORT_TABLES + VMM_PAGE) | PTE_PRESENT | PTE_WRITE;
	table[3] = 0x30000 | PTE_PRESENT | PTE_WRITE;
	EXPECT_GPA(0x30123, MISSING + 0x3123, WRITE | SET_ACCESSED);
	EXPECT_EQ((SHORT_TABLES + VMM_PAGE) | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED,
		  directory[MISSING >> 22]);
	EXPECT_EQ(0x30000 | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY, table[3]);
	EXPECT_EQ(0xfefefefe, table[2] & table[4]);
	EXPECT_RESULT(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, MISSING + 0x2123, READ);
}

static int translate_gva(struct tvm *t, __u64 gva, __u64 flags, __u64 *result,
			 __u64 *gpa)
{
	struct mshv_translate_gva args = {
		.gva = gva, .flags = flags,
		.result = (unsigned long)result, .gpa = (unsigned long)gpa,
	};

	return ioctl(t->vp[0], MSHV_TRANSLATE_GVA, &args) ? -errno : 0;
}

/* The layout of other drivers. */
TEST_F(translate, with_pointers)
{
	__u64 result = ~0ULL, gpa = ~0ULL;
	unsigned int bit;

	EXPECT_EQ(0, translate_gva(&self->t, ROM + 0x123, READ, &result, &gpa));
	EXPECT_EQ(HV_TRANSLATE_GVA_SUCCESS, (__u32)result);
	EXPECT_EQ(HV_CACHE_TYPE_WRITE_BACK, result >> 32 & 0xff);
	EXPECT_EQ(ROM_GPA + 0x123, gpa);
	EXPECT_EQ(0, translate_gva(&self->t, MISSING, READ, &result, &gpa));
	EXPECT_EQ(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, (__u32)result);
	EXPECT_EQ(0, gpa);
	EXPECT_EQ(0, translate_gva(&self->t, ROM, WRITE, &result, &gpa));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS, (__u32)result);
	EXPECT_EQ(-EINVAL, translate_gva(&self->t, ROM, 0, &result, &gpa));
	for (bit = 11; bit < 64; bit++)
		EXPECT_EQ(-EINVAL, translate_gva(&self->t, ROM,
						 READ | 1ULL << bit, &result,
						 &gpa));
	EXPECT_EQ(-EFAULT, translate_gva(&self->t, ROM, READ, NULL, &gpa));
	EXPECT_EQ(-EFAULT, translate_gva(&self->t, ROM, READ, &result, NULL));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_TRANSLATE_GVA, NULL));
	EXPECT_EQ(EFAULT, errno);
}

#define PINNED_TABLES	0x10000000ULL
#define PINNED_SIZE	(3 * VMM_PAGE)

/* The first GiB one to one. */
static void make_tables(__u8 *area)
{
	__u64 *pml4 = (__u64 *)area, *pdpt = pml4 + 512, *pd = pdpt + 512;
	unsigned int i;

	pml4[0] = (PINNED_TABLES + VMM_PAGE) | PTE_PRESENT | PTE_WRITE;
	pdpt[0] = (PINNED_TABLES + 2 * VMM_PAGE) | PTE_PRESENT | PTE_WRITE;
	for (i = 0; i < 512; i++)
		pd[i] = i * BLOCK | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
}

/* Pinned tables at PINNED_TABLES, and the guest uses them. */
static int pin_tables(struct tvm *t, __u8 *area)
{
	int ret;

	pin_memory(true);
	ret = vmm_map(t->part, PINNED_TABLES, PINNED_SIZE, area, MEM_RWX);
	pin_memory(false);
	return ret ? ret : vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_CR3, PINNED_TABLES);
}

/*
 * The guest keeps pinned tables that its process has unmapped, but the kernel cannot
 * read them any more: what they lead to is mapped when the guest touches it.
 */
TEST_F(translate, pinned_tables_of_which_the_process_has_none)
{
	__u8 *area = probe_area(PINNED_SIZE);

	ASSERT_NE(NULL, area);
	make_tables(area);
	ASSERT_OK(pin_tables(&self->t, area));
	EXPECT_GPA(0x12345, 0x12345, READ);
	/* Its page is not mapped any more. */
	ASSERT_EQ(0, take_page(&self->t, 0x12345));
	EXPECT_GPA(0x12345, 0x12345, READ);
	ASSERT_EQ(0, take_page(&self->t, 0x12345));
	ASSERT_EQ(0, munmap(area, PINNED_SIZE));
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x12345, READ);
}

/* The same with those of a process that has ended. */
TEST_F(translate, pinned_tables_of_a_process_that_has_ended)
{
	struct mshv_translate_address args;
	__u8 *area = probe_area(PINNED_SIZE);
	int status = -1;
	pid_t pid;

	ASSERT_NE(NULL, area);
	make_tables(area);
	pid = fork();
	if (!pid) {
		if (pin_tables(&self->t, area) || translate(&self->t, 0x12345, READ, &args))
			_exit(1);
		_exit(args.result == HV_TRANSLATE_GVA_SUCCESS ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ(0, take_page(&self->t, 0x12345));
	EXPECT_RESULT(HV_TRANSLATE_GVA_GPA_UNMAPPED, 0x12345, READ);
	munmap(area, PINNED_SIZE);
}

/* The type of memory that an entry asks for, with a PAT that says what it did at reset. */
TEST_F(translate, cache_types)
{
	static const struct {
		__u64 bits, expected;
	} rows[] = {
		{ 0, HV_CACHE_TYPE_WRITE_BACK }, { PTE_PWT, HV_CACHE_TYPE_WRITE_THROUGH },
		{ PTE_PCD, HV_CACHE_TYPE_UNCACHED },
		{ PTE_PCD | PTE_PWT, HV_CACHE_TYPE_UNCACHED },
	};
	__u64 *second = (__u64 *)(self->t.memory + TVM_TABLES + 8 * VMM_PAGE);
	__u64 result, gpa;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		second[2] = ROM_GPA | PTE_PRESENT | PTE_LARGE | rows[i].bits;
		result = ~0ULL;
		EXPECT_EQ(0, translate_gva(&self->t, ROM, READ, &result, &gpa));
		EXPECT_EQ(HV_TRANSLATE_GVA_SUCCESS, (__u32)result);
		EXPECT_EQ(rows[i].expected, result >> 32 & 0xff) {
			TH_LOG("bits %#llx", rows[i].bits);
		}
		EXPECT_EQ(ROM_GPA, gpa);
	}
}

/* There are no other trust levels whose address it could be. */
TEST_F(translate, trust_level)
{
	static const struct {
		__u64 vtl;
		int status;
	} rows[] = { { 0, 0 }, { 0x10, 0 }, { 1, HV_STATUS_INVALID_VTL_STATE } };
	struct hv_input_translate_virtual_address in = { .gva_page = 1 };
	struct hv_output_translate_virtual_address out;
	struct vmm_call call = {
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS, .in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		in.control_flags = HV_TRANSLATE_GVA_VALIDATE_READ |
				   rows[i].vtl << HV_TRANSLATE_GVA_INPUT_VTL_SHIFT;
		EXPECT_EQ(rows[i].status ? -EIO : 0, vmm_hvcall(self->t.vp[0], &call));
		EXPECT_EQ(rows[i].status, call.status);
	}
}

TEST_HARNESS_MAIN

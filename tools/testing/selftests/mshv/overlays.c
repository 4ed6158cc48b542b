// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of a guest that are moved again and again: what the hypervisor
 * needs for that is bounded, is available when the guest needs it, and is released
 * when it is not needed any more.
 */
#include <hyperv/hv_msr.h>

#include "harness.h"
#include "probe.h"
#include "rng.h"

#define LARGE_GPA	0x10000000ULL
#define FAR_GPA		0x1000000000ULL	/* in another GiB */
#define WRITER		0x3000
#define PLACES		64
#define TABLES		4	/* for one place, and a record */
#define AHEAD		17	/* pages into a block */
#define SINT		2
#define SINT_CONFIG	(HV_SYNIC_SINT_POLLING | 0x40)
#define TIMER_CONFIG	(HV_STIMER_ENABLE | SINT << HV_STIMER_SINT_SHIFT)
#define STORM_CODE	0x3100
#define STORM_HANDLER	0x3180
#define STORM_IDT	0x4000
#define STORM_GDT	0x5000
#define STORM_LIST	0x20000
#define STORM_WRITES	1000
#define STORM_ROUNDS	10
#define STORM_SEED	1
#define OS_ID		0x8100000000000000ULL

FIXTURE(overlays) {
	struct books before;
	struct tvm t;
	int pinned;
};

/* Writes ESI:EBX to the MSR in EDI and reports that. */
static const __u8 guest[] = {
	0x89, 0xf9, 0x89, 0xd8, 0x89, 0xf2, 0x0f, 0x30,	/* wrmsr */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'w', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

FIXTURE_SETUP(overlays)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->pinned = pin_memory(false);
	ASSERT_OK(probe_start(&self->t));
	memcpy(self->t.memory + WRITER, guest, sizeof(guest));
}

FIXTURE_TEARDOWN(overlays)
{
	pin_memory(self->pinned);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int write_msr(struct tvm *t, __u32 msr, __u64 value)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, WRITER),
		vmm_value(HV_X64_REGISTER_RBX, (__u32)value),
		vmm_value(HV_X64_REGISTER_RSI, value >> 32),
		vmm_value(HV_X64_REGISTER_RDI, msr),
	};
	__u64 out;
	int ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));

	return ret ?: tvm_next_out(t, 0, &out);
}

/* Put the page of this MSR at this address. */
static int lay(struct tvm *t, __u32 msr, __u64 gpa)
{
	return write_msr(t, msr, gpa | HV_MSR_PAGE_ENABLE);
}

static __u64 in_use(struct tvm *t)
{
	__u64 value = 0;

	rv_books(RV_BOOKS_IN_USE, tvm_id(t), &value);
	return value;
}

/* Each place is in another GiB, then in another half of a TiB. */
TEST_F(overlays, ever_new_places)
{
	static const unsigned int shifts[] = { 21, 30, 36 };
	struct tvm *t = &self->t;
	unsigned int i, n;
	__u64 first, most = 0;

	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	first = in_use(t);
	for (n = 0; n < ARRAY_SIZE(shifts); n++)
		for (i = 2; i < PLACES; i++) {
			ASSERT_OK(lay(t, HV_X64_MSR_SIMP, (__u64)i << shifts[n]));
			most = in_use(t) > most ? in_use(t) : most;
		}
	EXPECT_GE(first + TABLES, most);
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	EXPECT_GE(first + 1, in_use(t));
}

/* Memory in large pages is in large pages again when the overlay is gone. */
TEST_F(overlays, over_large_pages)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(PLACES * BLOCK), byte;
	unsigned int i;
	__u64 first;

	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(t->part, LARGE_GPA, PLACES * BLOCK, area, MEM_RWX));
	for (i = 0; i < PLACES; i++)
		area[i * BLOCK] = i + 1;
	for (i = 0; i < PLACES; i++)
		ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA + i * BLOCK, &byte));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	first = in_use(t);
	for (i = 0; i < PLACES; i++)
		ASSERT_OK(lay(t, HV_X64_MSR_SIMP, LARGE_GPA + i * BLOCK));
	EXPECT_GE(first + TABLES, in_use(t));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	EXPECT_GE(first + 1, in_use(t));
	for (i = 0; i < PLACES; i++) {
		ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA + i * BLOCK, &byte));
		EXPECT_EQ(i + 1, byte);
	}
	munmap(area, PLACES * BLOCK);
}

/* What the guest touches meanwhile does not keep a table. */
TEST_F(overlays, over_large_pages_in_use)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(PLACES * BLOCK), byte;
	unsigned int i, n;
	__u64 first;

	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(t->part, LARGE_GPA, PLACES * BLOCK, area, MEM_RWX));
	for (i = 0; i < PLACES; i++)
		area[i * BLOCK] = i + 1;
	for (i = 0; i < PLACES; i++)
		ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA + i * BLOCK, &byte));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	first = in_use(t);
	for (i = 0; i < PLACES; i++) {
		ASSERT_OK(lay(t, HV_X64_MSR_SIMP, LARGE_GPA + i * BLOCK));
		for (n = 1; n < 4; n++)
			ASSERT_EQ(0, probe_write(t, 0, LARGE_GPA + i * BLOCK +
						 n * AHEAD * VMM_PAGE, i + n));
	}
	EXPECT_GE(first + TABLES, in_use(t));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	EXPECT_GE(first + 1, in_use(t));
	for (i = 0; i < PLACES; i++)
		for (n = 1; n < 4; n++)
			EXPECT_EQ(i + n, area[i * BLOCK + n * AHEAD * VMM_PAGE]);
	munmap(area, PLACES * BLOCK);
}

/*
 * The guest has no IDT: a fault ends it, and gives another message than the
 * expected one.
 */
static int write_everywhere(struct tvm *t, __u32 msr)
{
	unsigned int i;
	int ret = 0;

	for (i = 2; i < PLACES && !ret; i++)
		ret = lay(t, msr, (__u64)i << 36);
	return ret ?: lay(t, msr, (__u64)(msr % PLACES) << 39);
}

static const __u32 page_msrs[] = {
	HV_X64_MSR_SIMP, HV_X64_MSR_SIEFP, HV_X64_MSR_VP_ASSIST_PAGE,
	HV_X64_MSR_REFERENCE_TSC, HV_X64_MSR_HYPERCALL,
};

/* While the pool is empty all pages can be moved, and are seen at the new place. */
TEST_F(overlays, without_memory)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(BLOCK), byte = 0;
	unsigned int i;

	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(t->part, LARGE_GPA, BLOCK, area, MEM_RWX));
	ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA, &byte));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
	ASSERT_OK(write_msr(t, HV_X64_MSR_GUEST_OS_ID, OS_ID));
	for (i = 0; i < ARRAY_SIZE(page_msrs); i++)
		EXPECT_LE(0, write_everywhere(t, page_msrs[i]));
	/* One after the other on the same page, and removed in another order. */
	for (i = 0; i < ARRAY_SIZE(page_msrs); i++)
		EXPECT_LE(0, lay(t, page_msrs[i], LARGE_GPA));
	EXPECT_EQ(0, probe_read(t, 0, LARGE_GPA, &byte));
	EXPECT_EQ(0xf3, byte);
	for (i = 0; i < ARRAY_SIZE(page_msrs); i++)
		EXPECT_LE(0, lay(t, page_msrs[i], LARGE_GPA + i * VMM_PAGE));
	EXPECT_EQ(0, probe_read(t, 0, LARGE_GPA + 4 * VMM_PAGE, &byte));
	EXPECT_EQ(0xf3, byte);
	for (i = 0; i < ARRAY_SIZE(page_msrs); i++)
		EXPECT_LE(0, write_msr(t, page_msrs[i], 0));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
	area[0] = 0x5a;
	EXPECT_EQ(0, probe_read(t, 0, LARGE_GPA, &byte));
	EXPECT_EQ(0x5a, byte);
	munmap(area, BLOCK);
}

/* But nothing else gets memory then, and the next time it does. */
TEST_F(overlays, nothing_new_without_memory)
{
	struct tvm *t = &self->t;
	__u64 *pd = (__u64 *)(t->memory + TVM_TABLES + 2 * VMM_PAGE);
	__u8 *area = probe_area(BLOCK), byte;

	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(t->part, FAR_GPA, BLOCK, area, MEM_RWX));
	pd[LARGE_GPA / BLOCK] += FAR_GPA - LARGE_GPA;
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
	EXPECT_EQ(-ENOMEM, vmm_create_vp(t->part, 1));
	EXPECT_EQ(-ENOMEM, probe_read(t, 0, LARGE_GPA, &byte));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
	EXPECT_LE(0, tvm_vp(t, 1));
	area[0] = 0x5a;
	EXPECT_EQ(0, probe_read(t, 0, LARGE_GPA, &byte));
	EXPECT_EQ(0x5a, byte);
	munmap(area, BLOCK);
}

/* Tables that are there for a page are not used for what is mapped beside it. */
TEST_F(overlays, around_a_page_without_memory)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(BLOCK), byte;
	unsigned int large;

	ASSERT_NE(NULL, area);
	for (large = 0; large < 2; large++) {
		__u64 gpa = LARGE_GPA + large * BLOCK;

		ASSERT_EQ(0, madvise(area, BLOCK, MADV_DONTNEED));
		madvise(area, BLOCK, large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		memset(area, 0x5a, BLOCK);
		ASSERT_OK(lay(t, HV_X64_MSR_SIMP, gpa + AHEAD * VMM_PAGE));
		ASSERT_OK(vmm_map(t->part, gpa, BLOCK, area, MEM_RWX));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
		EXPECT_EQ(-ENOMEM, probe_read(t, 0, gpa, &byte));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
		EXPECT_EQ(0, probe_read(t, 0, gpa, &byte));
		EXPECT_EQ(0x5a, byte);
		ASSERT_OK(vmm_unmap(t->part, gpa, BLOCK, area));
	}
	munmap(area, BLOCK);
}

/* Changes of the memory around a page do not use up what the page may need. */
TEST_F(overlays, beside_other_mappings)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(2 * BLOCK), byte;
	unsigned int i;

	ASSERT_NE(NULL, area);
	for (i = 0; i < 4; i++) {
		__u64 gpa = LARGE_GPA + (i & 1) * BLOCK;

		ASSERT_OK(lay(t, HV_X64_MSR_SIMP, gpa + AHEAD * VMM_PAGE));
		ASSERT_OK(lay(t, HV_X64_MSR_SIEFP, gpa + 3 * VMM_PAGE));
		/* In large pages and in small ones, all around and under it. */
		ASSERT_OK(vmm_map(t->part, LARGE_GPA, 2 * BLOCK - (i & 2 ? VMM_PAGE : 0),
				  area, MEM_RWX));
		ASSERT_EQ(0, probe_read(t, 0, gpa, &byte));
		ASSERT_EQ(0, probe_write(t, 0, gpa + 3 * VMM_PAGE, 1));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
		EXPECT_LE(0, write_everywhere(t, HV_X64_MSR_SIMP));
		EXPECT_LE(0, write_everywhere(t, HV_X64_MSR_SIEFP));
		EXPECT_LE(0, lay(t, HV_X64_MSR_SIMP, gpa + AHEAD * VMM_PAGE));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
		ASSERT_OK(vmm_unmap(t->part, LARGE_GPA,
				    2 * BLOCK - (i & 2 ? VMM_PAGE : 0), area));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
		EXPECT_LE(0, write_everywhere(t, HV_X64_MSR_SIMP));
		EXPECT_LE(0, write_everywhere(t, HV_X64_MSR_SIEFP));
		ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
	}
	munmap(area, 2 * BLOCK);
}

/* The hypervisor's message arrives all the same. */
TEST_F(overlays, message_without_memory)
{
	struct tvm *t = &self->t;
	__u8 *area = probe_area(BLOCK), byte = 0;

	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(t->part, LARGE_GPA, BLOCK, area, MEM_RWX));
	ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA, &byte));
	ASSERT_OK(lay(t, HV_X64_MSR_SIMP, LARGE_GPA));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 1));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SINT0 + SINT, SINT_CONFIG));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SCONTROL, 1));
	ASSERT_OK(write_msr(t, HV_X64_MSR_STIMER0_CONFIG, TIMER_CONFIG));
	ASSERT_OK(write_msr(t, HV_X64_MSR_STIMER0_COUNT, 1));
	EXPECT_TRUE(wait_until(!probe_read(t, 0, LARGE_GPA + SINT * sizeof(t->message),
					   &byte) && byte));
	ASSERT_EQ(0, rv_dry(tvm_id(t), 0));
	munmap(area, BLOCK);
}

struct write {
	__u64 msr, value;
};

/* Writes EDI MSRs from the list at RSI. */
static const __u8 storm[] = {
	0x8b, 0x0e, 0x8b, 0x46, 0x08, 0x8b, 0x56, 0x0c,	/* mov ecx, eax, edx */
	0x0f, 0x30,					/* wrmsr */
	0x48, 0x83, 0xc6, 0x10, 0xff, 0xcf, 0x75, 0xee,	/* add rsi, 16; dec edi; jnz */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 's', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

/* Instructions that raise #GP are skipped. */
static const __u8 skip[] = {
	0x48, 0x83, 0xc4, 0x08,				/* add rsp, 8 */
	0x48, 0x83, 0x04, 0x24, 0x02,			/* add qword [rsp], 2 */
	0x48, 0xcf,					/* iretq */
};

/* All but those that end or reset the guest, or report its crash. */
static const struct {
	__u32 first, last;
} storm_msrs[] = {
	{ HV_X64_MSR_GUEST_OS_ID, HV_X64_MSR_HYPERCALL },
	{ HV_X64_MSR_REFERENCE_TSC, HV_X64_MSR_REFERENCE_TSC },
	{ HV_X64_MSR_VP_ASSIST_PAGE, HV_X64_MSR_VP_ASSIST_PAGE },
	{ HV_X64_MSR_SCONTROL, HV_X64_MSR_EOM },
	{ HV_X64_MSR_SINT0, HV_X64_MSR_SINT15 },
	{ HV_X64_MSR_STIMER_CONFIG(0), HV_X64_MSR_STIMER_COUNT(3) },
};

/* Pages below 16 TiB and above the guest's own memory, and other numbers. */
static __u64 storm_value(struct rng *rng, __u32 msr)
{
	__u64 value = rng_next(rng);

	if (msr >= HV_X64_MSR_SINT0 && msr <= HV_X64_MSR_SINT15)
		return value & 0x700ff;
	if (msr >= HV_X64_MSR_STIMER_CONFIG(0))
		return value % 3 ? value >> (value % 64) : value & 0xf100f;
	if (msr == HV_X64_MSR_SCONTROL || msr == HV_X64_MSR_GUEST_OS_ID)
		return value % 8 ? 1 : 0;
	value >>= 20 + value % 20;
	return ((value & ~0xfffULL) + PROBE_GPA) | (value % 4 != 0);
}

static int storm_start(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_table(HV_X64_REGISTER_IDTR, STORM_IDT, 0xfff),
		vmm_table(HV_X64_REGISTER_GDTR, STORM_GDT, 0x1f),
	};
	__u64 *gate = (__u64 *)(t->memory + STORM_IDT) + 2 * 13;
	__u64 *gdt = (__u64 *)(t->memory + STORM_GDT);

	memcpy(t->memory + STORM_CODE, storm, sizeof(storm));
	memcpy(t->memory + STORM_HANDLER, skip, sizeof(skip));
	*gate = 0x8e0000100000ULL | STORM_HANDLER;
	gdt[2] = 0xaf9b000000ffffULL;
	gdt[3] = 0xcf93000000ffffULL;
	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

static int storm_run(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, STORM_CODE),
		vmm_value(HV_X64_REGISTER_RSP, TVM_STACK),
		vmm_value(HV_X64_REGISTER_RSI, STORM_LIST),
		vmm_value(HV_X64_REGISTER_RDI, STORM_WRITES),
	};
	__u64 out;
	int ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));

	return ret ?: tvm_next_out(t, 0, &out);
}

/* Whatever a guest writes to any MSR, its partition uses the same number of pages. */
TEST_F(overlays, storm)
{
	struct tvm *t = &self->t;
	struct write *list = (void *)(t->memory + STORM_LIST);
	struct rng rng = { STORM_SEED };
	unsigned int round, i, n;
	__u64 first;

	ASSERT_OK(storm_start(t));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	first = in_use(t);
	for (round = 0; round < STORM_ROUNDS; round++) {
		for (i = 0; i < STORM_WRITES; i++) {
			n = rng_next(&rng) % ARRAY_SIZE(storm_msrs);
			list[i].msr = storm_msrs[n].first + rng_next(&rng) %
				(storm_msrs[n].last - storm_msrs[n].first + 1);
			list[i].value = storm_value(&rng, list[i].msr);
		}
		ASSERT_OK(storm_run(t));
		EXPECT_EQ(first, in_use(t));
	}
}

TEST_HARNESS_MAIN

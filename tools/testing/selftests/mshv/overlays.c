// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that a guest lays over its memory, again and again at another place: what the
 * hypervisor needs for that is bounded, and comes back when it is not needed any more.
 */
#include <hyperv/hv_msr.h>

#include "harness.h"
#include "probe.h"

#define LARGE_GPA	0x10000000ULL
#define WRITER		0x3000
#define PLACES		64
#define TABLES		4	/* for one place, and a record */

FIXTURE(overlays) {
	struct books before;
	struct tvm t;
	int pinned;
};

/* Writes ESI:EBX to the MSR in EDI and says so. */
static const __u8 guest[] = {
	0x89, 0xf9, 0x89, 0xd8, 0x89, 0xf2, 0x0f, 0x30,	/* wrmsr */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'w', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

FIXTURE_SETUP(overlays)
{
	if (rv_open())
		SKIP(return, "no rootvisor below");
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

static __u64 in_use(struct tvm *t)
{
	__u64 value = 0;

	rv_books(RV_BOOKS_IN_USE, tvm_id(t), &value);
	return value;
}

/* Each place is in a GiB, then in half a TiB, of its own. */
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
			ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP,
					    (__u64)i << shifts[n] | HV_MSR_PAGE_ENABLE));
			most = in_use(t) > most ? in_use(t) : most;
		}
	EXPECT_GE(first + TABLES, most);
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	EXPECT_GE(first + 1, in_use(t));
}

/* Memory in large pages is in large pages again when the overlay has gone. */
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
		ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP,
				    (LARGE_GPA + i * BLOCK) | HV_MSR_PAGE_ENABLE));
	EXPECT_GE(first + TABLES, in_use(t));
	ASSERT_OK(write_msr(t, HV_X64_MSR_SIMP, 0));
	EXPECT_GE(first + 1, in_use(t));
	for (i = 0; i < PLACES; i++) {
		ASSERT_EQ(0, probe_read(t, 0, LARGE_GPA + i * BLOCK, &byte));
		EXPECT_EQ(i + 1, byte);
	}
	munmap(area, PLACES * BLOCK);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM resets its guest in place: it clears GUEST_OS_ID, and what the guest's system has
 * set up is gone, so that the next one starts as on a new machine.
 *
 * Model: each page of the hypervisor lies over a page of memory that contains a mark; a
 * guest sees the mark when the page is gone.  Timers are shown to be off by another one
 * that is set later and fires.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_synic.h>

#include "harness.h"
#include "testvm.h"
#include "waits.h"

#define OS_ID		0x8100000000000001ULL
#define MARK		0x5a
#define WRITTEN		0xa5
#define FIRST_PAGE	0x5000
#define PAGE_OF(vp, n)	(FIRST_PAGE + ((vp) * 5 + (n)) * VMM_PAGE)
#define SPAN		20000ULL	/* 2 ms, of partition time */
#define VECTOR		0x41
#define LATER_VECTOR	0x42
#define VPS		2

/* Reads and writes a byte, and reports what it has read. */
static const __u8 guest_access[] = {
	0x8a, 0x04,			/* mov al, [si] */
	0x88, 0x1c,			/* mov [si], bl */
	0xba, 0xf8, 0x03, OUT_AL,	/* mov dx, 0x3f8 */
};

static const __u8 guest_reads[] = {
	0x8a, 0x04, 0xba, 0xf8, 0x03, OUT_AL,
};

/* Pages of the partition are the first processor's. */
static const struct {
	__u32 name;
	bool partition;
} pages[] = {
	{ HV_X64_REGISTER_HYPERCALL, true }, { HV_REGISTER_REFERENCE_TSC, true },
	{ HV_REGISTER_VP_ASSIST_PAGE, false }, { HV_REGISTER_SIMP, false },
	{ HV_REGISTER_SIEFP, false },
};

FIXTURE(inplace) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(inplace)
{
	unsigned int vp;

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_access, sizeof(guest_access)));
	ASSERT_OK(tvm_vp(&self->t, 1));
	for (vp = 0; vp < VPS; vp++)
		ASSERT_OK(vmm_set_register(self->t.vp[vp], vp, HV_X64_REGISTER_APIC_SPURIOUS,
					   0x1ff));
}

FIXTURE_TEARDOWN(inplace)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set(struct tvm *t, unsigned int vp, __u32 name, __u64 value)
{
	return vmm_set_register(t->vp[vp], vp, name, value);
}

/* What a guest finds at an address, where it may write afterwards. */
static int access_by(struct tvm *t, unsigned int vp, __u64 address, bool write)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RSI, address),
		vmm_value(HV_X64_REGISTER_RBX, WRITTEN),
		vmm_value(HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0),
	};
	__u64 value = 0;
	int ret;

	if (write)
		memcpy(t->memory + TVM_CODE, guest_access, sizeof(guest_access));
	else
		memcpy(t->memory + TVM_CODE, guest_reads, sizeof(guest_reads));
	ret = tvm_real_mode(t, vp, TVM_CODE);
	ret = ret ?: vmm_set_registers(t->vp[vp], vp, regs, ARRAY_SIZE(regs));
	ret = ret ?: tvm_next_out(t, vp, &value);
	return ret ?: (int)value;
}

static int set_up(struct tvm *t)
{
	unsigned int vp, i;
	int ret = set(t, 0, HV_REGISTER_GUEST_OS_ID, OS_ID);

	memset(t->memory + FIRST_PAGE, MARK, VPS * ARRAY_SIZE(pages) * VMM_PAGE);
	for (vp = 0; vp < VPS; vp++)
		for (i = 0; i < ARRAY_SIZE(pages) && !ret; i++)
			if (!vp || !pages[i].partition)
				ret = set(t, vp, pages[i].name,
					  PAGE_OF(vp, i) | HV_MSR_PAGE_ENABLE);
	return ret;
}

TEST_F(inplace, pages)
{
	struct tvm *t = &self->t;
	unsigned int vp, i, round;

	/* The second system finds nothing of the first, and can do the same. */
	for (round = 0; round < 2; round++) {
		ASSERT_OK(set_up(t));
		for (vp = 0; vp < VPS; vp++) {
			for (i = 0; i < ARRAY_SIZE(pages); i++) {
				bool covered = !vp || !pages[i].partition;
				int found = access_by(t, vp, PAGE_OF(vp, i), false);

				ASSERT_LE(0, found);
				EXPECT_EQ(!covered, found == MARK) {
					TH_LOG("VP %u, page %u: %#x", vp, i, found);
				}
			}
		}
		/* By another processor than the one that has set it. */
		ASSERT_OK(set(t, 1, HV_REGISTER_GUEST_OS_ID, 0));
		for (vp = 0; vp < VPS; vp++) {
			for (i = 0; i < ARRAY_SIZE(pages); i++) {
				EXPECT_EQ(MARK, access_by(t, vp, PAGE_OF(vp, i), true)) {
					TH_LOG("VP %u, page %u", vp, i);
				}
				EXPECT_EQ(WRITTEN, t->memory[PAGE_OF(vp, i)]);
			}
		}
	}
}

/* A hypercall page that the guest has locked is unlocked. */
TEST_F(inplace, locked)
{
	struct tvm *t = &self->t;
	__u64 value = 1;

	ASSERT_OK(set_up(t));
	ASSERT_OK(set(t, 0, HV_X64_REGISTER_HYPERCALL,
		      PAGE_OF(0, 0) | HV_MSR_PAGE_ENABLE | HV_X64_MSR_HYPERCALL_LOCKED));
	EXPECT_EQ(-EINVAL, set(t, 0, HV_X64_REGISTER_HYPERCALL, 0));
	ASSERT_OK(set(t, 0, HV_REGISTER_GUEST_OS_ID, 0));
	ASSERT_OK(vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_HYPERCALL, &value));
	EXPECT_EQ(0, value);
	ASSERT_OK(set_up(t));
}

static bool requested(struct tvm *t, unsigned int vp, __u32 vector)
{
	__u64 irr = 0;

	vmm_get_register(t->vp[vp], vp, HV_X64_REGISTER_APIC_IRR0 + vector / 32, &irr);
	return irr >> vector % 32 & 1;
}

/* One that interrupts by a vector of its own, this long after the time goes on. */
static int start_timer(struct tvm *t, unsigned int vp, unsigned int timer, __u32 vector,
		       __u64 span)
{
	__u64 now = 0;
	int ret = vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME, &now);

	ret = ret ?: set(t, vp, HV_REGISTER_STIMER0_CONFIG + 2 * timer, 0);
	ret = ret ?: set(t, vp, HV_REGISTER_STIMER0_COUNT + 2 * timer, now + span);
	return ret ?: set(t, vp, HV_REGISTER_STIMER0_CONFIG + 2 * timer,
			  HV_STIMER_ENABLE | HV_STIMER_DIRECT |
			  vector << HV_STIMER_VECTOR_SHIFT);
}

static int freeze(struct tvm *t, bool on)
{
	return vmm_set_property(t->part, HV_PARTITION_PROPERTY_TIME_FREEZE, on);
}

/* Its APIC is switched off and on, which removes what it requests. */
static int forget(struct tvm *t, unsigned int vp)
{
	int ret = set(t, vp, HV_X64_REGISTER_APIC_BASE, vp ? 0 : 0x100);

	ret = ret ?: set(t, vp, HV_X64_REGISTER_APIC_BASE, 0xfee00800 | (vp ? 0 : 0x100));
	return ret ?: set(t, vp, HV_X64_REGISTER_APIC_SPURIOUS, 0x1ff);
}

/* Of all processors; a timer that is set afterwards is the only one. */
TEST_F(inplace, timers)
{
	struct tvm *t = &self->t;
	unsigned int vp, reset;

	for (reset = 0; reset < 2; reset++) {
		ASSERT_OK(set_up(t));
		ASSERT_OK(freeze(t, true));
		for (vp = 0; vp < VPS; vp++) {
			ASSERT_OK(forget(t, vp));
			ASSERT_OK(start_timer(t, vp, 0, VECTOR, SPAN));
		}
		if (reset)
			ASSERT_OK(set(t, 0, HV_REGISTER_GUEST_OS_ID, 0));
		for (vp = 0; vp < VPS; vp++)
			ASSERT_OK(start_timer(t, vp, 1, LATER_VECTOR, 2 * SPAN));
		ASSERT_OK(freeze(t, false));
		for (vp = 0; vp < VPS; vp++) {
			EXPECT_TRUE(wait_until(requested(t, vp, LATER_VECTOR)));
			EXPECT_EQ(!reset, requested(t, vp, VECTOR));
		}
	}
}

TEST_HARNESS_MAIN

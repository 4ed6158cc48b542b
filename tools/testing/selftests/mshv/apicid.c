// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of local APICs that a VMM chooses: whatever names an APIC names it by its id.
 *
 * Model: processors 0 to 2 get ids that are no processor's index, or those of each other;
 * interrupts come from the VMM, an eventfd, and a guest, by id.  Those that are sent to
 * an index, too, must not arrive there.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_vp.h>

#include "harness.h"
#include "apics.h"
#include "ear.h"

#define GSI		5
#define VECTOR		0x45
#define MSR_ID		0x802
#define DM_SIPI		(HV_X64_INTERRUPT_TYPE_SIPI << 8)
#define LOGICAL		0x800
#define APIC_DFR	0xe
#define APIC_ICR	0x30
#define APIC_ICR_HIGH	0x31

static const __u32 wide[VPS] = { 0x21, 0x142, 0xfedc1234 };
static const __u32 narrow[VPS] = { 0x21, 0x02, 0xf3 };

FIXTURE(apicid) {
	struct books before;
	struct tvm t;
	struct ear ear[2];
	int event;
	bool books;
};

FIXTURE_SETUP(apicid)
{
	self->event = -1;
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_vp(&self->t, 2));
}

FIXTURE_TEARDOWN(apicid)
{
	if (self->event >= 0)
		close(self->event);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int choose(struct tvm *t, const __u32 *ids)
{
	unsigned int vp;
	int ret = 0;

	for (vp = 0; vp < VPS && !ret; vp++)
		ret = apic_set(t, vp, HV_X64_REGISTER_INITIAL_APIC_ID, ids[vp]);
	return ret;
}

static int set_status(struct tvm *t, unsigned int vp, __u64 id)
{
	struct {
		struct hv_input_get_vp_registers head;
		struct hv_register_assoc reg;
	} in = {
		.head.vp_index = vp,
		.reg = vmm_value(HV_X64_REGISTER_INITIAL_APIC_ID, id),
	};
	struct vmm_call call = {
		.code = HVCALL_SET_VP_REGISTERS, .reps = 1, .in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(t->vp[vp], &call);
	return call.status;
}

/* ---- what a guest is told ---------------------------------------------------------- */

/* Its id by the APIC's own register, leaf 0xb and leaf 1. */
static const __u8 guest_who[] = {
	X2APIC_ON,
	0x66, 0xb9, 0x02, 0x08, 0, 0,	/* mov ecx, MSR_ID */
	0x0f, 0x32,			/* rdmsr */
	0xba, 0xf8, 0x03, 0x66, 0xef,	/* mov dx, 0x3f8; out dx, eax */
	0x66, 0xb8, 0x0b, 0, 0, 0,	/* mov eax, 0xb */
	0x66, 0x31, 0xc9,		/* xor ecx, ecx */
	0x0f, 0xa2,			/* cpuid */
	0x66, 0x89, 0xd0,		/* mov eax, edx */
	0xba, 0xf8, 0x03, 0x66, 0xef,
	0x66, 0xb8, 1, 0, 0, 0,		/* mov eax, 1 */
	0x0f, 0xa2,			/* cpuid */
	0x66, 0x89, 0xd8,		/* mov eax, ebx */
	0x66, 0xc1, 0xe8, 24,		/* shr eax, 24 */
	0xba, 0xf8, 0x03, 0x66, 0xef,
};

TEST_F(apicid, is_told)
{
	struct tvm *t = &self->t;
	unsigned int vp;
	__u64 value;

	memcpy(t->memory + TVM_CODE, guest_who, sizeof(guest_who));
	ASSERT_OK(choose(t, wide));
	for (vp = 0; vp < VPS; vp++) {
		EXPECT_EQ(wide[vp], apic_get(t, vp, HV_X64_REGISTER_INITIAL_APIC_ID));
		EXPECT_EQ(wide[vp] << 24, apic_get(t, vp, HV_X64_REGISTER_APIC_ID));
		ASSERT_OK(tvm_real_mode(t, vp, TVM_CODE));
		ASSERT_OK(apic_set(t, vp, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
		ASSERT_OK(tvm_next_out(t, vp, &value));
		EXPECT_EQ(wide[vp], value);
		ASSERT_OK(tvm_next_out(t, vp, &value));
		EXPECT_EQ(wide[vp], value);
		ASSERT_OK(tvm_next_out(t, vp, &value));
		EXPECT_EQ(wide[vp] & 0xff, value);
		EXPECT_EQ(wide[vp], apic_get(t, vp, HV_X64_REGISTER_APIC_ID));
		EXPECT_EQ((__u32)((wide[vp] >> 4) << 16 | 1U << (wide[vp] & 15)),
			  apic_get(t, vp, REG_APIC(APIC_LDR)));
	}
}

/* ---- interrupts --------------------------------------------------------------------- */

static int on(struct tvm *t, __u64 base)
{
	unsigned int vp;
	int ret = 0;

	for (vp = 0; vp < VPS && !ret; vp++)
		ret = apic_on(t, vp, base);
	return ret;
}

/* By the id, in any mode, and not by the index. */
TEST_F(apicid, of_the_vmm)
{
	static const __u64 modes[] = { APIC_XAPIC, APIC_X2APIC };
	struct tvm *t = &self->t;
	unsigned int mode, vp;

	ASSERT_OK(choose(t, wide));
	for (mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		for (vp = 0; vp < VPS; vp++) {
			ASSERT_OK(on(t, modes[mode]));
			EXPECT_EQ(-EINVAL, vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_FIXED,
						      false, false, vp, VECTOR));
			EXPECT_EQ(0, requested(t, VECTOR));
			ASSERT_OK(vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_FIXED, false,
					     false, wide[vp], VECTOR));
			EXPECT_EQ(HV_BIT(vp), requested(t, VECTOR));
		}
	}
	/* The second and the third, of one cluster of x2APICs. */
	ASSERT_OK(apic_set(t, 1, HV_X64_REGISTER_INITIAL_APIC_ID, 0xfedc1235));
	ASSERT_OK(on(t, APIC_X2APIC));
	ASSERT_OK(vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_FIXED, false, true,
			     (__u32)(0xfedc123ULL << 16 | 0x30), VECTOR));
	EXPECT_EQ(6, requested(t, VECTOR));
}

/* A processor sends to the id of another one; with xAPICs by the VMM's hand. */
TEST_F(apicid, of_a_guest)
{
	struct tvm *t = &self->t;
	unsigned int vp;

	ASSERT_OK(choose(t, narrow));
	for (vp = 0; vp < VPS; vp++) {
		ASSERT_OK(on(t, APIC_XAPIC));
		ASSERT_OK(apic_set(t, 0, REG_APIC(APIC_ICR_HIGH), narrow[vp] << 24));
		ASSERT_OK(apic_set(t, 0, REG_APIC(APIC_ICR), VECTOR));
		EXPECT_EQ(HV_BIT(vp), requested(t, VECTOR));

		ASSERT_OK(on(t, APIC_X2APIC));
		ASSERT_OK(apic_send(t, (__u64)narrow[vp] << 32 | VECTOR));
		EXPECT_EQ(HV_BIT(vp), requested(t, VECTOR));
		/* One that has run keeps its id. */
		ASSERT_OK(on(t, APIC_X2APIC));
		ASSERT_OK(apic_send(t, (__u64)(narrow[vp] >> 4) << 48 |
				    (1ULL << (narrow[vp] & 15)) << 32 | LOGICAL | VECTOR));
		EXPECT_EQ(HV_BIT(vp), requested(t, VECTOR));
	}
}

/* Logical ids of xAPICs are the guest's. */
TEST_F(apicid, flat_and_clusters)
{
	struct tvm *t = &self->t;
	unsigned int vp, flat;

	ASSERT_OK(choose(t, narrow));
	for (flat = 0; flat < 2; flat++) {
		for (vp = 0; vp < VPS; vp++) {
			ASSERT_OK(apic_on(t, vp, APIC_XAPIC));
			ASSERT_OK(apic_set(t, vp, REG_APIC(APIC_DFR), flat ? ~0U : ~0U >> 4));
			ASSERT_OK(apic_set(t, vp, REG_APIC(APIC_LDR),
					   (flat ? 0U : 0x30U) << 24 | 1U << (24 + vp)));
		}
		ASSERT_OK(vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_FIXED, false, true,
				     flat ? 5 : 0x35, VECTOR));
		EXPECT_EQ(5, requested(t, VECTOR));
	}
}

/* INIT and SIPI, too: the other processor starts where the guest says. */
TEST_F(apicid, starts)
{
	struct tvm *t = &self->t;
	__u64 value = 1;

	ASSERT_OK(choose(t, wide));
	ASSERT_OK(apic_on(t, 0, APIC_X2APIC));
	memcpy(t->memory + 0x6000, guest_count, sizeof(guest_count));
	ASSERT_OK(apic_send(t, (__u64)wide[2] << 32 | DM_INIT));
	ASSERT_OK(apic_send(t, (__u64)wide[2] << 32 | DM_SIPI | 6));
	ASSERT_OK(tvm_next_out(t, 2, &value));
	EXPECT_EQ(0, value);
}

/* Two have each other's index, and sleep: one eventfd for each. */
TEST_F(apicid, of_an_eventfd)
{
	static const __u32 swapped[VPS] = { 1, 0, 0xfedc1234 };
	struct tvm *t = &self->t;
	struct mshv_user_irq_entry entry = {
		.gsi = GSI, .address_lo = 0xfee00000, .data = VECTOR,
	};
	unsigned int vp, round;

	ASSERT_OK(choose(t, swapped));
	self->event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
	ASSERT_EQ(0, irqfd(t->part, self->event, GSI, 0));
	for (vp = 0; vp < 2; vp++) {
		ASSERT_OK(tvm_real_mode(t, vp, TVM_CODE));
		ASSERT_OK(apic_set(t, vp, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
		ASSERT_OK(ear_open(&self->ear[vp], t->vp[vp], vp));
		EXPECT_TRUE(ear_wait(&self->ear[vp], EAR_READY, 1));
	}
	for (round = 1; round < 4; round++) {
		for (vp = 0; vp < 2; vp++) {
			ASSERT_TRUE(wait_until(stands_in_run(self->ear[vp].tid)));
			entry.address_lo = 0xfee00000 | swapped[vp] << 12;
			ASSERT_OK(vmm_route(t->part, &entry, 1));
			ASSERT_EQ(0, ring(self->event));
			EXPECT_TRUE(ear_wait(&self->ear[vp], VECTOR, round));
			EXPECT_EQ(round - !vp, ear_heard(&self->ear[!vp], VECTOR));
		}
	}
	for (vp = 0; vp < 2; vp++)
		ear_close(&self->ear[vp]);
	/* The third does not run, and requests it. */
	ASSERT_OK(apic_on(t, 2, APIC_X2APIC));
	entry.address_lo = 0xfee00000 | (swapped[2] & 0xff) << 12;
	entry.address_hi = swapped[2] & ~0xffU;
	ASSERT_OK(vmm_route(t->part, &entry, 1));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(wait_until(requested(t, VECTOR) == 4));
}

/* ---- what is refused, and restored -------------------------------------------------- */

TEST_F(apicid, refused)
{
	struct tvm *t = &self->t;
	__u64 value;

	EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE, set_status(t, 0, 0xffffffff));
	EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE, set_status(t, 0, HV_BIT64(32) | 5));
	EXPECT_EQ(0, apic_get(t, 0, HV_X64_REGISTER_INITIAL_APIC_ID));
	EXPECT_EQ(0, set_status(t, 0, 7));
	EXPECT_EQ(0, set_status(t, 0, 8));
	memcpy(t->memory + TVM_CODE, guest_count, sizeof(guest_count));
	ASSERT_OK(tvm_real_mode(t, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(t, 0, &value));
	/* It has run. */
	EXPECT_EQ(0, set_status(t, 0, 8));
	EXPECT_EQ(HV_STATUS_INVALID_VP_STATE, set_status(t, 0, 7));
	EXPECT_EQ(8, apic_get(t, 0, HV_X64_REGISTER_INITIAL_APIC_ID));
	ASSERT_EQ(0, ioctl(t->vp[0], MSHV_RESET_VP));
	EXPECT_EQ(8, apic_get(t, 0, HV_X64_REGISTER_INITIAL_APIC_ID));
	EXPECT_EQ(0, vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 8, 0));
}

/* The state of an APIC is that of its id, as in the register of its mode. */
TEST_F(apicid, in_a_state)
{
	static const __u64 modes[] = { APIC_XAPIC, APIC_X2APIC };
	static const __u32 expected[] = { 0x42000000, 0x142 };
	struct hv_local_interrupt_controller_state *apic;
	struct tvm *t = &self->t;
	__u32 size = VMM_PAGE;
	unsigned int mode;

	apic = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, apic);
	ASSERT_OK(choose(t, wide));
	for (mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		ASSERT_OK(apic_on(t, 1, modes[mode]));
		ASSERT_OK(vmm_get_state(t->vp[1], MSHV_VP_STATE_LAPIC, apic, &size));
		EXPECT_EQ(expected[mode], apic->apic_id);
		EXPECT_EQ(0, vmm_set_state(t->vp[1], MSHV_VP_STATE_LAPIC, apic, &size));
		apic->apic_id = expected[!mode];
		EXPECT_EQ(0, vmm_set_state(t->vp[1], MSHV_VP_STATE_LAPIC, apic, &size));
		apic->apic_id = 1;
		EXPECT_EQ(-EINVAL, vmm_set_state(t->vp[1], MSHV_VP_STATE_LAPIC, apic, &size));
		EXPECT_EQ(0, apic_set(t, 1, HV_X64_REGISTER_APIC_ID, expected[mode]));
		EXPECT_EQ(-EINVAL, apic_set(t, 1, HV_X64_REGISTER_APIC_ID, expected[!mode]));
	}
	munmap(apic, VMM_PAGE);
}

TEST_HARNESS_MAIN

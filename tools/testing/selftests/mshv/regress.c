// SPDX-License-Identifier: GPL-2.0
/*
 * Defects of the past in places that no other test covers.
 */
#include <sys/eventfd.h>

#include "harness.h"
#include "ear.h"
#include "probe.h"

#define DOORBELLS	300	/* more than one interrupt takes from a ring */
#define ROUNDS		20	/* the ring is filled while it is emptied */
#define DOORBELL_GPA	0x40000ULL
#define MARK		0x2000
#define KICKS		4
#define EFER_LME	0x100

FIXTURE(regress) {
	struct books before;
	struct tvm t;
	int pinned;
	bool root;
};

FIXTURE_SETUP(regress)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->pinned = -1;
	ASSERT_OK(tvm_open(&self->t));
	self->root = tvm_root_scheduler(&self->t);
	tvm_close(&self->t);
}

FIXTURE_TEARDOWN(regress)
{
	rv_rules_clear();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int unmap(int part, __u64 pfn, __u64 pages, const void *memory)
{
	const struct mshv_user_mem_region args = {
		.size = pages * VMM_PAGE, .guest_pfn = pfn,
		.userspace_addr = (unsigned long)memory, .flags = MEM_UNMAP,
	};

	return ioctl(part, MSHV_SET_GUEST_MEMORY, &args) ? -errno : 0;
}

/* A large mapping is split: the rest stays, piece by piece. */
TEST_F(regress, part_of_a_large_block)
{
	static const unsigned int cuts[] = { 0, 5, 511 };
	struct tvm *t = &self->t;
	unsigned int i;
	__u64 mapped;
	__u8 *area, byte;

	self->pinned = pin_memory(false);
	ASSERT_LE(0, self->pinned);
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		unsigned int cut = cuts[i], next = (cut + 1) % 512;

		ASSERT_OK(probe_start(t));
		area = probe_area(2 * BLOCK);
		ASSERT_NE(NULL, area);
		area[next * VMM_PAGE] = 0x21;
		area[BLOCK] = 0x22;
		ASSERT_OK(vmm_map(t->part, PROBE_GPA, 2 * BLOCK, area, MEM_RWX));
		ASSERT_EQ(0, probe_read(t, 0, PROBE_GPA, &byte));
		ASSERT_EQ(0, probe_read(t, 0, PROBE_GPA + BLOCK, &byte));
		EXPECT_EQ(0x22, byte);

		ASSERT_EQ(0, unmap(t->part, PROBE_PFN + cut, 1,
				   area + cut * VMM_PAGE));
		EXPECT_EQ(PROBE_REFUSED,
			  probe_read(t, 0, PROBE_GPA + cut * VMM_PAGE, &byte));
		EXPECT_EQ(0, probe_read(t, 0, PROBE_GPA + next * VMM_PAGE,
					&byte));
		EXPECT_EQ(0x21, byte);
		EXPECT_EQ(0, probe_read(t, 0, PROBE_GPA + BLOCK, &byte));
		EXPECT_EQ(0x22, byte);
		/* The kernel reclaims a page of each of the pieces. */
		ASSERT_EQ(0, madvise(area + next * VMM_PAGE, VMM_PAGE,
				     MADV_DONTNEED));
		EXPECT_EQ(0, probe_read(t, 0, PROBE_GPA + next * VMM_PAGE,
					&byte));
		EXPECT_EQ(0, byte);
		if (cut)
			EXPECT_EQ(0, unmap(t->part, PROBE_PFN, cut, area));
		EXPECT_EQ(0, unmap(t->part, PROBE_PFN + cut + 1, 1023 - cut,
				   area + (cut + 1) * VMM_PAGE));
		EXPECT_EQ(PROBE_REFUSED,
			  probe_read(t, 0, PROBE_GPA + BLOCK, &byte));
		munmap(area, 2 * BLOCK);
		tvm_close(t);
		ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &mapped));
		EXPECT_EQ(self->before.value[RV_BOOKS_MAPPED], mapped);
	}
}

/* One write hits them all, and each is signalled once. */
TEST_F(regress, doorbells_for_several_interrupts)
{
	static const __u8 guest[] = {
		0xb8, 0x00, 0x40, 0x8e, 0xd8,		/* mov ds, 0x4000 */
		0xba, 0xf8, 0x03,			/* mov dx, 0x3f8 */
		0xc7, 0x06, 0, 0, 0x22, 0x22,		/* mov word [0] */
		0xb0, 0x77, OUT_AL, 0xeb, 0xf5,		/* and again */
	};
	int events[DOORBELLS];
	unsigned int i, round;
	__u64 value;

	ASSERT_OK(tvm_open(&self->t));
	ASSERT_OK(tvm_start_with_hole(&self->t, guest, sizeof(guest)));
	for (i = 0; i < DOORBELLS; i++) {
		/* They differ in bytes that a write of two bytes does not have. */
		struct mshv_user_ioeventfd a = {
			.addr = DOORBELL_GPA, .len = 2,
			.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH),
			.datamatch = 0x2222 | (__u64)i << 16,
		};

		events[i] = eventfd(0, EFD_CLOEXEC);
		ASSERT_LE(0, events[i]);
		a.fd = events[i];
		ASSERT_EQ(0, ioctl(self->t.part, MSHV_IOEVENTFD, &a));
	}
	for (round = 0; round < ROUNDS; round++) {
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		ASSERT_EQ(0x77, value);
		for (i = 0; i < DOORBELLS; i++) {
			ASSERT_TRUE(rung(events[i])) {
				TH_LOG("doorbell %u in round %u", i, round);
			}
		}
	}
	for (i = 0; i < DOORBELLS; i++)
		close(events[i]);
}

/* No message says that the processor can continue; its thread polls. */
TEST_F(regress, wake_up_is_lost)
{
	struct ear ear;

	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_EQ(0, rv_message_drop(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 1));
	ASSERT_EQ(0, rv_message_drop(HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 1));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
			     false, 0, EAR_LAST));
	EXPECT_TRUE(ear_wait(&ear, EAR_LAST, 1));
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
}

/* Enables long mode before PAE, says so at MARK, and spins. */
static const __u8 guest_long_mode_first[] = {
	0x31, 0xc0, 0x8e, 0xd8,			/* xor ax, ax; mov ds, ax */
	0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0,	/* mov ecx, EFER */
	0x66, 0xb8, 0x00, 0x01, 0x00, 0x00,	/* mov eax, LME */
	0x66, 0x31, 0xd2, 0x0f, 0x30,		/* xor edx, edx; wrmsr */
	0xc6, 0x06, MARK & 0xff, MARK >> 8, 1,	/* mov byte [MARK], 1 */
	0xeb, 0xfe,				/* and here */
};

static void *run(void *opaque)
{
	struct tvm *t = opaque;

	tvm_run(t, 0);
	return NULL;
}

/*
 * At an exit from such a guest QEMU does not restore CR0, and the hypervisor's next
 * interrupt or NMI was delivered as in real mode.
 */
TEST_F(regress, long_mode_before_pae)
{
	struct tvm *t = &self->t;
	pthread_t thread;
	unsigned int i;
	__u64 efer;

	ASSERT_OK(tvm_start(t, guest_long_mode_first, sizeof(guest_long_mode_first)));
	for (i = 0; i < KICKS; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, run, t));
		EXPECT_TRUE(wait_until(t->memory[MARK]));
		/* The hypervisor's timer under one scheduler, a kick under the other. */
		wait_slice();
		ASSERT_EQ(0, ioctl(t->vp[0], MSHV_KICK_VP));
		ASSERT_EQ(0, pthread_join(thread, NULL));
	}
	ASSERT_OK(vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_EFER, &efer));
	EXPECT_EQ(EFER_LME, efer);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_IOEVENTFD with MSHV_IOEVENTFD_BIT_PIO: port writes that become events before
 * RUN_VP continues.
 */
#include <sys/eventfd.h>

#include "harness.h"

#define PORT		0x5e0
#define PIO		HV_BIT(MSHV_IOEVENTFD_BIT_PIO)
#define DATAMATCH	HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH)
#define DEASSIGN	HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN)
#define STORM_ROUNDS	200

FIXTURE(ioport) {
	struct books before;
	struct tvm t;
	int event;
	bool books;
};

/* Writes three sizes to the port, and reports to the probe port that it is done. */
static const __u8 guest_writes[] = {
	0xba, PORT & 0xff, PORT >> 8,		/* mov dx, PORT */
	0x66, 0xb8, 0x11, 0x22, 0x33, 0x44,	/* mov eax, 0x44332211 */
	OUT_AL,					/* out dx, al */
	0xef,					/* out dx, ax */
	0x66, 0xef,				/* out dx, eax */
	0xba, 0xf8, 0x03,			/* mov dx, 0x3f8 */
	0xb0, 0x77, OUT_AL,
	0xeb, 0xeb,				/* jmp to the beginning */
};

#define BYTE_AT		9
#define WORD_AT		10
#define DWORD_AT	11
#define END_AT		13

FIXTURE_SETUP(ioport)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "ioeventfds for ports");
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_writes, sizeof(guest_writes)));
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(ioport)
{
	if (self->books)
		rv_rules_clear();
	close(self->event);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set(int part, int event, __u64 port, __u32 len, __u32 flags,
	       __u64 datamatch)
{
	struct mshv_user_ioeventfd a = {
		.addr = port, .len = len, .fd = event, .flags = PIO | flags,
		.datamatch = datamatch,
	};

	return ioctl(part, MSHV_IOEVENTFD, &a) ? -errno : 0;
}

/* No wait is needed: the thread that runs the guest has signalled. */
static __u64 events(int event)
{
	__u64 count = 0;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* Is the next exit a write to PORT at this offset? */
static bool stops_at(struct tvm *t, unsigned int offset)
{
	return !tvm_run(t, 0) &&
	       t->message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
	       tvm_io(t)->port_number == PORT &&
	       tvm_header(t)->rip == TVM_CODE + offset;
}

static int skip_to(struct tvm *t, unsigned int offset)
{
	return vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RIP,
				TVM_CODE + offset);
}

TEST_F(ioport, any_size)
{
	__u64 value = 0;
	unsigned int i;

	ASSERT_LT(0, ioctl(self->t.dev, MSHV_CHECK_EXTENSION,
			   &(__u32){ MSHV_EXTENSION_PORT_EVENTFD }));
	ASSERT_EQ(0, set(self->t.part, self->event, PORT, 0, 0, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(0x77, value);
		EXPECT_EQ(3, events(self->event));
	}
}

TEST_F(ioport, one_size)
{
	static const unsigned int at[] = { BYTE_AT, WORD_AT, DWORD_AT, END_AT };
	unsigned int i, j;
	__u64 value = 0;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, set(self->t.part, self->event, PORT, 1U << i, 0,
				 0));
		for (j = 0; j < 3; j++) {
			if (j == i)
				continue;
			EXPECT_EQ(true, stops_at(&self->t, at[j])) {
				TH_LOG("size %u, access %u", 1U << i, j);
			}
			ASSERT_OK(skip_to(&self->t, at[j + 1]));
		}
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(0x77, value);
		EXPECT_EQ(1, events(self->event));
		ASSERT_EQ(0, set(self->t.part, self->event, PORT, 1U << i,
				 DEASSIGN, 0));
	}
	EXPECT_EQ(true, stops_at(&self->t, BYTE_AT));
}

/* Only the bytes that are written are compared. */
TEST_F(ioport, data_match)
{
	int part = self->t.part;

	ASSERT_EQ(0, set(part, self->event, PORT, 2, DATAMATCH, 0x2212));
	ASSERT_EQ(0, set(part, self->event, PORT, 1, DATAMATCH, 0x11));
	EXPECT_EQ(true, stops_at(&self->t, WORD_AT));
	EXPECT_EQ(1, events(self->event));
	ASSERT_EQ(0, set(part, self->event, PORT, 2, DATAMATCH, 0x2211));
	EXPECT_EQ(true, stops_at(&self->t, DWORD_AT));
	EXPECT_EQ(1, events(self->event));
	ASSERT_EQ(0, set(part, self->event, PORT, 0, DATAMATCH, 0x44332211));
	ASSERT_OK(tvm_next_out(&self->t, 0, &(__u64){ 0 }));
	EXPECT_EQ(1, events(self->event));
}

/* Each can be removed, in any order. */
TEST_F(ioport, several_at_a_port)
{
	int part = self->t.part, other[3];
	unsigned int gone, i;
	__u64 value;

	for (gone = 0; gone < 3; gone++) {
		for (i = 0; i < 3; i++) {
			other[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			ASSERT_LE(0, other[i]);
			ASSERT_EQ(0, set(part, other[i], PORT, i ? 1U << i : 0,
					 0, 0));
		}
		ASSERT_EQ(0, set(part, other[gone], PORT, gone ? 1U << gone : 0,
				 DEASSIGN, 0));
		if (!gone)
			ASSERT_OK(skip_to(&self->t, WORD_AT));
		/* Without the one for any value, the single byte is left to the VMM. */
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RDX, PORT));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(gone ? 3 : 0, events(other[0]));
		EXPECT_EQ(gone == 1 ? 0 : 1, events(other[1]));
		EXPECT_EQ(gone == 2 ? 0 : 1, events(other[2]));
		for (i = 0; i < 3; i++) {
			EXPECT_EQ(i == gone ? -ENOENT : 0,
				  set(part, other[i], PORT, i ? 1U << i : 0,
				      DEASSIGN, 0));
			close(other[i]);
		}
	}
}

TEST_F(ioport, bad_arguments)
{
	static const __u32 lengths[] = { 3, 5, 6, 7, 8, 9, 16, ~0U };
	int part = self->t.part, event = self->event;
	struct mshv_user_ioeventfd a = {
		.addr = PORT, .len = 4, .fd = event, .flags = DATAMATCH,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		EXPECT_EQ(-EINVAL, set(part, event, PORT, lengths[i], 0, 0));
	EXPECT_EQ(-EINVAL, set(part, event, 0x10000, 1, 0, 0));
	EXPECT_EQ(-EINVAL, set(part, event, 0x10000, 0, 0, 0));
	EXPECT_EQ(-EINVAL, set(part, event, 0xfffd, 4, 0, 0));
	EXPECT_EQ(-EINVAL, set(part, event, ~0ULL, 1, 0, 0));
	EXPECT_EQ(-EBADF, set(part, -1, PORT, 1, 0, 0));
	EXPECT_EQ(-ENOENT, set(part, event, PORT, 4, DEASSIGN, 0));
	EXPECT_EQ(0, set(part, event, 0xffff, 1, 0, 0));
	EXPECT_EQ(0, set(part, event, PORT, 4, DATAMATCH, 1));
	EXPECT_EQ(-EEXIST, set(part, event, PORT, 4, DATAMATCH, 1));
	EXPECT_EQ(-EEXIST, set(part, event, PORT, 4, 0, 0));
	EXPECT_EQ(0, set(part, event, PORT, 4, DATAMATCH, 2));
	EXPECT_EQ(-ENOENT, set(part, event, PORT, 4, DEASSIGN, 0));
	/* A port is not a guest address, and vice versa. */
	a.datamatch = 1;
	EXPECT_EQ(0, ioctl(part, MSHV_IOEVENTFD, &a));
	a.flags |= DEASSIGN;
	EXPECT_EQ(0, ioctl(part, MSHV_IOEVENTFD, &a));
	EXPECT_EQ(-1, ioctl(part, MSHV_IOEVENTFD, &a));
	EXPECT_EQ(-EEXIST, set(part, event, PORT, 4, DATAMATCH, 1));
	/* The end of the partition removes the rest. */
}

/* Anything but a plain write is left to the VMM. */
TEST_F(ioport, left_to_the_vmm)
{
	static const __u8 guest[] = {
		0xba, PORT & 0xff, PORT >> 8,	/* mov dx, PORT */
		IN_AL,				/* in al, dx */
		0xbe, 0x00, 0x20,		/* mov si, 0x2000 */
		0x6e,				/* outsb */
		0xb9, 0x02, 0x00,		/* mov cx, 2 */
		0xf3, 0x6e,			/* rep outsb */
		OUT_AL, HLT,
	};
	struct tvm *t = &self->t;

	memcpy(t->memory + TVM_CODE, guest, sizeof(guest));
	ASSERT_EQ(0, set(t->part, self->event, PORT, 0, 0, 0));
	EXPECT_EQ(true, stops_at(t, 3));
	ASSERT_OK(skip_to(t, 4));
	EXPECT_EQ(true, stops_at(t, 7));
	ASSERT_OK(skip_to(t, 8));
	EXPECT_EQ(true, stops_at(t, 11));
	/* Single-stepped: whatever has set the flag needs the trap. */
	ASSERT_OK(skip_to(t, 13));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RFLAGS, 0x102));
	EXPECT_EQ(true, stops_at(t, 13));
	EXPECT_EQ(0, events(self->event));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RFLAGS, 2));
}

/* The program can change the message before it is looked at: it affects its own guest. */
TEST_F(ioport, message_changed)
{
	static const struct {
		__u8 size, length;
		bool signals;
	} list[] = {
		{ 3, 1, false }, { 0, 1, false }, { 1, 0, false }, { 1, 1, true },
	};
	struct hv_x64_io_port_intercept_message *io;
	struct tvm *t = &self->t;
	struct hv_message *page;
	unsigned int i;

	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, t->vp[0],
		    MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE * VMM_PAGE);
	ASSERT_NE(MAP_FAILED, page);
	io = (void *)page->u.bytes;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(skip_to(t, 0));
		EXPECT_EQ(-1, ioctl(t->vp[0], MSHV_RUN_VP, NULL));
		EXPECT_EQ(EFAULT, errno);
		ASSERT_EQ(0, set(t->part, self->event, PORT, 0, 0, 0));
		io->access_info = list[i].size;
		io->header.instruction_length_cr8 = list[i].length;
		EXPECT_EQ(true, list[i].signals ? !tvm_next_out(t, 0, &(__u64){ 0 }) :
						  stops_at(t, BYTE_AT));
		EXPECT_EQ(list[i].signals ? 3 : 0, events(self->event));
		ASSERT_EQ(0, set(t->part, self->event, PORT, 0, DEASSIGN, 0));
	}
	munmap(page, VMM_PAGE);
}

/* If the instruction cannot be skipped, the write is repeated once. */
TEST_F(ioport, step_fails)
{
	__u64 value;
	__u32 rule;
	int ret;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, set(self->t.part, self->event, PORT, 0, 0, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(3, events(self->event));
	ASSERT_EQ(0, rv_fail(HVCALL_SET_VP_REGISTERS,
			     HV_STATUS_OPERATION_FAILED, 1, 1, &rule));
	do {
		ret = tvm_next_out(&self->t, 0, &value);
	} while (ret == -EIO);
	ASSERT_OK(ret);
	EXPECT_EQ(3, events(self->event));
	ASSERT_EQ(0, rv_rule_hits(rule, &value));
	EXPECT_EQ(1, value);
}

static void *come_and_go(void *data)
{
	struct tvm *t = data;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	unsigned int i;
	long bad = 0;

	for (i = 0; i < STORM_ROUNDS; i++) {
		bad += !!set(t->part, event, PORT, i & 1, 0, 0);
		bad += !!set(t->part, event, PORT, i & 1, DEASSIGN, 0);
	}
	close(event);
	return (void *)bad;
}

/* Added and removed under a guest that writes. */
TEST_F(ioport, storm)
{
	unsigned int through = 0, told = 0;
	pthread_t thread;
	void *bad = NULL;

	ASSERT_EQ(0, set(self->t.part, self->event, PORT, 2, 0, 0));
	ASSERT_EQ(0, set(self->t.part, self->event, PORT, 4, 0, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, come_and_go, &self->t));
	while (pthread_tryjoin_np(thread, &bad)) {
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_OK(tvm_skip(&self->t, 0));
		if (tvm_io(&self->t)->port_number == PROBE_PORT)
			through++;
		else
			EXPECT_EQ(true, tvm_header(&self->t)->rip ==
					TVM_CODE + BYTE_AT);
		told += events(self->event);
	}
	EXPECT_EQ(NULL, bad);
	/* The last round may not be over. */
	do {
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_OK(tvm_skip(&self->t, 0));
	} while (tvm_io(&self->t)->port_number != PROBE_PORT);
	told += events(self->event);
	EXPECT_EQ(2 * (through + 1), told);
}

TEST_HARNESS_MAIN

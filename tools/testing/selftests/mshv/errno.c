// SPDX-License-Identifier: GPL-2.0
/*
 * What a program learns of its mistakes: the errno of every hypercall status, what the
 * driver refuses itself, and what comes too early or too late.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_intercept.h>
#include <hyperv/hv_vp.h>

#include "harness.h"

/* Typed from the interface's description; everything else is EIO. */
static const struct {
	__u16 status;
	int err;
} table[] = {
	{ 0x02, EINVAL },	/* invalid hypercall code */
	{ 0x03, EINVAL },	/* invalid hypercall input */
	{ 0x05, EINVAL },	/* invalid parameter */
	{ 0x06, EACCES },	/* access denied */
	{ 0x07, EBADFD },	/* invalid partition state */
	{ 0x08, EACCES },	/* operation denied */
	{ 0x09, EINVAL },	/* unknown property */
	{ 0x0a, EINVAL },	/* property value out of range */
	{ 0x0d, EINVAL },	/* invalid partition id */
	{ 0x0e, EINVAL },	/* invalid VP index */
	{ 0x11, EINVAL },	/* invalid port id */
	{ 0x12, EINVAL },	/* invalid connection id */
	{ 0x15, EBADFD },	/* invalid VP state */
	{ 0x20, EOPNOTSUPP },	/* processor feature not supported */
	{ 0x41, EINVAL },	/* invalid LP index */
	{ 0x50, EINVAL },	/* invalid register value */
	{ 0x87, EINVAL },	/* unknown register name */
};

/* These make the kernel deposit memory and retry. */
static const __u16 memory[] = { 0x0b, 0x73, 0x75, 0x83 };

#define LAST_STATUS	0x90
#define CALL_PENDING	0x79

FIXTURE(statuses) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(statuses)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(statuses)
{
	rv_rules_clear();
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int wanted(__u16 status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].status == status)
			return -table[i].err;
	return -EIO;
}

static bool is_memory(__u16 status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(memory); i++)
		if (memory[i] == status)
			return true;
	return false;
}

static int attempt(struct tvm *t, __u16 *status, __u16 *reps)
{
	struct {
		__u64 partition;
		__u32 index, vtl;
		__u32 name;
	} in = { .name = HV_X64_REGISTER_RIP };
	__u64 out[2];
	struct vmm_call call = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = 1,
		.in = &in, .in_size = 20,
		.out = out, .out_size = sizeof(out),
	};
	int ret = vmm_hvcall(t->vp[0], &call);

	*status = call.status;
	*reps = call.reps;
	return ret;
}

TEST_F(statuses, pitfall_A36_every_status)
{
	__u16 status, seen, reps;
	__u32 rule;

	for (status = 1; status <= LAST_STATUS; status++) {
		if (is_memory(status) || status == CALL_PENDING)
			continue;
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, status, 0, 1,
				     &rule));
		EXPECT_EQ(wanted(status), attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", status);
		}
		EXPECT_EQ(status, seen);
		EXPECT_EQ(0, reps);
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps));
	}
}

TEST_F(statuses, memory_statuses_are_dealt_with)
{
	__u16 seen, reps;
	__u64 hits = 0;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(memory); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, memory[i], 0, 3,
				     &rule));
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", memory[i]);
		}
		EXPECT_EQ(1, reps);
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(3, hits);
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* A hypervisor that never has enough must not get deposits for ever. */
TEST_F(statuses, pitfall_27_memory_for_ever)
{
	__u16 seen, reps;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(memory); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, memory[i], 0, 0,
				     &rule));
		EXPECT_EQ(-ENOMEM, attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", memory[i]);
		}
		EXPECT_EQ(memory[i], seen);
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps));
	}
}

/* "Pending" is not a valid answer to a synchronous call. */
TEST_F(statuses, unexpected_pending)
{
	__u16 seen, reps;
	__u32 rule;
	int ret;

	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, CALL_PENDING, 0, 1,
			     &rule));
	ret = attempt(&self->t, &seen, &reps);
	EXPECT_TRUE(ret == -EBADFD || ret == -EIO) {
		TH_LOG("ret = %d", ret);
	}
	EXPECT_EQ(CALL_PENDING, seen);
}

/* ---- what the driver refuses ------------------------------------------------------ */

FIXTURE(mistakes) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(mistakes)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "reasons");
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_LE(0, tvm_vp(&self->t, 1));
}

FIXTURE_TEARDOWN(mistakes)
{
	if (!own_driver())
		return;
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Returns the status; the errno has to be @wanted. */
static int status_of(int fd, struct mshv_root_hvcall args, int wanted)
{
	const __u16 reps = args.reps;
	int ret = ioctl(fd, MSHV_ROOT_HVCALL, &args) ? -errno : 0;

	if (ret != wanted)
		return ret;
	return args.reps && args.reps != reps ? -EPROTO : args.status;
}

TEST_F(mistakes, status_tells_which)
{
	static __u8 in[4096], out[4096];
	const struct mshv_root_hvcall good = {
		.code = HVCALL_GET_VP_REGISTERS, .reps = 1, .in_sz = 20, .out_sz = 16,
		.in_ptr = (unsigned long)in, .out_ptr = (unsigned long)out,
	};
	struct hv_input_get_vp_registers *get = (void *)in;
	struct mshv_root_hvcall bad[6];
	unsigned int i;

	get->names[0] = HV_X64_REGISTER_RIP;
	ASSERT_EQ(0, status_of(self->t.vp[0], good, 0));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = good;
	bad[0].code = HVCALL_CREATE_VP;
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  status_of(self->t.vp[0], bad[0], -EINVAL));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  status_of(self->t.dev, good, -EINVAL));
	bad[1].in_sz = 19;
	bad[2].out_ptr = 0;
	bad[3].reps = 0;
	for (i = 1; i < 4; i++)
		EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			  status_of(self->t.vp[0], bad[i], -EINVAL));
	bad[4].rsvd[3] = 1;
	bad[5].status = 9;
	for (i = 4; i < 6; i++)
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  status_of(self->t.vp[0], bad[i], -EINVAL));
	get->names[0] = HV_X64_REGISTER_REG_PAGE;
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, status_of(self->t.vp[0], good, -EACCES));
}

/* All calls whose input names a processor, after the partition. */
TEST_F(mistakes, another_processor)
{
	static const struct {
		__u16 code, reps, in_size, out_size;
	} calls[] = {
		{ HVCALL_GET_VP_REGISTERS, 1, 20, 16 },
		{ HVCALL_SET_VP_REGISTERS, 1, 48, 0 },
		{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, 0, 32, 16 },
		{ HVCALL_REGISTER_INTERCEPT_RESULT, 0, 56, 0 },
		{ HVCALL_SIGNAL_EVENT_DIRECT, 0, 24, 8 },
		{ HVCALL_POST_MESSAGE_DIRECT, 0, 280, 0 },
		{ HVCALL_GET_VP_CPUID_VALUES, 1, 48, 16 },
	};
	static const __u32 wrong[] = { 0, 2, HV_ANY_VP };
	static __u8 in[512], out[64];
	struct hv_input_get_vp_registers *head = (void *)in;
	unsigned int i, j;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct mshv_root_hvcall args = {
			.code = calls[i].code, .reps = calls[i].reps,
			.in_sz = calls[i].in_size, .out_sz = calls[i].out_size,
			.in_ptr = (unsigned long)in,
			.out_ptr = calls[i].out_size ? (unsigned long)out : 0,
		};

		for (j = 0; j < ARRAY_SIZE(wrong); j++) {
			head->vp_index = wrong[j];
			EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
				  status_of(self->t.vp[1], args, -EINVAL)) {
				TH_LOG("call %#x for processor %#x", args.code, wrong[j]);
			}
		}
	}
	/* A partition's descriptor is for all of them. */
	ASSERT_OK(vmm_set_register(self->t.part, 0, HV_X64_REGISTER_RBX, 5));
	ASSERT_OK(vmm_set_register(self->t.part, 1, HV_X64_REGISTER_RBX, 6));
	ASSERT_OK(vmm_set_register(self->t.vp[1], 1, HV_X64_REGISTER_RBX, 7));
	EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[1], 0, HV_X64_REGISTER_RBX, 8));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_EQ(5, value);
	ASSERT_OK(vmm_get_register(self->t.vp[1], 1, HV_X64_REGISTER_RBX, &value));
	EXPECT_EQ(7, value);
}

/* ---- too early, too late ---------------------------------------------------------- */

TEST_F(mistakes, too_early)
{
	static const __u32 late[] = {
		HV_PARTITION_PROPERTY_TIME_FREEZE,
		HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
		HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET,
	};
	const struct mshv_user_irq_entry route = { .gsi = 1, .address_lo = 0xfee00000,
						   .data = 0x40 };
	struct mshv_user_ioeventfd doorbell = { .addr = 0xd0000000, .len = 4 };
	int part = vmm_create_v1(self->t.dev, TVM_FLAGS), vp, event;
	struct mshv_user_irqfd irqfd = { .gsi = 1 };
	unsigned int i;

	ASSERT_OK(part);
	event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, event);
	doorbell.fd = event;
	irqfd.fd = event;
	EXPECT_EQ(-EBADFD, vmm_create_vp(part, 0));
	EXPECT_NE(NULL, strstr(vmm_error(), "too early"));
	EXPECT_EQ(-1, ioctl(part, MSHV_IOEVENTFD, &doorbell));
	EXPECT_EQ(EBADFD, errno);
	EXPECT_EQ(-EBADFD, vmm_intercept(part, HV_INTERCEPT_TYPE_X64_MSR,
					 HV_INTERCEPT_ACCESS_MASK_READ, 0));
	/* These may be there before. */
	EXPECT_EQ(0, vmm_map(part, 0, VMM_PAGE, self->t.memory, MEM_RWX));
	EXPECT_EQ(0, vmm_route(part, &route, 1));
	EXPECT_EQ(0, ioctl(part, MSHV_IRQFD, &irqfd));
	for (i = 0; i < ARRAY_SIZE(late); i++)
		EXPECT_EQ(-EBADFD, vmm_set_property(part, late[i], 1)) {
			TH_LOG("property %#x", late[i]);
		}
	ASSERT_OK(vmm_initialize(part));
	vp = vmm_create_vp(part, 0);
	EXPECT_LE(0, vp);
	for (i = 0; i < ARRAY_SIZE(late); i++)
		EXPECT_EQ(0, vmm_set_property(part, late[i], 1));
	EXPECT_EQ(0, ioctl(part, MSHV_IOEVENTFD, &doorbell));
	EXPECT_EQ(0, vmm_intercept(part, HV_INTERCEPT_TYPE_X64_MSR,
				   HV_INTERCEPT_ACCESS_MASK_READ, 0));
	close(vp);
	close(part);
	close(event);
}

TEST_F(mistakes, too_late)
{
	__u8 bits;
	struct mshv_gpap_access_bitmap dirty = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY, .page_count = 1,
		.bitmap_ptr = (unsigned long)&bits,
	};
	__u64 value;

	EXPECT_EQ(-EBADFD, vmm_set_property(self->t.part,
					    HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
					    VMM_SYNTHETIC_FEATURES));
	/* The time is not frozen, pages are not tracked. */
	EXPECT_EQ(-EBADFD, vmm_set_property(self->t.part,
					    HV_PARTITION_PROPERTY_REFERENCE_TIME, 0));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, &dirty));
	EXPECT_EQ(EBADFD, errno);
	/* A processor that has run keeps its id. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(-EBADFD, vmm_set_register(self->t.vp[0], 0,
					    HV_X64_REGISTER_INITIAL_APIC_ID, 7));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Which hypercalls MSHV_ROOT_HVCALL allows: every code on every kind of descriptor.
 * The list is typed here; rootvisor counts the calls that arrive.
 */
#include "harness.h"

enum fd_kind {
	ON_DEVICE,
	ON_PARTITION,
	ON_VP,
	FD_KINDS,
};

#define DEV	HV_BIT(ON_DEVICE)
#define PART	HV_BIT(ON_PARTITION)
#define VP	HV_BIT(ON_VP)

static const struct {
	__u16 code;
	__u8 fds;
} allowed[] = {
	{ 0x0044, DEV | PART | VP },	/* get partition property */
	{ 0x0101, DEV | PART | VP },	/* the same, extended */
	{ 0x0045, PART },		/* set partition property: async */
	{ 0x004d, PART | VP },		/* install intercept */
	{ 0x0050, PART | VP },		/* get registers */
	{ 0x0051, PART | VP },		/* set registers */
	{ 0x0052, PART | VP },		/* translate virtual address */
	{ 0x0056, PART | VP },		/* clear virtual interrupt */
	{ 0x0091, PART | VP },		/* register intercept result */
	{ 0x0094, PART | VP },		/* assert virtual interrupt */
	{ 0x00c9, PART | VP },		/* access states of guest pages */
	{ 0x00c0, PART | VP },		/* signal event, direct */
	{ 0x00c1, PART | VP },		/* post message, direct */
	{ 0x00f4, PART | VP },		/* CPUID values */
};

#define LAST_CODE	0x0200

/* Beyond the last code that has a name. */
static const __u16 outside[] = {
	0x0fff, 0x1000, 0x7fff, 0x8000, 0x8001, 0x8002, 0x8003, 0xfffe, 0xffff,
};

FIXTURE(allowlist) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(allowlist)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(allowlist)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

FIXTURE_VARIANT(allowlist) {
	enum fd_kind kind;
};

FIXTURE_VARIANT_ADD(allowlist, device) {
	.kind = ON_DEVICE,
};

FIXTURE_VARIANT_ADD(allowlist, partition) {
	.kind = ON_PARTITION,
};

FIXTURE_VARIANT_ADD(allowlist, vp) {
	.kind = ON_VP,
};

static bool is_allowed(__u16 code, enum fd_kind kind)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (allowed[i].code == code)
			return allowed[i].fds & (1 << kind);
	return false;
}

static int descriptor(const struct tvm *t, enum fd_kind kind)
{
	switch (kind) {
	case ON_DEVICE:
		return t->dev;
	case ON_PARTITION:
		return t->part;
	default:
		return t->vp[0];
	}
}

/*
 * Makes the call with a block of zeros.  The result does not matter, only whether
 * the call reaches the hypervisor.
 */
static int attempt(int fd, __u16 code, __u16 reps, __u64 *arrived)
{
	static __u8 in[4096], out[4096];
	struct vmm_call call = {
		.code = code,
		.reps = reps,
		.in = in, .in_size = 64,
		.out = out, .out_size = 64,
	};
	int ret;

	if (rv_mark())
		return -EPROTO;
	ret = vmm_hvcall(fd, &call);
	return rv_count_call(code, arrived) ? -EPROTO : ret;
}

static const char *judge(int fd, __u16 code, enum fd_kind kind)
{
	static char text[128];
	__u64 arrived = 0;
	unsigned int reps;
	int ret;

	if (is_allowed(code, kind)) {
		/* With or without elements, one form arrives. */
		ret = attempt(fd, code, 0, &arrived);
		if (!arrived)
			ret = attempt(fd, code, 1, &arrived);
		if (arrived)
			return NULL;
		snprintf(text, sizeof(text), "%#x does not arrive: %d", code,
			 ret);
		return text;
	}
	for (reps = 0; reps < 2; reps++) {
		ret = attempt(fd, code, reps, &arrived);
		if (ret != -EINVAL || arrived) {
			snprintf(text, sizeof(text),
				 "%#x with %u elements: %d, arrived %llu times",
				 code, reps, ret, arrived);
			return text;
		}
	}
	return NULL;
}

/* Calls that the driver itself makes all the time cannot be counted separately. */
static bool is_noisy(__u16 code)
{
	switch (code) {
	case HVCALL_MAP_DEVICE_INTERRUPT:
	case HVCALL_UNMAP_DEVICE_INTERRUPT:
	case HVCALL_DISPATCH_VP:
	case HVCALL_NOTIFY_PORT_RING_EMPTY:
		return true;
	}
	return false;
}

TEST_F(allowlist, every_code)
{
	int fd = descriptor(&self->t, variant->kind);
	const char *wrong;
	unsigned int code;

	for (code = 0; code <= LAST_CODE; code++) {
		if (is_noisy(code))
			continue;
		wrong = judge(fd, code, variant->kind);
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("%s", wrong);
		}
	}
	for (code = 0; code < ARRAY_SIZE(outside); code++) {
		wrong = judge(fd, outside[code], variant->kind);
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("%s", wrong);
		}
	}
}

TEST_HARNESS_MAIN

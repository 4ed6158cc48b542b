// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_CREATE_VP: valid indexes, and the state of a new processor.
 */
#include "harness.h"

FIXTURE(vp) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(vp)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_partition(&self->t));
}

FIXTURE_TEARDOWN(vp)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(vp, descriptor)
{
	char path[64], name[128];
	int fd = tvm_vp(&self->t, 0);
	ssize_t n;

	ASSERT_OK(fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & O_ACCMODE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	ASSERT_LT(0, n);
	name[n] = 0;
	EXPECT_STREQ("anon_inode:mshv_vp", name);
}

TEST_F(vp, twice)
{
	int fds;

	ASSERT_OK(tvm_vp(&self->t, 0));
	fds = count_open_fds();
	EXPECT_EQ(-EEXIST, vmm_create_vp(self->t.part, 0));
	EXPECT_EQ(fds, count_open_fds());
}

/* A closed descriptor does not free its index: VPs are destroyed with the partition. */
TEST_F(vp, closed_is_not_gone)
{
	int fd = vmm_create_vp(self->t.part, 0);

	ASSERT_OK(fd);
	close(fd);
	EXPECT_EQ(-EEXIST, vmm_create_vp(self->t.part, 0));
}

TEST_F(vp, sparse)
{
	static const __u32 list[] = { 5, 0, 63, 64, 200, 255 };
	int fds[ARRAY_SIZE(list)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		fds[i] = vmm_create_vp(self->t.part, list[i]);
		EXPECT_LE(0, fds[i]) {
			TH_LOG("VP %u: %s", list[i], vmm_error());
		}
	}
	for (i = 0; i < ARRAY_SIZE(list); i++)
		close(fds[i]);
}

/* More than the hypervisor destroys at once. */
TEST_F(vp, many_end_together)
{
	unsigned int i;
	int fd;

	for (i = 0; i < 65; i++) {
		fd = vmm_create_vp(self->t.part, i);
		ASSERT_OK(fd);
		close(fd);
	}
}

/* What concerns all processors passes over those that there are not. */
TEST_F(vp, sparse_without_a_system)
{
	static const unsigned int list[] = { 0, 2 };
	unsigned int i;
	__u64 value;

	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(tvm_vp(&self->t, 2));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, 1));
	for (i = 0; i < ARRAY_SIZE(list); i++)
		ASSERT_OK(vmm_set_register(self->t.vp[list[i]], list[i],
					   HV_REGISTER_SCONTROL, 1));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, 0));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(vmm_get_register(self->t.vp[list[i]], list[i],
					   HV_REGISTER_SCONTROL, &value));
		EXPECT_EQ(0, value) {
			TH_LOG("VP %u", list[i]);
		}
	}
}

TEST_F(vp, bad_index)
{
	static const __u32 list[] = {
		2048, 4096, 0x10000, 0x7fffffff, 0x80000000,
		HV_VP_INDEX_SELF, HV_ANY_VP,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		EXPECT_EQ(-EINVAL, vmm_create_vp(self->t.part, list[i]));
}

TEST_F(vp, bad_pointer)
{
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_CREATE_VP, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_CREATE_VP, -4096L));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(vp, before_initialize)
{
	int part = vmm_create_v1(self->t.dev, TVM_FLAGS), fd;

	ASSERT_OK(part);
	EXPECT_GT(0, vmm_create_vp(part, 0));
	ASSERT_OK(vmm_initialize(part));
	fd = vmm_create_vp(part, 0);
	EXPECT_LE(0, fd) {
		TH_LOG("after initialize: %s", vmm_error());
	}
	close(fd);
	close(part);
}

/* Running out of descriptors must not use up the index. */
TEST_F(vp, pitfall_A33_no_descriptor_left)
{
	struct rlimit limit, none;
	int ret;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 3;
	while (fcntl(none.rlim_cur, F_GETFD) >= 0)
		none.rlim_cur++;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	ret = vmm_create_vp(self->t.part, 0);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, ret);
	ASSERT_OK(tvm_vp(&self->t, 0));
}

/* Without memory for its register page, which it would never get, there is no VP. */
TEST_F(vp, no_memory_for_a_page)
{
	unsigned int skip;
	__u32 rule;
	void *page;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (skip = 0; skip < 2; skip++) {
		ASSERT_EQ(0, rv_fail(HVCALL_MAP_VP_STATE_PAGE,
				     HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY,
				     skip, 0, &rule));
		EXPECT_EQ(-ENOMEM, vmm_create_vp(self->t.part, 0));
		ASSERT_EQ(0, rv_rules_clear());
	}
	ASSERT_OK(tvm_vp(&self->t, 0));
	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ASSERT_NE(NULL, page);
	munmap(page, VMM_PAGE);
}

TEST_F(vp, unknown_ioctls)
{
	static const unsigned long foreign[] = {
		MSHV_INITIALIZE_PARTITION + 0x70, MSHV_CREATE_PARTITION,
		MSHV_CREATE_VP, MSHV_SET_GUEST_MEMORY, 0xffffffff,
		_IOR(MSHV_IOCTL, 0, __u32),
	};
	unsigned int i;

	ASSERT_OK(tvm_vp(&self->t, 0));
	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		EXPECT_EQ(-1, ioctl(self->t.vp[0], foreign[i], 0));
		EXPECT_EQ(ENOTTY, errno);
	}
}

TEST_F(vp, born_suspended)
{
	__u64 value = 0;

	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_REGISTER_EXPLICIT_SUSPEND, &value));
	EXPECT_EQ(1, value & 1);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_REGISTER_INTERCEPT_SUSPEND, &value));
	EXPECT_EQ(0, value & 1);
}

TEST_F(vp, reset_state)
{
	struct hv_register_assoc cs = { .name = HV_X64_REGISTER_CS };
	__u64 value = 0;

	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RIP,
				   &value));
	EXPECT_EQ(0xfff0, value);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RFLAGS,
				   &value));
	EXPECT_EQ(2, value);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_CR0,
				   &value));
	EXPECT_EQ(0x60000010, value);
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &cs, 1));
	EXPECT_EQ(0xffff0000, cs.value.segment.base);
	EXPECT_EQ(0xf000, cs.value.segment.selector);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_APIC_BASE, &value));
	EXPECT_EQ(0xfee00900, value);
}

/* The fixture has only the partition. */
static int start(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_memory(t);

	ret = ret < 0 ? ret : tvm_vp(t, 0);
	if (ret < 0)
		return ret;
	memcpy(t->memory + TVM_CODE, code, size);
	return tvm_real_mode(t, 0, TVM_CODE);
}

/* A processor may not run it with its caches off, which it must not notice. */
TEST_F(vp, caches_after_reset)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x0f, 0x20, 0xc0,	/* mov eax, cr0 */
		0x66, 0xef,		/* out dx, eax */
		0x66, 0x25, 0xff, 0xff, 0xff, 0x9f,	/* and eax, ~(CD | NW) */
		0x0f, 0x22, 0xc0,	/* mov cr0, eax */
		0x0f, 0x20, 0xc0,	/* mov eax, cr0 */
		0x66, 0xef,		/* out dx, eax */
	};
	static const __u64 cr0[] = { 0x60000010, 0x10 };
	__u64 value = 0;

	ASSERT_OK(start(&self->t, code, sizeof(code)));
	for (unsigned int i = 0; i < ARRAY_SIZE(cr0); i++) {
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(cr0[i], value);
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_CR0, &value));
		EXPECT_EQ(cr0[i], value);
	}
}

/* They are loaded when the guest touches one; the root has its own. */
TEST_F(vp, debug_registers)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x66, 0xb8, 0x78, 0x56, 0x34, 0x12,	/* mov eax, 0x12345678 */
		0x0f, 0x23, 0xc0,	/* mov dr0, eax */
		0x66, 0xef,		/* out dx, eax */
		0x0f, 0x21, 0xd8,	/* mov eax, dr3 */
		0x66, 0xef,		/* out dx, eax */
		0x0f, 0x21, 0xc0,	/* mov eax, dr0 */
		0x66, 0xef,		/* out dx, eax */
	};
	__u64 value = 0;

	ASSERT_OK(start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_DR0, &value));
	EXPECT_EQ(0x12345678, value);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR3, 0x9abc));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x9abc, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x12345678, value);
}

TEST_F(vp, vp_keeps_the_partition)
{
	__u64 value;

	ASSERT_OK(tvm_memory(&self->t));
	memcpy(self->t.memory + TVM_CODE, guest_count, sizeof(guest_count));
	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	close(self->t.part);
	close(self->t.dev);
	self->t.part = -1;
	self->t.dev = -1;
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(1, value);
}

/* Another thread guesses the next descriptor before CREATE_VP has returned. */
struct early {
	int fd;
	volatile bool stop;
	struct hv_message message;
	int result;
};

static void *early_thread(void *opaque)
{
	struct early *e = opaque;
	int ret;

	do {
		ret = ioctl(e->fd, MSHV_RUN_VP, &e->message);
		e->result = ret < 0 ? -errno : 0;
	} while (e->result == -EBADF && !e->stop);
	return NULL;
}

static void early_kick(int signal)
{
	(void)signal;
}

TEST_F(vp, pitfall_A32_run_before_create_returns)
{
	struct sigaction kick = { .sa_handler = early_kick };
	struct early e = { 0 };
	pthread_t thread;
	unsigned int round;
	__u64 value;

	sigaction(SIGUSR1, &kick, NULL);
	ASSERT_OK(tvm_memory(&self->t));
	memcpy(self->t.memory + 0xfff0, guest_count, sizeof(guest_count));
	for (round = 0; round < TVM_MAX_VPS; round++) {
		e.fd = dup(self->t.dev);
		ASSERT_LE(0, e.fd);
		close(e.fd);	/* the next descriptor will be this one */
		e.stop = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, early_thread, &e));
		ASSERT_EQ(e.fd, tvm_vp(&self->t, round));
		e.stop = true;
		while (pthread_tryjoin_np(thread, NULL)) {
			pthread_kill(thread, SIGUSR1);
			wait_slice();
		}
		EXPECT_TRUE(e.result == 0 || e.result == -EINTR ||
			    e.result == -EBADF) {
			TH_LOG("RUN_VP: %d", e.result);
		}
	}
	/* Whatever happened then, the first processor runs now. */
	ASSERT_OK(tvm_real_mode(&self->t, 0, 0xfff0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
}

TEST_HARNESS_MAIN

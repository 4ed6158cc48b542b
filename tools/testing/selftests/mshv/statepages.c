// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_VP_STATE and MSHV_SET_VP_STATE: the pages of the buffer, which the hypervisor
 * accesses itself where they can be pinned.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "harness.h"

#define TYPE		MSHV_VP_STATE_SIMP	/* a page of any content */
#define VMSTAT		"/proc/vmstat"
#define REFRESH		"/proc/sys/vm/stat_refresh"
#define ROUNDS		2000
#define OLD		0xee

FIXTURE(pages) {
	struct books before;
	struct tvm t;
	__u8 *a, *b;
	bool books;
};

static void *page(void)
{
	return mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

FIXTURE_SETUP(pages)
{
	unsigned int i;

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	self->a = page();
	self->b = page();
	ASSERT_NE(MAP_FAILED, self->a);
	ASSERT_NE(MAP_FAILED, self->b);
	for (i = 0; i < VMM_PAGE; i++)
		self->a[i] = i * 7 + 1;
	memset(self->b, OLD, VMM_PAGE);
}

FIXTURE_TEARDOWN(pages)
{
	__u64 value;

	/* Whatever has been tried, the guest still runs. */
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	munmap(self->a, VMM_PAGE);
	munmap(self->b, VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int get(struct tvm *t, void *to)
{
	__u32 size = VMM_PAGE;

	return vmm_get_state(t->vp[0], TYPE, to, &size);
}

static int set(struct tvm *t, const void *from)
{
	__u32 size = VMM_PAGE;

	return vmm_set_state(t->vp[0], TYPE, (void *)from, &size);
}

/* Pages pinned now, of the whole system; -1 if the kernel does not count them. */
static long long pinned(void)
{
	long long got = -1, put = -1, value;
	char name[64];
	FILE *f;

	/* What processors have not added yet. */
	f = fopen(REFRESH, "r");
	if (!f)
		return -1;
	fgetc(f);
	fclose(f);
	f = fopen(VMSTAT, "r");
	while (f && fscanf(f, "%63s %lld", name, &value) == 2) {
		if (!strcmp(name, "nr_foll_pin_acquired"))
			got = value;
		if (!strcmp(name, "nr_foll_pin_released"))
			put = value;
	}
	if (f)
		fclose(f);
	return got < 0 || put < 0 ? -1 : got - put;
}

/* All that is behind the state in the buffer need not be there. */
TEST_F(pages, only_what_is_used)
{
	__u32 size;
	__u8 *two;

	two = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, munmap(two + VMM_PAGE, VMM_PAGE));
	memcpy(two, self->a, VMM_PAGE);
	size = 2 * VMM_PAGE;
	EXPECT_EQ(0, vmm_set_state(self->t.vp[0], TYPE, two, &size));
	EXPECT_EQ(VMM_PAGE, size);
	memset(two, OLD, VMM_PAGE);
	size = 2 * VMM_PAGE;
	EXPECT_EQ(0, vmm_get_state(self->t.vp[0], TYPE, two, &size));
	EXPECT_EQ(VMM_PAGE, size);
	EXPECT_EQ(0, memcmp(self->a, two, VMM_PAGE));
	munmap(two, VMM_PAGE);
}

/* A page that is shared since fork() is written for one process, not for both. */
TEST_F(pages, not_the_childs)
{
	int go[2], status;
	char byte;
	pid_t child;

	ASSERT_OK(set(&self->t, self->a));
	ASSERT_EQ(0, pipe(go));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) || self->b[0] != OLD);
	}
	EXPECT_EQ(0, get(&self->t, self->b));
	EXPECT_EQ(0, memcmp(self->a, self->b, VMM_PAGE));
	close(go[0]);
	close(go[1]);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* Memory that has not been touched yet, to read from and to write to. */
TEST_F(pages, not_there_yet)
{
	static const __u8 zeroes[VMM_PAGE];
	__u8 *one = page();

	ASSERT_NE(MAP_FAILED, one);
	ASSERT_OK(set(&self->t, self->a));
	ASSERT_OK(set(&self->t, one));
	ASSERT_OK(get(&self->t, self->b));
	EXPECT_EQ(0, memcmp(zeroes, self->b, VMM_PAGE));
	ASSERT_OK(set(&self->t, self->a));
	ASSERT_EQ(0, madvise(one, VMM_PAGE, MADV_DONTNEED));
	ASSERT_OK(get(&self->t, one));
	EXPECT_EQ(0, memcmp(self->a, one, VMM_PAGE));
	munmap(one, VMM_PAGE);
}

/* What is read into a file is in the file, when the mapping has long gone. */
TEST_F(pages, into_a_file)
{
	int fd = memfd_create("state", 0);
	__u8 *shared;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	shared = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_OK(set(&self->t, self->a));
	EXPECT_EQ(0, get(&self->t, shared));
	munmap(shared, VMM_PAGE);
	ASSERT_EQ(VMM_PAGE, pread(fd, self->b, VMM_PAGE, 0));
	EXPECT_EQ(0, memcmp(self->a, self->b, VMM_PAGE));
	/* The file has ended, but not the mapping. */
	shared = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, ftruncate(fd, 0));
	EXPECT_EQ(-EFAULT, get(&self->t, shared));
	EXPECT_EQ(-EFAULT, set(&self->t, shared));
	munmap(shared, VMM_PAGE);
	close(fd);
}

/* Memory that can be accessed but not pinned. */
#define EXPECT_COPIED(where) do {					\
	__u8 *where_ = (where);						\
									\
	memcpy(where_, self->a, VMM_PAGE);				\
	ASSERT_OK(set(&self->t, where_));				\
	ASSERT_OK(get(&self->t, self->b));				\
	EXPECT_EQ(0, memcmp(self->a, self->b, VMM_PAGE));		\
	memset(where_, 0, VMM_PAGE);					\
	ASSERT_OK(get(&self->t, where_));				\
	EXPECT_EQ(0, memcmp(self->a, where_, VMM_PAGE));		\
	memset(where_, 0, VMM_PAGE);					\
} while (0)

TEST_F(pages, shared_with_the_kernel)
{
	__u8 *control = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_CONTROL);

	if (!control)
		SKIP(return, NOT_THIS_DRIVER "control page");
	EXPECT_COPIED(control);
	EXPECT_EQ(0, mprotect(control, VMM_PAGE, PROT_READ));
	EXPECT_EQ(0, set(&self->t, control));
	EXPECT_EQ(-EFAULT, get(&self->t, control));
	munmap(control, VMM_PAGE);
}

TEST_F(pages, secret)
{
	int fd = syscall(SYS_memfd_secret, 0);
	__u8 *secret;

	if (fd < 0)
		SKIP(return, "this kernel has no secret memory");
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	secret = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	ASSERT_NE(MAP_FAILED, secret);
	EXPECT_COPIED(secret);
	munmap(secret, VMM_PAGE);
}

/* Nothing stays pinned, whatever has become of the call. */
TEST_F(pages, released)
{
	long long before = pinned();
	unsigned int i;
	__u32 rule;

	if (before < 0)
		SKIP(return, "this kernel does not count pins");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, set(&self->t, self->a));
		EXPECT_EQ(0, get(&self->t, self->b));
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_STATE, HV_STATUS_OPERATION_FAILED, 0, 1,
				     &rule));
		EXPECT_EQ(-EIO, get(&self->t, self->b));
		ASSERT_EQ(0, rv_fail(HVCALL_SET_VP_STATE, HV_STATUS_OPERATION_FAILED, 0, 1,
				     &rule));
		EXPECT_EQ(-EIO, set(&self->t, self->a));
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_EQ(before, pinned());
}

struct hostile {
	__u8 *at;
	volatile bool stop;
};

/* Changes, replaces, protects and removes the page all the time. */
static void *spoil(void *opaque)
{
	struct hostile *h = opaque;
	const int prot = PROT_READ | PROT_WRITE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	while (!h->stop) {
		mmap(h->at, VMM_PAGE, prot, flags, -1, 0);
		memset(h->at, 0x55, VMM_PAGE);
		madvise(h->at, VMM_PAGE, MADV_DONTNEED);
		mprotect(h->at, VMM_PAGE, PROT_READ);
		mprotect(h->at, VMM_PAGE, PROT_NONE);
		munmap(h->at, VMM_PAGE);
	}
	return NULL;
}

/* The call is done, or the memory was not there. */
TEST_F(pages, pitfall_U25_replaced_meanwhile)
{
	struct hostile h = { .at = page() };
	long long before = pinned();
	unsigned int i, bad = 0;
	pthread_t thread;
	int ret;

	ASSERT_NE(MAP_FAILED, h.at);
	ASSERT_EQ(0, pthread_create(&thread, NULL, spoil, &h));
	for (i = 0; i < ROUNDS; i++) {
		ret = i & 1 ? set(&self->t, h.at) : get(&self->t, h.at);
		bad += ret && ret != -EFAULT;
	}
	h.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, bad);
	EXPECT_EQ(before, pinned());
	/* Another page than those that were pinned. */
	ASSERT_OK(set(&self->t, self->a));
	ASSERT_OK(get(&self->t, self->b));
	EXPECT_EQ(0, memcmp(self->a, self->b, VMM_PAGE));
}

TEST_HARNESS_MAIN

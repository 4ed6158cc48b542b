// SPDX-License-Identifier: GPL-2.0
/*
 * A blocked reader of /proc/kcore, and deposits that wait for it.
 *
 * Model: the reader's buffer is a page behind a userfaultfd, so the reader is
 * blocked in a fault for as long as the test likes, and the kernel deposits no page
 * meanwhile, unless it has some that are kept from readers already.  Then something
 * needs a deposit.  It may wait for the reader, but without locks that the reader's
 * fault takes: otherwise both wait for ever.
 */
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "driverbook.h"
#include "harness.h"

/* An address that is memory in every machine. */
#define SOME_MEMORY	(16 << 20)
#define SOME_GPA	0x20000000
/* State of a thread that waits for readers, and how often it has to be seen in it. */
#define UNINTERRUPTIBLE	'D'
#define STANDS		20

/* Operations that may deposit. */
static int map_registers(struct tvm *t)
{
	void *page = mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED, t->vp[0],
			  MSHV_VP_MMAP_OFFSET_REGISTERS * VMM_PAGE);

	return page == MAP_FAILED ? -errno : munmap(page, VMM_PAGE);
}

static int create_vp(struct tvm *t)
{
	int ret = tvm_vp(t, 1);

	return ret < 0 ? ret : 0;
}

static int add_doorbell(struct tvm *t)
{
	struct mshv_user_ioeventfd args = {
		.fd = eventfd(0, EFD_CLOEXEC),
		.addr = SOME_GPA,
		.len = 4,
	};
	int ret = ioctl(t->part, MSHV_IOEVENTFD, &args) ? -errno : 0;

	close(args.fd);
	return ret;
}

static int run(struct tvm *t)
{
	__u64 value;

	return tvm_next_out(t, 0, &value);
}

static int unmap(struct tvm *t)
{
	int ret = run(t);

	return ret ? ret : vmm_unmap(t->part, 0, t->size, t->memory);
}

FIXTURE(kcore) {
	struct books before;
	struct tvm t;
	int uffd;
	int kcore;
	off_t offset;
	__u8 *page;
	__u8 *content;
};

FIXTURE_VARIANT(kcore) {
	__u16 code;
	bool waits;
	int (*act)(struct tvm *t);
};

/* The page has been mapped since the VP was created. */
FIXTURE_VARIANT_ADD(kcore, map_registers) {
	.code = HVCALL_MAP_VP_STATE_PAGE, .act = map_registers,
};

FIXTURE_VARIANT_ADD(kcore, create_vp) {
	.code = HVCALL_CREATE_VP, .waits = true, .act = create_vp,
};

FIXTURE_VARIANT_ADD(kcore, map_state_page) {
	.code = HVCALL_MAP_VP_STATE_PAGE, .waits = true, .act = create_vp,
};

FIXTURE_VARIANT_ADD(kcore, add_doorbell) {
	.code = HVCALL_CREATE_PORT, .waits = true, .act = add_doorbell,
};

FIXTURE_VARIANT_ADD(kcore, fault) {
	.code = HVCALL_MAP_GPA_PAGES, .waits = true, .act = run,
};

FIXTURE_VARIANT_ADD(kcore, unmap) {
	.code = HVCALL_UNMAP_GPA_PAGES, .waits = true, .act = unmap,
};

FIXTURE_SETUP(kcore)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register watch = {
		.range.len = VMM_PAGE, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	self->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self->kcore < 0 || self->uffd < 0 ||
	    ioctl(self->uffd, UFFDIO_API, &api))
		SKIP(return, "no /proc/kcore or no userfaultfd");
	self->offset = kcore_offset(self->kcore, SOME_MEMORY);
	ASSERT_LE(0, self->offset);
	self->page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	self->content = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_NE(MAP_FAILED, self->content);
	watch.range.start = (unsigned long)self->page;
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_REGISTER, &watch));
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(kcore)
{
	rv_rules_clear();
	tvm_close(&self->t);
	close(self->uffd);
	close(self->kcore);
	munmap(self->page, VMM_PAGE);
	munmap(self->content, VMM_PAGE);
	ASSERT_BOOKS(&self->before);
}

/**
 * struct actor - a thread that does one thing
 * @self: the fixture
 * @act: the operation that deposits
 * @tid: thread id, 0 before it has started
 * @stands: how often in a row it was seen blocked
 * @result: its result
 * @done: it has ended
 * @thread: its pthread
 */
struct actor {
	FIXTURE_DATA(kcore) *self;
	int (*act)(struct tvm *t);
	pid_t tid;
	unsigned int stands;
	long result;
	bool done;
	pthread_t thread;
};

static void end(struct actor *a, long result)
{
	a->result = result;
	__atomic_store_n(&a->done, true, __ATOMIC_RELEASE);
}

static bool has_ended(const struct actor *a)
{
	return __atomic_load_n(&a->done, __ATOMIC_ACQUIRE);
}

static void *read_memory(void *arg)
{
	struct actor *a = arg;

	end(a, pread(a->self->kcore, a->self->page, VMM_PAGE, a->self->offset));
	return NULL;
}

static void *ask(void *arg)
{
	struct actor *a = arg;

	__atomic_store_n(&a->tid, gettid(), __ATOMIC_RELEASE);
	end(a, a->act(&a->self->t));
	return NULL;
}

/* The kernel reclaims pages, as it may at any moment. */
static void *take_pages(void *arg)
{
	struct actor *a = arg;
	struct tvm *t = &a->self->t;

	int ret = mprotect(t->memory, t->size, PROT_READ);

	end(a, ret ? ret : mprotect(t->memory, t->size, PROT_READ | PROT_WRITE));
	return NULL;
}

static void *provide_page(void *arg)
{
	struct actor *a = arg;
	struct uffdio_copy copy = {
		.dst = (unsigned long)a->self->page,
		.src = (unsigned long)a->self->content,
		.len = VMM_PAGE,
	};

	end(a, ioctl(a->self->uffd, UFFDIO_COPY, &copy));
	return NULL;
}

/* A thread in this state waits for the reader, as nothing else is running. */
static bool waits_for_reader(struct actor *a)
{
	pid_t tid = __atomic_load_n(&a->tid, __ATOMIC_ACQUIRE);
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = tid ? fopen(path, "r") : NULL;
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	a->stands = state == UNINTERRUPTIBLE ? a->stands + 1 : 0;
	return a->stands >= STANDS;
}

/*
 * A deadlock only ends with the process: a reader that waits for its page can be
 * killed.
 */
#define EXPECT_ENDED(actor) do {					\
	bool ended_ = wait_until(has_ended(actor));			\
									\
	EXPECT_TRUE(ended_) {						\
		TH_LOG(#actor " does not end");				\
		_exit(1);						\
	}								\
} while (0)

TEST_F(kcore, reader_stands_still)
{
	struct actor reader = { .self = self };
	struct actor asker = { .self = self, .act = variant->act };
	struct actor taker = { .self = self };
	struct actor helper = { .self = self };
	bool waited;
	__u64 hits;
	__u32 rule;

	ASSERT_EQ(0, rv_fail(variant->code, HV_STATUS_INSUFFICIENT_MEMORY, 0, 1,
			     &rule));
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, read_memory, &reader));
	ASSERT_TRUE(wait_readable(self->uffd));
	ASSERT_EQ(0, pthread_create(&asker.thread, NULL, ask, &asker));
	EXPECT_TRUE(wait_until(has_ended(&asker) || waits_for_reader(&asker)));
	waited = !has_ended(&asker);
	/* Pages of a chunk have been offline for long. */
	if (driver_book("chunks") <= 0)
		EXPECT_EQ(variant->waits, waited);

	ASSERT_EQ(0, pthread_create(&taker.thread, NULL, take_pages, &taker));
	EXPECT_ENDED(&taker);
	EXPECT_EQ(0, taker.result);
	ASSERT_EQ(0, pthread_create(&helper.thread, NULL, provide_page, &helper));
	EXPECT_ENDED(&helper);
	EXPECT_ENDED(&reader);
	EXPECT_ENDED(&asker);
	EXPECT_EQ(VMM_PAGE, reader.result);
	EXPECT_EQ(0, asker.result);
	EXPECT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_EQ(variant->waits, hits);
	pthread_join(taker.thread, NULL);
	pthread_join(helper.thread, NULL);
	pthread_join(reader.thread, NULL);
	pthread_join(asker.thread, NULL);
}

TEST_HARNESS_MAIN

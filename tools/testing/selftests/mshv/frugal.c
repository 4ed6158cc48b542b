// SPDX-License-Identifier: GPL-2.0
/*
 * Guaranteed costs: hypercalls of an operation, and that an exit and a
 * passed-through call allocate nothing.
 *
 * Model: rootvisor counts the calls.  Allocations are counted by the kernel's
 * tracepoints for this thread; that they work at all is checked first.
 *
 * Disturbances only add to the cost of an operation: the driver checks for a lost
 * message after a second without any, it leaves the guest when the kernel has work
 * for the thread, and interrupts allocate what they need.  So an operation is
 * measured again if it was too expensive, and the guaranteed cost has to be seen
 * once.
 */
#include <stdio.h>

#include "harness.h"
#include "probe.h"
#include "tracefs.h"

#define MANY_VPS	64
#define LIFE_CALLS_MAX	370
#define ROUNDS		50
/* Few at a time, so that some of them are undisturbed. */
#define EXITS		20
#define MEASUREMENTS	200	/* at the most */

#define EVENTS		TRACING "events/kmem/"

static const char * const events[] = {
	EVENTS "kmalloc/enable",
	EVENTS "kmem_cache_alloc/enable",
	EVENTS "mm_page_alloc/enable",
};

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text));
	close(fd);
	return ret < 0 ? -errno : 0;
}

static int trace(bool on)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(events) && !ret; i++)
		ret = put(events[i], on ? "1" : "0");
	return ret;
}

/* Lines of the trace that are not comments. */
static int traced(void)
{
	FILE *f = fopen(TRACING "trace", "r");
	char line[512];
	int nr = 0;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		nr += line[0] != '#';
	fclose(f);
	return nr;
}

static int trace_begin(void)
{
	char pid[16];
	int ret;

	snprintf(pid, sizeof(pid), "%d", getpid());
	ret = put(TRACING "set_event_pid", pid);
	if (!ret)
		ret = put(TRACING "trace", "");
	return ret ? ret : trace(true);
}

/* Allocations since trace_begin(). */
static int trace_end(void)
{
	int ret = trace(false);

	put(TRACING "set_event_pid", "");
	return ret ? ret : traced();
}

FIXTURE(frugal) {
	struct books before;
	struct tvm t;
	int pinned;
};

FIXTURE_SETUP(frugal)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "budget of allocations");
	memset(&self->t, 0xff, sizeof(self->t));
	self->t.memory = NULL;
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	/* The kernel moves other memory at any time, which costs calls. */
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(frugal)
{
	tvm_close(&self->t);
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	ASSERT_BOOKS(&self->before);
}

static int life(struct tvm *t)
{
	int vps[MANY_VPS], ret;
	unsigned int i;

	ret = tvm_create(t, TVM_FLAGS);
	if (ret)
		return ret;
	ret = vmm_initialize(t->part);
	for (i = 0; i < MANY_VPS; i++)
		vps[i] = ret ? -1 : vmm_create_vp(t->part, i);
	for (i = 0; i < MANY_VPS; i++) {
		if (vps[i] < 0)
			ret = vps[i];
		else
			close(vps[i]);
	}
	tvm_close(t);
	return ret;
}

/* A list that the hypervisor cuts short is still one call. */
TEST_F(frugal, life_of_64_processors)
{
	__u64 calls;

	ASSERT_EQ(0, rv_rep_slice(HV_HYPERCALL_MAX_REPS));
	ASSERT_EQ(0, rv_mark());
	EXPECT_EQ(0, life(&self->t)) {
		TH_LOG("%s", vmm_error());
	}
	ASSERT_EQ(0, rv_count_call(RV_ANY_CODE, &calls));
	ASSERT_EQ(0, rv_rep_slice(0));
	EXPECT_GE(LIFE_CALLS_MAX, calls) {
		TH_LOG("%llu hypercalls", calls);
	}
	/* There is at least one call for each, so something was counted. */
	EXPECT_LE(MANY_VPS, calls);
}

/* Calls of each kind for EXITS exits. */
struct exit_calls {
	__u64 set;
	__u64 get;
	__u64 map;
};

static int measure_exits(struct tvm *t, struct exit_calls *calls)
{
	int ret = rv_mark();
	unsigned int i;
	__u64 value;

	for (i = 0; i < EXITS && !ret; i++)
		ret = tvm_next_out(t, 0, &value);
	if (!ret)
		ret = rv_count_call(HVCALL_SET_VP_REGISTERS, &calls->set);
	if (!ret)
		ret = rv_count_call(HVCALL_GET_VP_REGISTERS, &calls->get);
	return ret ? ret : rv_count_call(HVCALL_MAP_GPA_PAGES, &calls->map);
}

/*
 * One to resume it, which sets registers under the hypervisor's scheduler, and one
 * for the step over the instruction, which is a call of the test.
 */
TEST_F(frugal, exit)
{
	struct exit_calls calls;
	unsigned int i, set;
	__u64 value;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	set = tvm_root_scheduler(&self->t) ? EXITS : 2 * EXITS;
	for (i = 0; i < 4; i++)
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	for (i = 0; i < MEASUREMENTS; i++) {
		ASSERT_OK(measure_exits(&self->t, &calls));
		if (calls.set == set && !calls.get && !calls.map)
			break;
	}
	EXPECT_EQ(set, calls.set);
	EXPECT_EQ(0, calls.get);
	EXPECT_EQ(0, calls.map);
}

/* Allocations of ROUNDS exits, or -errno. */
static int measure_allocations(struct tvm *t)
{
	unsigned int i;
	__u64 value;
	int ret, nr;

	ret = trace_begin();
	for (i = 0; i < ROUNDS && !ret; i++) {
		ret = tvm_next_out(t, 0, &value);
		if (!ret)
			ret = vmm_get_register(t->vp[0], 0,
					       HV_X64_REGISTER_RIP, &value);
	}
	nr = trace_end();
	return ret ? ret : nr;
}

TEST_F(frugal, no_allocation)
{
	unsigned int i;
	int nr = 0;
	__u64 value;

	if (access(events[0], W_OK))
		SKIP(return, "no trace points of allocations");
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	for (i = 0; i < 4; i++)
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));

	ASSERT_EQ(0, trace_begin());
	close(open("/", O_RDONLY));
	EXPECT_LT(0, trace_end());

	/* The tracepoints' own files, and a tick that sends a signal. */
	for (i = 0; i < MEASUREMENTS; i++) {
		nr = measure_allocations(&self->t);
		if (nr < ROUNDS / 2)
			break;
	}
	ASSERT_OK(nr);
	EXPECT_GT(ROUNDS / 2, nr) {
		TH_LOG("%d allocations in %u rounds", nr, ROUNDS);
	}
}

TEST_HARNESS_MAIN

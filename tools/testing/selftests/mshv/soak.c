// SPDX-License-Identifier: GPL-2.0
/*
 * Many short lives of virtual machines, a third of them killed with SIGKILL at
 * random points; nothing may be left over.
 *
 * Model: a life is a process with one partition.  What it does is determined by the
 * seed and the life's number.  It counts its steps in memory shared with its
 * parent; a life that is to be killed is killed when it has reached a certain step,
 * and the parent has counted to a certain number after that, so that the kill comes
 * between and within steps.  If the parent is late, the life waits for it at its
 * end.  Several lives run in parallel, in lanes.  After each batch of lives the
 * lanes are empty and the books must balance, and the kernel must not use more
 * memory than after the first ones.
 *
 * Environment: SOAK_COUNT lives, SOAK_SEED.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "harness.h"
#include "knobs.h"
#include "memuse.h"
#include "rng.h"

/* So few that it is no burden to the other tests; SOAK_COUNT asks for more. */
#define COUNT_DEFAULT	75
#define SEED_DEFAULT	1
#define LANES		3
#define BATCH		50
#define MAX_VPS		3
#define STEPS		12	/* fewer than the shortest life has */
#define SPIN_MAX	200000
/*
 * What the kernel may use more than after the first batch: for processes and
 * timers.  A leak in every life, or every tenth, exceeds it sooner or later.
 */
#define MORE_OBJECTS	60
#define MORE_KIB	1024	/* for each processor */
#define TRIES		600
#define HOLE		0x40000000
#define GSIS		4
/* A life takes a fraction of this on a busy machine. */
#define LIFE_SECONDS	60

/**
 * struct lane - runs one life at a time
 * @step: its progress; written by the life
 * @error: error; written by the life
 * @pid: its process, 0 without one
 * @number: number of the life
 * @kill_at: the step at which it is to be killed, 0 if it lives to its end
 * @spin: delay after that step
 * @killed: it has been killed
 */
struct lane {
	unsigned int step;
	char error[200];
	pid_t pid;
	unsigned int number;
	unsigned int kill_at;
	unsigned int spin;
	bool killed;
};

struct counts {
	unsigned int ended;
	unsigned int killed;
	unsigned int at_step[STEPS];
};

static void step(struct lane *lane)
{
	__atomic_add_fetch(&lane->step, 1, __ATOMIC_SEQ_CST);
}

static void *runs(void *arg)
{
	struct hv_message message;

	/* Until it is kicked, or the guest has nothing more to do. */
	while (!vmm_run(*(int *)arg, &message))
		;
	return NULL;
}

static int eventfds(struct tvm *t, struct rng *rng)
{
	struct mshv_user_irq_entry routes[GSIS];
	unsigned int i;

	for (i = 0; i < GSIS; i++)
		routes[i] = (struct mshv_user_irq_entry){
			.gsi = i, .address_lo = 0xfee00000,
			.data = 0x20 + rng_below(rng, 0xd0),
		};
	if (vmm_route(t->part, routes, GSIS))
		return -1;
	for (i = 0; i < GSIS; i++) {
		struct mshv_user_irqfd irqfd = { .gsi = i };
		struct mshv_user_ioeventfd ioeventfd = {
			.addr = HOLE + i * VMM_PAGE, .len = 4,
		};
		const __u64 one = 1;

		irqfd.fd = eventfd(0, EFD_CLOEXEC);
		ioeventfd.fd = eventfd(0, EFD_CLOEXEC);
		if (ioctl(t->part, MSHV_IRQFD, &irqfd) ||
		    ioctl(t->part, MSHV_IOEVENTFD, &ioeventfd))
			return vmm_fail(errno, "eventfds: %s", strerror(errno));
		/* Some are closed while they are in use. */
		if (rng_one_in(rng, 2) &&
		    write(irqfd.fd, &one, sizeof(one)) != sizeof(one))
			return vmm_fail(errno, "eventfd: %s", strerror(errno));
		if (rng_one_in(rng, 2))
			close(irqfd.fd);
		if (rng_one_in(rng, 2))
			close(ioeventfd.fd);
	}
	return 0;
}

/* More memory, some of it the same as before, and unmap a part of it. */
static int memory(struct tvm *t, struct rng *rng)
{
	unsigned int i, pages = t->size / VMM_PAGE;

	for (i = 1; i < 5; i++) {
		__u64 first = rng_below(rng, pages);
		__u64 count = 1 + rng_below(rng, pages - first);
		__u64 gpa = i * 2 * t->size;

		if (vmm_map(t->part, gpa, count * VMM_PAGE,
			    t->memory + first * VMM_PAGE,
			    rng_one_in(rng, 2) ? MEM_RWX : 0))
			return -1;
		if (rng_one_in(rng, 2) &&
		    vmm_unmap(t->part, gpa, count * VMM_PAGE,
			      t->memory + first * VMM_PAGE))
			return -1;
	}
	/* Pages that the guest may have can be removed without an unmap. */
	if (rng_one_in(rng, 2))
		madvise(t->memory + t->size / 2, t->size / 2, MADV_DONTNEED);
	return 0;
}

/* Run processor 0 for a few messages while the others run as well. */
static int guest(struct tvm *t, struct rng *rng, struct lane *lane)
{
	unsigned int i, vps = 1 + rng_below(rng, MAX_VPS);
	pthread_t thread[MAX_VPS];
	__u64 value;

	for (i = 0; i < vps; i++) {
		if (tvm_vp(t, i) < 0 || tvm_real_mode(t, i, TVM_CODE))
			return -1;
		step(lane);
	}
	for (i = 1; i < vps; i++)
		if (pthread_create(&thread[i], NULL, runs, &t->vp[i]))
			return vmm_fail(EAGAIN, "no thread");
	for (i = rng_below(rng, 8) + 3; i; i--) {
		if (tvm_next_out(t, 0, &value))
			return -1;
		step(lane);
	}
	for (i = 1; i < vps; i++) {
		if (rng_one_in(rng, 2) && tvm_wake(t, i, TVM_CODE))
			return -1;
		step(lane);
	}
	for (i = 1; i < vps; i++) {
		if (ioctl(t->vp[i], MSHV_KICK_VP))
			return vmm_fail(errno, "kick: %s", strerror(errno));
		pthread_join(thread[i], NULL);
		step(lane);
	}
	return 0;
}

static int live(struct lane *lane, struct rng *rng)
{
	struct tvm t;
	int ret;

	step(lane);
	if (tvm_partition(&t))
		return -1;
	step(lane);
	if (tvm_memory(&t))
		return -1;
	memcpy(t.memory + TVM_CODE, guest_count, sizeof(guest_count));
	step(lane);
	if (eventfds(&t, rng))
		return -1;
	step(lane);
	if (memory(&t, rng))
		return -1;
	step(lane);
	ret = guest(&t, rng, lane);
	if (ret)
		return ret;
	step(lane);
	/* The rest is released with the process. */
	if (rng_one_in(rng, 2))
		tvm_close(&t);
	step(lane);
	return 0;
}

static void begin(struct lane *lane, unsigned int number, __u64 seed)
{
	struct rng rng = { seed + number };
	pid_t pid;

	rng_next(&rng);
	lane->step = 0;
	lane->error[0] = '\0';
	lane->number = number;
	lane->killed = false;
	/* Two in five; at least a third, whatever the seed. */
	if (rng_below(&rng, 5) < 2)
		lane->kill_at = 1 + rng_below(&rng, STEPS - 1);
	else
		lane->kill_at = 0;
	lane->spin = rng_below(&rng, SPIN_MAX);
	fflush(stdout);
	/* The lane is shared: only the parent may write the result. */
	pid = fork();
	if (pid) {
		lane->pid = pid;
		return;
	}
	if (live(lane, &rng)) {
		snprintf(lane->error, sizeof(lane->error), "%s", vmm_error());
		_exit(1);
	}
	while (lane->kill_at)
		pause();
	_exit(0);
}

static void kill_if_due(struct lane *lane)
{
	volatile unsigned int spin;

	if (!lane->kill_at || lane->killed ||
	    __atomic_load_n(&lane->step, __ATOMIC_SEQ_CST) < lane->kill_at)
		return;
	for (spin = 0; spin < lane->spin; spin++)
		;
	kill(lane->pid, SIGKILL);
	lane->killed = true;
}

/* Returns an error, or NULL. */
static const char *end(struct lane *lane, int status, struct counts *counts)
{
	static char text[300];

	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		counts->ended++;
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
		   lane->killed) {
		counts->killed++;
		counts->at_step[lane->step < STEPS ? lane->step : STEPS - 1]++;
	} else {
		snprintf(text, sizeof(text), "life %u ended with %#x at step %u: %s",
			 lane->number, status, lane->step, lane->error);
		return text;
	}
	return NULL;
}

static void clear(struct lane *lanes)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		if (lanes[i].pid) {
			kill(lanes[i].pid, SIGKILL);
			waitpid(lanes[i].pid, NULL, 0);
		}
}

static unsigned long from_environment(const char *name, unsigned long other)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : other;
}

static unsigned long lives_wanted(void)
{
	return from_environment("SOAK_COUNT", COUNT_DEFAULT);
}

static void __attribute__((constructor)) set_limit(void)
{
	limit_more = lives_wanted() * LIFE_SECONDS;
}

static const char *batch(struct lane *lanes, unsigned int first,
			 unsigned int count, __u64 seed, struct counts *counts)
{
	unsigned int next = first, i, busy;
	const char *wrong;
	int status;

	do {
		busy = 0;
		for (i = 0; i < LANES; i++) {
			struct lane *lane = &lanes[i];

			if (!lane->pid && next < first + count)
				begin(lane, next++, seed);
			if (!lane->pid)
				continue;
			busy++;
			kill_if_due(lane);
			if (waitpid(lane->pid, &status, WNOHANG) != lane->pid)
				continue;
			wrong = end(lane, status, counts);
			lane->pid = 0;
			if (wrong) {
				clear(lanes);
				return wrong;
			}
		}
		sched_yield();
	} while (busy);
	return NULL;
}

/* Memory that is freed by RCU takes a while. */
static const char *grown(const struct memuse *first)
{
	static struct memuse now;
	const char *wrong = NULL;
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		if (memuse_read(&now))
			return "memory cannot be counted any more";
		wrong = memuse_grown(first, &now, MORE_OBJECTS, MORE_KIB);
		if (!wrong)
			break;
		usleep(100000);
	}
	return wrong;
}

FIXTURE(soak) {
};

FIXTURE_SETUP(soak)
{
}

FIXTURE_TEARDOWN(soak)
{
	knobs_restore();
}

TEST_F(soak, lives)
{
	unsigned int count = lives_wanted();
	__u64 seed = from_environment("SOAK_SEED", SEED_DEFAULT);
	static struct memuse first;
	struct counts counts = { 0 };
	struct books before;
	struct lane *lanes;
	unsigned int done, i;
	const char *wrong;
	bool books, memory;
	int fds;

	lanes = mmap(NULL, LANES * sizeof(*lanes), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, lanes);
	books = !rv_open() && !books_read(&before);
	memory = !memuse_open();
	if (!memory)
		printf("# what the kernel uses is not counted here\n");
	fds = count_open_fds();
	for (done = 0; done < count; done += i) {
		i = count - done < BATCH ? count - done : BATCH;
		wrong = batch(lanes, done, i, seed, &counts);
		ASSERT_EQ(NULL, wrong) {
			TH_LOG("seed %llu, %s", seed, wrong);
		}
		if (books)
			ASSERT_BOOKS(&before);
		if (memory && !done) {
			ASSERT_EQ(0, memuse_read(&first));
		} else if (memory) {
			wrong = grown(&first);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("seed %llu, after %u lives: %s", seed,
				       done + i, wrong);
			}
		}
		printf("# %u lives, %u of them killed\n", done + i,
		       counts.killed);
	}
	EXPECT_EQ(fds, count_open_fds());
	EXPECT_EQ(count, counts.ended + counts.killed);
	/* About a third of them. */
	if (count >= COUNT_DEFAULT)
		EXPECT_LT(count / 4, counts.killed);
	printf("# seed %llu: %u ended, %u killed, at steps",
	       seed, counts.ended, counts.killed);
	for (i = 0; i < STEPS; i++)
		printf(" %u", counts.at_step[i]);
	printf("\n");
	munmap(lanes, LANES * sizeof(*lanes));
}

TEST_HARNESS_MAIN

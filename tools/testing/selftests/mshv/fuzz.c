// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations from several threads, again and again; kernel and hypervisor
 * must survive, and nothing may be left afterwards.
 *
 * Model: the operations are defined by a grammar: each program has one, see fuzz.h.
 * A round is a process with its world, whose threads do a number of operations
 * each.  All decisions of a thread come from the round's seed and the thread's
 * number.  A prodder interrupts what waits, as RUN_VP may wait for ever.  The last
 * operations are in memory shared with the parent, and are printed when a round
 * ends unexpectedly.  If the kernel crashes they are lost: so each round prints its
 * seed before it starts, and a replay prints each operation before it is done.
 *
 * Environment: FUZZ_SEED of the first round (incremented for the following ones),
 * FUZZ_ROUNDS, FUZZ_TIME in seconds instead of these, FUZZ_OPS for each thread,
 * FUZZ_THREADS, FUZZ_REPLAY to print all operations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "harness.h"
#include "fuzz.h"

#define SEED_DEFAULT	1
#define THREADS_MAX	16
#define LOG_ENTRIES	64
#define PRODS_NS	2000000
/* A round that is not over after this hangs: five minutes, if all prods are in time. */
#define PRODS_MAX	150000
#define ROUND_SECONDS	(PRODS_MAX / (1000000000 / PRODS_NS))

struct entry {
	unsigned int thread;
	bool done;
	long result;
	char text[FUZZ_TEXT];
};

/**
 * struct record - operations of a round, shared with the parent
 * @operations: how many
 * @succeeded: of these, without an error
 * @count: what the grammar counts, of all rounds
 * @entry: the last ones
 */
struct record {
	unsigned int operations;
	unsigned int succeeded;
	unsigned long count[FUZZ_COUNTS];
	struct entry entry[LOG_ENTRIES];
};

static struct record *record;
static bool replay;
static unsigned long threads, ops;
static __thread struct entry *current;

void fuzz_before(struct fuzzer *f)
{
	unsigned int n = __atomic_fetch_add(&record->operations, 1,
					    __ATOMIC_RELAXED);

	current = &record->entry[n % LOG_ENTRIES];
	current->thread = f->id;
	current->done = false;
	memcpy(current->text, f->text, sizeof(current->text));
	if (replay)
		dprintf(1, "# %u %u: %s\n", n, f->id, f->text);
}

void fuzz_after(struct fuzzer *f, long result)
{
	current->result = result;
	current->done = true;
	/* The next one has to be recorded, too. */
	current = NULL;
	if (result >= 0)
		__atomic_fetch_add(&record->succeeded, 1, __ATOMIC_RELAXED);
}

void fuzz_count(unsigned int which, unsigned long nr)
{
	__atomic_fetch_add(&record->count[which], nr, __ATOMIC_RELAXED);
}

static void print_counts(void)
{
	unsigned int i;

	for (i = 0; i < FUZZ_COUNTS && fuzz_grammar.counts[i]; i++)
		printf("# %s: %lu\n", fuzz_grammar.counts[i], record->count[i]);
}

static void print_record(void)
{
	unsigned int n = record->operations, i;

	i = n < LOG_ENTRIES ? 0 : n - LOG_ENTRIES;
	for (; i < n; i++) {
		const struct entry *e = &record->entry[i % LOG_ENTRIES];

		printf("# %u %u: %.*s", i, e->thread, FUZZ_TEXT, e->text);
		if (e->done)
			printf(" = %ld\n", e->result);
		else
			printf(" ...\n");
	}
}

/* --- a round ------------------------------------------------------------------------ */

static void *works(void *arg)
{
	struct fuzzer *f = arg;
	unsigned long i;

	f->buffer = mmap(NULL, FUZZ_BUFFER + VMM_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->buffer == MAP_FAILED)
		_exit(2);
	mprotect(f->buffer + FUZZ_BUFFER, VMM_PAGE, PROT_NONE);
	for (i = 0; i < ops; i++)
		fuzz_grammar.operation(f);
	return NULL;
}

static void nothing(int signal)
{
}

/* Interrupt what the others wait for, until all have ended. */
static void prod(struct fuzz_world *world, pthread_t *thread)
{
	const struct timespec pause = { .tv_nsec = PRODS_NS };
	unsigned int left = threads, prods = 0, i;
	bool gone[THREADS_MAX] = { false };

	while (left) {
		if (prods++ == PRODS_MAX)
			raise(SIGALRM);
		nanosleep(&pause, NULL);
		for (i = 0; i < FUZZ_SLOTS; i++)
			ioctl(__atomic_load_n(&world->fd[FUZZ_VP][i],
					      __ATOMIC_RELAXED), MSHV_KICK_VP);
		for (i = 0; i < threads; i++) {
			if (gone[i])
				continue;
			if (!pthread_tryjoin_np(thread[i], NULL)) {
				gone[i] = true;
				left--;
			} else {
				/* Its VP may have been closed while it ran. */
				pthread_kill(thread[i], SIGUSR1);
			}
		}
	}
}

static void __attribute__((noreturn)) round_process(__u64 seed)
{
	static struct fuzzer fuzzer[THREADS_MAX];
	static struct fuzz_world world;
	pthread_t thread[THREADS_MAX];
	unsigned int i;

	/* Bad registers or an unmapped page must not kill this process. */
	signal(SIGUSR1, nothing);
	world.seed = seed;
	world.replay = replay;
	fuzz_grammar.prepare(&world);
	for (i = 0; i < threads; i++) {
		fuzzer[i].world = &world;
		fuzzer[i].id = i;
		fuzzer[i].rng.state = seed * THREADS_MAX + i;
		if (pthread_create(&thread[i], NULL, works, &fuzzer[i]))
			_exit(3);
	}
	prod(&world, thread);
	_exit(0);
}

static unsigned long from_environment(const char *name, unsigned long other)
{
	const char *value = getenv(name);

	return value && *value ? strtoul(value, NULL, 0) : other;
}

static unsigned long rounds_wanted(void)
{
	return from_environment("FUZZ_ROUNDS", fuzz_grammar.rounds);
}

/* As long as it takes until each round has ended, or is ended as one that hangs. */
static void __attribute__((constructor)) set_limit(void)
{
	unsigned long time = from_environment("FUZZ_TIME", 0);

	limit_more = time ? time + ROUND_SECONDS : rounds_wanted() * ROUND_SECONDS;
}

static __u64 seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

FIXTURE(fuzz) {
	struct books before;
	bool books;
	int fds;
};

FIXTURE_SETUP(fuzz)
{
	threads = from_environment("FUZZ_THREADS", fuzz_grammar.threads);
	ops = from_environment("FUZZ_OPS", fuzz_grammar.ops);
	replay = from_environment("FUZZ_REPLAY", 0);
	ASSERT_GE(THREADS_MAX, threads);
	record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, record);
	self->books = !rv_open() && !books_read(&self->before);
	self->fds = count_open_fds();
}

FIXTURE_TEARDOWN(fuzz)
{
	munmap(record, sizeof(*record));
}

TEST_F(fuzz, rounds)
{
	unsigned long rounds = rounds_wanted();
	__u64 seed = from_environment("FUZZ_SEED", SEED_DEFAULT);
	__u64 until = from_environment("FUZZ_TIME", 0);
	unsigned long operations = 0, succeeded = 0, i;
	const char *differ;
	int status;
	pid_t pid;

	if (fuzz_grammar.is_there && !fuzz_grammar.is_there())
		SKIP(return, "not available, or not requested");
	if (until)
		until += seconds();
	for (i = 0; until ? seconds() < until : i < rounds; i++, seed++) {
		printf("# round %lu, seed %llu\n", i, seed);
		fflush(stdout);
		record->operations = 0;
		record->succeeded = 0;
		pid = fork();
		if (!pid)
			round_process(seed);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		differ = self->books ? books_differ(&self->before) : NULL;
		operations += record->operations;
		succeeded += record->succeeded;
		if (!status && !differ)
			continue;
		print_record();
		ASSERT_EQ(0, status) {
			TH_LOG("seed %llu", seed);
		}
		ASSERT_EQ(NULL, differ) {
			TH_LOG("seed %llu, books: %s", seed, differ);
		}
	}
	printf("# %lu rounds, %lu operations, %lu of them without an error\n", i,
	       operations, succeeded);
	print_counts();
	/* Otherwise the grammar does not reach anything. */
	EXPECT_LT(operations / 10, succeeded);
	EXPECT_EQ(self->fds, count_open_fds());
}

TEST_HARNESS_MAIN

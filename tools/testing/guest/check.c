// SPDX-License-Identifier: GPL-2.0
/*
 * A program for guests that checks its machine, round by round.
 *
 * Model: every processor has a thread that computes with all kinds of floating
 * point registers, each result twice, without a pause.  The main thread has memory
 * in which every word is determined by its position and its page's generation.  In
 * a round it checks all of it, rewrites some of the pages, and waits for a periodic
 * timer.  Any difference is reported, and ends the program.
 *
 * Lines for programs to read begin with "CHECK"; the last one is "CHECK OK" or
 * "CHECK FAILED".  The VMM gets the status through the power block of mshvrun,
 * which also saves the guest in the middle of a round on request.
 *
 * With --until-input it continues after its rounds until it gets a line of input,
 * with --until-restored until it has been restored, and for some rounds after that.
 *
 * usage: check [--rounds N] [--memory MIB] [--save-at ROUND] [--until-input]
 *		[--until-restored]
 */
#include <fenv.h>
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define WORDS		(PAGE / sizeof(uint64_t))
#define MIB		(1024 * 1024)
#define TICK_NS		10000000
#define STEPS		20000
#define MAX_CPUS	64
#define ROUNDS_AFTER	3
#define REWRITTEN	4	/* one page in so many, each round */

/* Of mshvrun's power block. */
#define POWER_CARRY	0x603
#define POWER_SAVE	0x604

typedef double vector __attribute__((vector_size(32)));

static atomic_bool stop;
static atomic_ullong chunks;

static void __attribute__((format(printf, 1, 2), noreturn))
failed(const char *format, ...)
{
	va_list args;

	printf("CHECK FAILED: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	if (!iopl(3))
		outb(1, POWER_CARRY);
	_exit(1);
}

/* ---- floating point ------------------------------------------------------ */

static __attribute__((noinline)) double chunk_sse(double seed)
{
	double x = seed, sum = 0;

	for (int i = 0; i < STEPS; i++) {
		x = 3.9999 * x * (1 - x);
		sum += sqrt(x);
	}
	return sum;
}

static __attribute__((noinline)) long double chunk_x87(double seed)
{
	long double x = seed, sum = 0;

	for (int i = 0; i < STEPS; i++) {
		x = 3.9999L * x * (1 - x);
		sum += sqrtl(x) / (i + 1);
	}
	return sum;
}

static __attribute__((noinline, target("avx"))) double chunk_avx(double seed)
{
	vector x = { seed, seed / 2, seed / 3, seed / 4 }, sum = { 0 };

	for (int i = 0; i < STEPS; i++) {
		x = 3.9999 * x * (1 - x);
		sum += x;
	}
	return sum[0] + sum[1] + sum[2] + sum[3];
}

struct results {
	long double x87;
	double sse, avx;
};

static void compute(struct results *r, double seed, bool avx)
{
	memset(r, 0, sizeof(*r));
	r->sse = chunk_sse(seed);
	r->x87 = chunk_x87(seed);
	if (avx)
		r->avx = chunk_avx(seed);
}

static void *worker(void *argument)
{
	static const int modes[] = { FE_TONEAREST, FE_UPWARD };
	uintptr_t cpu = (uintptr_t)argument;
	bool avx = __builtin_cpu_supports("avx");
	struct results first, second;
	cpu_set_t set;
	double seed;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		failed("processor %zu cannot be had", (size_t)cpu);
	/* Control registers that are not in their initial state. */
	fesetround(modes[cpu % 2]);
	while (!atomic_load(&stop)) {
		seed = 0.1 + (atomic_fetch_add(&chunks, 1) % 1000) / 2000.0;
		compute(&first, seed, avx);
		compute(&second, seed, avx);
		if (memcmp(&first.sse, &second.sse, sizeof(first.sse)) ||
		    memcmp(&first.avx, &second.avx, sizeof(first.avx)) ||
		    memcmp(&first.x87, &second.x87, 10))
			failed("processor %zu: %.17g, %.21Lg, %.17g, then %.17g, %.21Lg, %.17g",
			       (size_t)cpu, first.sse, first.x87, first.avx,
			       second.sse, second.x87, second.avx);
		if (fegetround() != modes[cpu % 2])
			failed("processor %zu has another rounding mode",
			       (size_t)cpu);
		if (sched_getcpu() != (int)cpu)
			failed("a thread of processor %zu is on %d",
			       (size_t)cpu, sched_getcpu());
	}
	return NULL;
}

/* ---- memory -------------------------------------------------------------- */

struct memory {
	uint64_t *words;
	uint32_t *generation;
	size_t pages;
};

static uint64_t expected(size_t page, size_t word, uint32_t generation)
{
	return (page * 0x9e3779b97f4a7c15ULL + generation) ^
	       word * 0xc2b2ae3d27d4eb4fULL;
}

static void memory_fill(struct memory *m, size_t page)
{
	for (size_t i = 0; i < WORDS; i++)
		m->words[page * WORDS + i] =
			expected(page, i, m->generation[page]);
}

static void memory_make(struct memory *m, size_t mib)
{
	m->pages = mib * MIB / PAGE;
	m->words = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m->generation = calloc(m->pages, sizeof(*m->generation));
	if (m->words == MAP_FAILED || !m->generation)
		failed("no %zu MiB of memory", mib);
	for (size_t i = 0; i < m->pages; i++)
		memory_fill(m, i);
}

/* A sum of everything, which proves that all of it was read. */
static uint64_t memory_check(const struct memory *m)
{
	uint64_t sum = 0;

	for (size_t page = 0; page < m->pages; page++) {
		const uint64_t *word = m->words + page * WORDS;

		for (size_t i = 0; i < WORDS; i++) {
			uint64_t want = expected(page, i, m->generation[page]);

			if (word[i] != want)
				failed("page %zu, word %zu, is %#llx and not %#llx (generation %u)",
				       page, i, (unsigned long long)word[i],
				       (unsigned long long)want,
				       m->generation[page]);
			sum = (sum << 5) - sum + word[i];
		}
	}
	return sum;
}

static void memory_change(struct memory *m, unsigned int round)
{
	for (size_t page = round % REWRITTEN; page < m->pages;
	     page += REWRITTEN) {
		m->generation[page]++;
		memory_fill(m, page);
	}
}

/* ---- time ---------------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int timer_make(void)
{
	const struct itimerspec every = {
		.it_interval.tv_nsec = TICK_NS,
		.it_value.tv_nsec = TICK_NS,
	};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (timer < 0 || timerfd_settime(timer, 0, &every, NULL))
		failed("no timer");
	return timer;
}

/* There is a new tick, and time has not gone backwards. */
static uint64_t timer_wait(int timer)
{
	static uint64_t before;
	uint64_t ticks, now;

	if (read(timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		failed("the timer cannot be read");
	now = now_ns();
	if (now < before)
		failed("the time was %llu and is %llu",
		       (unsigned long long)before, (unsigned long long)now);
	before = now;
	return ticks;
}

/* ---- rounds -------------------------------------------------------------- */

static unsigned int restores(void)
{
	return iopl(3) ? 0 : inb(POWER_SAVE);
}

static void be_saved(void)
{
	printf("CHECK asks to be saved\n");
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	if (iopl(3))
		failed("no right to use ports");
	outb(1, POWER_SAVE);
	printf("CHECK goes on, restores=%u\n", restores());
	fflush(stdout);
}

static bool has_input(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n > 1000000)
		failed("%s is no number", text);
	return n;
}

int main(int argc, char **argv)
{
	static const struct option list[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "memory", required_argument, NULL, 'm' },
		{ "save-at", required_argument, NULL, 's' },
		{ "until-input", no_argument, NULL, 'i' },
		{ "until-restored", no_argument, NULL, 'u' },
		{ }
	};
	unsigned int rounds = 10, mib = 16, save_at = 0, round;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[MAX_CPUS];
	struct memory memory;
	bool until_input = false, until_restored = false;
	int option, timer;

	while ((option = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (option == 'r')
			rounds = number(optarg);
		else if (option == 'm')
			mib = number(optarg);
		else if (option == 's')
			save_at = number(optarg);
		else if (option == 'i')
			until_input = true;
		else if (option == 'u')
			until_restored = true;
		else
			failed("bad arguments");
	}
	if (cpus < 1 || cpus > MAX_CPUS)
		failed("%ld processors", cpus);
	memory_make(&memory, mib);
	timer = timer_make();
	for (uintptr_t i = 0; i < (uintptr_t)cpus; i++)
		if (pthread_create(&threads[i], NULL, worker, (void *)i))
			failed("no thread");
	printf("CHECK begins, cpus=%ld pages=%zu\n", cpus, memory.pages);
	for (round = 1; round <= rounds || until_restored ||
	     (until_input && !has_input()); round++) {
		uint64_t ticks = timer_wait(timer), sum = memory_check(&memory);

		if (round == save_at)
			be_saved();
		memory_change(&memory, round);
		printf("CHECK round %u sum %016llx ticks %llu chunks %llu\n",
		       round, (unsigned long long)sum,
		       (unsigned long long)ticks, atomic_load(&chunks));
		fflush(stdout);
		if (until_restored && restores()) {
			until_restored = false;
			rounds = round + ROUNDS_AFTER;
		}
	}
	atomic_store(&stop, true);
	for (long i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	printf("CHECK OK rounds=%u restores=%u cpus=%ld\n", round - 1,
	       restores(), cpus);
	fflush(stdout);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can do to a machine whose processors have a thread each in QEMU: one
 * thread loads x87 states on one processor while another makes the first processor exit
 * (rootvisor.rst, "Threads").
 *
 * usage: x87-race EXITS; it ends when the first processor has exited so often
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRESS 100000

static atomic_bool over;
static atomic_ulong restores;

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %d", cpu);
}

static void *restore(void *unused)
{
	static unsigned char state[512] __attribute__((aligned(16)));

	stay_on(1);
	__asm__ volatile("fxsave %0" : "=m"(state));
	while (!atomic_load(&over)) {
		__asm__ volatile("fxrstor %0" :: "m"(state));
		atomic_fetch_add(&restores, 1);
	}
	return unused;
}

static void leave_guest(void)
{
	unsigned int eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
}

int main(int argc, char **argv)
{
	unsigned long i, exits = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	pthread_t other;

	if (!exits)
		errx(1, "usage: x87-race EXITS");
	setvbuf(stdout, NULL, _IONBF, 0);
	if (pthread_create(&other, NULL, restore, NULL))
		errx(1, "no thread");
	stay_on(0);
	/* Both must run before the first counts. */
	while (!atomic_load(&restores))
		sched_yield();
	for (i = 1; i <= exits; i++) {
		leave_guest();
		if (!(i % PROGRESS))
			printf("%lu exits, %lu states\n", i, atomic_load(&restores));
	}
	atomic_store(&over, 1);
	pthread_join(other, NULL);
	return 0;
}

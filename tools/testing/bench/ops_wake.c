// SPDX-License-Identifier: GPL-2.0
/*
 * What guests do all the time without their VMM: ticks, IPIs, sleep.
 *
 * Model: a guest does it several times, and then stops with a port exit.  In the first one
 * a timer interrupts a loop.  In the second one a processor wakes another one by an IPI and
 * sleeps until that one, which sleeps again at once, has done the same: so each time there
 * and back two processors halt and are woken; the difference between many times and few is that
 * of so many pairs.  The second processor has a thread of its own, which a signal ends.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define TIMES		9
#define ROUNDS		16

#define VECTOR_BACK	0x41	/* to the first processor */
#define VECTOR_THERE	0x42	/* to the second one */
#define SECOND		0x2000	/* code of the second processor */
#define BACK		0x2800	/* handlers */
#define THERE		0x2c00
#define ROUNDS_AT	0x2f00	/* how many */

#define MOV_ECX(n)	0x66, 0xb9, (n) & 0xff, (n) >> 8, 0, 0
#define MOV_EAX(n)	0x66, 0xb8, (n) & 0xff, (n) >> 8, 0, 0
#define MOV_EDX(n)	0x66, 0xba, (n) & 0xff, (n) >> 8, 0, 0
#define WRMSR		0x0f, 0x30
#define STOP		0xba, PROBE_PORT & 0xff, PROBE_PORT >> 8, OUT_AL
#define APIC_EOI	0x80b
#define APIC_ICR	0x830
#define APIC_TIMER	0x832
#define APIC_COUNT	0x838
#define APIC_DIVIDE	0x83e
#define TICKS		1000	/* of the timer, until it fires */

static const __u8 code_ticks[] = {
	0xfa,					/* cli */
	X2APIC_ON,
	MOV_ECX(APIC_DIVIDE), MOV_EAX(0xb), MOV_EDX(0), WRMSR,
	MOV_ECX(APIC_TIMER), MOV_EAX(VECTOR_BACK), WRMSR,
	0xfb,					/* sti */
	STOP,					/* again: */
	0xbb, ROUNDS, 0,			/* mov bx, rounds */
	0x31, 0xed,				/* next: xor bp, bp */
	MOV_ECX(APIC_COUNT), MOV_EAX(TICKS), MOV_EDX(0), WRMSR,
	0x09, 0xed, 0x74, 0xfc,			/* spin: or bp, bp; jz spin */
	0x4b, 0x75, 0xe3,			/* dec bx; jnz next */
	0xeb, 0xda,				/* jmp again */
};

static const __u8 code_first[] = {
	0xfa,					/* cli */
	X2APIC_ON,
	STOP,					/* again: */
	0x8b, 0x1e, ROUNDS_AT & 0xff, ROUNDS_AT >> 8, /* mov bx, [rounds] */
	0x31, 0xed,				/* next: xor bp, bp */
	MOV_ECX(APIC_ICR), MOV_EAX(VECTOR_THERE), MOV_EDX(1), WRMSR,
	0xfb, HLT, 0xfa,			/* wait: sti; hlt; cli */
	0x09, 0xed, 0x74, 0xf9,			/* or bp, bp; jz wait */
	0x4b, 0x75, 0xe0,			/* dec bx; jnz next */
	0xeb, 0xd6,				/* jmp again */
};

static const __u8 code_second[] = {
	0xfa,					/* cli */
	X2APIC_ON,
	0xfb, HLT, 0xeb, 0xfc,			/* sleep: sti; hlt; jmp sleep */
};

static const __u8 code_back[] = {
	0x45,					/* inc bp */
	MOV_ECX(APIC_EOI), MOV_EAX(0), MOV_EDX(0), WRMSR,
	0xcf,					/* iret */
};

static const __u8 code_there[] = {
	MOV_ECX(APIC_EOI), MOV_EAX(0), MOV_EDX(0), WRMSR,
	MOV_ECX(APIC_ICR), MOV_EAX(VECTOR_BACK), WRMSR,
	0xcf,					/* iret */
};

struct second {
	pthread_t thread;
	bool running;
	volatile bool stop, ended;
};

static void put(struct world *w, __u32 at, const void *code, size_t size)
{
	memcpy(w->t.memory + at, code, size);
}

static void handle(struct world *w, __u8 vector, __u32 at)
{
	memcpy(w->t.memory + vector * sizeof(at), &at, sizeof(at));
}

/* To its second stop, so that all of its memory is mapped. */
static int begin(struct world *w)
{
	int ret;

	w->page = vmm_map_page(w->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ret = tvm_run(&w->t, 0);
	return ret ? ret : guest_next(w);
}

static int setup_ticks(struct world *w)
{
	int ret = tvm_start(&w->t, code_ticks, sizeof(code_ticks));

	if (ret)
		return ret;
	put(w, BACK, code_back, sizeof(code_back));
	handle(w, VECTOR_BACK, BACK);
	return begin(w);
}

static int set_rounds(struct world *w)
{
	const __u16 rounds = w->n;

	put(w, ROUNDS_AT, &rounds, sizeof(rounds));
	return 0;
}

static void nothing(int number)
{
}

static void *run_second(void *opaque)
{
	struct world *w = opaque;
	struct second *second = w->state;
	struct hv_message message;

	while (!second->stop && vmm_run(w->t.vp[1], &message) == -EINTR)
		;
	second->ended = true;
	return NULL;
}

static int setup_ipi(struct world *w)
{
	const struct sigaction end = { .sa_handler = nothing };
	struct second *second = calloc(1, sizeof(*second));
	int ret;

	if (!second)
		return -ENOMEM;
	w->state = second;
	sigaction(SIGUSR1, &end, NULL);
	ret = tvm_start(&w->t, code_first, sizeof(code_first));
	if (!ret)
		ret = tvm_vp(&w->t, 1);
	if (ret < 0)
		return ret;
	put(w, SECOND, code_second, sizeof(code_second));
	put(w, BACK, code_back, sizeof(code_back));
	put(w, THERE, code_there, sizeof(code_there));
	handle(w, VECTOR_BACK, BACK);
	handle(w, VECTOR_THERE, THERE);
	set_rounds(w);
	ret = -pthread_create(&second->thread, NULL, run_second, w);
	second->running = !ret;
	if (!ret)
		ret = tvm_wake(&w->t, 1, SECOND);
	if (ret)
		return ret;
	/* Its APIC is on before the first IPI. */
	sleep(1);
	return begin(w);
}

static void teardown_wake(struct world *w)
{
	struct second *second = w->state;

	if (second && second->running) {
		second->stop = true;
		while (!second->ended) {
			pthread_kill(second->thread, SIGUSR1);
			usleep(1000);
		}
		pthread_join(second->thread, NULL);
	}
	guest_teardown(w);
	free(second);
	w->state = NULL;
}

const struct operation ops_wake[] = {
	{
		.group = "interrupts", .name = "16 ticks of a busy guest, and the next port exit",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_ticks, .run = guest_next, .teardown = teardown_wake,
	}, {
		.group = "interrupts",
		.name = "16 IPIs there and back between processors that halt",
		.floor_root = 2 * ROUNDS + 1, .floor_classic = 1, .times = TIMES, .wakes = true,
		.n = ROUNDS,
		.setup = setup_ipi, .before = set_rounds, .run = guest_next,
		.teardown = teardown_wake,
	}, {
		.group = "interrupts",
		.name = "halt and wake pair, by an IPI between two processors",
		.floor_root = 1, .floor_classic = 0, .times = TIMES, .wakes = true,
		.n = 2 * ROUNDS, .less = ROUNDS, .each = 2 * ROUNDS,
		.setup = setup_ipi, .before = set_rounds, .run = guest_next,
		.teardown = teardown_wake,
	},
	{ .name = NULL },
};

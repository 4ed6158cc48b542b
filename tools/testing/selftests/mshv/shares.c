// SPDX-License-Identifier: GPL-2.0
/*
 * Shares of the processors under the hypervisor's scheduler: what a waiting guest
 * releases.
 *
 * Model: guests that never sleep record how long they have run, and the time of
 * day, both from the hypervisor.  A share has to converge to its expected value:
 * how long that takes depends on the machine, but not whether it does.
 */
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_vp.h>

#include "claims.h"

#define NOTES		0x5000
#define SECOND		10000000U	/* of 100 ns */
#define SPINS		20000		/* between two notes */
#define LONG_SPIN_WAIT	(HVCALL_NOTIFY_LONG_SPIN_WAIT | 1 << 16)	/* fast */
#define OS_ID		0x8100000000000001ULL

/* Twice a 32-bit count of 100 ns, written with one store of the guest. */
struct note {
	__u32 runtime, time;
};

struct guest {
	struct tvm t;
	struct note first;
	pthread_t thread;
	bool made, runs;
};

FIXTURE(shares) {
	struct books before;
	struct guest guest[2];
};

#define MOV_ECX_MSR(n)	0xb9, (n), 0x00, 0x00, 0x40
#define TAKE_NOTE							\
	MOV_ECX_MSR(0x10), 0x0f, 0x32,		/* rdmsr of VP_RUNTIME */	\
	0x89, 0xc6,				/* mov esi, eax */	\
	MOV_ECX_MSR(0x20), 0x0f, 0x32,		/* of TIME_REF_COUNT */	\
	0x48, 0xc1, 0xe0, 0x20,			/* shl rax, 32 */	\
	0x48, 0x09, 0xf0,			/* or rax, rsi */	\
	0x48, 0x89, 0x07			/* mov [rdi], rax */

static const __u8 spins[] = {
	TAKE_NOTE,
	0x89, 0xd9,				/* mov ecx, ebx */
	0xff, 0xc9, 0x75, 0xfc,			/* dec ecx; jnz */
	0xeb, 0xde,				/* and again */
};

static const __u8 gives_way[] = {
	TAKE_NOTE,
	0x89, 0xe9,				/* mov ecx, ebp */
	0x31, 0xd2,				/* xor edx, edx */
	0x0f, 0x01, 0xd9,			/* vmmcall */
	0xeb, 0xdd,				/* and again */
};

static struct note note_of(const struct guest *g)
{
	union {
		__u64 both;
		struct note note;
	} n = { .both = __atomic_load_n((__u64 *)(g->t.memory + NOTES),
					__ATOMIC_RELAXED) };

	return n.note;
}

static int make(struct guest *g, const __u8 *code, size_t size)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RDI, NOTES),
		vmm_value(HV_X64_REGISTER_RBX, SPINS),
		vmm_value(HV_X64_REGISTER_RBP, LONG_SPIN_WAIT),
		vmm_value(HV_REGISTER_GUEST_OS_ID, OS_ID),
	};
	int ret = claims_start(&g->t, TVM_FLAGS);

	g->made = true;
	if (ret < 0)
		return ret;
	memcpy(g->t.memory + TVM_CODE, code, size);
	ret = tvm_long_mode(&g->t, 0, TVM_CODE);
	return ret ? ret : vmm_set_registers(g->t.vp[0], 0, regs, ARRAY_SIZE(regs));
}

static void *run(void *opaque)
{
	struct guest *g = opaque;

	tvm_run(&g->t, 0);
	return NULL;
}

static bool begin(struct guest *g)
{
	g->runs = !pthread_create(&g->thread, NULL, run, g);
	return g->runs && wait_until(note_of(g).time);
}

static void end(struct guest *g)
{
	if (g->runs) {
		ioctl(g->t.vp[0], MSHV_KICK_VP);
		pthread_join(g->thread, NULL);
	}
	g->runs = false;
}

FIXTURE_SETUP(shares)
{
	struct tvm *t = &self->guest[0].t;
	int ret = rv_open();

	if (ret)
		SKIP(return, "no rootvisor below (%d)", ret);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(make(&self->guest[0], spins, sizeof(spins)));
	if (tvm_root_scheduler(t)) {
		tvm_close(t);
		SKIP(return, "needs the hypervisor's scheduler");
	}
}

FIXTURE_TEARDOWN(shares)
{
	unsigned int i;

	if (rv_open())
		return;
	for (i = 0; i < ARRAY_SIZE(self->guest); i++) {
		end(&self->guest[i]);
		if (self->guest[i].made)
			tvm_close(&self->guest[i].t);
	}
	ASSERT_BOOKS(&self->before);
}

static void measure_from_now(struct guest *g)
{
	g->first = note_of(g);
}

static __u32 ran(const struct guest *g)
{
	return note_of(g).runtime - g->first.runtime;
}

/* A VP that spins for another yields the processor to it. */
TEST_F(shares, giving_way)
{
	struct guest *g = self->guest;

	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		SKIP(return, "two guests have a processor each here");
	ASSERT_OK(make(&g[1], gives_way, sizeof(gives_way)));
	ASSERT_TRUE(begin(&g[1]));
	ASSERT_TRUE(begin(&g[0]));
	measure_from_now(&g[0]);
	measure_from_now(&g[1]);
	EXPECT_TRUE(wait_until(ran(&g[0]) > SECOND / 2 &&
			       ran(&g[1]) < ran(&g[0]) / 4)) {
		TH_LOG("%u and %u", ran(&g[0]), ran(&g[1]));
	}
}

TEST_HARNESS_MAIN

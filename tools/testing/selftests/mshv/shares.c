// SPDX-License-Identifier: GPL-2.0
/*
 * Shares of the processors under the hypervisor's scheduler: caps, weights, and what
 * a waiting guest releases.
 *
 * Model: guests that never sleep note how long they have run, and the time of day, both
 * as the hypervisor tells them, and shares are judged over a *stretch* of that time.  The
 * processors of a machine that are emulated may have to wait for a real one at any
 * moment, a guest's among them, and it looks as if the guest had used that time.  So one of
 * several stretches has to be right; where time is counted in instructions
 * (MSHV_EXACT), the first.
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
#define PERCENT(of, n)	((of) * (n) / 100)
#define UNCAPPED	PERCENT(HV_CPU_CAP_DEFAULT, 60)
#define STRETCH		SECOND
#define LONG_STRETCH	(2 * SECOND)	/* for turns of whole slices */
#define MOST_STRETCHES	20
/* The root takes time for each look, and a guest is to have it. */
#define LOOK_NS		100000000
#define MOST_LOOKS	6000
#define MESSAGES	1000

/* Twice a 32-bit count of 100 ns, written with one store of the guest. */
struct note {
	__u32 runtime, time;
};

struct guest {
	struct tvm t;
	struct note first, last;
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

/* It does not exit: only an interrupt takes the processor from it. */
static const __u8 stays[] = { TAKE_NOTE, 0xeb, 0xfe };

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

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
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

/* All guests run for that long, and somewhat longer. */
static bool stretch(struct guest *g, unsigned int nr, __u32 time)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	unsigned int i, looks = 0;

	for (i = 0; i < nr; i++)
		measure_from_now(&g[i]);
	for (i = 0; i < nr; i += g[i].last.time - g[i].first.time >= time) {
		if (looks++ > MOST_LOOKS)
			return false;
		nanosleep(&pause, NULL);
		g[i].last = note_of(&g[i]);
	}
	/* All at the same time. */
	for (i = 0; i < nr; i++)
		g[i].last = note_of(&g[i]);
	return true;
}

static bool another(unsigned int stretches)
{
	return stretches < (tvm_is_recorded() ? 1 : MOST_STRETCHES);
}

/* Of a processor, in 1/0x10000. */
static __u64 share(const struct guest *g)
{
	return (__u64)(g->last.runtime - g->first.runtime) * HV_CPU_CAP_DEFAULT /
	       (g->last.time - g->first.time);
}

static bool has_share(struct guest *g, __u64 least, __u64 most)
{
	unsigned int n;

	for (n = 0; another(n) && stretch(g, 1, STRETCH); n++) {
		ksft_print_msg("a share of %#llx, of %#llx to %#llx\n", share(g), least,
			       most);
		if (share(g) >= least && share(g) <= most)
			return true;
	}
	return false;
}

/* Times of the second to those of the first, in percent. */
static bool have_ratio(struct guest *g, __u64 wanted)
{
	unsigned int n;
	__u64 ratio;

	for (n = 0; another(n) && stretch(g, 2, LONG_STRETCH); n++) {
		ratio = 100ULL * (g[1].last.runtime - g[1].first.runtime) /
			(g[0].last.runtime - g[0].first.runtime ?: 1);
		ksft_print_msg("%llu %% of the other's time, of %llu %%\n", ratio, wanted);
		if (ratio >= PERCENT(wanted, 95) && ratio <= PERCENT(wanted, 105))
			return true;
	}
	return false;
}

static int set_cap(struct guest *g, __u64 cap)
{
	return vmm_set_property(g->t.part, HV_PARTITION_PROPERTY_CPU_CAP, cap);
}

static int set_weight(struct guest *g, __u64 weight)
{
	return vmm_set_property(g->t.part, HV_PARTITION_PROPERTY_CPU_WEIGHT, weight);
}

TEST_F(shares, cap)
{
	static const __u64 caps[] = { 0x8000, 0x2000 };
	struct guest *g = &self->guest[0];
	unsigned int i;

	ASSERT_TRUE(begin(g));
	EXPECT_TRUE(has_share(g, UNCAPPED, HV_CPU_CAP_DEFAULT));
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		ASSERT_OK(set_cap(g, caps[i]));
		EXPECT_TRUE(has_share(g, PERCENT(caps[i], 95), PERCENT(caps[i], 105)));
	}
	/* The least one does not stop it for good, and is no longer felt when it is gone. */
	ASSERT_OK(set_cap(g, 1));
	wait_slice();
	ASSERT_OK(set_cap(g, HV_CPU_CAP_DEFAULT));
	EXPECT_TRUE(has_share(g, UNCAPPED, HV_CPU_CAP_DEFAULT));
}

/* One that has had its share and waits for the next can be stopped. */
TEST_F(shares, cap_of_one_that_waits)
{
	struct guest *g = &self->guest[0];

	ASSERT_TRUE(begin(g));
	ASSERT_OK(set_cap(g, 1));
	wait_slice();
	end(g);
}

/* Weights count among the processors that share one. */
TEST_F(shares, weights)
{
	struct guest *g = self->guest;

	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		SKIP(return, "two guests have a processor each here");
	ASSERT_OK(make(&g[1], spins, sizeof(spins)));
	ASSERT_OK(set_weight(&g[0], 100));
	ASSERT_OK(set_weight(&g[1], 300));
	ASSERT_TRUE(begin(&g[0]));
	ASSERT_TRUE(begin(&g[1]));
	EXPECT_TRUE(have_ratio(g, 300));
	/* And the other way round, while they run. */
	ASSERT_OK(set_weight(&g[0], 900));
	EXPECT_TRUE(have_ratio(g, 33));
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

/*
 * A turn of the root that ends when it is about to handle an interrupt: if the guest had
 * the processor then, no interrupt would take it away.
 */
TEST_F(shares, messages_beside_one_that_spins)
{
	struct guest *g = self->guest;
	unsigned int i;
	__u64 value;

	memcpy(g[0].t.memory + TVM_CODE, stays, sizeof(stays));
	ASSERT_TRUE(begin(&g[0]));
	g[1].made = true;
	ASSERT_OK(tvm_start(&g[1].t, guest_count, sizeof(guest_count)));
	for (i = 0; i < MESSAGES; i++) {
		ASSERT_OK(tvm_next_out(&g[1].t, 0, &value));
		ASSERT_EQ(i, value);
	}
}

TEST_HARNESS_MAIN

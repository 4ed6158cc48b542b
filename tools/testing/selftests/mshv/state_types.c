// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_VP_STATE and MSHV_SET_VP_STATE of every type: what was set can be read,
 * and bad buffers and bad contents are refused for every type.
 */
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "ear.h"
#include "harness.h"

#define PAGES		16
#define SIZE		(PAGES * VMM_PAGE)
#define PAGES_OF(size)	(((size) + VMM_PAGE - 1) & -VMM_PAGE)
#define XSAVE_MXCSR	24
#define XSAVE_XMM	160
#define XSAVE_BV	512
#define XSAVE_COMP_BV	520
#define LVT_PERIODIC	0x20000
#define LVT_MASKED	0x10000
#define HALF		0x40000000U

FIXTURE(types) {
	struct books before;
	struct tvm t;
	__u8 *a, *b;
	bool books;
};

static __u8 *buffer(void)
{
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

FIXTURE_SETUP(types)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	self->a = buffer();
	self->b = buffer();
	ASSERT_NE(MAP_FAILED, self->a);
	ASSERT_NE(MAP_FAILED, self->b);
}

FIXTURE_TEARDOWN(types)
{
	__u64 value;

	if (self->books)
		rv_rules_clear();
	/* Whatever has been tried, the guest still runs. */
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	munmap(self->a, SIZE);
	munmap(self->b, SIZE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int get(struct tvm *t, __u8 type, void *to, __u32 size)
{
	return vmm_get_state(t->vp[0], type, to, &size);
}

static int set(struct tvm *t, __u8 type, void *from, __u32 size)
{
	return vmm_set_state(t->vp[0], type, from, &size);
}

static __u32 size_of(struct tvm *t, __u8 type, void *scratch)
{
	__u32 size = SIZE;

	return vmm_get_state(t->vp[0], type, scratch, &size) ? 0 : size;
}

static void pattern(__u8 *page)
{
	unsigned int i;

	for (i = 0; i < VMM_PAGE; i++)
		page[i] = i * 7 + 1;
}

/* Each type has what was set, and nothing in the pages behind it. */
#define EXPECT_ROUND_TRIP(type) do {					\
	__u32 size_ = size_of(&self->t, type, self->b);			\
									\
	ASSERT_LT(0, size_);						\
	ASSERT_OK(set(&self->t, type, self->a, SIZE));			\
	memset(self->b, 0xee, SIZE);					\
	ASSERT_OK(get(&self->t, type, self->b, SIZE));			\
	EXPECT_EQ(0, memcmp(self->a, self->b, size_));			\
	EXPECT_EQ(0xee, self->b[PAGES_OF(size_)]);			\
	EXPECT_EQ(0xee, self->b[SIZE - 1]);				\
} while (0)

TEST_F(types, round_trip_lapic)
{
	struct hv_local_interrupt_controller_state *apic = (void *)self->a;

	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	apic->apic_ldr = 0x02000000;
	apic->apic_dfr = 0x0fffffff;
	apic->apic_spurious = 0x1ef;
	apic->apic_isr[3] = 0x00010000;
	apic->apic_tmr[4] = 0x00000100;
	apic->apic_irr[4] = 0x00000101;
	apic->apic_esr = 0x40;
	apic->apic_icr_high = 0x03000000;
	apic->apic_icr_low = 0x000c4041;
	apic->apic_lvt_timer = LVT_MASKED | LVT_PERIODIC | 0xec;
	apic->apic_lvt_thermal = LVT_MASKED | 0x41;
	apic->apic_lvt_perfmon = 0x400;
	apic->apic_lvt_lint0 = 0x700;
	apic->apic_lvt_lint1 = 0x400;
	apic->apic_lvt_error = 0xfe;
	apic->apic_initial_count = 12345;
	apic->apic_counter_value = 0;
	apic->apic_divide_configuration = 0xb;
	EXPECT_ROUND_TRIP(MSHV_VP_STATE_LAPIC);
}

TEST_F(types, round_trip_xsave)
{
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
	/* SSE in use, with values. */
	self->a[XSAVE_BV] |= 2;
	memset(self->a + XSAVE_XMM, 0x3c, 256);
	EXPECT_ROUND_TRIP(MSHV_VP_STATE_XSAVE);
}

TEST_F(types, round_trip_simp)
{
	pattern(self->a);
	EXPECT_ROUND_TRIP(MSHV_VP_STATE_SIMP);
}

TEST_F(types, round_trip_siefp)
{
	pattern(self->a);
	EXPECT_ROUND_TRIP(MSHV_VP_STATE_SIEFP);
}

/* The two pages are different, and not another processor's. */
TEST_F(types, pages_are_apart)
{
	__u32 size = SIZE;

	pattern(self->a);
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_SIMP, self->a, SIZE));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_SIEFP, self->b, SIZE));
	EXPECT_NE(0, memcmp(self->a, self->b, VMM_PAGE));
	ASSERT_OK(vmm_get_state(self->t.vp[1], MSHV_VP_STATE_SIMP, self->b,
				&size));
	EXPECT_NE(0, memcmp(self->a, self->b, VMM_PAGE));
}

TEST_F(types, round_trip_timers)
{
	struct hv_synthetic_timers_state *s = (void *)self->a;

	memset(s, 0, sizeof(*s));
	s->timers[0].config = HV_STIMER_DIRECT | HV_STIMER_PERIODIC |
			      0x40ULL << HV_STIMER_VECTOR_SHIFT;
	s->timers[0].count = 1000000;
	/* Far in the future, so that it is still there. */
	s->timers[2].config = HV_STIMER_ENABLE |
			      4ULL << HV_STIMER_SINT_SHIFT;
	s->timers[2].count = 1ULL << 60;
	s->timers[3].config = 5ULL << HV_STIMER_SINT_SHIFT;
	s->timers[3].count = 77;
	s->timers[3].flags = HV_STIMER_STATE_UNDELIVERED_MESSAGE;
	s->timers[3].undelivered_exp_time = 76;
	EXPECT_ROUND_TRIP(MSHV_VP_STATE_SYNTHETIC_TIMERS);
}

/* A periodic timer continues in the middle of its period. */
TEST_F(types, lapic_timer_goes_on)
{
	struct hv_local_interrupt_controller_state *apic = (void *)self->a;

	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	apic->apic_spurious = 0x1ff;
	apic->apic_lvt_timer = LVT_PERIODIC | 0xec;
	/* By 128: minutes. */
	apic->apic_divide_configuration = 0xa;
	apic->apic_initial_count = 2 * HALF;
	apic->apic_counter_value = HALF;
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	EXPECT_EQ(2 * HALF, apic->apic_initial_count);
	/* Counts and ticks of the hypervisor's clock are rounded. */
	EXPECT_LE(apic->apic_counter_value, HALF + 1);
	EXPECT_LT(HALF / 2, apic->apic_counter_value);
	EXPECT_EQ(0, apic->apic_irr[0xec / 32]);
}

/* With another divider it continues from where it was, and a stopped one stays so. */
TEST_F(types, lapic_timer_with_another_divider)
{
	struct hv_local_interrupt_controller_state *apic = (void *)self->a;
	__u64 count = 1;

	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_DIVIDE, 0xa));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_CURRENT_COUNT, &count));
	EXPECT_EQ(0, count);
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	apic->apic_initial_count = 2 * HALF;
	apic->apic_counter_value = HALF;
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	/* By 64 instead of by 128. */
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_DIVIDE, 0x9));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_CURRENT_COUNT, &count));
	EXPECT_LE(count, HALF + 1);
	EXPECT_LT(HALF / 2, count);
}

#define TICK		(EAR_FIRST + 1)
#define PERIODS		3
#define TIME_PER_MS	10000		/* of a partition */

static __u64 reg(struct tvm *t, __u32 name)
{
	__u64 value;

	return vmm_get_register(t->vp[0], 0, name, &value) ? ~0ULL : value;
}

static bool ticked(struct tvm *t)
{
	return reg(t, HV_X64_REGISTER_APIC_IRR0 + TICK / 32) & HV_BIT(TICK % 32);
}

/* The guest of ear.h sleeps, and gets a timer of 1 ms that way. */
static int set_tick(struct tvm *t, __u32 lvt, void *page)
{
	struct hv_local_interrupt_controller_state *apic = page;
	__u64 value;
	int ret = sleeper_start(t);

	ret = ret ?: tvm_next_out(t, 0, &value);
	ret = ret ?: get(t, MSHV_VP_STATE_LAPIC, apic, SIZE);
	if (ret)
		return ret;
	apic->apic_lvt_timer = lvt | TICK;
	apic->apic_divide_configuration = 0xb;
	apic->apic_initial_count = reg(t, HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY) / 1000;
	apic->apic_counter_value = apic->apic_initial_count;
	return set(t, MSHV_VP_STATE_LAPIC, apic, SIZE);
}

/* Periods that pass while the processor stands are one interrupt, and it ticks on. */
TEST_F(types, lapic_timer_of_one_that_stands)
{
	struct hv_local_interrupt_controller_state *apic = (void *)self->a;
	unsigned int i;
	__u64 value, then;
	struct tvm t;

	ASSERT_OK(set_tick(&t, LVT_PERIODIC, self->a));
	EXPECT_TRUE(wait_until(ticked(&t)));
	then = reg(&t, HV_REGISTER_TIME_REF_COUNT) + PERIODS * TIME_PER_MS;
	EXPECT_TRUE(wait_until(reg(&t, HV_REGISTER_TIME_REF_COUNT) >= then));
	ASSERT_OK(get(&t, MSHV_VP_STATE_LAPIC, apic, SIZE));
	EXPECT_LT(0, apic->apic_counter_value);
	EXPECT_LE(apic->apic_counter_value, apic->apic_initial_count);
	patience_begin();
	for (i = 0; i < PERIODS; i++) {
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		EXPECT_EQ(TICK, value);
	}
	patience_end();
	tvm_close(&t);
}

/* Once, whether it interrupts or not. */
TEST_F(types, lapic_timer_once)
{
	static const __u32 masks[] = { 0, LVT_MASKED };
	unsigned int i;
	struct tvm t;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		ASSERT_OK(set_tick(&t, masks[i], self->a));
		EXPECT_TRUE(wait_until(!reg(&t, HV_X64_REGISTER_APIC_CURRENT_COUNT)));
		EXPECT_EQ(!masks[i], ticked(&t));
		EXPECT_EQ(reg(&t, HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY) / 1000,
			  reg(&t, HV_X64_REGISTER_APIC_INIT_COUNT));
		tvm_close(&t);
	}
}

static int run_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/* It follows a processor that is run elsewhere before it is due. */
TEST_F(types, lapic_timer_moves)
{
	unsigned int i;
	__u64 value;
	struct tvm t;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two processors");
	ASSERT_EQ(0, run_on(0));
	ASSERT_OK(set_tick(&t, LVT_PERIODIC, self->a));
	patience_begin();
	for (i = 0; i < 4 * PERIODS; i++) {
		ASSERT_EQ(0, run_on(i & 1));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		EXPECT_EQ(TICK, value);
	}
	patience_end();
	tvm_close(&t);
}

TEST_F(types, bad_buffers)
{
	__u8 type;

	ASSERT_EQ(0, mprotect(self->b, SIZE, PROT_READ));
	for (type = 0; type < MSHV_VP_STATE_COUNT; type++) {
		/* Something that can be set again. */
		ASSERT_OK(get(&self->t, type, self->a, SIZE));
		EXPECT_EQ(-EINVAL, get(&self->t, type, self->a, 0));
		EXPECT_EQ(-EINVAL, set(&self->t, type, self->a, 0));
		EXPECT_EQ(-EINVAL, get(&self->t, type, self->a, 200));
		EXPECT_EQ(-EINVAL, set(&self->t, type, self->a, 200));
		EXPECT_EQ(-EINVAL, get(&self->t, type, self->a, 4097));
		EXPECT_EQ(-EINVAL, set(&self->t, type, self->a, 4097));
		EXPECT_EQ(-EINVAL, get(&self->t, type, self->a + 8, VMM_PAGE));
		EXPECT_EQ(-EINVAL, set(&self->t, type, self->a + 8, VMM_PAGE));
		EXPECT_EQ(-EFAULT, get(&self->t, type, NULL, SIZE));
		EXPECT_EQ(-EFAULT, set(&self->t, type, NULL, SIZE));
		EXPECT_EQ(-EOVERFLOW, get(&self->t, type, (void *)-VMM_PAGE,
					  SIZE));
		EXPECT_EQ(-EOVERFLOW, set(&self->t, type, (void *)-VMM_PAGE,
					  SIZE));
		EXPECT_EQ(-EFAULT, get(&self->t, type, self->b, SIZE));
	}
}

/* A buffer for SET need not be writable, nor mapped completely. */
TEST_F(types, pitfall_U25_read_only_buffers)
{
	__u8 type;

	for (type = 0; type < MSHV_VP_STATE_COUNT; type++) {
		ASSERT_EQ(0, mprotect(self->a, SIZE, PROT_READ | PROT_WRITE));
		ASSERT_OK(get(&self->t, type, self->a, SIZE));
		ASSERT_EQ(0, mprotect(self->a, SIZE, PROT_READ));
		EXPECT_EQ(0, set(&self->t, type, self->a, SIZE)) {
			TH_LOG("type %u: %s", type, vmm_error());
		}
	}
	ASSERT_EQ(0, munmap(self->a + VMM_PAGE, SIZE - VMM_PAGE));
	EXPECT_EQ(0, set(&self->t, MSHV_VP_STATE_SYNTHETIC_TIMERS, self->a,
			 SIZE));
	self->a = mmap(self->a, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ASSERT_NE(MAP_FAILED, self->a);
}

/* What the hypervisor refuses is not copied. */
TEST_F(types, calls_fail)
{
	__u32 rule;
	__u8 type;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (type = 0; type < MSHV_VP_STATE_COUNT; type++) {
		ASSERT_OK(get(&self->t, type, self->a, SIZE));
		memset(self->b, 0xee, SIZE);
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_STATE, HV_STATUS_OPERATION_FAILED,
				     0, 1, &rule));
		EXPECT_EQ(-EIO, get(&self->t, type, self->b, SIZE));
		EXPECT_EQ(0xee, self->b[0]);
		ASSERT_EQ(0, rv_fail(HVCALL_SET_VP_STATE, HV_STATUS_OPERATION_FAILED,
				     0, 1, &rule));
		EXPECT_EQ(-EIO, set(&self->t, type, self->a, SIZE));
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* The size cannot be returned, which is no more important than another error. */
TEST_F(types, read_only_argument)
{
	struct mshv_get_set_vp_state *arg = (void *)self->a;
	__u32 rule;
	int vp = self->t.vp[0];

	*arg = (struct mshv_get_set_vp_state){
		.type = MSHV_VP_STATE_LAPIC, .buf_sz = VMM_PAGE,
		.buf_ptr = (unsigned long)self->b,
	};
	ASSERT_EQ(0, mprotect(arg, VMM_PAGE, PROT_READ));
	EXPECT_EQ(-1, ioctl(vp, MSHV_GET_VP_STATE, arg));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(vp, MSHV_SET_VP_STATE, arg));
	EXPECT_EQ(EFAULT, errno);
	if (!self->books)
		return;
	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_STATE, HV_STATUS_OPERATION_FAILED, 0, 1,
			     &rule));
	EXPECT_EQ(-1, ioctl(vp, MSHV_GET_VP_STATE, arg));
	EXPECT_EQ(EIO, errno);
}

/* Impossible state is refused, and the old state is preserved. */
TEST_F(types, bad_xsave)
{
	struct hv_register_assoc xmm = { .name = HV_X64_REGISTER_XMM0 };
	__u64 *bv, *layout;
	__u32 *mxcsr;

	xmm.value.reg128.low_part = 0x1234;
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, &xmm, 1));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
	bv = (__u64 *)(self->a + XSAVE_BV);
	layout = (__u64 *)(self->a + XSAVE_COMP_BV);
	mxcsr = (__u32 *)(self->a + XSAVE_MXCSR);
	memset(self->a + XSAVE_XMM, 0, 16);

	*layout ^= HV_BIT64(63);
	EXPECT_EQ(-EINVAL, set(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
	*layout ^= HV_BIT64(63);
	*bv ^= HV_BIT64(62);
	EXPECT_EQ(-EINVAL, set(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
	*bv ^= HV_BIT64(62);
	*mxcsr ^= HV_BIT(31);
	EXPECT_EQ(-EINVAL, set(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
	*mxcsr ^= HV_BIT(31);
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &xmm, 1));
	EXPECT_EQ(0x1234, xmm.value.reg128.low_part);
	EXPECT_EQ(0, set(&self->t, MSHV_VP_STATE_XSAVE, self->a, SIZE));
}

TEST_HARNESS_MAIN

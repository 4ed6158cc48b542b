// SPDX-License-Identifier: GPL-2.0
/*
 * Cases about time: no way of reading it goes backwards, on any processor; and the
 * message of a timer is not lost if its slot is taken.
 */
#include "cpu.h"

#define MSR_GUEST_OS_ID	0x40000000
#define MSR_TIME	0x40000020
#define MSR_TSC_PAGE	0x40000021
#define MSR_SCONTROL	0x40000080
#define MSR_SIMP	0x40000083
#define MSR_EOM		0x40000084
#define MSR_SINT	0x40000090
#define MSR_STIMER	0x400000b0	/* configuration, count, of each */
#define LEAF_FEATURES	0x40000003
#define FEATURE_TIME	BIT(1)
#define FEATURE_SYNIC	BIT(2)
#define FEATURE_STIMER	BIT(3)
#define FEATURE_PAGE	BIT(9)
#define MY_OS		0x8100000000000000ULL	/* open source, of no vendor */
#define SINT		2
#define SINT_POLLING	BIT(18)
#define STIMER_ENABLE	1
#define STIMER_SINT	16
#define MESSAGE_SIZE	256
#define MESSAGE_TIMER	0x80000010
#define MESSAGE_PENDING	1
#define READINGS	1000
#define PAGE		4096

struct tsc_page {
	volatile uint32_t sequence;
	uint32_t reserved;
	volatile uint64_t scale;
	volatile int64_t offset;
};

struct message {
	volatile uint32_t type;
	volatile uint8_t size, flags;
	uint16_t reserved;
	uint64_t sender;
	volatile uint32_t timer;
};

static uint8_t page_of_time[PAGE] __attribute__((aligned(PAGE)));
static uint8_t page_of_messages[PAGE] __attribute__((aligned(PAGE)));

/* The latest readings, by kind, of all processors. */
static volatile uint64_t latest_tsc __attribute__((aligned(8)));
static volatile uint64_t latest_time __attribute__((aligned(8)));
static volatile unsigned int backwards, ready, done, go;

/* ---- reading the time ------------------------------------------------------------------ */

/* The upper half of a product of 64 and 64 bits. */
static uint64_t scaled(uint64_t a, uint64_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = (al * bl >> 32) + (uint32_t)(ah * bl) + (uint32_t)(al * bh);

	return ah * bh + (ah * bl >> 32) + (al * bh >> 32) + (low >> 32);
}

static uint64_t time_by_page(void)
{
	struct tsc_page *page = (void *)page_of_time;
	uint32_t sequence;
	uint64_t time;

	do {
		sequence = page->sequence;
		time = scaled(rdtsc(), page->scale) + page->offset;
	} while (sequence != page->sequence);
	return time;
}

static uint64_t read64(volatile uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

/* Check a reading that began when @before was the latest. */
static void check_reading(volatile uint64_t *latest, uint64_t before, uint64_t now)
{
	uint64_t seen = read64(latest);

	if (now < before)
		__atomic_add_fetch(&backwards, 1, __ATOMIC_SEQ_CST);
	while (seen < now && !__atomic_compare_exchange_n(latest, &seen, now, false,
							  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static bool with_time;

static void read_all(void)
{
	unsigned int i;
	uint64_t before;

	for (i = 0; i < READINGS; i++) {
		before = read64(&latest_tsc);
		check_reading(&latest_tsc, before, rdtsc());
		if (!with_time)
			continue;
		before = read64(&latest_time);
		check_reading(&latest_time, before, i % 2 ? time_by_page() : rdmsr(MSR_TIME));
	}
}

static void other(void)
{
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (!go)
		asm volatile("pause");
	read_all();
	__atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
}

static bool has_features(uint32_t wanted)
{
	return has_hypervisor() && (cpuid(LEAF_FEATURES, 0).eax & wanted) == wanted;
}

static enum verdict tsc_on_one(void)
{
	backwards = 0;
	read_all();
	EXPECT_EQ(0, backwards);
	return OK;
}

static enum verdict time_on_one(void)
{
	if (!has_features(FEATURE_TIME | FEATURE_PAGE))
		return skipped("needs the hypervisor");
	wrmsr(MSR_GUEST_OS_ID, MY_OS);
	wrmsr(MSR_TSC_PAGE, (uint32_t)page_of_time | 1);
	EXPECT(((struct tsc_page *)page_of_time)->sequence);
	with_time = true;
	return tsc_on_one();
}

/* Once: the others stop at its end. */
static enum verdict all_on_all(void)
{
	unsigned int others;

	backwards = 0;
	others = apic_init() ? apic_start_others(other) : 0;
	if (!others)
		return skipped("one processor");
	while (ready < others)
		asm volatile("pause");
	go = 1;
	read_all();
	while (done < others)
		asm volatile("pause");
	EXPECT_EQ(0, backwards);
	return OK;
}

/* ---- timers ------------------------------------------------------------------------------ */

static void wait_for_timer(unsigned int n)
{
	while (rdmsr(MSR_STIMER + 2 * n) & STIMER_ENABLE)
		;
}

static void set_timer(unsigned int n)
{
	wrmsr(MSR_STIMER + 2 * n + 1, 1);	/* long past */
	wrmsr(MSR_STIMER + 2 * n, STIMER_ENABLE | SINT << STIMER_SINT);
	wait_for_timer(n);
}

static enum verdict slot_taken(void)
{
	struct message *slot = (void *)(page_of_messages + SINT * MESSAGE_SIZE);

	if (!has_features(FEATURE_SYNIC | FEATURE_STIMER))
		return skipped("needs the hypervisor");
	wrmsr(MSR_GUEST_OS_ID, MY_OS);
	wrmsr(MSR_SIMP, (uint32_t)page_of_messages | 1);
	wrmsr(MSR_SCONTROL, 1);
	wrmsr(MSR_SINT + SINT, SINT_POLLING | VECTOR_FREE);
	set_timer(0);
	EXPECT_EQ(MESSAGE_TIMER, slot->type);
	EXPECT_EQ(0, slot->timer);
	EXPECT_EQ(0, slot->flags & MESSAGE_PENDING);
	set_timer(1);
	EXPECT_EQ(0, slot->timer);
	EXPECT_EQ(MESSAGE_PENDING, slot->flags & MESSAGE_PENDING);
	slot->type = 0;
	wrmsr(MSR_EOM, 0);
	EXPECT_EQ(MESSAGE_TIMER, slot->type);
	EXPECT_EQ(1, slot->timer);
	EXPECT_EQ(0, slot->flags & MESSAGE_PENDING);
	return OK;
}

const struct test clock_tests[] = {
	{ "time stamp counter forwards", tsc_on_one },
	{ "reference time forwards", time_on_one },
	{ "forwards on all processors", all_on_all },
	{ "a timer finds its slot taken", slot_taken },
	{ }
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Clock rates, and reference time.
 *
 * The rates are measured once against the ACPI PM timer, except with icount,
 * where QEMU defines them: a TSC tick and an APIC tick are a nanosecond.  With
 * measured rates recorded runs would differ.
 */
#include <rv/fadt.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/timer.h>
#include <rv/x86.h>
#include "clock.h"

#define PM_TIMER_HZ	3579545ull
#define CALIBRATE_TICKS	71591u		/* 20 ms */
#define ICOUNT_HZ	1000000000ull
#define REF_HZ		10000000ull
#define APIC_DIVIDE_1	0xb

u64 tsc_hz, apic_hz, ref_scale;
static u64 ref_start;

static u32 pm_ticks(u32 since)
{
	u32 mask = fadt.pm_timer_32bit ? 0xffffffff : 0xffffff;

	return (inl(fadt.pm_timer) - since) & mask;
}

static void calibrate(u32 least_ticks)
{
	u64 tsc, apic;
	u32 start, ticks;

	wrmsr(X2APIC_DIVIDE, APIC_DIVIDE_1);
	wrmsr(X2APIC_LVT_TIMER, APIC_LVT_MASKED);
	start = pm_ticks(0);
	tsc = rdtsc();
	wrmsr(X2APIC_INITIAL_COUNT, 0xffffffff);
	do {
		ticks = pm_ticks(start);
	} while (ticks < least_ticks);
	tsc = rdtsc() - tsc;
	apic = 0xffffffff - rdmsr(X2APIC_CURRENT_COUNT);
	wrmsr(X2APIC_INITIAL_COUNT, 0);
	tsc_hz = mul_div(tsc, PM_TIMER_HZ, ticks);
	apic_hz = mul_div(apic, PM_TIMER_HZ, ticks);
	/* Round: the measurement is accurate to about one in a thousand. */
	apic_hz = (apic_hz + 500000) / 1000000 * 1000000;
}

/* 2^64 * 10^7 / tsc_hz; the quotient fits because tsc_hz is above 10^7. */
static u64 scale_of(u64 hz)
{
	u64 hi = REF_HZ, lo;

	__asm__("divq %4" : "=a"(lo), "=d"(hi) : "0"(0ull), "1"(hi), "rm"(hz) : "cc");
	return lo;
}

void clock_init(void)
{
	if (options.icount) {
		tsc_hz = ICOUNT_HZ;
		apic_hz = ICOUNT_HZ;
	} else if (!fadt.pm_timer) {
		panic("no ACPI PM timer to measure clocks with");
	} else {
		/* The first run warms up the caches of an emulator. */
		calibrate(CALIBRATE_TICKS / 20);
		calibrate(CALIBRATE_TICKS);
	}
	ref_scale = scale_of(tsc_hz);
	ref_start = tsc_scaled(rdtsc());
}

u64 tsc_now(void)
{
	return rdtsc();
}

u64 tsc_span_to_ref(u64 ticks)
{
	return mul_div(ticks, REF_HZ, tsc_hz);
}

u64 tsc_to_ref(u64 tsc)
{
	u64 now = tsc_scaled(tsc);

	return now > ref_start ? now - ref_start : 0;
}

u64 ref_span_to_tsc(u64 span)
{
	/* Very long spans saturate instead of overflowing. */
	if (span > BIT_ULL(60) / tsc_hz * REF_HZ)
		return BIT_ULL(60);
	return mul_div(span, tsc_hz, REF_HZ);
}

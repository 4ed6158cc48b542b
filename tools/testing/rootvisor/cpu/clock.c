// SPDX-License-Identifier: GPL-2.0
/*
 * Clock rates, and reference time.
 *
 * The rates are measured once against the ACPI PM timer, except where they are defined: with
 * icount a TSC tick and an APIC tick are a nanosecond (with measured rates recorded runs
 * would differ), and an APIC tick is one under QEMU's software emulation and KVM always.
 * A bus clock is no round number of MHz, so what is measured is not rounded.
 */
#include <rv/fadt.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/timer.h>
#include <rv/x86.h>
#include "clock.h"
#include "tcg.h"

#define PM_TIMER_HZ	3579545ull
#define CALIBRATE_TICKS	71591u		/* 20 ms */
#define NANOSECOND_HZ	1000000000ull
#define LEAF_HYPERVISOR	0x40000000
#define KVM_EBX		0x4b4d564b	/* "KVMKVMKVM" */
#define KVM_ECX		0x564b4d56
#define KVM_EDX		0x4d
#define REF_HZ		10000000ull
#define APIC_DIVIDE_1	0xb

u64 tsc_hz, apic_hz, ref_scale;
static u64 ref_start;

static u32 pm_ticks(u32 since)
{
	u32 mask = fadt.pm_timer_32bit ? 0xffffffff : 0xffffff;

	return (inl(fadt.pm_timer) - since) & mask;
}

u64 clock_apic_hz(const struct cpuid_regs *leaf, u64 measured)
{
	bool is_kvm = leaf->ebx == KVM_EBX && leaf->ecx == KVM_ECX && leaf->edx == KVM_EDX;

	return is_kvm || tcg_signature(leaf) ? NANOSECOND_HZ : measured;
}

static void calibrate(u32 least_ticks)
{
	const struct cpuid_regs leaf = cpuid(LEAF_HYPERVISOR, 0);
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
	apic_hz = clock_apic_hz(&leaf, mul_div(apic, PM_TIMER_HZ, ticks));
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
		tsc_hz = NANOSECOND_HZ;
		apic_hz = NANOSECOND_HZ;
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

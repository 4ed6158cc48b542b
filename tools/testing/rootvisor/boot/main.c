// SPDX-License-Identifier: GPL-2.0
/*
 * Start of rootvisor: options, memory, processors, the root partition.
 *
 * The boot processor does everything until all processors are in lp_loop(); the
 * others go through ap_main(), one at a time.  If the firmware's first processor is
 * to be parked, the next one becomes the boot processor.
 *
 * Words: processor n has the APIC id acpi.apic_id[n] and stack n; LP i is processor
 * i, or i + 1 if the first one is parked.
 */
#include <rv/acpi.h>
#include <rv/cpu.h>
#include <rv/e820.h>
#include <rv/end.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/sched.h>
#include <rv/tick.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../cpu/clock.h"
#include "../cpu/fpu.h"
#include "../cpu/host.h"
#include "../cpu/root.h"
#include "../cpu/tsc_sync.h"
#include "../device/remap.h"
#include "info.h"
#include "layout.h"
#include "linux.h"
#include "memory.h"
#include "park.h"
#include "place.h"

static_assert(LP_STACK_BYTES == LP_STACK_SIZE, "");
static_assert(MAX_CPUS_ASM == MAX_CPUS, "");

/* Where the others can start: a page whose number fits in a SIPI. */
#define USUAL_TRAMPOLINE	0x8000ull
#define LOW_END			0xa0000ull

struct lp *lps[MAX_LPS];
u32 nr_lps;
struct options options = { .cpus = MAX_LPS, .control = true, .strict = true };

extern u8 ap_start[], ap_end[], ap_long[], ap_target[], ap_stack[];
extern u8 cpu_stacks[MAX_CPUS][LP_STACK_SIZE];

static u32 lp0_cpu;		/* the processor that is LP 0 */
static u64 trampoline;
static const char *refusal;	/* why the processor that starts cannot be used */

void hv_main(u32 magic, u64 info) __noreturn;
void ap_main(void) __noreturn;

static const char *basics_missing(void)
{
	if (!(cpuid(1, 0).ecx & BIT(21)))
		return "this processor has no x2APIC (QEMU needs to be version 10 or newer)";
	if (!(cpuid(1, 0).ecx & BIT(26)))
		return "this processor has no XSAVE";
	return NULL;
}

static void check_processor(void)
{
	const char *missing = basics_missing();

	if (missing)
		panic("%s", missing);
	cpu_choose();
}

/* A parked processor gets one, too, for its gates. */
static struct lp *lp_alloc(u32 cpu)
{
	struct lp *lp = reserve_alloc(1);

	static_assert(sizeof(*lp) <= PAGE_SIZE, "");
	lp->apic_id = acpi.apic_id[cpu];
	lp->self = lp;
	lp->in_buf = reserve_alloc(1);
	lp->out_buf = reserve_alloc(1);
	lp->cpu_page = reserve_alloc(1);
	*(struct lp **)cpu_stacks[cpu] = lp;
	return lp;
}

static struct lp *lp_create(u32 index)
{
	/* It exists if a processor that was to be this LP has been left out. */
	struct lp *lp = lps[index] ?: lp_alloc(index + lp0_cpu);

	lp->apic_id = acpi.apic_id[index + lp0_cpu];
	lp->index = index;
	lps[index] = lp;
	nr_lps = index + 1;
	return lp;
}

static void delay_us(u32 us)
{
	u64 end = tsc_now() + us * (tsc_hz / 1000000);

	while (tsc_now() < end)
		cpu_relax();
}

/* False if the processor cannot be used. */
static bool ap_boot(struct lp *lp)
{
	u32 sipi = APIC_DM_SIPI << 8 | BIT(14) | (u32)(trampoline >> PAGE_SHIFT), wait;

	*(u64 *)pa_ptr(trampoline + (u64)(ap_stack - ap_start)) =
		ptr_pa(cpu_stacks[lp->index + lp0_cpu] + LP_STACK_SIZE);
	apic_send(lp->apic_id, APIC_DM_INIT << 8 | BIT(14));
	delay_us(100);
	apic_send(lp->apic_id, sipi);
	for (wait = 0; wait < 200000 && !READ_ONCE(lp->online) && !READ_ONCE(refusal); wait++) {
		delay_us(10);
		if (wait == 1000)
			apic_send(lp->apic_id, sipi);
	}
	if (READ_ONCE(refusal))
		return false;
	if (!READ_ONCE(lp->online))
		panic("processor %u (APIC id %u) does not start", lp->index,
		      lp->apic_id);
	tsc_sync_ask(lp);
	return true;
}

/* The next one in the table takes its place.  INIT makes it leave its stack. */
static void leave_out(struct lp *lp)
{
	u32 i;

	log_info("the processor with APIC id %u is not used: %s", lp->apic_id, refusal);
	apic_send(lp->apic_id, APIC_DM_INIT << 8 | BIT(14));
	refusal = NULL;
	nr_lps--;
	acpi.nr_cpus--;
	for (i = lp->index + lp0_cpu; i < acpi.nr_cpus; i++)
		acpi.apic_id[i] = acpi.apic_id[i + 1];
}

static u64 trampoline_place(void)
{
	struct place p = { .size = PAGE_SIZE, .align = PAGE_SIZE, .from = USUAL_TRAMPOLINE,
			   .to = LOW_END, .use_kept = true };
	u64 at = place_find(&p);

	p.from = PAGE_SIZE;
	return at ?: place_find(&p);
}

/* Starts LPs from @first up to, but not including, @end, as far as there are any. */
static void processors_start(u32 first, u32 end)
{
	static u8 save[PAGE_SIZE];

	if (first >= end)
		return;
	trampoline = trampoline_place();
	if (!trampoline)
		panic("no page below 640 KiB to start processors from");
	memcpy(save, pa_ptr(trampoline), PAGE_SIZE);
	memcpy(pa_ptr(trampoline), ap_start, (u64)(ap_end - ap_start));
	*(u32 *)pa_ptr(trampoline + (u64)(ap_target - ap_start)) =
		(u32)(trampoline + (u64)(ap_long - ap_start));
	while (first < MIN(end, acpi.nr_cpus - lp0_cpu)) {
		struct lp *lp = lp_create(first);

		if (ap_boot(lp))
			first++;
		else
			leave_out(lp);
	}
	memcpy(pa_ptr(trampoline), save, PAGE_SIZE);
}

/* As a kernel does, since it sends interrupts of devices to any processor. */
static void drop_unreachable(void)
{
	u32 i, n = lp0_cpu + 1;

	for (i = n; i < acpi.nr_cpus; i++)
		if (remap_reaches(acpi.apic_id[i]))
			acpi.apic_id[n++] = acpi.apic_id[i];
	if (n < acpi.nr_cpus)
		log_info("no interrupt of a device reaches APIC ids above 254: these processors are not used");
	acpi.nr_cpus = n;
}

/* The rest of the boot, on LP 0. */
static void __noreturn boot(struct lp *lp)
{
	const void_fn *init;

	fpu_init();
	for (init = __inits_start; init < __inits_end; init++)
		(*init)();
	remap_start();
	end_start();
	drop_unreachable();
	spin_lock(&hv_lock);
	hv_owner = lp;
	processors_start(1, MIN(MIN(acpi.nr_cpus - lp0_cpu, options.cpus), (u32)MAX_LPS));
	acpi_keep_cpus(acpi.apic_id + lp0_cpu, nr_lps);
	if (acpi.found_cpus - lp0_cpu > nr_lps)
		log_info("using %u of %u processors", nr_lps, acpi.found_cpus - lp0_cpu);
	log_info("%u processors, %llu MiB, TSC %llu kHz, APIC timer %llu kHz, %s scheduler",
		 nr_lps, e820_ram_bytes() >> 20, tsc_hz / 1000, apic_hz / 1000,
		 sched_is_root ? "root" : "classic");

	linux_load();
	lp->added = true;
	lp->root = root_vp_create(lp);
	lp->root->started = true;
	tick_start(lp);
	linux_enter(lp->root);
	hv_unlock();
	lp_loop(lp);
}

/* The next processor takes over. */
static void __noreturn hand_over(void)
{
	lp0_cpu = 1;
	if (acpi.nr_cpus > 1)
		processors_start(0, 1);
	if (!nr_lps)
		panic("park=first: there is no second processor");
	park();
}

void ap_main(void)
{
	struct lp *lp = this_lp();
	const char *missing = basics_missing() ?: cpu_ops->missing();

	if (missing) {
		WRITE_ONCE(refusal, missing);
		for (;;)
			__asm__ __volatile__("cli; hlt");
	}
	host_cpu_init(lp);
	tsc_sync_answer();
	if (!lp->index) {
		park_take_over();
		boot(lp);
	}
	lp_loop(lp);
}

static void read_boot_info(u32 magic, u64 info)
{
	const char *wrong = "not started by a multiboot loader";

	if (magic == MULTIBOOT1_MAGIC)
		wrong = multiboot1_read(info);
	else if (magic == MULTIBOOT2_MAGIC)
		wrong = multiboot2_read(info);
	if (wrong)
		panic("%s", wrong);
}

void hv_main(u32 magic, u64 info)
{
	struct lp *lp;

	/* log_line() takes no lp; this_lp() works after lp_create(). */
	read_boot_info(magic, info);
	options_parse(boot_info.options);
	log_start();
	check_processor();
	memory_init();
	if (!acpi_parse() || !acpi.nr_cpus)
		panic("no ACPI tables, or this processor is not in them; with UEFI, multiboot 2 is needed");
	log_start_acpi();
	host_idt_build();
	lp = options.park ? lp_alloc(0) : lp_create(0);
	host_cpu_init(lp);
	clock_init();
	if (options.park)
		hand_over();
	boot(lp);
}

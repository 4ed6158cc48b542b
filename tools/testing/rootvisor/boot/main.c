// SPDX-License-Identifier: GPL-2.0
/*
 * Start of rootvisor: options, memory, processors, the root partition.
 *
 * The boot processor does everything up to the point where all processors sit
 * in lp_loop(); the others come through ap_main() one after the other.
 */
#include <rv/count.h>
#include <rv/log.h>
#include <rv/page.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "acpi.h"
#include "layout.h"
#include "multiboot.h"
#include "options.h"
#include "../cpu/host.h"
#include "../device/remap.h"
#include "../test/tick.h"

static_assert(LP_STACK_BYTES == LP_STACK_SIZE, "");
static_assert(MAX_LPS_ASM == MAX_LPS, "");

#define RESERVE_BASE	(12ull << 20)
#define LEAST_MEMORY	(480ull << 20)

struct lp *lps[MAX_LPS];
u32 nr_lps;
struct options options = { .cpus = MAX_LPS, .control = true, .strict = true };

extern u8 _image_start[], _image_end[];
extern u8 ap_start[], ap_end[], ap_stack[];
extern u8 lp_stacks[MAX_LPS][LP_STACK_SIZE];

void hv_main(u32 magic, const struct multiboot_info *info) __noreturn;
void ap_main(void) __noreturn;

static void e820_read(const struct multiboot_info *info)
{
	u64 at = info->mmap_addr, end = at + info->mmap_length;

	while (at < end && e820_count < E820_MAX) {
		const struct multiboot_mmap *m = pa_ptr(at);

		e820[e820_count++] = (struct e820_entry){ m->base, m->length, m->type };
		at += m->size + 4;
	}
}

static u64 ram_bytes(void)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < e820_count; i++)
		if (e820[i].type == E820_RAM)
			sum += e820[i].size;
	return sum;
}

static struct boot_module module_get(const struct multiboot_info *info, u32 n)
{
	struct boot_module m = { .args = "" };
	const struct multiboot_mod *mod;
	const char *s;

	if (!(info->flags & MULTIBOOT_MODS) || n >= info->mods_count)
		return m;
	mod = (const struct multiboot_mod *)pa_ptr(info->mods_addr) + n;
	m.base = mod->start;
	m.size = mod->end - mod->start;
	for (s = pa_ptr(mod->string); *s && *s != ' '; s++)
		;
	m.args = *s ? s + 1 : s;
	return m;
}

static void check_processor(void)
{
	if (!(cpuid(0x80000001, 0).ecx & BIT(2)) ||
	    cpuid(0x80000000, 0).eax < 0x8000000a)
		panic("this processor has no SVM: use -cpu max and QEMU 10 or newer");
	if (!(cpuid(0x8000000a, 0).edx & BIT(0)))
		panic("this processor has no nested paging");
	if (!(cpuid(1, 0).ecx & BIT(21)))
		panic("this processor has no x2APIC: QEMU 10 or newer is needed");
	if (!(cpuid(1, 0).ecx & BIT(26)))
		panic("this processor has no XSAVE");
}

static struct lp *lp_create(u32 index, u32 apic_id)
{
	struct lp *lp = reserve_alloc(1);

	static_assert(sizeof(*lp) <= PAGE_SIZE, "");
	lp->index = index;
	lp->apic_id = apic_id;
	lp->self = lp;
	lp->in_buf = reserve_alloc(1);
	lp->out_buf = reserve_alloc(1);
	lp->host_save = reserve_alloc(1);
	*(struct lp **)lp_stacks[index] = lp;
	lps[index] = lp;
	return lp;
}

static void delay_us(u32 us)
{
	u64 end = tsc_now() + us * (tsc_hz / 1000000);

	while (tsc_now() < end)
		cpu_relax();
}

static void ap_boot(struct lp *lp)
{
	u32 wait;

	*(u64 *)(AP_TRAMPOLINE + (ap_stack - ap_start)) =
		ptr_pa(lp_stacks[lp->index] + LP_STACK_SIZE);
	apic_send(lp->apic_id, APIC_DM_INIT << 8 | BIT(14));
	delay_us(100);
	apic_send(lp->apic_id, APIC_DM_SIPI << 8 | BIT(14) | AP_TRAMPOLINE >> 12);
	for (wait = 0; wait < 200000 && !READ_ONCE(lp->online); wait++) {
		delay_us(10);
		if (wait == 1000)
			apic_send(lp->apic_id, APIC_DM_SIPI << 8 | BIT(14) |
				  AP_TRAMPOLINE >> 12);
	}
	if (!READ_ONCE(lp->online))
		panic("processor %u (APIC id %u) does not start", lp->index,
		      lp->apic_id);
}

void ap_main(void)
{
	struct lp *lp = this_lp();

	host_cpu_init(lp);
	lp_loop(lp);
}

static void processors_start(void)
{
	u32 n = MIN(MIN(acpi.nr_cpus, options.cpus), (u32)MAX_LPS);
	u32 i;
	u8 *save = reserve_alloc(1);

	memcpy(save, pa_ptr(AP_TRAMPOLINE), PAGE_SIZE);
	memcpy(pa_ptr(AP_TRAMPOLINE), ap_start, (u64)(ap_end - ap_start));
	for (i = 1; i < n; i++) {
		nr_lps = i + 1;
		ap_boot(lp_create(i, acpi.apic_id[i]));
	}
	memcpy(pa_ptr(AP_TRAMPOLINE), save, PAGE_SIZE);
	if (acpi.nr_cpus + acpi.more_cpus > n)
		log_info("using %u of %u processors", n, acpi.nr_cpus + acpi.more_cpus);
}

void hv_main(u32 magic, const struct multiboot_info *info)
{
	struct boot_module kernel = {}, initrd = {};
	u64 image_end, reserve, reserve_size;
	struct lp *lp = NULL;
	const void_fn *init;
	u32 i;

	/* log_line() takes no lp; this_lp() works after lp_create(). */
	if (magic != MULTIBOOT_MAGIC || !(info->flags & MULTIBOOT_MMAP))
		panic("not started by a multiboot loader");
	if (info->flags & MULTIBOOT_CMDLINE)
		options_parse(pa_ptr(info->cmdline));
	check_processor();
	e820_read(info);
	if (ram_bytes() < LEAST_MEMORY)
		panic("too little memory: %llu MiB, at least 512 are needed",
		      (ram_bytes() + (1 << 20) - 1) >> 20);
	kernel = module_get(info, 0);
	initrd = module_get(info, 1);
	if (!kernel.size)
		panic("no root kernel: give it as the first module");

	image_end = MAX(ptr_pa(_image_end), kernel.base + kernel.size);
	image_end = MAX(image_end, initrd.base + initrd.size);
	reserve = (image_end + 0xfffff) & ~0xfffffull;
	reserve_size = (RESERVE_BASE + ram_bytes() / 128 + 0xfffff) & ~0xfffffull;
	e820_reserve(ptr_pa(_image_start), ptr_pa(_image_end) - ptr_pa(_image_start));
	e820_reserve(reserve, reserve_size);
	page_init(ptr_pa(_image_start), ptr_pa(_image_end), reserve, reserve_size);

	if (!acpi_parse() || !acpi.nr_cpus)
		panic("no ACPI tables, or no processor in them");
	host_idt_build();
	nr_lps = 1;
	lp = lp_create(0, cpuid(1, 0).ebx >> 24);
	host_cpu_init(lp);
	clock_init();
	fpu_init();
	for (init = __inits_start; init < __inits_end; init++)
		(*init)();
	remap_start();

	/* The firmware's first processor is the one we run on. */
	for (i = 0; i < acpi.nr_cpus; i++)
		if (acpi.apic_id[i] == lp->apic_id) {
			acpi.apic_id[i] = acpi.apic_id[0];
			acpi.apic_id[0] = lp->apic_id;
		}
	spin_lock(&hv_lock);
	processors_start();
	log_info("%u processors, %llu MiB, TSC %llu kHz, APIC timer %llu kHz, %s scheduler",
		 nr_lps, ram_bytes() >> 20, tsc_hz / 1000, apic_hz / 1000,
		 sched_is_root ? "root" : "classic");

	linux_load(&kernel, &initrd);
	lp->added = true;
	lp->root = root_vp_create(lp);
	lp->root->started = true;
	tick_start(lp);
	linux_enter(lp->root);
	spin_unlock(&hv_lock);
	lp_loop(lp);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall page: the instructions that enter the hypervisor.
 *
 * Model: they are in a page of this kernel's, in the range of modules, where a
 * direct call reaches it: there is no pointer for a retpoline to guard, and the
 * page need not begin with an ENDBR.  Calls go to a function that fails until the
 * page has been set up, and to the page from then on.
 *
 * A page that is "closed" holds code that fails.  So it can be removed where code
 * cannot be patched: for hibernation, for kexec, in a crash.
 *
 * While it is enabled, the hypervisor overlays that page of a guest with its own.
 * It gives one to a root partition, which cannot choose where; that one is copied.
 */
#define pr_fmt(fmt) "Hyper-V: " fmt

#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/static_call.h>
#include <linux/vmalloc.h>
#include <asm/hyperv-tlfs.h>
#include <asm/mshyperv.h>
#include <asm/msr.h>

/* NULL unless hypercalls can be made through the page. */
void *hv_hypercall_pg;

static struct page *hypercall_page __ro_after_init;
static void *hypercall_code __ro_after_init; /* where it is mapped */

/* What fails returns this, as if all bits of the result word were set. */
static const u8 closed_code[] = {
#ifdef CONFIG_X86_64
	0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff,	/* mov $-1, %rax */
#else
	0xb8, 0xff, 0xff, 0xff, 0xff,			/* mov $-1, %eax */
	0xba, 0xff, 0xff, 0xff, 0xff,			/* mov $-1, %edx */
#endif
	0xc3,						/* ret */
	0xcc,						/* int3 */
};

#ifdef CONFIG_X86_64
static u64 hypercall_page_none(u64 unused1, u64 unused2, u64 param1, u64 control, u64 param2)
#else
static u64 hypercall_page_none(void)
#endif
{
	return U64_MAX;
}

DEFINE_STATIC_CALL(hv_hypercall_page, hypercall_page_none);

/**
 * hv_hypercall_page_call() - enter the hypervisor through the hypercall page
 * @control: control word
 * @param1: address of the input, or its first half in a fast call
 * @param2: address of the output, or the second half of a fast call's input
 *
 * Where a call runs a guest, RCU may not be watching.
 *
 * Return: result word; all bits are set when there is no hypercall page.
 */
u64 notrace hv_hypercall_page_call(u64 control, u64 param1, u64 param2)
{
#ifdef CONFIG_X86_64
	/*
	 * The hypervisor takes RCX, RDX and R8 and preserves what a function has
	 * to: these are the arguments of one, after two that are ignored.
	 */
	return static_call(hv_hypercall_page)(0, 0, param1, control, param2);
#else
	u32 param1_low = lower_32_bits(param1);
	u64 result;

	asm volatile("call " STATIC_CALL_TRAMP_STR(hv_hypercall_page)
		     : "=A" (result), "+c" (param1_low), ASM_CALL_CONSTRAINT
		     : "A" (control), "b" (upper_32_bits(param1)),
		       "D" (upper_32_bits(param2)), "S" (lower_32_bits(param2))
		     : "cc", "memory");
	return result;
#endif
}
EXPORT_SYMBOL_GPL(hv_hypercall_page_call);
NOKPROBE_SYMBOL(hv_hypercall_page_call);

static void hypercall_page_close(void)
{
	memcpy_to_page(hypercall_page, 0, (const char *)closed_code,
		       sizeof(closed_code));
}

static int __init hypercall_page_copy(u64 pfn)
{
	void *src = memremap(pfn << HV_HYP_PAGE_SHIFT, HV_HYP_PAGE_SIZE, MEMREMAP_WB);

	if (!src)
		return -ENOMEM;
	memcpy_to_page(hypercall_page, 0, src, HV_HYP_PAGE_SIZE);
	memunmap(src);
	return 0;
}

static union hv_x64_msr_hypercall_contents hypercall_page_write_msr(void)
{
	union hv_x64_msr_hypercall_contents msr;

	rdmsrl(HV_X64_MSR_HYPERCALL, msr.as_uint64);
	msr.enable = 1;
	if (!hv_root_partition)
		msr.guest_physical_address = page_to_pfn(hypercall_page);
	wrmsrl(HV_X64_MSR_HYPERCALL, msr.as_uint64);
	return msr;
}

/**
 * hv_hypercall_page_disable() - make hypercalls fail from now on
 *
 * Context: the only processor that still runs.
 */
void hv_hypercall_page_disable(void)
{
	union hv_x64_msr_hypercall_contents msr;

	hv_hypercall_pg = NULL;
	rdmsrl(HV_X64_MSR_HYPERCALL, msr.as_uint64);
	msr.enable = 0;
	wrmsrl(HV_X64_MSR_HYPERCALL, msr.as_uint64);
	/* Now that the hypervisor's page is gone this writes to ours. */
	if (hypercall_page)
		hypercall_page_close();
}

/**
 * hv_hypercall_page_enable() - undo hv_hypercall_page_disable() in a guest
 */
void hv_hypercall_page_enable(void)
{
	/* Some kinds of guest do not need it. */
	if (!hypercall_page)
		return;
	hypercall_page_write_msr();
	hv_hypercall_pg = hypercall_code;
}

/**
 * hv_hypercall_page_init() - make hypercalls possible
 *
 * The guest OS id has been set.
 *
 * Return: 0 or -ENOMEM; all hypercalls fail then.
 */
int __init hv_hypercall_page_init(void)
{
	union hv_x64_msr_hypercall_contents msr;
	void *code;

	code = __vmalloc_node_range(PAGE_SIZE, 1, MODULES_VADDR, MODULES_END,
				    GFP_KERNEL, PAGE_KERNEL_ROX,
				    VM_FLUSH_RESET_PERMS, NUMA_NO_NODE,
				    __builtin_return_address(0));
	if (!code)
		return -ENOMEM;
	hypercall_page = vmalloc_to_page(code);
	hypercall_page_close();
	msr = hypercall_page_write_msr();
	if (hv_root_partition &&
	    hypercall_page_copy(msr.guest_physical_address)) {
		pr_err("no memory for the hypercall page\n");
		hv_hypercall_page_disable();
		hypercall_page = NULL;
		vfree(code);
		return -ENOMEM;
	}
	hypercall_code = code;
	hv_hypercall_pg = code;
	static_call_update(hv_hypercall_page, code);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls: the ways in.  See <linux/hvr.h> for the model.
 *
 * Small calls do not use the kernel's per-processor pages for hypercalls, because those
 * are shared with IPIs and TLB flushes: interrupts would have to be off for as long as
 * a list of pages takes.
 */
#include <linux/context_tracking.h>
#include <linux/gfp.h>
#include <linux/hvr.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "compat.h"
#include "glue.h"
#include "held.h"
#include "trace.h"

/* First half input, second half output, so that neither crosses a page. */
static DEFINE_PER_CPU(void *, hvr_small_page);

#define HVR_SMALL_OUT	(HV_HYP_PAGE_SIZE / 2)

static_assert(HVR_SMALL_MAX <= HVR_SMALL_OUT);

static u64 hypercall_control(u16 code, unsigned int reps, unsigned int start,
			     unsigned int varhead)
{
	return code | (u64)varhead << HV_HYPERCALL_VARHEAD_OFFSET |
	       (u64)reps << HV_HYPERCALL_REP_COMP_OFFSET |
	       (u64)start << HV_HYPERCALL_REP_START_OFFSET;
}

/* The platform layer, if there is one, and the module. */
static unsigned int hvr_users;

/**
 * hvr_init() - set up what hypercalls need, and the pool of this partition
 *
 * Every success needs one hvr_exit().  Before the first one, calls fail.
 *
 * Context: booting, or loading a module; never two at a time.
 * Return: 0 or -ENOMEM.
 */
int hvr_init(void)
{
	unsigned int cpu;

	if (hvr_users++)
		return 0;
	for_each_possible_cpu(cpu) {
		void *page = (void *)get_zeroed_page(GFP_KERNEL);

		if (!page) {
			hvr_exit();
			return -ENOMEM;
		}
		per_cpu(hvr_small_page, cpu) = page;
	}
	hvr_self_pool = hvr_pool_create(HV_PARTITION_ID_SELF);
	if (!hvr_self_pool) {
		hvr_exit();
		return -ENOMEM;
	}
	pr_info("mshv: deposited memory: %s\n", hvr_cover.what);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(hvr_init, HVR_NS);

/**
 * hvr_exit() - undo hvr_init()
 *
 * Context: as for hvr_init().
 */
void hvr_exit(void)
{
	unsigned int cpu;

	if (--hvr_users)
		return;
	hvr_pool_destroy(hvr_self_pool);
	hvr_self_pool = NULL;
	for_each_possible_cpu(cpu) {
		free_page((unsigned long)per_cpu(hvr_small_page, cpu));
		per_cpu(hvr_small_page, cpu) = NULL;
	}
}
EXPORT_SYMBOL_NS_GPL(hvr_exit, HVR_NS);

/**
 * hvr_fast8() - call with 8 bytes of input in registers
 * @code: call code
 * @input: the input
 *
 * Context: any.
 * Return: result word.
 */
u64 hvr_fast8(u16 code, u64 input)
{
	u64 result;

	/* The call may read what was written; its asm does not say so. */
	barrier();
	result = hvr_glue_hypercall_fast8(code, input);
	barrier();
	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}
EXPORT_SYMBOL_NS_GPL(hvr_fast8, HVR_NS);

/**
 * hvr_fast16() - call with 16 bytes of input in registers
 * @code: call code
 * @input1: first 8 bytes
 * @input2: second 8 bytes
 *
 * Context: any.
 * Return: result word.
 */
u64 hvr_fast16(u16 code, u64 input1, u64 input2)
{
	u64 result;

	barrier();
	result = hvr_glue_hypercall_fast16(code, input1, input2);
	barrier();
	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}
EXPORT_SYMBOL_NS_GPL(hvr_fast16, HVR_NS);

/* These are few words, for which memcpy() is slow. */
static void copy_words(void *to, const void *from, size_t size)
{
	size_t i, words = size / sizeof(u64);

	for (i = 0; i < words; i++)
		WRITE_ONCE(((u64 *)to)[i], ((const u64 *)from)[i]);
	memcpy((u64 *)to + words, (const u64 *)from + words, size % sizeof(u64));
}

/**
 * hvr_small_begin() - begin a small call whose input is made in place
 * @flags: for hvr_small_end()
 *
 * Context: any but NMI; interrupts are off afterwards, unless it fails.
 * Return: where the input has to be, %HVR_SMALL_MAX bytes of any content, or NULL
 * before hvr_init().
 */
void *hvr_small_begin(unsigned long *flags)
{
	void *page;

	local_irq_save(*flags);
	page = __this_cpu_read(hvr_small_page);
	if (!page)
		local_irq_restore(*flags);
	return page;
}
EXPORT_SYMBOL_NS_GPL(hvr_small_begin, HVR_NS);

/**
 * hvr_small_end() - make the call, which has neither a list nor output
 * @code: call code
 * @in: what hvr_small_begin() has returned
 * @flags: likewise
 *
 * Context: after hvr_small_begin().
 * Return: result word.
 */
u64 hvr_small_end(u16 code, const void *in, unsigned long flags)
{
	u64 result = hvr_glue_hypercall(code, in, NULL);

	local_irq_restore(flags);
	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}
EXPORT_SYMBOL_NS_GPL(hvr_small_end, HVR_NS);

static u64 hypercall_small(u16 code, unsigned int reps, unsigned int varhead,
			   const void *in, size_t in_size, void *out, size_t out_size)
{
	unsigned int done = 0, idle = 0, before;
	unsigned long flags;
	void *page;
	u64 result;

	if (WARN_ON_ONCE(in_size > HVR_SMALL_MAX || out_size > HVR_SMALL_MAX))
		return HV_STATUS_INVALID_PARAMETER;

	page = hvr_small_begin(&flags);
	if (!page)
		return HV_RESULT_NO_HYPERCALL_PAGE;
	copy_words(page, in, in_size);
	if (out)
		memset(page + HVR_SMALL_OUT, 0, out_size);
	do {
		before = done;
		result = hvr_glue_hypercall(hypercall_control(code, reps, done, varhead),
					    page, out ? page + HVR_SMALL_OUT : NULL);
		done = hvr_reps(result);
	} while (hvr_status(result) == HV_STATUS_SUCCESS && done < reps &&
		 (done > before || ++idle < HVR_IDLE_MAX));
	if (out && hvr_status(result) == HV_STATUS_SUCCESS)
		memcpy(out, page + HVR_SMALL_OUT, out_size);
	local_irq_restore(flags);
	trace_mshv_hypercall(code, reps, 0, result);
	return result;
}

/**
 * hvr_small() - call with little input and output
 * @code: call code
 * @reps: number of elements, 0 if the call does not repeat
 * @in: input block
 * @in_size: its size
 * @out: where to put the output, or NULL; written on success only
 * @out_size: its size
 *
 * A call that repeats is continued until all is done, unless the hypervisor makes
 * no progress; hvr_reps() of the result is the number of elements done.
 *
 * Context: any but NMI.
 * Return: result word.
 */
u64 hvr_small(u16 code, unsigned int reps, const void *in, size_t in_size,
	      void *out, size_t out_size)
{
	return hypercall_small(code, reps, 0, in, in_size, out, out_size);
}
EXPORT_SYMBOL_NS_GPL(hvr_small, HVR_NS);

/**
 * hvr_small_var() - call with little input that has a variable header
 * @code: call code
 * @varhead: size of the variable header in 8 bytes
 * @in: input block, header included
 * @in_size: its size
 * @out: output, or NULL; written on success only
 * @out_size: its size
 *
 * Context: any but NMI.
 * Return: result word.
 */
u64 hvr_small_var(u16 code, unsigned int varhead, const void *in, size_t in_size,
		  void *out, size_t out_size)
{
	return hypercall_small(code, 0, varhead, in, in_size, out, out_size);
}

/**
 * hvr_list() - one entry into a call that works on lists
 * @code: call code
 * @reps: number of elements in the list, 0 if the call does not repeat
 * @start: the first one that is not done
 * @in: input page, owned by the caller
 * @out: output page, owned by the caller, or NULL
 *
 * The hypervisor may stop early with success; hvr_reps() of the result counts
 * from the beginning of the list.
 *
 * Context: any in which the owner of the pages may be.
 * Return: result word.
 */
u64 hvr_list(u16 code, unsigned int reps, unsigned int start, const void *in,
	     void *out)
{
	u64 result;

	result = hvr_glue_hypercall(hypercall_control(code, reps, start, 0), in, out);
	trace_mshv_hypercall(code, reps, start, result);
	return result;
}
EXPORT_SYMBOL_NS_GPL(hvr_list, HVR_NS);

/* Apart, so that hvr_block() has nothing to save. */
static noinline u64 hypercall_block_traced(u16 code, const void *in, void *out)
{
	u64 result = hvr_glue_hypercall(code, in, out);

	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}

/**
 * hvr_block() - call without a list
 * @code: call code
 * @in: input, owned by the caller, not across pages
 * @out: output, likewise
 *
 * Context: any in which the owner of the blocks may be.
 * Return: result word.
 */
u64 hvr_block(u16 code, const void *in, void *out)
{
	if (trace_mshv_hypercall_enabled())
		return hypercall_block_traced(code, in, out);
	return hvr_glue_hypercall(code, in, out);
}
EXPORT_SYMBOL_NS_GPL(hvr_block, HVR_NS);

/*
 * As KVM does it on such a processor.  In between RCU does not watch: nothing may be traced,
 * nor anything be read that RCU protects, and no interrupt be handled.  The hypervisor is
 * taken to return before this kernel handles one, with interrupts still off.
 */
static noinline u64 hypercall_guest_tracked(u16 code, const void *in, void *out)
{
	u64 result;

	context_tracking_guest_enter();
	result = hvr_glue_hypercall(code, in, out);
	context_tracking_guest_exit();
	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}

/**
 * hvr_block_guest() - hvr_block() for a call in which a guest runs
 * @code: call code
 * @in: input, owned by the caller, not across pages
 * @out: output, likewise
 *
 * On processors whose contexts are tracked, those of nohz_full, the guest is one: a grace
 * period does not wait for them, and does not interrupt them either.
 *
 * Context: process context with interrupts off, under no spinlock and in no section of RCU.
 * Return: result word.
 */
u64 hvr_block_guest(u16 code, const void *in, void *out)
{
	if (context_tracking_enabled() || trace_mshv_hypercall_enabled())
		return hypercall_guest_tracked(code, in, out);
	return hvr_glue_hypercall(code, in, out);
}
EXPORT_SYMBOL_NS_GPL(hvr_block_guest, HVR_NS);

/**
 * hvr_block_var() - call without a list, with a variable header
 * @code: call code
 * @varhead: size of the variable header in 8 bytes
 * @in: input, owned by the caller, not across pages
 * @out: output, likewise
 *
 * Context: any in which the owner of the blocks may be.
 * Return: result word.
 */
u64 hvr_block_var(u16 code, unsigned int varhead, const void *in, void *out)
{
	u64 result = hvr_glue_hypercall(hypercall_control(code, 0, 0, varhead), in, out);

	trace_mshv_hypercall(code, 0, 0, result);
	return result;
}

/**
 * hvr_list_rest() - do what is left of a list
 * @code: call code
 * @reps: number of elements in the list
 * @done: number of elements that are done, before and after
 * @in: input page, owned by the caller
 * @out: output page, owned by the caller, or NULL
 *
 * Context: any in which the owner of the pages may be.
 * Return: the last result word; a status other than success unless all is done.
 */
u64 hvr_list_rest(u16 code, unsigned int reps, unsigned int *done,
		  const void *in, void *out)
{
	unsigned int before, idle = 0;
	u64 result = HV_STATUS_SUCCESS;

	while (*done < reps) {
		before = *done;
		result = hvr_list(code, reps, *done, in, out);
		*done = clamp(hvr_reps(result), before, reps);
		if (hvr_status(result) != HV_STATUS_SUCCESS)
			return result;
		if (*done == before && ++idle > HVR_IDLE_MAX)
			return HV_STATUS_OPERATION_FAILED;
	}
	return result;
}
EXPORT_SYMBOL_NS_GPL(hvr_list_rest, HVR_NS);

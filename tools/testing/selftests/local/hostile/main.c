// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile root: partitions, pages, and the checks afterwards.  See hostile.h.
 */
#include <linux/crc32.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/page-flags.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_status.h>
#include <rootvisor/control.h>

#include "hostile.h"

static_assert(ARENA_PAGES == 1 << ARENA_ORDER);

#define WITNESSES	64
#define FIRST_PAGES	40	/* that a partition is given to begin with */
#define WITNESS_PAGES	16
#define FEW_PAGES	16	/* enough to initialize a partition */
#define CALLS_BETWEEN	50	/* two looks at what must not change */

static ulong seed = 1;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "seed of all decisions");

static uint nr_calls = 500;
module_param_named(calls, nr_calls, uint, 0444);
MODULE_PARM_DESC(calls, "how many calls are made");

static bool refused;
module_param(refused, bool, 0444);
MODULE_PARM_DESC(refused, "first make calls that must be refused: only once, it locks sleep states");

static bool tell;
module_param(tell, bool, 0444);
MODULE_PARM_DESC(tell, "print each call before it is made");

static void *witness[WITNESSES];
static u32 sum[WITNESSES];

/* As the hypercall page does; RCX, RDX and R8 are the call's. */
u64 hostile_hypercall(u64 control, u64 input, u64 output)
{
	register u64 r8 asm("r8") = output;
	u64 result;

	asm volatile("vmmcall"
		     : "=a"(result), "+c"(control), "+d"(input), "+r"(r8)
		     : : "memory", "cc", "r9", "r10", "r11");
	return result;
}

/* --- what must not change ------------------------------------------------------------ */

static int make_witnesses(struct hostile *h)
{
	unsigned int i, at;

	for (i = 0; i < WITNESSES; i++) {
		u64 *page = (void *)__get_free_page(GFP_KERNEL);

		if (!page)
			return -ENOMEM;
		witness[i] = page;
		for (at = 0; at < PAGE_SIZE / 8; at++)
			page[at] = hostile_random(h);
		sum[i] = crc32(0, page, PAGE_SIZE);
	}
	return 0;
}

static u64 balance(struct hostile *h, u64 partition)
{
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE;
	u64 *output = h->arena + ARENA_OUTPUT * PAGE_SIZE;

	input[0] = partition;
	input[1] = 0;
	output[0] = 0;
	output[1] = 0;
	hostile_hypercall(HVCALL_GET_MEMORY_BALANCE, virt_to_phys(input),
			  virt_to_phys(output));
	return output[0] << 32 | output[1];
}

static void look(struct hostile *h, u64 before)
{
	unsigned int i;

	for (i = 0; i < WITNESSES; i++)
		if (crc32(0, witness[i], PAGE_SIZE) != sum[i]) {
			pr_emerg("mshv_hostile: page 0x%llx was written to\n",
				 virt_to_phys(witness[i]) / PAGE_SIZE);
			h->failed = true;
		}
	if (balance(h, h->witness) != before) {
		pr_emerg("mshv_hostile: the memory of another partition has changed\n");
		h->failed = true;
	}
}

/* --- partitions ------------------------------------------------------------------------ */

static u16 simple_call(struct hostile *h, u16 code, u64 partition)
{
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE;

	input[0] = partition;
	return hostile_hypercall(code, virt_to_phys(input), 0);
}

/**
 * hostile_give_to_self() - deposit a page for the root itself
 *
 * The root's own pool is charged for partitions, and keeps the pages: they are used
 * again.  So readers of all memory have to skip the page from now on.
 */
void hostile_give_to_self(void)
{
	struct hv_deposit_memory *in = (void *)get_zeroed_page(GFP_KERNEL);
	unsigned long page = __get_free_page(GFP_KERNEL);

	if (in && page) {
		page_offline_begin();
		__SetPageOffline(virt_to_page((void *)page));
		page_offline_end();
		in->partition_id = HV_PARTITION_ID_SELF;
		in->gpa_page_list[0] = virt_to_phys((void *)page) / PAGE_SIZE;
		hostile_hypercall(HVCALL_DEPOSIT_MEMORY | 1ULL << HV_HYPERCALL_REP_COMP_OFFSET,
				  virt_to_phys(in), 0);
	}
	free_page((unsigned long)in);
}

static u64 make_partition(struct hostile *h, unsigned int pages)
{
	struct hv_input_create_partition *in = h->arena + ARENA_INPUT * PAGE_SIZE;
	u64 *out = h->arena + ARENA_OUTPUT * PAGE_SIZE, id;
	u16 status;

	memset(in, 0, sizeof(*in));
	in->flags = HV_PARTITION_CREATION_FLAG_EXO_PARTITION |
		    HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED |
		    HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE;
	in->compatibility_version = HV_COMPATIBILITY_21_H2;
	status = hostile_hypercall(HVCALL_CREATE_PARTITION, virt_to_phys(in),
				   virt_to_phys(out));
	if (status == HV_STATUS_INSUFFICIENT_MEMORY) {
		hostile_give_to_self();
		status = hostile_hypercall(HVCALL_CREATE_PARTITION, virt_to_phys(in),
					   virt_to_phys(out));
	}
	if (status) {
		pr_emerg("mshv_hostile: no partition, status 0x%x\n", status);
		return 0;
	}
	id = *out;
	if (hostile_deposit(h, id, pages))
		pr_emerg("mshv_hostile: a deposit was refused\n");
	return id;
}

static void end_partition(struct hostile *h, u64 id)
{
	if (!id)
		return;
	simple_call(h, HVCALL_FINALIZE_PARTITION, id);
	hostile_take_back(h, id);
	if (simple_call(h, HVCALL_DELETE_PARTITION, id)) {
		pr_emerg("mshv_hostile: partition %llu cannot be deleted\n", id);
		h->failed = true;
	}
}

/* --- all ---------------------------------------------------------------------------------- */

/* The hypervisor's memory is reserved, and the largest such range below 4 GiB. */
static int hypervisor_range(struct resource *res, void *arg)
{
	struct hostile *h = arg;

	if (res->flags & IORESOURCE_SYSRAM)
		return 0;
	if (resource_size(res) >> PAGE_SHIFT > h->hv_last - h->hv_first) {
		h->hv_first = res->start >> PAGE_SHIFT;
		h->hv_last = res->end >> PAGE_SHIFT;
	}
	return 0;
}

/* As by a processor of the root that has not noticed yet, see the control port. */
static void write_while_deposited(struct hostile *h)
{
	u64 value = one_in(h, 2) ? 0 : h->hv_first + below(h, h->hv_last - h->hv_first);

	if (inl(RV_PORT_RESET) != RV_MAGIC)
		return;
	outl(0, RV_PORT_RESET);
	outl((u32)value, RV_PORT_DATA);
	outl(value >> 32, RV_PORT_DATA);
	outl(RV_CMD_DEPOSIT_WRITE, RV_PORT_COMMAND);
}

static void make_refused_calls(struct hostile *h)
{
	u64 finalized = make_partition(h, FEW_PAGES);

	h->witness = make_partition(h, WITNESS_PAGES);
	h->target = make_partition(h, FIRST_PAGES);
	if (!finalized || !h->witness || !h->target ||
	    simple_call(h, HVCALL_INITIALIZE_PARTITION, h->target) ||
	    simple_call(h, HVCALL_INITIALIZE_PARTITION, finalized) ||
	    simple_call(h, HVCALL_FINALIZE_PARTITION, finalized))
		h->failed = true;
	else
		hostile_refused(h, finalized);
	end_partition(h, h->target);
	end_partition(h, h->witness);
	end_partition(h, finalized);
}

static void be_hostile(struct hostile *h)
{
	u64 before;
	uint i;

	h->witness = make_partition(h, WITNESS_PAGES);
	h->target = make_partition(h, FIRST_PAGES);
	if (!h->witness || !h->target) {
		h->failed = true;
		goto out;
	}
	if (!one_in(h, 8))
		simple_call(h, HVCALL_INITIALIZE_PARTITION, h->target);
	before = balance(h, h->witness);
	for (i = 0; i < nr_calls && !h->failed; i++) {
		if (i % CALLS_BETWEEN == 0) {
			look(h, before);
			preempt_disable();
			write_while_deposited(h);
			preempt_enable();
		}
		hostile_call(h);
		cond_resched();
	}
	look(h, before);
	if (hostile_has_domains())
		hostile_domains(h);
	look(h, before);
out:
	end_partition(h, h->target);
	end_partition(h, h->witness);
}

static int __init hostile_init(void)
{
	struct hostile *h = kzalloc(sizeof(*h), GFP_KERNEL);
	unsigned int i;
	int ret = -ENOMEM;

	if (!h)
		return -ENOMEM;
	h->rng = seed;
	h->tell = tell;
	h->arena = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, ARENA_ORDER);
	if (!h->arena || make_witnesses(h))
		goto out;
	ret = -EINVAL;
	if (!hostile_excluded())
		goto out;
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_MEM, 0x10000000, 0x7fffffff, h,
			    hypervisor_range);
	if (refused)
		make_refused_calls(h);
	if (!h->failed)
		be_hostile(h);
	ret = 0;
	for (i = 0; i < ARENA_PAGES; i++)
		if (h->given[i]) {
			pr_emerg("mshv_hostile: page 0x%llx was not withdrawn\n",
				 virt_to_phys(h->arena) / PAGE_SIZE + i);
			h->failed = true;
		}
	if (h->failed)
		ret = -EIO;
	pr_info("mshv_hostile: %lu calls, %lu of them done\n", h->made, h->done);
out:
	/* Pages that are still deposited must not be reused. */
	if (h->arena && !h->failed)
		free_pages((unsigned long)h->arena, ARENA_ORDER);
	for (i = 0; i < WITNESSES; i++)
		free_page((unsigned long)witness[i]);
	kfree(h);
	return ret;
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("Test of a hypervisor: a root that makes random hypercalls");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0
/*
 * Device domains of a hostile root, where the hypervisor offers them: see hostile.h.
 *
 * Model: a few numbers of domains, and a few addresses in each.  The module knows what it
 * has mapped: a page must not be mapped while it is the hypervisor's, nor be deposited while
 * it is mapped.  No device is attached, since a wrong one would be the root's disk.
 */
#include <asm/processor.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>

#include "hostile.h"

#define NUMBERS		4
#define PLACES		64
#define LIST		8
#define FIRST_NUMBER	1000u
#define GIFTS		12	/* pages for tables, at most */
#define CALLS		100
#define DONE(result)	((unsigned int)((result) >> HV_HYPERCALL_REP_COMP_OFFSET & 0xfff))

/* Page of the arena + 1, by domain and place; 0: nothing, or something else. */
static u8 mapped[NUMBERS][PLACES];
static unsigned int gifts;

bool hostile_has_domains(void)
{
	return cpuid_edx(HYPERV_CPUID_FEATURES) & HV_DEVICE_DOMAIN_AVAILABLE;
}

bool hostile_is_mapped(unsigned int page)
{
	unsigned int n, i;

	for (n = 0; n < NUMBERS; n++)
		for (i = 0; i < PLACES; i++)
			if (mapped[n][i] == page + 1)
				return true;
	return false;
}

static void *header(struct hostile *h, unsigned int n)
{
	struct hv_input_device_domain *in = h->arena + ARENA_INPUT * PAGE_SIZE;

	memset(in, 0, PAGE_SIZE);
	in->partition_id = HV_PARTITION_ID_SELF;
	in->domain_id = (u64)(FIRST_NUMBER + n) << HV_DEVICE_DOMAIN_ID_SHIFT;
	return in;
}

static u64 call(struct hostile *h, u16 code, unsigned int reps)
{
	u64 result = hostile_hypercall(code | (u64)reps << HV_HYPERCALL_REP_COMP_OFFSET,
				       virt_to_phys(h->arena + ARENA_INPUT * PAGE_SIZE), 0);

	h->made++;
	h->done += !(result & HV_HYPERCALL_RESULT_MASK);
	if ((result & HV_HYPERCALL_RESULT_MASK) == HV_STATUS_INSUFFICIENT_MEMORY &&
	    gifts < GIFTS) {
		hostile_give_to_self();
		gifts++;
	}
	return result;
}

static void create(struct hostile *h, unsigned int n)
{
	header(h, n);
	call(h, HVCALL_CREATE_DEVICE_DOMAIN, 0);
}

static void delete(struct hostile *h, unsigned int n)
{
	header(h, n);
	if (!(call(h, HVCALL_DELETE_DEVICE_DOMAIN, 0) & HV_HYPERCALL_RESULT_MASK))
		memset(mapped[n], 0, sizeof(mapped[n]));
}

static void map(struct hostile *h, unsigned int n)
{
	struct hv_input_map_device_gpa_pages *in = header(h, n);
	unsigned int first = below(h, PLACES - LIST), reps = 1 + below(h, LIST), i, done;

	in->map_flags = HV_MAP_GPA_READABLE | (one_in(h, 2) ? HV_MAP_GPA_WRITABLE : 0);
	in->target_device_va_base = first * PAGE_SIZE;
	for (i = 0; i < reps; i++)
		in->gpa_page_list[i] = hostile_pfn(h);
	done = DONE(call(h, HVCALL_MAP_DEVICE_GPA_PAGES, reps));
	for (i = 0; i < done; i++) {
		u64 pfn = in->gpa_page_list[i], page = pfn - virt_to_phys(h->arena) / PAGE_SIZE;

		hostile_claim(h, pfn < h->hv_first || pfn > h->hv_last,
			      "no page of the hypervisor is mapped for devices");
		hostile_claim(h, page >= ARENA_PAGES || !h->given[page],
			      "nor one that is deposited");
		hostile_claim(h, !mapped[n][first + i], "nor one over another");
		mapped[n][first + i] = page < ARENA_PAGES ? page + 1 : 0;
	}
}

static void unmap(struct hostile *h, unsigned int n)
{
	struct hv_input_unmap_device_gpa_pages *in = header(h, n);
	unsigned int first = below(h, PLACES), reps = 1 + below(h, PLACES - first);

	in->target_device_va_base = first * PAGE_SIZE;
	memset(&mapped[n][first], 0, DONE(call(h, HVCALL_UNMAP_DEVICE_GPA_PAGES, reps)));
}

static void attach_absent(struct hostile *h, unsigned int n)
{
	struct hv_input_attach_device_domain *in = header(h, n);

	in->device_id = hostile_random(h) >> 2;
	hostile_claim(h, call(h, HVCALL_ATTACH_DEVICE_DOMAIN, 0) & HV_HYPERCALL_RESULT_MASK,
		      "what is no PCI device is not attached");
}

static void one(struct hostile *h)
{
	unsigned int n = below(h, NUMBERS);

	switch (below(h, 10)) {
	case 8:
		hostile_deposit(h, h->target, 1 + below(h, LIST));
		break;
	case 9:
		hostile_take_back(h, h->target);
		break;
	case 0:
	case 1:
		create(h, n);
		break;
	case 2:
		delete(h, n);
		break;
	case 3:
		attach_absent(h, n);
		break;
	case 4:
	case 5:
		unmap(h, n);
		break;
	default:
		map(h, n);
	}
}

/* The last ones that were deposited, since no table is left. */
static void take_gifts(struct hostile *h)
{
	u64 *in = h->arena + ARENA_INPUT * PAGE_SIZE, *out = h->arena + ARENA_OUTPUT * PAGE_SIZE;
	struct page *page;

	for (; gifts; gifts--) {
		in[0] = HV_PARTITION_ID_SELF;
		in[1] = 0;
		if (hostile_hypercall(HVCALL_WITHDRAW_MEMORY | 1ULL << HV_HYPERCALL_REP_COMP_OFFSET,
				      virt_to_phys(in), virt_to_phys(out)) &
		    HV_HYPERCALL_RESULT_MASK)
			return;
		page = pfn_to_page(out[0]);
		page_offline_begin();
		__ClearPageOffline(page);
		page_offline_end();
		__free_page(page);
	}
}

/**
 * hostile_domains() - make random calls about device domains
 * @h: state
 *
 * Apart from other calls, which would use the memory that tables need.
 */
void hostile_domains(struct hostile *h)
{
	unsigned int i, n;

	for (i = 0; i < CALLS && !h->failed; i++)
		one(h);
	for (n = 0; n < NUMBERS; n++)
		delete(h, n);
	take_gifts(h);
}

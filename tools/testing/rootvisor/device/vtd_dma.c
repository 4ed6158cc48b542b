// SPDX-License-Identifier: GPL-2.0
/*
 * DMA remapping by VT-d, in legacy mode.
 *
 * Model: the root table has an entry for each bus, which refers to a context table with an
 * entry for each function, which refers to the tables of a domain (iopt.c).  One context
 * table, in which all functions are in the default domain, serves every bus until a
 * device of it is attached to another one.
 *
 * A context entry is replaced in one piece, so that a device always has a domain.  The
 * number of a domain in the hardware is its slot plus one, since some hardware has a use
 * for 0.
 *
 * Not used: pass-through (devices would reach the hypervisor), scalable mode, and with
 * legacy mode's first bits clear no device can have translations of its own (ATS).
 */
#include <rv/log.h>
#include <rv/options.h>
#include <rv/page.h>
#include "dma.h"
#include "iopt.h"
#include "vtd.h"

#define BUSES			256u
#define FUNCTIONS		256u
#define ROOT_PRESENT		BIT_ULL(0)
#define CONTEXT_PRESENT		BIT_ULL(0)
#define CONTEXT_4_LEVELS	2u
#define CONTEXT_DOMAIN_SHIFT	8
#define WIDTH			48

struct entry {
	u64 low, high;
} __aligned(16);

static struct entry *roots, *shared;
static struct entry *contexts[BUSES];
static struct dma_hw hw;

static u64 number(u32 slot)
{
	return slot + 1;
}

static struct entry context(u32 slot, const u64 *table)
{
	return (struct entry){ ptr_pa(table) | CONTEXT_PRESENT,
			       CONTEXT_4_LEVELS | number(slot) << CONTEXT_DOMAIN_SHIFT };
}

/* Writes all of an entry at once. */
static void replace(struct entry *at, struct entry with)
{
	u64 low = at->low, high = at->high;

	__asm__ __volatile__("lock cmpxchg16b %0"
			     : "+m"(*at), "+a"(low), "+d"(high)
			     : "b"(with.low), "c"(with.high) : "cc", "memory");
	vtd_write_back(at, sizeof(*at));
}

/* The bus gets a context table of its own. */
static bool part(u32 bus)
{
	struct entry *own;

	if (contexts[bus] != shared)
		return true;
	own = reserve_alloc(1);
	if (!own)
		return false;
	memcpy(own, shared, PAGE_SIZE);
	vtd_write_back(own, PAGE_SIZE);
	contexts[bus] = own;
	replace(&roots[bus], (struct entry){ ptr_pa(own) | ROOT_PRESENT, 0 });
	vtd_submit(VTD_INV_CONTEXT | VTD_INV_ALL, 0);
	vtd_wait();
	return true;
}

static u64 drains(void)
{
	return (vtd.cap & VTD_CAP_DRAIN_READS ? VTD_INV_DRAIN_READS : 0) |
	       (vtd.cap & VTD_CAP_DRAIN_WRITES ? VTD_INV_DRAIN_WRITES : 0);
}

static void flush_domain(u32 slot)
{
	vtd_submit(VTD_INV_IOTLB | VTD_INV_DOMAIN | drains() |
		   number(slot) << VTD_INV_DOMAIN_SHIFT, 0);
}

static bool attach(u16 rid, u32 slot, const u64 *table, u32 old)
{
	u32 bus = rid >> 8;

	if (!part(bus))
		return false;
	replace(&contexts[bus][rid & (FUNCTIONS - 1)], context(slot, table));
	vtd_submit(VTD_INV_CONTEXT | VTD_INV_DEVICE |
		   number(old) << VTD_INV_DOMAIN_SHIFT |
		   (u64)rid << VTD_INV_SOURCE_SHIFT, 0);
	/*
	 * Translations are cached by device, but with the number of a domain; of either one
	 * if the hardware has read an entry that is half old.
	 */
	flush_domain(old);
	flush_domain(slot);
	vtd_wait();
	return true;
}

static void flush(u32 slot, u64 first, u64 last)
{
	u32 order = 0;

	while (first >> order != last >> order)
		order++;
	if ((vtd.cap & VTD_CAP_BY_PAGE) && order <= VTD_CAP_MAX_ORDER(vtd.cap))
		vtd_submit(VTD_INV_IOTLB | VTD_INV_PAGES | drains() |
			   number(slot) << VTD_INV_DOMAIN_SHIFT,
			   first >> order << order << PAGE_SHIFT | order);
	else
		flush_domain(slot);
	vtd_wait();
}

/* NULL: it can. */
static const char *missing(void)
{
	if (!(vtd.cap & VTD_CAP_48_BITS) || VTD_CAP_WIDTH(vtd.cap) < WIDTH)
		return "it does not translate 48 bits";
	if (vtd.cap & VTD_CAP_BUFFER)
		return "its write buffer would have to be flushed";
	if (vtd.cap & VTD_CAP_CACHING)
		return "it caches entries that are not present (caching-mode)";
	if (vtd.unit.reserved)
		return "the firmware reserves memory for devices (RMRR)";
	if (options.dma_off)
		return "dma=off";
	return NULL;
}

static void make_tables(const u64 *identity)
{
	u32 i;

	roots = reserve_alloc(1);
	shared = reserve_alloc(1);
	if (!roots || !shared)
		panic("the reserve is exhausted");
	for (i = 0; i < FUNCTIONS; i++)
		shared[i] = context(DMA_SLOT_DEFAULT, identity);
	for (i = 0; i < BUSES; i++) {
		contexts[i] = shared;
		roots[i].low = ptr_pa(shared) | ROOT_PRESENT;
	}
	vtd_write_back(shared, PAGE_SIZE);
	vtd_write_back(roots, PAGE_SIZE);
}

void vtd_dma_start(void)
{
	const char *why = missing();

	if (why) {
		log_info("DMA is not remapped: %s", why);
		return;
	}
	hw = (struct dma_hw){
		.width = WIDTH,
		.largest = !(vtd.cap & VTD_CAP_2M) ? IOPT_4K :
			   !(vtd.cap & VTD_CAP_1G) ? IOPT_2M : IOPT_1G,
		.slots = MIN(VTD_CAP_DOMAINS(vtd.cap) - 1, (u32)DMA_SLOTS),
		.segment = vtd.unit.segment,
		.attach = attach, .flush = flush, .write_back = vtd_write_back,
	};
	make_tables(identity_start(&hw));
	*vtd_reg64(VTD_RTADDR) = ptr_pa(roots);
	vtd_command(VTD_ROOT_TABLE);
	vtd_submit(VTD_INV_CONTEXT | VTD_INV_ALL, 0);
	vtd_submit(VTD_INV_IOTLB | VTD_INV_ALL | drains(), 0);
	vtd_wait();
	vtd_command(VTD_REMAP_DMA);
	dma_on(&hw);
}

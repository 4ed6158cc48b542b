// SPDX-License-Identifier: GPL-2.0
/*
 * The default domain: RAM of the root, one to one, and nothing else.
 *
 * A page is in it while it is PAGE_ROOT.  So devices reach no page of the hypervisor, none
 * that is deposited, not even while the root itself sees it (PAGE_SHARED), no registers of
 * other devices, among them those of the remapping hardware, and no memory that the
 * firmware has kept.  A page that is mapped into a child is still the root's.
 *
 * Its tables come from the reserve.  The tables of the root's own address space (npt.c)
 * are not used: they have other pages, and another format.
 */
#include <rv/log.h>
#include <rv/page.h>
#include "dma.h"
#include "iopt.h"

const struct dma_hw *dma_hw;
static const struct dma_hw *hardware;	/* also before it is on */

static void *alloc(struct iopt *t)
{
	return reserve_alloc(1);
}

static void free(struct iopt *t, void *table)
{
	reserve_free(table);
}

static void flush(struct iopt *t, u64 first, u64 last)
{
	hardware->flush(DMA_SLOT_DEFAULT, first, last);
}

static void write_back(const void *at, u32 bytes)
{
	hardware->write_back(at, bytes);
}

static const struct iopt_ops ops = { alloc, free, flush, write_back };
static struct iopt identity = { .ops = &ops };

static bool map_ram(void)
{
	u64 first, end;

	for (first = 0; first < max_pfn; first = end) {
		for (end = first; end < max_pfn && page_state(end) == PAGE_ROOT; end++)
			;
		if (!iopt_map_same(&identity, first, end, IOPT_RIGHTS))
			return false;
		for (; end < max_pfn && page_state(end) != PAGE_ROOT; end++)
			;
	}
	return iopt_make(&identity);
}

const u64 *identity_start(const struct dma_hw *hw)
{
	hardware = hw;
	identity.largest = hw->largest;
	if (!map_ram())
		panic("the reserve is too small for the tables of devices");
	return identity.top;
}

void dma_on(const struct dma_hw *hw)
{
	dma_hw = hw;
	log_info("DMA remapping: devices reach %llu MiB of the root's, by %u tables",
		 identity.nr_pages >> (20 - PAGE_SHIFT), identity.nr_tables);
}

bool dma_page_take(u64 pfn)
{
	u64 old;

	return !dma_hw || iopt_unmap(&identity, pfn, &old);
}

bool dma_page_give(u64 pfn)
{
	return !dma_hw || iopt_map(&identity, pfn, pfn << PAGE_SHIFT | IOPT_RIGHTS, NULL) ==
			  IOPT_DONE;
}

void dma_settle(void)
{
	if (dma_hw)
		iopt_settle(&identity);
}

const u64 *identity_top(void)
{
	return identity.top;
}

void identity_books(void)
{
	log_info("DMA of the default domain: %llu pages, %u tables, %llu joined",
		 identity.nr_pages, identity.nr_tables, identity.nr_joined);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Device domains of the root, and which device is in which.
 *
 * Model: a domain is a slot of the hardware with a number that the root has chosen.  Each
 * requester id has a *home*, the slot of its domain.  Slots 0 and 1 are the default and the
 * null domain, which are never made, mapped or deleted.
 *
 * A page that is mapped here counts as one that a child maps: it cannot be deposited.  It
 * stays in the default domain.  Tables are pages of the root's own pool, except the top one
 * of each domain: an empty domain costs the root nothing, since known roots do not deposit
 * for the call that makes one.
 *
 * A domain with devices is flushed after each change, before the caller continues.  One
 * without has nothing to flush: the last device was flushed when it left.
 *
 * The unit test tools/testing/unit/domains.c includes this file.
 */
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_status.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/partition.h>
#include "dma.h"
#include "domain.h"

#define RIDS			65536u
#define FREE_AT_ONCE		4096u		/* pages */
#define INTERRUPTS_FIRST	0xfee00ull	/* DMA there is an interrupt, never translated */
#define INTERRUPTS_LAST		0xfeeffull

struct domain {
	bool used;
	bool dying;		/* it is being deleted, and cannot be used any more */
	u32 number;
	u32 devices;		/* not counted for the default domain */
	struct iopt map;
};

static struct domain domains[DMA_SLOTS];
static u8 *homes;		/* slot, by requester id */
static u64 *null_top;

static u32 slot_of(const struct domain *d)
{
	return (u32)(d - domains);
}

static bool has_option(u32 bit)
{
	return options.domains & bit;
}

static void *page_alloc(struct iopt *t)
{
	return t->top || has_option(DOMAINS_ASK) ? pool_alloc(&root_partition) :
						   reserve_alloc(1);
}

static void page_free(struct iopt *t, void *table)
{
	if (table == t->top && !has_option(DOMAINS_ASK))
		reserve_free(table);
	else
		pool_free(&root_partition, table);
}

static void flush(struct iopt *t, u64 first, u64 last)
{
	struct domain *d = container_of(t, struct domain, map);

	if (d->devices)
		dma_hw->flush(slot_of(d), first, last);
}

static void write_back(const void *at, u32 bytes)
{
	dma_hw->write_back(at, bytes);
}

static const struct iopt_ops ops = { page_alloc, page_free, flush, write_back };

/* What only domains need; false: the reserve is exhausted. */
static bool prepare(void)
{
	if (!homes)
		homes = reserve_alloc(RIDS / PAGE_SIZE);
	if (!null_top) {
		null_top = reserve_alloc(1);
		if (null_top)
			write_back(null_top, PAGE_SIZE);
	}
	return homes && null_top;
}

static u32 home(u16 rid)
{
	return homes ? homes[rid] : DMA_SLOT_DEFAULT;
}

static const u64 *top_of(u32 slot)
{
	return slot == DMA_SLOT_DEFAULT ? identity_top() :
	       slot == DMA_SLOT_NULL ? null_top : domains[slot].map.top;
}

/* Also one that is being deleted. */
static struct domain *find_any(u32 number)
{
	u32 i;

	for (i = DMA_SLOT_FIRST; i < DMA_SLOTS; i++)
		if (domains[i].used && domains[i].number == number)
			return &domains[i];
	return NULL;
}

struct domain *domain_find(u32 number)
{
	struct domain *d = find_any(number);

	return d && !d->dying ? d : NULL;
}

bool domain_is_fixed(u32 number)
{
	return number == HV_DEVICE_DOMAIN_ID_S2_DEFAULT || number == HV_DEVICE_DOMAIN_ID_S2_NULL;
}

u16 domain_create(u32 number)
{
	struct domain *d;
	u32 i;

	if (domain_is_fixed(number))
		return HV_STATUS_INVALID_PARAMETER;
	if (find_any(number))
		return has_option(DOMAINS_IN_USE) ? HV_STATUS_OBJECT_IN_USE :
						    HV_STATUS_INVALID_PARAMETER;
	for (i = DMA_SLOT_FIRST; i < dma_hw->slots && domains[i].used; i++)
		;
	if (i >= dma_hw->slots)
		return HV_STATUS_INSUFFICIENT_DEVICE_DOMAINS;
	d = &domains[i];
	*d = (struct domain){ .number = number, .map.ops = &ops };
	if (!iopt_make(&d->map))
		return has_option(DOMAINS_ASK) ? pool_empty_status(&root_partition) :
						 HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
	d->used = true;
	return HV_STATUS_SUCCESS;
}

static bool move(u16 rid, u32 to)
{
	u32 from = home(rid);

	if (!prepare() || !dma_hw->attach(rid, to, top_of(to), from))
		return false;
	homes[rid] = (u8)to;
	if (from != DMA_SLOT_DEFAULT)
		domains[from].devices--;
	if (to != DMA_SLOT_DEFAULT)
		domains[to].devices++;
	return true;
}

static u16 move_all(struct domain *d)
{
	u32 rid;

	for (rid = 0; d->devices && rid < RIDS; rid++)
		if (home((u16)rid) == slot_of(d) && !move((u16)rid, DMA_SLOT_NULL))
			return HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
	return HV_STATUS_SUCCESS;
}

/* A leaf does not say it: a page of the root is RAM, and stays its page while it is mapped. */
static void page_put(u64 entry)
{
	u64 pfn = (entry & IOPT_ADDR) >> PAGE_SHIFT;

	if (page_state(pfn) == PAGE_ROOT)
		page_map_put(pfn);
}

static void leaf_put(u64 entry, u64 pages __unused)
{
	page_put(entry);
}

u16 domain_delete(u32 number, bool *again)
{
	struct domain *d = domain_find(number);
	u32 i;

	for (i = DMA_SLOT_FIRST; !d && i < DMA_SLOTS; i++)
		if (domains[i].used && domains[i].number == number)
			d = &domains[i];
	if (!d)
		return HV_STATUS_INVALID_PARAMETER;
	if (d->devices) {
		if (!has_option(DOMAINS_DELETE))
			return HV_STATUS_OBJECT_IN_USE;
		if (move_all(d))
			return HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
	}
	d->dying = true;
	*again = !iopt_free(&d->map, leaf_put, FREE_AT_ONCE);
	if (!*again)
		d->used = false;
	return HV_STATUS_SUCCESS;
}

u16 domain_attach(u32 number, u16 rid)
{
	struct domain *d = domain_find(number);
	u32 from = home(rid), to;

	if (!d && !domain_is_fixed(number))
		return HV_STATUS_INVALID_PARAMETER;
	to = d ? slot_of(d) : number ? DMA_SLOT_NULL : DMA_SLOT_DEFAULT;
	if (from == to)
		return has_option(DOMAINS_SAME_AGAIN) ? HV_STATUS_SUCCESS :
							HV_STATUS_DEVICE_ALREADY_IN_DOMAIN;
	if (has_option(DOMAINS_LEAVE_FIRST) && from >= DMA_SLOT_FIRST && d)
		return HV_STATUS_INVALID_DEVICE_STATE;
	return move(rid, to) ? HV_STATUS_SUCCESS : HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
}

u16 domain_detach(u16 rid)
{
	u32 to = has_option(DOMAINS_DETACH_NULL) ? DMA_SLOT_NULL : DMA_SLOT_DEFAULT;

	if (home(rid) == DMA_SLOT_DEFAULT || home(rid) == to)
		return HV_STATUS_INVALID_DEVICE_STATE;
	return move(rid, to) ? HV_STATUS_SUCCESS : HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
}

/* RAM of the root, also what children map, or registers of a device. */
static bool is_roots(u64 pfn)
{
	enum page_state state = page_state(pfn);

	return pfn < GPN_LIMIT && (state == PAGE_ROOT || state == PAGE_NONE);
}

u16 domain_map(struct domain *d, u64 at, u64 pfn, u64 rights)
{
	u64 old = 0;

	if (at >> (dma_hw->width - PAGE_SHIFT) ||
	    (at >= INTERRUPTS_FIRST && at <= INTERRUPTS_LAST))
		return HV_STATUS_INVALID_PARAMETER;
	if (!is_roots(pfn))
		return has_option(DOMAINS_FOREIGN) ? HV_STATUS_OPERATION_DENIED :
						     HV_STATUS_ACCESS_DENIED;
	if (page_maps(pfn) == PAGE_MAPS_MAX)
		return HV_STATUS_NO_RESOURCES;
	switch (iopt_map(&d->map, at, pfn << PAGE_SHIFT | rights,
			 has_option(DOMAINS_MAP_OVER) ? &old : NULL)) {
	case IOPT_EXISTS:
		return HV_STATUS_INVALID_PARAMETER;
	case IOPT_NO_TABLE:
		return pool_empty_status(&root_partition);
	case IOPT_DONE:
		break;
	}
	if (page_state(pfn) == PAGE_ROOT)
		page_map_get(pfn);
	if (old)
		page_put(old);
	return HV_STATUS_SUCCESS;
}

u16 domain_unmap(struct domain *d, u64 at)
{
	u64 old;

	if (at >> (dma_hw->width - PAGE_SHIFT))
		return HV_STATUS_INVALID_PARAMETER;
	/* It has no large pages, so this needs no table. */
	iopt_unmap(&d->map, at, &old);
	if (!old)
		return has_option(DOMAINS_HOLES) ? HV_STATUS_INVALID_PARAMETER :
						   HV_STATUS_SUCCESS;
	page_put(old);
	return HV_STATUS_SUCCESS;
}

void domain_settle(struct domain *d)
{
	iopt_settle(&d->map);
}

u32 domain_of(u16 rid)
{
	u32 slot = home(rid);

	return slot == DMA_SLOT_DEFAULT ? HV_DEVICE_DOMAIN_ID_S2_DEFAULT :
	       slot == DMA_SLOT_NULL ? HV_DEVICE_DOMAIN_ID_S2_NULL : domains[slot].number;
}

u64 domain_count(void)
{
	u64 n = 0;
	u32 i;

	for (i = DMA_SLOT_FIRST; i < DMA_SLOTS; i++)
		n += domains[i].used;
	return n;
}

u64 domain_attachments(void)
{
	u64 n = 0;
	u32 i;

	for (i = DMA_SLOT_NULL; i < DMA_SLOTS; i++)
		n += domains[i].devices;
	return n;
}

u64 domain_pages(void)
{
	u64 n = 0;
	u32 i;

	for (i = DMA_SLOT_FIRST; i < DMA_SLOTS; i++)
		n += domains[i].map.nr_pages;
	return n;
}

void domain_next_kernel(void)
{
	u32 rid, i;

	if (!dma_hw || !has_option(DOMAINS_END))
		return;
	for (rid = 0; domain_attachments() && rid < RIDS; rid++)
		if (home((u16)rid) != DMA_SLOT_DEFAULT)
			move((u16)rid, DMA_SLOT_DEFAULT);
	for (i = DMA_SLOT_FIRST; i < DMA_SLOTS; i++) {
		if (!domains[i].used)
			continue;
		iopt_free(&domains[i].map, leaf_put, ~0ull);
		domains[i].used = false;
	}
}

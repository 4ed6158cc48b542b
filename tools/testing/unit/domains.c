// SPDX-License-Identifier: GPL-2.0
/*
 * Device domains: the rules, and what the options change.
 *
 * Model: a machine of 4096 pages, of which some are not the root's; its hardware is a table
 * of what each device uses.  It keeps the translations that it has seen until they are
 * flushed, so that one that is used too long is found out.
 */
#include <stdlib.h>

#include "../rootvisor/device/iopt.c"
#include "../rootvisor/device/domain.c"
#undef ARRAY_SIZE

#include "tap.h"

#define PAGES		4096ull
#define PAGE_OF_HV	100
#define PAGE_OF_POOL	101
#define PAGE_SEEN	102	/* deposited, and seen by the root */
#define PAGE_FULL	103	/* mapped as often as can be counted */
#define PAGE_UNIT	(PAGES + 5)
#define DEVICE		0x0810
#define OTHER		0x0018
#define HW_SLOTS	8

struct options options;
struct partition root_partition;
const struct dma_hw *dma_hw;
static u64 identity[512];
static u32 maps[PAGES];
static u32 reserve_pages = ~0u, pool_pages = ~0u, reserve_used, pool_used;
static const u64 *tables[RIDS];		/* what the hardware uses; NULL: the default domain */
static bool attach_fails;
static u32 flushes;

void panic(const char *fmt, ...)
{
	puts(fmt);
	abort();
}

static void *page(u32 *left, u32 *used, u32 n)
{
	if (*left < n)
		return NULL;
	*left -= n;
	*used += n;
	return memset(aligned_alloc(PAGE_SIZE, n * PAGE_SIZE), 0, n * PAGE_SIZE);
}

void *reserve_alloc(u32 pages)
{
	return page(&reserve_pages, &reserve_used, pages);
}

void reserve_free(void *p)
{
	reserve_used--;
	free(p);
}

void *pool_alloc(struct partition *p)
{
	(void)p;
	return page(&pool_pages, &pool_used, 1);
}

void pool_free(struct partition *p, void *at)
{
	(void)p;
	pool_used--;
	free(at);
}

u16 pool_empty_status(struct partition *p)
{
	(void)p;
	return HV_STATUS_INSUFFICIENT_MEMORY;
}

enum page_state page_state(u64 pfn)
{
	return pfn == PAGE_OF_HV || pfn == PAGE_UNIT ? PAGE_HV : pfn == PAGE_OF_POOL ? PAGE_POOL :
	       pfn == PAGE_SEEN ? PAGE_SHARED : pfn < PAGES ? PAGE_ROOT : PAGE_NONE;
}

u32 page_maps(u64 pfn)
{
	return pfn == PAGE_FULL ? PAGE_MAPS_MAX : pfn < PAGES ? maps[pfn] : 0;
}

void page_map_get(u64 pfn)
{
	maps[pfn]++;
}

void page_map_put(u64 pfn)
{
	if (!maps[pfn]--)
		abort();
}

const u64 *identity_top(void)
{
	return identity;
}

static bool hw_attach(u16 rid, u32 slot, const u64 *table, u32 old)
{
	(void)slot;
	(void)old;
	if (attach_fails)
		return false;
	tables[rid] = table;
	return true;
}

static void hw_flush(u32 slot, u64 first, u64 last)
{
	(void)slot;
	(void)first;
	(void)last;
	flushes++;
}

static void hw_write_back(const void *at, u32 bytes)
{
	(void)at;
	(void)bytes;
}

static const struct dma_hw hw = {
	.width = 48, .slots = HW_SLOTS,
	.attach = hw_attach, .flush = hw_flush, .write_back = hw_write_back,
};

static u16 delete(u32 number)
{
	bool again;
	u16 status;

	do {
		again = false;
		status = domain_delete(number, &again);
	} while (again);
	return status;
}

static u16 map(u32 number, u64 at, u64 pfn)
{
	u16 status = domain_map(domain_find(number), at, pfn, IOPT_RIGHTS);

	domain_settle(domain_find(number));
	return status;
}

static u16 unmap(u32 number, u64 at)
{
	u16 status = domain_unmap(domain_find(number), at);

	domain_settle(domain_find(number));
	return status;
}

/* What a device reaches at an IOVA: a page number, or 0. */
static u64 reaches(u16 rid, u64 at)
{
	const struct iopt view = { .top = (u64 *)tables[rid] };

	return (iopt_lookup(&view, at) & IOPT_ADDR) >> PAGE_SHIFT;
}

static void test_numbers(void)
{
	u32 i;

	tap_check(domain_create(0) == HV_STATUS_INVALID_PARAMETER, "default");
	tap_check(domain_create(~0u) == HV_STATUS_INVALID_PARAMETER, "null");
	tap_check(!domain_create(7) && domain_count() == 1, "a number");
	tap_check(domain_create(7) == HV_STATUS_INVALID_PARAMETER, "in use");
	options.domains = DOMAINS_IN_USE;
	tap_check(domain_create(7) == HV_STATUS_OBJECT_IN_USE, "in use, the other answer");
	options.domains = 0;
	for (i = 1; i < HW_SLOTS - DMA_SLOT_FIRST; i++)
		tap_check(!domain_create(100 + i), "number %u", i);
	tap_check(domain_create(8) == HV_STATUS_INSUFFICIENT_DEVICE_DOMAINS, "all slots used");
	tap_check(!delete(101) && !domain_create(8) && !delete(8), "a slot is used again");
	tap_check(delete(8) == HV_STATUS_INVALID_PARAMETER && delete(0) &&
		  delete(~0u) && !domain_find(0) && !domain_find(~0u), "not to be deleted");
	for (i = 2; i < HW_SLOTS - DMA_SLOT_FIRST; i++)
		delete(100 + i);
	tap_check(!delete(7) && !domain_count() && !reserve_used, "none is left");
	tap_group("numbers of domains");
}

static void test_attach(void)
{
	domain_create(1);
	domain_create(2);
	tap_check(domain_of(DEVICE) == 0, "from boot on in the default domain");
	tap_check(domain_attach(3, DEVICE) == HV_STATUS_INVALID_PARAMETER, "no such domain");
	tap_check(domain_detach(DEVICE) == HV_STATUS_INVALID_DEVICE_STATE, "not attached");
	tap_check(domain_attach(0, DEVICE) == HV_STATUS_DEVICE_ALREADY_IN_DOMAIN, "default again");
	tap_check(!domain_attach(1, DEVICE) && domain_of(DEVICE) == 1 && tables[DEVICE], "attach");
	tap_check(domain_attach(1, DEVICE) == HV_STATUS_DEVICE_ALREADY_IN_DOMAIN, "again");
	tap_check(domain_attachments() == 1 && domain_of(OTHER) == 0, "one, and not the other");
	tap_check(!domain_attach(2, DEVICE) && domain_of(DEVICE) == 2, "moved");
	tap_check(!domain_attach(~0u, DEVICE) && domain_of(DEVICE) == ~0u, "null");
	tap_check(!reaches(DEVICE, 0) && tables[DEVICE] == null_top, "reaches nothing");
	tap_check(!domain_detach(DEVICE) && !domain_of(DEVICE) && tables[DEVICE] == identity,
		  "detached: default");
	attach_fails = true;
	tap_check(domain_attach(1, DEVICE) == HV_STATUS_INSUFFICIENT_ROOT_MEMORY &&
		  !domain_of(DEVICE) && !domain_attachments(), "no memory for it");
	attach_fails = false;
	options.domains = DOMAINS_LEAVE_FIRST | DOMAINS_SAME_AGAIN | DOMAINS_DETACH_NULL;
	tap_check(!domain_attach(1, DEVICE) && !domain_attach(1, DEVICE), "same again");
	tap_check(domain_attach(2, DEVICE) == HV_STATUS_INVALID_DEVICE_STATE, "leave first");
	tap_check(!domain_detach(DEVICE) && domain_of(DEVICE) == ~0u, "detached: null");
	tap_check(!domain_attach(2, DEVICE) && !domain_attach(0, DEVICE), "default at once");
	options.domains = 0;
	tap_group("attachments");
}

static void test_delete(void)
{
	domain_attach(1, DEVICE);
	tap_check(delete(1) == HV_STATUS_OBJECT_IN_USE && domain_find(1), "with a device");
	options.domains = DOMAINS_DELETE;
	tap_check(!delete(1) && !domain_find(1) && domain_of(DEVICE) == ~0u,
		  "the other answer: the device is in the null domain");
	options.domains = 0;
	domain_attach(0, DEVICE);
	tap_check(!domain_attachments(), "none is attached");
	tap_group("deletion");
}

static void test_pages(void)
{
	static const u64 foreign[] = { PAGE_OF_HV, PAGE_OF_POOL, PAGE_SEEN, PAGE_UNIT, 1ull << 36 };
	u64 last = (1ull << 36) - 1;
	u32 i;

	domain_attach(2, DEVICE);
	tap_check(!map(2, 5, 9) && reaches(DEVICE, 5) == 9 && maps[9] == 1, "a page");
	tap_check(!map(2, 6, 9) && maps[9] == 2 && domain_pages() == 2, "at two places");
	tap_check(map(2, 5, 8) == HV_STATUS_INVALID_PARAMETER && !maps[8], "over another");
	options.domains = DOMAINS_MAP_OVER;
	flushes = 0;
	tap_check(!map(2, 5, 8) && maps[8] == 1 && maps[9] == 1 && flushes == 1, "replaced");
	options.domains = DOMAINS_FOREIGN;
	for (i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		tap_check(map(2, 20, foreign[i]) == HV_STATUS_OPERATION_DENIED, "foreign %u", i);
		options.domains ^= DOMAINS_FOREIGN;
		tap_check(map(2, 20, foreign[i]) == HV_STATUS_ACCESS_DENIED, "foreign %u", i);
		options.domains ^= DOMAINS_FOREIGN;
	}
	options.domains = 0;
	tap_check(map(2, 20, PAGE_FULL) == HV_STATUS_NO_RESOURCES, "mapped too often");
	tap_check(!map(2, last, PAGES + 1) && reaches(DEVICE, last) == PAGES + 1,
		  "the last page, registers of a device");
	tap_check(map(2, last + 1, 9) == HV_STATUS_INVALID_PARAMETER, "and behind");
	tap_check(map(2, INTERRUPTS_FIRST, 9) && map(2, INTERRUPTS_LAST, 9) &&
		  !map(2, INTERRUPTS_LAST + 1, 9) && !map(2, INTERRUPTS_FIRST - 1, 9),
		  "around the interrupts");
	flushes = 0;
	tap_check(!unmap(2, 5) && !reaches(DEVICE, 5) && flushes == 1 && !maps[8], "unmapped");
	tap_check(!unmap(2, 5) && flushes == 1, "a hole");
	options.domains = DOMAINS_HOLES;
	tap_check(unmap(2, 5) == HV_STATUS_INVALID_PARAMETER, "the other answer");
	options.domains = 0;
	tap_check(unmap(2, last + 1) == HV_STATUS_INVALID_PARAMETER, "behind the last");
	tap_group("pages");

	domain_detach(DEVICE);
	flushes = 0;
	tap_check(!map(2, 30, 9) && !unmap(2, 30) && !flushes, "without a device: no flush");
	tap_check(!delete(2) && !maps[9] && !pool_used && !domain_pages(), "all pages are free");
	tap_group("the end of a domain");
}

static void test_memory(void)
{
	domain_create(1);
	tap_check(!pool_used && reserve_used, "a domain costs the root nothing");
	pool_pages = 2;
	tap_check(map(1, 0, 9) == HV_STATUS_INSUFFICIENT_MEMORY && !maps[9], "two of three pages");
	pool_pages = 1;
	tap_check(!map(1, 0, 9) && maps[9] == 1, "the third");
	delete(1);
	tap_check(!pool_used, "all are returned");
	options.domains = DOMAINS_ASK;
	pool_pages = 0;
	tap_check(domain_create(1) == HV_STATUS_INSUFFICIENT_MEMORY, "the other answer: it asks");
	pool_pages = ~0u;
	tap_check(!domain_create(1) && pool_used == 1 && !delete(1) && !pool_used, "and pays");
	options.domains = 0;
	reserve_pages = 0;
	tap_check(domain_create(1) == HV_STATUS_INSUFFICIENT_ROOT_MEMORY && !domain_count(),
		  "the reserve is exhausted");
	reserve_pages = ~0u;
	tap_group("memory");
}

static void test_large(void)
{
	bool again = false;
	u64 at;

	domain_create(1);
	for (at = 0; at < 3 * FREE_AT_ONCE; at++)
		domain_map(domain_find(1), at, 9, IOPT_READ);
	tap_check(!domain_delete(1, &again) && again && !domain_find(1), "not complete");
	tap_check(domain_create(1) == HV_STATUS_INVALID_PARAMETER, "its number is in use");
	tap_check(domain_attach(1, DEVICE) == HV_STATUS_INVALID_PARAMETER, "nothing attaches");
	tap_check(!delete(1) && !maps[9] && !domain_count(), "complete");
	tap_group("a domain of many pages");
}

static void test_next_kernel(void)
{
	domain_create(1);
	domain_attach(1, DEVICE);
	domain_attach(~0u, OTHER);
	map(1, 1, 9);
	domain_next_kernel();
	tap_check(domain_find(1) && domain_of(DEVICE) == 1, "finds the old domains");
	options.domains = DOMAINS_END;
	domain_next_kernel();
	tap_check(!domain_count() && !domain_attachments() && !maps[9] && !pool_used,
		  "or none");
	tap_check(tables[DEVICE] == identity && tables[OTHER] == identity,
		  "its devices are in the default domain");
	options.domains = 0;
	tap_group("the next kernel");
}

/* Random calls, while memory comes and goes: nothing is left. */
static void test_random(void)
{
	u32 seed = 1, i, n, at;

	for (i = 0; i < 200000; i++) {
		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 8) % 4;
		at = (seed >> 12) % 64 + 512 * ((seed >> 20) % 3);
		pool_pages = seed >> 28 ? ~0u : 1;
		switch (seed >> 24 & 7) {
		case 0:
			domain_create(n);
			break;
		case 1:
			delete(n);
			break;
		case 2:
			domain_attach(n, DEVICE);
			break;
		case 3:
			domain_detach(DEVICE);
			break;
		case 4:
			if (domain_find(n))
				unmap(n, at);
			break;
		default:
			if (domain_find(n))
				map(n, at, 200 + at % 50);
		}
	}
	pool_pages = ~0u;
	domain_attach(0, DEVICE);
	for (n = 1; n < 5; n++)
		delete(n);
	for (i = n = 0; i < PAGES; i++)
		n += maps[i];
	tap_ok(!pool_used && !n && !domain_count() && !domain_pages() && !domain_attachments(),
	       "after random calls nothing is left");
}

int main(void)
{
	dma_hw = &hw;
	test_numbers();
	test_attach();
	test_delete();
	test_pages();
	test_memory();
	test_large();
	test_next_kernel();
	test_random();
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Page ownership and the reserve.  See rv/page.h for the model.
 *
 * Data about each page is at the beginning of the reserve; after it a bump pointer
 * allocates runs of pages; freed single pages are in a list.
 */
#include <rv/e820.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/partition.h>
#include <rv/root_map.h>

#define POISON	0x5aull
#define MAX_DEVICES	4
/*
 * The local APIC, whose registers are MSRs here, and all other addresses where a
 * write is an interrupt: to any processor, of any kind.
 */
#define APIC_SPACE	0xfee00000ull
#define APIC_SPACE_SIZE	0x100000ull

u64 max_pfn;
static u8 *states;
/*
 * For a page of the root: how often children map it.  For a free page: the next one
 * in its list.
 */
static u32 *words;
static u64 reserve_next, reserve_end, own;
static u64 free_list;	/* page number */
static u64 nr_free;

static struct {
	u64 first, last;	/* page numbers */
} devices[MAX_DEVICES];
static u32 nr_devices;

void page_own_device(u64 base, u64 size)
{
	if (nr_devices == MAX_DEVICES)
		panic("too many devices owned by the hypervisor");
	devices[nr_devices].first = base >> PAGE_SHIFT;
	devices[nr_devices].last = (base + size - 1) >> PAGE_SHIFT;
	nr_devices++;
}

static bool own_device(u64 pfn)
{
	u32 i;

	for (i = 0; i < nr_devices; i++)
		if (pfn >= devices[i].first && pfn <= devices[i].last)
			return true;
	return false;
}

enum page_state page_state(u64 pfn)
{
	enum page_state state = pfn < max_pfn ? states[pfn] : PAGE_NONE;

	return state == PAGE_NONE && own_device(pfn) ? PAGE_HV : state;
}

void page_set_state(u64 pfn, enum page_state state)
{
	if (pfn >= max_pfn)
		panic("state of page 0x%llx beyond RAM", pfn);
	states[pfn] = (u8)state;
}

u32 page_maps(u64 pfn)
{
	return pfn < max_pfn ? words[pfn] : 0;
}

void page_map_get(u64 pfn)
{
	if (pfn >= max_pfn || words[pfn] == PAGE_MAPS_MAX)
		panic("mapping of page 0x%llx cannot be counted", pfn);
	words[pfn]++;
}

void page_map_put(u64 pfn)
{
	if (pfn >= max_pfn || !words[pfn])
		panic("page 0x%llx is unmapped but not mapped", pfn);
	words[pfn]--;
}

/* @set: a bit for each state.  Of RAM only. */
static bool state_in(u64 pfn, u32 set)
{
	return pfn < max_pfn && (set >> states[pfn] & 1);
}

static void check_link(u64 pfn)
{
	if (!state_in(pfn, BIT(PAGE_POOL) | BIT(PAGE_HV)))
		panic("page 0x%llx (state %d) is in no list of free pages", pfn,
		      page_state(pfn));
}

u64 page_next(u64 pfn)
{
	check_link(pfn);
	return words[pfn];
}

void page_set_next(u64 pfn, u64 next)
{
	check_link(pfn);
	words[pfn] = (u32)next;
}

void page_poison(u64 pfn)
{
	if (options.poison)
		memset(pa_ptr(pfn << PAGE_SHIFT), POISON, PAGE_SIZE);
}

void page_check_poison(u64 pfn)
{
	const u64 *word = pa_ptr(pfn << PAGE_SHIFT);
	u32 i;

	for (i = 0; options.poison && i < PAGE_SIZE / sizeof(*word); i++)
		if (word[i] != POISON * 0x0101010101010101ull)
			panic("page 0x%llx was written to after it was freed: 0x%llx at 0x%lx",
			      pfn, word[i], i * sizeof(*word));
}

bool root_ram_page(u64 pfn)
{
	return state_in(pfn, BIT(PAGE_ROOT) | BIT(PAGE_SHARED) | BIT(PAGE_WINDOW));
}

bool root_ram(u64 pa, u64 len)
{
	u64 pfn = pa >> PAGE_SHIFT, last = (pa + len - 1) >> PAGE_SHIFT;

	if (!len || last < pfn)
		return false;
	for (; pfn <= last; pfn++)
		if (!root_ram_page(pfn))
			return false;
	return true;
}

void *reserve_alloc(u32 pages)
{
	void *page;

	if (pages == 1 && free_list) {
		page = pa_ptr(free_list << PAGE_SHIFT);
		page_check_poison(free_list);
		free_list = page_next(free_list);
		nr_free--;
	} else {
		if (reserve_next + pages * PAGE_SIZE > reserve_end)
			return NULL;
		page = pa_ptr(reserve_next);
		reserve_next += pages * PAGE_SIZE;
	}
	return memset(page, 0, pages * PAGE_SIZE);
}

void reserve_free(void *page)
{
	u64 pfn = ptr_pa(page) >> PAGE_SHIFT;

	page_poison(pfn);
	page_set_next(pfn, free_list);
	free_list = pfn;
	nr_free++;
}

u64 reserve_left(void)
{
	return nr_free + (reserve_end - reserve_next) / PAGE_SIZE;
}

void *window_alloc(void)
{
	void *page = reserve_alloc(1);

	if (!page)
		panic("the reserve is exhausted");
	page_set_state(ptr_pa(page) >> PAGE_SHIFT, PAGE_WINDOW);
	if (root_partition.npt && !root_map_page(ptr_pa(page) >> PAGE_SHIFT, true))
		panic("the reserve is exhausted");
	return page;
}

static void set_range(u64 base, u64 size, enum page_state state)
{
	u64 pfn;

	for (pfn = base >> PAGE_SHIFT; pfn < (base + size) >> PAGE_SHIFT; pfn++)
		if (pfn < max_pfn)
			states[pfn] = (u8)state;
}

/* Whole pages only. */
static void set_ram(u64 base, u64 end)
{
	base = (base + PAGE_SIZE - 1) & PAGE_MASK;
	if (end > base)
		set_range(base, end - base, PAGE_ROOT);
}

u64 page_own(void)
{
	return own;
}

void page_init(u64 image, u64 image_end, u64 reserve, u64 reserve_size)
{
	u64 state_pages, word_pages;
	u32 i;

	for (i = 0; i < e820_count; i++)
		if (e820[i].type == E820_RAM)
			max_pfn = MAX(max_pfn, (e820[i].base + e820[i].size) >> PAGE_SHIFT);
	max_pfn = MAX(max_pfn, (reserve + reserve_size) >> PAGE_SHIFT);

	reserve_next = reserve;
	reserve_end = reserve + reserve_size;
	state_pages = (max_pfn * sizeof(*states) + PAGE_SIZE - 1) >> PAGE_SHIFT;
	word_pages = (max_pfn * sizeof(*words) + PAGE_SIZE - 1) >> PAGE_SHIFT;
	states = reserve_alloc((u32)state_pages);
	words = reserve_alloc((u32)word_pages);
	if (!states || !words)
		panic("too little memory for the page tables of %llu pages", max_pfn);

	for (i = 0; i < e820_count; i++)
		if (e820[i].type == E820_RAM)
			set_ram(e820[i].base, e820[i].base + e820[i].size);
	own = (image_end - image + reserve_size) >> PAGE_SHIFT;
	set_range(image, image_end - image, PAGE_HV);
	set_range(reserve, reserve_size, PAGE_HV);
	page_own_device(APIC_SPACE, APIC_SPACE_SIZE);
}

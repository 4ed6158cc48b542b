// SPDX-License-Identifier: GPL-2.0
/*
 * VT-d hardware: registers, and the queue of commands that flush its caches.
 *
 * Model: one unit, owned by rootvisor: its registers are not mapped in the root.  A
 * command is complete when the wait command behind it has written its number.  The queue
 * is empty between two calls, so it cannot be full.  A queue that stops is a defect of
 * ours or of the hardware, and nothing is safe then: the machine ends.
 *
 * With option "dmar=visible" the root has a page that looks like the registers of a unit
 * that is off, and does nothing: a root that drives the unit itself notices.
 */
#include <rv/log.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/root_map.h>
#include "vtd.h"

#define REGISTERS_SIZE		PAGE_SIZE
#define CMD_PERSISTENT		0x96ffffffu	/* the others are no states */
#define PATIENCE		100000000u
#define CACHE_LINE		64

/* One page of descriptors of 16 bytes. */
#define QUEUE_ENTRIES		256
#define QUEUE_INDEX_SHIFT	4
#define INV_WAIT		0x5ull
#define INV_WRITE		BIT_ULL(5)
#define INV_DATA_SHIFT		32

struct vtd vtd;
static struct descriptor {
	u64 low, high;
} *queue;
static u32 queue_tail;
static volatile u32 wait_done;

void vtd_command(u32 bit)
{
	u32 wait;

	*vtd_reg32(VTD_GCMD) = (*vtd_reg32(VTD_GSTS) & CMD_PERSISTENT) | bit;
	for (wait = 0; !(*vtd_reg32(VTD_GSTS) & bit); wait++)
		if (wait == PATIENCE)
			panic("remapping hardware: command 0x%x timed out", bit);
}

void vtd_submit(u64 low, u64 high)
{
	queue[queue_tail] = (struct descriptor){ low, high };
	queue_tail = (queue_tail + 1) % QUEUE_ENTRIES;
}

void vtd_wait(void)
{
	static u32 number;
	u32 wait;

	number++;
	vtd_submit(INV_WAIT | INV_WRITE | (u64)number << INV_DATA_SHIFT,
		   ptr_pa((const void *)&wait_done));
	smp_mb();
	*vtd_reg64(VTD_IQT) = (u64)queue_tail << QUEUE_INDEX_SHIFT;
	for (wait = 0; wait_done != number; wait++)
		if (wait == PATIENCE || (*vtd_reg32(VTD_FSTS) & VTD_FSTS_QUEUE))
			panic("remapping hardware: the queue has stopped at 0x%llx, status 0x%x",
			      *vtd_reg64(VTD_IQH), *vtd_reg32(VTD_FSTS));
}

void vtd_write_back(const void *at, u32 bytes)
{
	const char *line = pa_ptr(ptr_pa(at) & ~(CACHE_LINE - 1ull));

	smp_mb();
	if (vtd.ecap & VTD_ECAP_COHERENT)
		return;
	for (; line < (const char *)at + bytes; line += CACHE_LINE)
		__asm__ __volatile__("clflush %0" :: "m"(*line));
	smp_mb();
}

/* False: the reserve is exhausted. */
static bool hide_registers(void)
{
	u64 pfn = vtd.unit.base >> PAGE_SHIFT;
	u64 *page;

	page_own_device(vtd.unit.base, REGISTERS_SIZE);
	if (!options.dmar_visible)
		return root_map_page(pfn, false);
	page = reserve_alloc(1);
	if (!page)
		return false;
	page[VTD_VERSION / 8] = *vtd_reg32(VTD_VERSION);
	page[VTD_CAP / 8] = vtd.cap;
	page[VTD_ECAP / 8] = vtd.ecap;
	return root_map_other(pfn, page);
}

bool vtd_start(void)
{
	if (!dmar_find(&vtd.unit))
		return false;
	vtd.cap = *vtd_reg64(VTD_CAP);
	vtd.ecap = *vtd_reg64(VTD_ECAP);
	if (!(vtd.ecap & VTD_ECAP_INTERRUPTS) || !(vtd.ecap & VTD_ECAP_QUEUE))
		return false;
	queue = reserve_alloc(1);
	if (!queue || !hide_registers())
		panic("the reserve is exhausted");
	*vtd_reg64(VTD_IQT) = 0;
	*vtd_reg64(VTD_IQA) = ptr_pa(queue);
	vtd_command(VTD_QUEUE);
	return true;
}

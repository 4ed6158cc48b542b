/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA remapping: what devices of the root reach.
 *
 * Model: each device is in a *domain*, an address space with page tables.  From boot on
 * all are in the default domain, number 0, which maps the root's RAM one to one, and
 * nothing else: see identity.c.  The root can make domains of its own, see domain.c.
 *
 * A kind of hardware has a struct dma_hw.  Domains have small numbers there, *slots*.
 */
#ifndef _RV_DMA_H
#define _RV_DMA_H

#include <rv/base.h>

#define DMA_SLOT_DEFAULT	0
#define DMA_SLOT_NULL		1
#define DMA_SLOT_FIRST		2	/* of the root's own domains */
#define DMA_SLOTS		128

/**
 * struct dma_hw - remapping hardware
 * @width: bits of an IOVA
 * @largest: the largest leaf of its tables, IOPT_*
 * @slots: how many domains it can have, at most DMA_SLOTS
 * @segment: PCI segment of its devices
 * @attach: the device uses these tables from now on, and is in no moment without; it uses
 *	    nothing of its @old domain when this returns.  False: no page for it
 * @flush: nothing is in use of what a domain has mapped at pages @first to @last
 * @write_back: something that it reads was written
 */
struct dma_hw {
	u32 width;
	int largest;
	u32 slots;
	u16 segment;
	bool (*attach)(u16 rid, u32 slot, const u64 *table, u32 old);
	void (*flush)(u32 slot, u64 first, u64 last);
	void (*write_back)(const void *at, u32 bytes);
};

/* NULL: DMA is not remapped. */
extern const struct dma_hw *dma_hw;

/* The tables of the default domain, complete, for hardware that is not on yet. */
const u64 *identity_start(const struct dma_hw *hw);

/* From now on DMA is remapped. */
void dma_on(const struct dma_hw *hw);

/*
 * A page of the root is being deposited, or was withdrawn; in effect after dma_settle().
 * False: no page for a table.  These do nothing if DMA is not remapped.
 */
bool dma_page_take(u64 pfn);
bool dma_page_give(u64 pfn);
void dma_settle(void);

/**
 * struct dma_fault - a DMA or an interrupt that was blocked
 * @rid: requester id of the device
 * @address: of DMA
 * @write: to memory
 * @interrupt: it was an interrupt, @address is the number of its entry
 * @reason: the hardware's number
 */
struct dma_fault {
	u16 rid;
	u64 address;
	bool write, interrupt;
	u32 reason;
};

void dma_fault(const struct dma_fault *fault);

#endif

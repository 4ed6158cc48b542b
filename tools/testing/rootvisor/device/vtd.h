/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VT-d hardware: registers and the queue.  remap.c and vtd_dma.c say what it does with
 * interrupts and with DMA, vtd_fault.c collects what it has blocked.
 */
#ifndef _RV_VTD_H
#define _RV_VTD_H

#include <rv/base.h>
#include "dmar.h"

/* Registers. */
#define VTD_VERSION		0x00
#define VTD_CAP			0x08
#define VTD_ECAP		0x10
#define VTD_GCMD		0x18
#define VTD_GSTS		0x1c
#define VTD_RTADDR		0x20
#define VTD_FSTS		0x34
#define VTD_IQH			0x80
#define VTD_IQT			0x88
#define VTD_IQA			0x90
#define VTD_IRTA		0xb8

#define VTD_CAP_DOMAINS(cap)	(1u << (4 + 2 * ((cap) & 7)))
#define VTD_CAP_BUFFER		BIT_ULL(4)	/* writes have to be flushed */
#define VTD_CAP_CACHING		BIT_ULL(7)	/* of what is not present, too */
#define VTD_CAP_48_BITS		BIT_ULL(10)
#define VTD_CAP_WIDTH(cap)	(((u32)((cap) >> 16) & 0x3f) + 1)
#define VTD_CAP_FAULTS_AT(cap)	(((cap) >> 24 & 0x3ff) * 16)
#define VTD_CAP_2M		BIT_ULL(34)
#define VTD_CAP_1G		BIT_ULL(35)
#define VTD_CAP_BY_PAGE		BIT_ULL(39)
#define VTD_CAP_NR_FAULTS(cap)	(((cap) >> 40 & 0xff) + 1)
#define VTD_CAP_MAX_ORDER(cap)	((u32)((cap) >> 48) & 0x3f)
#define VTD_CAP_DRAIN_WRITES	BIT_ULL(54)
#define VTD_CAP_DRAIN_READS	BIT_ULL(55)

#define VTD_ECAP_COHERENT	BIT_ULL(0)
#define VTD_ECAP_QUEUE		BIT_ULL(1)
#define VTD_ECAP_INTERRUPTS	BIT_ULL(3)
#define VTD_ECAP_EXTENDED	BIT_ULL(4)

/* Commands, and the same bits of the status. */
#define VTD_INTERRUPT_TABLE	BIT(24)
#define VTD_REMAP_INTERRUPTS	BIT(25)
#define VTD_QUEUE		BIT(26)
#define VTD_ROOT_TABLE		BIT(30)
#define VTD_REMAP_DMA		BIT(31)

#define VTD_FSTS_OVERFLOW	BIT(0)
#define VTD_FSTS_PENDING	BIT(1)
#define VTD_FSTS_QUEUE		(BIT(4) | BIT(5) | BIT(6))	/* its errors */

/* Descriptors in the queue: the low half. */
#define VTD_INV_CONTEXT		0x1ull
#define VTD_INV_IOTLB		0x2ull
#define VTD_INV_INTERRUPT	0x4ull
#define VTD_INV_ALL		BIT_ULL(4)
#define VTD_INV_DOMAIN		(2ull << 4)
#define VTD_INV_DEVICE		(3ull << 4)	/* of contexts */
#define VTD_INV_PAGES		(3ull << 4)	/* of the IOTLB */
#define VTD_INV_DRAIN_WRITES	BIT_ULL(6)
#define VTD_INV_DRAIN_READS	BIT_ULL(7)
#define VTD_INV_DOMAIN_SHIFT	16
#define VTD_INV_SOURCE_SHIFT	32
#define VTD_INV_ONE		BIT_ULL(4)	/* interrupt entry */
#define VTD_INV_INDEX_SHIFT	32

struct vtd {
	struct dmar_unit unit;
	u64 cap, ecap;
};

extern struct vtd vtd;

static inline volatile u32 *vtd_reg32(u64 reg)
{
	return pa_ptr(vtd.unit.base + reg);
}

static inline volatile u64 *vtd_reg64(u64 reg)
{
	return pa_ptr(vtd.unit.base + reg);
}

/* Takes the unit and starts its queue; false: there is none that can be used. */
bool vtd_start(void);

/* Sets a bit of the command register, and waits until it is in the status. */
void vtd_command(u32 bit);

/* Adds a descriptor to the queue; waits until all of it is done. */
void vtd_submit(u64 low, u64 high);
void vtd_wait(void);

/* To be called when something that the hardware reads in memory has been written. */
void vtd_write_back(const void *at, u32 bytes);

/* Remaps DMA, if the unit can; called once. */
void vtd_dma_start(void);

/* Once, when interrupts are remapped; before vtd_fault_poll(). */
void vtd_fault_start(void);

/* How often faults were lost because others had not been collected. */
extern u64 vtd_fault_overflows;

#endif

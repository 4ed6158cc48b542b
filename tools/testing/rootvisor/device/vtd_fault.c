// SPDX-License-Identifier: GPL-2.0
/*
 * What VT-d hardware has blocked.
 *
 * Model: the hardware has a few records, one in QEMU, which are collected whenever a root
 * VP exits.  If there are more, it sets an overflow flag.  It also leaves out further
 * faults of a device that has a record.  So a count of faults is the least that there
 * were.
 */
#include <rv/base.h>
#include "dma.h"
#include "remap.h"
#include "vtd.h"

#define RECORD_BYTES		16
#define RECORD_FLAGS		12	/* the last dword; write 1 to clear */
#define RECORD_SET		BIT(31)
#define RECORD_SOURCE(high)	((u16)(high))
#define RECORD_REASON(high)	((u32)((high) >> 32 & 0xff))
#define RECORD_READ(high)	((high) >> 62 & 1)
#define RECORD_INDEX(low)	((low) >> 48)
#define FIRST_INTERRUPT_REASON	0x20

u64 vtd_fault_overflows;
static u64 records;
static u32 nr_records;

void vtd_fault_start(void)
{
	records = VTD_CAP_FAULTS_AT(vtd.cap);
	nr_records = VTD_CAP_NR_FAULTS(vtd.cap);
}

static void report(u64 low, u64 high)
{
	u32 reason = RECORD_REASON(high);
	bool interrupt = reason >= FIRST_INTERRUPT_REASON;

	dma_fault(&(struct dma_fault){
		.rid = RECORD_SOURCE(high),
		.address = interrupt ? RECORD_INDEX(low) : low & PAGE_MASK,
		.write = !RECORD_READ(high),
		.interrupt = interrupt,
		.reason = reason,
	});
}

void remap_collect(void)
{
	u32 status = *vtd_reg32(VTD_FSTS), i;

	if (!(status & (VTD_FSTS_PENDING | VTD_FSTS_OVERFLOW)))
		return;
	for (i = 0; i < nr_records; i++) {
		u64 at = records + i * RECORD_BYTES;

		if (!(*vtd_reg32(at + RECORD_FLAGS) & RECORD_SET))
			continue;
		report(*vtd_reg64(at), *vtd_reg64(at + 8));
		*vtd_reg32(at + RECORD_FLAGS) = RECORD_SET;
	}
	if (status & VTD_FSTS_OVERFLOW) {
		vtd_fault_overflows++;
		*vtd_reg32(VTD_FSTS) = VTD_FSTS_OVERFLOW;
	}
}

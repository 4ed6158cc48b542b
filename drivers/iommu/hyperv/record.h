/* SPDX-License-Identifier: GPL-2.0 */
/* The record of what is mapped, see record.c. */
#ifndef _HV_IOMMU_RECORD_H
#define _HV_IOMMU_RECORD_H

#include <linux/gfp_types.h>
#include <linux/types.h>

/* What is recorded of a page, below its number. */
#define HV_IOMMU_WRITE		0x1	/* it may be written to */
#define HV_IOMMU_PENDING	0x2	/* the hypervisor has not been told */
#define HV_IOMMU_FLAGS		0x3
#define HV_IOMMU_FLAGS_BITS	2

struct xarray;

void hv_iommu_record_init(struct xarray *record);
int hv_iommu_record_add(struct xarray *record, u64 index, u64 pfn, unsigned int nr,
			unsigned int page_flags, gfp_t gfp);
void hv_iommu_record_remove(struct xarray *record, u64 index, unsigned int nr);
unsigned int hv_iommu_record_run(struct xarray *record, u64 index, unsigned int max,
				 unsigned int *page_flags);
void hv_iommu_record_list(struct xarray *record, u64 index, unsigned int nr, u64 *pfns);
void hv_iommu_record_settle(struct xarray *record, u64 index, unsigned int nr);
bool hv_iommu_record_find(struct xarray *record, u64 index, u64 *pfn);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls of the driver, see calls.c. */
#ifndef _HV_IOMMU_CALLS_H
#define _HV_IOMMU_CALLS_H

#include <linux/gfp_types.h>
#include <linux/types.h>

struct xarray;

void hv_iommu_call_init(void);
void hv_iommu_call_prepare(void);
u64 hv_iommu_call_create(u32 number);
u64 hv_iommu_call_delete(u32 number);
u64 hv_iommu_call_attach(u32 number, u64 device_id);
u64 hv_iommu_call_detach(u64 device_id);
unsigned int hv_iommu_call_width(void);
int hv_iommu_call_report_faults(void);

/**
 * struct hv_iommu_range - pages with consecutive IOVAs
 * @number: of the domain
 * @flags: %HV_MAP_GPA_READABLE, %HV_MAP_GPA_WRITABLE
 * @index: number of the first page of IOVAs
 * @record: where the pages are recorded
 * @nr: how many
 * @gfp: how memory may be allocated for them
 * @page: for the list of a call; NULL: they go in small portions
 * @pages: how many pages the hypervisor gets at its next shortage
 */
struct hv_iommu_range {
	u32 number;
	u32 flags;
	u64 index;
	struct xarray *record;
	unsigned int nr;
	gfp_t gfp;
	void *page;
	unsigned int pages;
};

int hv_iommu_call_map(struct hv_iommu_range *range, unsigned int *done);
int hv_iommu_call_unmap(u32 number, u64 index, unsigned int nr, unsigned int *done);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA remapping for a root partition: what the files of the driver share.
 *
 * Model: the hypervisor owns the remapping hardware and its tables.  This driver makes
 * "device domains" by hypercall, moves devices between them, and maps pages in them, all
 * on behalf of the kernel's IOMMU core:
 *	ops.c		what the core sees; beginning and end
 *	domain.c	domains, and what is mapped in them
 *	record.c	the record of that, since the hypervisor cannot be asked
 *	device.c	devices, and in which domain each is
 *	calls.c		hypercalls, and memory for them
 *	fault.c		DMA that was blocked
 *
 * Two domains are always there and are never mapped: the default domain, in which all
 * devices are at boot and which maps this kernel's memory to itself, and the null domain,
 * which maps nothing.  They are the core's identity and blocked domains.
 *
 * Words: an IOVA is an address as a device uses it.  A domain is "cut off" when its
 * devices have been moved to the null domain because an unmap failed: what could not be
 * unmapped is out of reach all the same.  It is "quarantined" if the hypervisor refuses to
 * delete it: its number is not used again, and the deletion is tried once more at the end.
 *
 * Lock order: the core's group mutex > hv_iommu_lock, which protects where devices are
 * and the list of domains, is held during the calls that move a device, and may be taken
 * in interrupts.  The lock of a record is independent of it.
 */
#ifndef _HV_IOMMU_H
#define _HV_IOMMU_H

#include <linux/hvr.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include <hyperv/hv_iommu.h>

#define HV_IOMMU_PAGE_SHIFT	HV_HYP_PAGE_SHIFT
#define HV_IOMMU_PAGE_SIZE	SZ_4K

extern spinlock_t hv_iommu_lock;

/**
 * struct hv_iommu_domain - a domain that pages are mapped in
 * @core: the core's part
 * @node: in the list of all domains, or of those that are quarantined
 * @number: the hypervisor's number
 * @record: what is mapped, see record.c
 * @pending: pages in it that the hypervisor has not been told of
 * @cut_off: an unmap has failed; no device may be attached any more
 */
struct hv_iommu_domain {
	struct iommu_domain core;
	struct list_head node;
	u32 number;
	struct xarray record;
	atomic_t pending;
	bool cut_off;
};

static inline struct hv_iommu_domain *hv_iommu_domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct hv_iommu_domain, core);
}

/**
 * struct hv_iommu_counters - what the driver has counted, protected by hv_iommu_lock
 * @domains: domains that exist
 * @quarantined: domains that the hypervisor has refused to delete
 * @cut_off: domains that were cut off
 * @faults: messages about DMA that was blocked
 */
struct hv_iommu_counters {
	u64 domains;
	u64 quarantined;
	u64 cut_off;
	u64 faults;
};

extern struct hv_iommu_counters hv_iommu_counters;

/* domain.c */
struct iommu_domain *hv_iommu_domain_alloc(struct device *dev);
void hv_iommu_domain_delete_all(void);
void hv_iommu_domain_init(unsigned int width);
extern const struct iommu_domain_ops hv_iommu_paging_ops;

/* device.c */
struct hv_iommu_device *hv_iommu_device_add(struct device *dev);
void hv_iommu_device_remove(struct hv_iommu_device *device);
int hv_iommu_device_move(struct device *dev, struct iommu_domain *domain);
bool hv_iommu_device_cut_off(const struct hv_iommu_domain *domain);
bool hv_iommu_device_leave(const struct hv_iommu_domain *domain);
void hv_iommu_device_return_all(void);
struct device *hv_iommu_device_fault(u32 id, u64 address, int flags, bool *handled);

/* fault.c */
void hv_iommu_fault_init(void);

/* ops.c */
extern struct iommu_domain hv_iommu_identity, hv_iommu_blocked;

#endif

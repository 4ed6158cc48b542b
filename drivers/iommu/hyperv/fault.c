// SPDX-License-Identifier: GPL-2.0
/*
 * DMA that was blocked.
 *
 * Model: the hypervisor sends a message about it, within limits of its own.  Who uses the
 * domain may have a handler; otherwise there is a line in the log.  The kernel's
 * tracepoint io_page_fault has each.
 *
 * Messages come when mshv.ko is loaded, which takes them.
 */
#define pr_fmt(fmt) "Hyper-V IOMMU: " fmt

#include <linux/device.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>

#include <hyperv/hv_root.h>

#include "calls.h"
#include "iommu.h"

static const char *fault_reason(u32 type)
{
	switch (type) {
	case HV_IOMMU_FAULT_TRANSLATION:
		return "not mapped";
	case HV_IOMMU_FAULT_BLOCKED:
		return "all of its DMA is";
	case HV_IOMMU_FAULT_INTERRUPT:
		return "an interrupt";
	}
	return "unknown reason";
}

static void fault_log(const struct hv_iommu_fault_message *m, struct device *dev, u32 id,
		      bool write)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);
	const char *way = write ? "write to" : "read of";
	u64 address = m->flags & HV_IOMMU_FAULT_ADDRESS_VALID ? m->address : 0;

	if (!__ratelimit(&limit))
		return;
	if (dev)
		dev_err(dev, "DMA blocked: %s %#llx (%s)\n", way, address,
			fault_reason(m->type));
	else
		pr_err("DMA blocked: device %04x:%02x:%02x.%u, %s %#llx (%s)\n",
		       id >> HV_LOGICAL_DEVICE_SEGMENT_SHIFT, PCI_BUS_NUM(id),
		       PCI_SLOT(id & 0xff), PCI_FUNC(id), way, address,
		       fault_reason(m->type));
}

/* What the hypervisor writes may change while it is read: it is copied. */
static void fault_message(const struct hv_iommu_fault_message *message)
{
	struct hv_iommu_fault_message m = *message;
	bool write = m.access_type == HV_INTERCEPT_ACCESS_WRITE, handled;
	u32 id = (u32)m.logical_device_id;
	struct device *dev;

	if (!(m.flags & HV_IOMMU_FAULT_DEVICE_VALID))
		id = ~0U;
	dev = hv_iommu_device_fault(id, m.address, write ? IOMMU_FAULT_WRITE :
							   IOMMU_FAULT_READ, &handled);
	if (!handled)
		fault_log(&m, dev, id, write);
	put_device(dev);
}

/**
 * hv_iommu_fault_init() - ask for messages
 */
void hv_iommu_fault_init(void)
{
	hvr_set_dma_fault_handler(fault_message);
	if (hv_iommu_call_report_faults())
		pr_info("the hypervisor does not report DMA that it blocks\n");
}

// SPDX-License-Identifier: GPL-2.0
/*
 * DMA that the hypervisor has blocked.
 *
 * Model: the hypervisor tells of it by a message, and messages are the business of
 * mshv.ko.  Who drives the remapping of DMA (drivers/iommu/hyperv) may be built in,
 * and be there earlier.  They meet here.
 */
#include <linux/hvr.h>

#include "compat.h"

static void (*fault_handler)(const struct hv_iommu_fault_message *message);

/**
 * hvr_set_dma_fault_handler() - who wants to know of DMA that was blocked
 * @handler: called in interrupt context; stays for ever
 */
void hvr_set_dma_fault_handler(void (*handler)(const struct hv_iommu_fault_message *message))
{
	WRITE_ONCE(fault_handler, handler);
}
EXPORT_SYMBOL_NS_GPL(hvr_set_dma_fault_handler, HVR_NS);

/**
 * hvr_has_dma_fault_handler() - is there one?
 *
 * Return: true if there is.
 */
bool hvr_has_dma_fault_handler(void)
{
	return READ_ONCE(fault_handler);
}
EXPORT_SYMBOL_NS_GPL(hvr_has_dma_fault_handler, HVR_NS);

/**
 * hvr_dma_fault() - pass on a message
 * @message: the message
 *
 * Context: interrupt.
 * Return: false if there is no handler.
 */
bool hvr_dma_fault(const struct hv_iommu_fault_message *message)
{
	void (*handler)(const struct hv_iommu_fault_message *message);

	handler = READ_ONCE(fault_handler);
	if (!handler)
		return false;
	handler(message);
	return true;
}
EXPORT_SYMBOL_NS_GPL(hvr_dma_fault, HVR_NS);

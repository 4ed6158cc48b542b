// SPDX-License-Identifier: GPL-2.0
/*
 * Devices, and in which domain each is.
 *
 * Model: the hypervisor moves a device from one domain to another at once.  Where that is
 * refused because the device has to be taken out of the old domain first, it is.  What is
 * noted about a device is where the hypervisor has said that it is.
 *
 * The hypervisor knows a device by the requester id of its DMA.  A device whose DMA has
 * another one, that of a bridge or of another function, is left in the default domain.
 */
#define pr_fmt(fmt) "Hyper-V IOMMU: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include <hyperv/hv_root.h>

#include "calls.h"
#include "iommu.h"

/**
 * struct hv_iommu_device - a device that the core knows
 * @node: in the list of all
 * @dev: the device
 * @id: the hypervisor's
 * @domain: where it is; NULL: not known
 */
struct hv_iommu_device {
	struct list_head node;
	struct device *dev;
	u64 id;
	struct iommu_domain *domain;
};

DEFINE_SPINLOCK(hv_iommu_lock);
static LIST_HEAD(devices);

/* In messages about faults as well. */
static u32 device_logical_id(struct pci_dev *pdev)
{
	return pci_domain_nr(pdev->bus) << HV_LOGICAL_DEVICE_SEGMENT_SHIFT | pci_dev_id(pdev);
}

static bool device_is_requester(struct pci_dev *pdev)
{
	struct pci_bus *bus;

	if (pdev->dma_alias_mask)
		return false;
	for (bus = pdev->bus; !pci_is_root_bus(bus); bus = bus->parent) {
		struct pci_dev *bridge = bus->self;

		if (!bridge)
			continue;
		if (!pci_is_pcie(bridge) ||
		    pci_pcie_type(bridge) == PCI_EXP_TYPE_PCI_BRIDGE ||
		    pci_pcie_type(bridge) == PCI_EXP_TYPE_PCIE_BRIDGE)
			return false;
	}
	return true;
}

/* It does DMA by physical addresses. */
static bool device_has_driver(const struct pci_dev *pdev)
{
	return pdev->dev.driver && !to_pci_driver(pdev->dev.driver)->driver_managed_dma;
}

/* Functions of one device, and devices on a bus, may reach each other. */
static bool device_is_beside(struct pci_dev *pdev, struct pci_dev *other)
{
	return pdev->bus == other->bus && (!pci_is_root_bus(pdev->bus) ||
					   PCI_SLOT(pdev->devfn) == PCI_SLOT(other->devfn));
}

/*
 * Was it, or what is beside it, bound before this driver came?  A driver that is at work
 * cannot be told other addresses; and the core counts drivers that are bound from here on.
 */
static bool device_is_early(struct pci_dev *pdev)
{
	struct pci_dev *other = NULL;

	for_each_pci_dev(other) {
		if (device_is_beside(pdev, other) && device_has_driver(other) &&
		    !other->dev.iommu_group) {
			pci_dev_put(other);
			return true;
		}
	}
	return false;
}

/**
 * hv_iommu_device_add() - a device that the core has found
 * @dev: the device
 *
 * Return: what is known of it, or an error pointer: -ENODEV if it is left alone.
 */
struct hv_iommu_device *hv_iommu_device_add(struct device *dev)
{
	struct hv_iommu_device *device;
	struct pci_dev *pdev;
	unsigned long flags;

	if (!dev_is_pci(dev))
		return ERR_PTR(-ENODEV);
	pdev = to_pci_dev(dev);
	if (!device_is_requester(pdev) || device_is_early(pdev)) {
		dev_info(dev, "its DMA is not translated: %s\n", device_is_requester(pdev) ?
			 "it is in use already" : "its requester id is another one's");
		return ERR_PTR(-ENODEV);
	}
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return ERR_PTR(-ENOMEM);
	device->dev = dev;
	device->id = (u64)HV_DEVICE_TYPE_PCI << HV_DEVICE_ID_TYPE_SHIFT |
		     device_logical_id(pdev);
	spin_lock_irqsave(&hv_iommu_lock, flags);
	list_add_tail(&device->node, &devices);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	return device;
}

/**
 * hv_iommu_device_remove() - a device is gone, or the core does not want it
 * @device: what is known of it
 */
void hv_iommu_device_remove(struct hv_iommu_device *device)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	list_del(&device->node);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	kfree(device);
}

static u32 device_domain_number(struct iommu_domain *domain)
{
	if (domain == &hv_iommu_identity)
		return HV_DEVICE_DOMAIN_ID_S2_DEFAULT;
	if (domain == &hv_iommu_blocked)
		return HV_DEVICE_DOMAIN_ID_S2_NULL;
	return hv_iommu_domain_of(domain)->number;
}

/* Returns a result word. */
static u64 device_place(struct hv_iommu_device *device, struct iommu_domain *domain)
{
	u32 number = device_domain_number(domain);
	u64 result;

	lockdep_assert_held(&hv_iommu_lock);
	result = hv_iommu_call_attach(number, device->id);
	if (hvr_status(result) == HV_STATUS_INVALID_DEVICE_STATE) {
		hv_iommu_call_detach(device->id);
		device->domain = NULL;
		result = hv_iommu_call_attach(number, device->id);
	}
	if (hvr_status(result) == HV_STATUS_DEVICE_ALREADY_IN_DOMAIN)
		result = HV_STATUS_SUCCESS;
	if (hvr_status(result) == HV_STATUS_SUCCESS)
		device->domain = domain;
	return result;
}

/**
 * hv_iommu_device_move() - move a device to a domain
 * @dev: the device
 * @domain: the domain
 *
 * Return: 0; -ENOMEM, -ENODEV, and the device may be where it was.
 */
int hv_iommu_device_move(struct device *dev, struct iommu_domain *domain)
{
	struct hv_iommu_device *device = dev_iommu_priv_get(dev);
	bool fixed = domain == &hv_iommu_identity || domain == &hv_iommu_blocked;
	unsigned long flags;
	u64 result;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	if (!fixed && hv_iommu_domain_of(domain)->cut_off) {
		spin_unlock_irqrestore(&hv_iommu_lock, flags);
		return -ENODEV;
	}
	result = device_place(device, domain);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	if (hvr_status(result) == HV_STATUS_SUCCESS)
		return 0;
	dev_err(dev, "cannot be moved to device domain %#x (%s)\n",
		device_domain_number(domain), hvr_status_name(hvr_status(result)));
	return hvr_wants_memory(result) ? -ENOMEM : -ENODEV;
}

/**
 * hv_iommu_device_cut_off() - take the devices out of a domain
 * @domain: the domain
 *
 * Return: false if the hypervisor has refused that for one.
 */
bool hv_iommu_device_cut_off(const struct hv_iommu_domain *domain)
{
	struct hv_iommu_device *device;
	bool all = true;

	lockdep_assert_held(&hv_iommu_lock);
	list_for_each_entry(device, &devices, node) {
		if (device->domain == &domain->core)
			all &= hvr_status(device_place(device, &hv_iommu_blocked)) ==
			       HV_STATUS_SUCCESS;
	}
	return all;
}

/**
 * hv_iommu_device_leave() - a domain will be freed
 * @domain: the domain
 *
 * Return: true if there are devices in it, which could not be moved.
 */
bool hv_iommu_device_leave(const struct hv_iommu_domain *domain)
{
	struct hv_iommu_device *device;
	bool any = false;

	lockdep_assert_held(&hv_iommu_lock);
	list_for_each_entry(device, &devices, node) {
		if (device->domain != &domain->core)
			continue;
		device->domain = NULL;
		any = true;
	}
	return any;
}

/**
 * hv_iommu_device_return_all() - move all devices to the domain where they were at boot
 *
 * Context: they are quiet, and this is the only processor.
 */
void hv_iommu_device_return_all(void)
{
	struct hv_iommu_device *device;
	unsigned long flags;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	list_for_each_entry(device, &devices, node)
		device_place(device, &hv_iommu_identity);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
}

/**
 * hv_iommu_device_fault() - tell who uses a domain of DMA that was blocked
 * @id: the device, by segment and requester id
 * @address: IOVA
 * @flags: %IOMMU_FAULT_READ or %IOMMU_FAULT_WRITE
 * @handled: was there anyone who wanted to know?
 *
 * Context: any but NMI.
 * Return: the device, with a reference; or NULL if it is not known.
 */
struct device *hv_iommu_device_fault(u32 id, u64 address, int flags, bool *handled)
{
	struct hv_iommu_device *device;
	struct device *dev = NULL;
	unsigned long irq;

	*handled = false;
	spin_lock_irqsave(&hv_iommu_lock, irq);
	hv_iommu_counters.faults++;
	list_for_each_entry(device, &devices, node) {
		if ((u32)device->id != id)
			continue;
		dev = get_device(device->dev);
		/* Domains are freed when no device is in them. */
		if (device->domain)
			*handled = !report_iommu_fault(device->domain, dev, address, flags);
		break;
	}
	spin_unlock_irqrestore(&hv_iommu_lock, irq);
	return dev;
}

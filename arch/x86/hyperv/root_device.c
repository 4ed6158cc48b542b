// SPDX-License-Identifier: GPL-2.0
/*
 * Device ids, by which the hypervisor knows the devices of a root partition.
 *
 * Model: an interrupt is known by the requester id with which its message arrives
 * at the remapping hardware: the device's own, or that of a bridge in front of it.
 */
#include <linux/pci.h>

#include <hyperv/hv_interrupt.h>

#include "root.h"

struct requester {
	struct pci_dev *bridge;
	u16 rid;
};

/* The last alias that is not on the device's own bus, as the hypervisor sees it. */
static int root_device_last_alias(struct pci_dev *pdev, u16 alias, void *data)
{
	struct requester *r = data;
	u8 bus = PCI_BUS_NUM(r->rid);

	if (pdev->bus->number != bus || PCI_BUS_NUM(alias) != bus) {
		r->bridge = pdev;
		r->rid = alias;
	}
	return 0;
}

/* Behind a bridge in PCI-X mode a device may use any of its bus numbers. */
static u64 root_device_shadow_buses(struct pci_dev *bridge)
{
	int pos = pci_find_capability(bridge, PCI_CAP_ID_PCIX);
	u8 secondary, subordinate;
	u16 status;

	if (!pos)
		return 0;
	pci_read_config_word(bridge, pos + PCI_X_BRIDGE_SSTATUS, &status);
	if (!(status & PCI_X_SSTATUS_FREQ))
		return 0;
	pci_read_config_byte(bridge, PCI_SECONDARY_BUS, &secondary);
	pci_read_config_byte(bridge, PCI_SUBORDINATE_BUS, &subordinate);
	return HV_DEVICE_ID_PCI_SOURCE_SHADOW |
	       (u64)secondary << HV_DEVICE_ID_PCI_SECONDARY_SHIFT |
	       (u64)subordinate << HV_DEVICE_ID_PCI_SUBORDINATE_SHIFT;
}

/**
 * hv_root_pci_device() - device id of a PCI device
 * @pdev: the device
 *
 * Return: its device id.
 */
u64 hv_root_pci_device(struct pci_dev *pdev)
{
	struct requester r = { .rid = PCI_DEVID(pdev->bus->number, pdev->devfn) };
	u64 id;

	pci_for_each_dma_alias(pdev, root_device_last_alias, &r);
	id = HV_DEVICE_TYPE_PCI << HV_DEVICE_ID_TYPE_SHIFT | r.rid |
	     (u64)pci_domain_nr(pdev->bus) << HV_DEVICE_ID_PCI_SEGMENT_SHIFT;
	if (r.bridge)
		id |= root_device_shadow_buses(r.bridge);
	return id;
}

/**
 * hv_root_ioapic_device() - device id of an IO-APIC
 * @id: its id in the firmware's table
 *
 * Return: its device id.
 */
u64 hv_root_ioapic_device(u32 id)
{
	return HV_DEVICE_TYPE_IOAPIC << HV_DEVICE_ID_TYPE_SHIFT |
	       (id & HV_DEVICE_ID_IOAPIC_ID_MASK);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* PCI devices of the machine. */
#ifndef _RV_PCI_H
#define _RV_PCI_H

#include <rv/base.h>

/*
 * The requester id of a root's device id in hypercalls.  False if it is not of a PCI
 * device in this segment, has parts that are not supported (phantom functions, the buses
 * behind a bridge), or there is no such device.
 */
bool pci_device(u64 device_id, u16 segment, u16 *rid);

#endif

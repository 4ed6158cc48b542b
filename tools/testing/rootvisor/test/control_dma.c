// SPDX-License-Identifier: GPL-2.0
/* The control port's commands about DMA of devices. */
#include <rootvisor/control.h>
#include <rv/vp.h>
#include "../device/dma.h"
#include "../device/dma_fault.h"
#include "../device/domain.h"
#include "../device/pci.h"
#include "../device/remap.h"
#include "control.h"

u32 control_device_domain(struct vp *vp, const u32 *args, u32 nr)
{
	u16 rid;

	if (!dma_hw || !pci_device(arg64(args), dma_hw->segment, &rid))
		return RV_E_NOENT;
	control_result(vp, domain_of(rid));
	return RV_E_OK;
}

u32 control_dma_faults(struct vp *vp, const u32 *args, u32 nr)
{
	u16 rid;

	if (!dma_hw || !pci_device(arg64(args), dma_hw->segment, &rid))
		return RV_E_NOENT;
	remap_poll();
	control_result64(vp, dma_faults_of(rid));
	return RV_E_OK;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Faults of devices: what other folders ask for. */
#ifndef _RV_DMA_FAULT_H
#define _RV_DMA_FAULT_H

#include <rv/base.h>

/* The root wants messages about faults. */
extern bool dma_fault_ready;

/* How much DMA of a device was blocked, at least. */
u64 dma_faults_of(u16 rid);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Mappings of interrupts; root_map.c has the model. */
#ifndef _ARCH_X86_HYPERV_ROOT_MAP_H
#define _ARCH_X86_HYPERV_ROOT_MAP_H

#include <linux/types.h>

#include <hyperv/hv_interrupt.h>

/**
 * struct root_mapping - one mapping
 * @entry: what the hypervisor gave; not mapped if its source is 0
 * @cpu: processor of its target
 * @vector: vector of its target
 */
struct root_mapping {
	struct hv_interrupt_entry entry;
	unsigned int cpu;
	u32 vector;
};

static inline bool hv_root_mapped(const struct root_mapping *mapping)
{
	return mapping->entry.source;
}

void hv_root_map_init(void);
void hv_root_map_prepare(void);
int hv_root_map(struct root_mapping *mapping, u64 device_id, bool level,
		unsigned int cpu, u32 vector);
int hv_root_retarget(struct root_mapping *mapping, u64 device_id, unsigned int cpu,
		     u32 vector);
void hv_root_unmap(struct root_mapping *mapping, u64 device_id);

#endif

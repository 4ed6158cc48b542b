// SPDX-License-Identifier: GPL-2.0
/*
 * PCI devices of the machine, as their configuration space says.
 *
 * It is read through the memory window that ACPI's MCFG names: the I/O ports have an
 * address register, which the root may be using.  Without a window each device is there.
 */
#include <hyperv/hv_interrupt.h>
#include <rv/acpi.h>
#include "pci.h"

#define MCFG_ENTRIES		44
#define MCFG_ENTRY		16
#define ENTRY_SEGMENT		8
#define ENTRY_FIRST_BUS		10
#define ENTRY_LAST_BUS		11
#define FUNCTION_SHIFT		12
#define CONFIG_ID		0
#define CONFIG_CLASS		8	/* a virtual function has no id */
#define ABSENT			(~0u)
#define NOT_SUPPORTED		(HV_DEVICE_ID_PCI_RESERVED | HV_DEVICE_ID_PCI_SOURCE_SHADOW | \
				 HV_DEVICE_ID_PCI_PHANTOM_MASK | \
				 HV_DEVICE_ID_PCI_SECONDARY_MASK | \
				 HV_DEVICE_ID_PCI_SUBORDINATE_MASK)

/* The function's configuration space, 0: not known. */
static u64 config_of(u16 segment, u16 rid)
{
	const u8 *table = pa_ptr(acpi.mcfg);
	u32 at, bus = rid >> 8;

	for (at = MCFG_ENTRIES; acpi.mcfg && at + MCFG_ENTRY <= get32(table, ACPI_LENGTH);
	     at += MCFG_ENTRY) {
		u64 base = get64(table, at);

		if (get16(table, at + ENTRY_SEGMENT) == segment && base < PA_LIMIT / 2 &&
		    bus >= table[at + ENTRY_FIRST_BUS] && bus <= table[at + ENTRY_LAST_BUS])
			return base + ((u64)rid << FUNCTION_SHIFT);
	}
	return 0;
}

static bool is_there(u16 segment, u16 rid)
{
	u64 config = config_of(segment, rid);

	return !config || *(const volatile u32 *)pa_ptr(config + CONFIG_ID) != ABSENT ||
	       *(const volatile u32 *)pa_ptr(config + CONFIG_CLASS) != ABSENT;
}

bool pci_device(u64 device_id, u16 segment, u16 *rid)
{
	if (device_id >> HV_DEVICE_ID_TYPE_SHIFT != HV_DEVICE_TYPE_PCI ||
	    (device_id & NOT_SUPPORTED) ||
	    (device_id & HV_DEVICE_ID_PCI_SEGMENT_MASK) >> HV_DEVICE_ID_PCI_SEGMENT_SHIFT !=
	    segment)
		return false;
	*rid = (u16)(device_id & HV_DEVICE_ID_PCI_RID_MASK);
	return is_there(segment, *rid);
}

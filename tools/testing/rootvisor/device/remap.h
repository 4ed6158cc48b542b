/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt remapping hardware; device/remap.c has the model.
 *
 * Words: an *entry* (IRTE) says where an interrupt goes; a device sends its
 * number.  A *region* is a run of entries of one device.
 */
#ifndef _RV_REMAP_H
#define _RV_REMAP_H

#include <rv/base.h>

#define REMAP_NONE		(-1)
#define REMAP_REGION		64	/* entries; a device may have several regions */

/* Called once, when ACPI and the root's address space are set up. */
void remap_start(void);

/* Is there such hardware?  If so, each device interrupt needs an entry. */
extern bool remap_found;

static inline bool remap_active(void)
{
	return remap_found;
}

/* Can interrupts of devices be sent to a processor with this APIC id? */
bool remap_reaches(u32 apic_id);

/* May this device send interrupts?  False if it is unknown. */
bool remap_knows(u64 device);

/*
 * Allocates the next free entry of a device; REMAP_NONE if there is none.
 * Entries of a device are allocated in order, starting at a multiple of
 * REMAP_REGION.
 */
int remap_alloc(u64 device);
void remap_free(int entry);

/* Sets the target of an entry, used or not; in effect on return. */
void remap_set(int entry, u64 device, u8 vector, u32 apic_id, bool level);

/* Collects what was blocked, interrupts and DMA. */
void remap_collect(void);

static inline void remap_poll(void)
{
	if (remap_active())
		remap_collect();
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt remapping hardware; device/remap.c has the model.
 *
 * Words: an *entry* (IRTE) says where an interrupt goes; its number is what a
 * device sends.  A *region* is a run of entries that belong to one device.
 */
#ifndef _RV_REMAP_H
#define _RV_REMAP_H

#include <rv/base.h>

#define REMAP_NONE		(-1)
#define REMAP_REGION		64	/* entries; a device may have several regions */

/* Once, when ACPI and the root's address space are known. */
void remap_start(void);

/* Is there such hardware?  Then each interrupt of a device needs an entry. */
bool remap_active(void);

/* May interrupts of this device pass?  False: nobody knows it. */
bool remap_knows(u64 device);

/*
 * The next free entry of a device, or REMAP_NONE.  A device that has none yet
 * gets them in order, from one that is a multiple of REMAP_REGION.
 */
int remap_alloc(u64 device);
void remap_free(int entry);

/* Where it goes; in force when this returns, whatever was before. */
void remap_set(int entry, u64 device, u8 vector, u32 apic_id, bool level);

/* Looks for interrupts that were blocked. */
void remap_poll(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the users of drivers/hv/root/base need from the kernel's own Hyper-V code.
 *
 * Model: the kernel's header for Hyper-V defines many of the names of <hyperv/...>
 * differently.  Hence base/glue.c and one of base/glue_slot_*.c are the only files
 * that include it, and the interface has only integers and pointers to void.
 */
#ifndef _LINUX_HVR_GLUE_H
#define _LINUX_HVR_GLUE_H

#include <linux/types.h>

/**
 * hvr_why_not_root() - why this kernel cannot serve as a root partition
 *
 * Return: NULL when it can, otherwise the reason, for the log.
 */
const char *hvr_why_not_root(void);

/**
 * hvr_set_handler() - take over the callback vector
 * @handler: called in interrupt context; the kernel ends the interrupt
 *
 * Return: 0, or -EBUSY if another driver has it, where the kernel can tell.
 */
int hvr_set_handler(void (*handler)(void));

/**
 * hvr_clear_handler() - release the callback vector
 *
 * No new interrupt of that vector may be possible when this is called.  When it returns,
 * the handler is not running and will not run any more.
 *
 * Context: process context; sleeps.
 */
void hvr_clear_handler(void);

/**
 * hvr_callback_vector() - the vector behind hvr_set_handler()
 *
 * Return: the vector.
 */
u8 hvr_callback_vector(void);

/**
 * hvr_partition_id() - the id of this partition
 *
 * Return: the id.
 */
u64 hvr_partition_id(void);

/**
 * hvr_vp_index() - VP index of a processor of this partition
 * @cpu: one that has been online
 *
 * Return: the index.
 */
u32 hvr_vp_index(unsigned int cpu);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The platform glue: what this driver needs from the kernel's own Hyper-V code.
 *
 * Model: the kernel's header for Hyper-V defines many of the names of
 * <hyperv/...> differently.  Hence glue.c and one of glue_slot_*.c are the only
 * files that include it, and nothing but integers and pointers to void crosses
 * this border.
 */
#ifndef _MSHV_GLUE_H
#define _MSHV_GLUE_H

#include <linux/types.h>

/**
 * glue_why_not_root() - why this kernel cannot serve as a root partition
 *
 * Return: NULL when it can, otherwise the reason in words for the log.
 */
const char *glue_why_not_root(void);

/**
 * glue_hypercall() - one entry into the hypervisor with memory input
 * @control: control word
 * @input: input block in the linear mapping, or NULL
 * @output: output block in the linear mapping, or NULL
 *
 * Return: result word.
 */
u64 glue_hypercall(u64 control, void *input, void *output);

/**
 * glue_hypercall_fast8() - one entry with 8 bytes of input in registers
 * @code: call code
 * @input: the input
 *
 * Return: result word.
 */
u64 glue_hypercall_fast8(u16 code, u64 input);

/**
 * glue_hypercall_fast16() - one entry with 16 bytes of input in registers
 * @code: call code
 * @input1: first 8 bytes
 * @input2: second 8 bytes
 *
 * Return: result word.
 */
u64 glue_hypercall_fast16(u16 code, u64 input1, u64 input2);

/**
 * glue_set_handler() - take over the callback vector
 * @handler: called in interrupt context; the kernel ends the interrupt
 */
void glue_set_handler(void (*handler)(void));

/**
 * glue_clear_handler() - give the callback vector back
 *
 * A stock kernel reads the pointer unsynchronised: no interrupt of that vector
 * may be possible any more when this is called.
 */
void glue_clear_handler(void);

/**
 * glue_callback_vector() - the vector behind glue_set_handler()
 *
 * Return: the vector.
 */
u8 glue_callback_vector(void);

/**
 * glue_partition_id() - the id of this partition
 *
 * Return: the id.
 */
u64 glue_partition_id(void);

/**
 * glue_vp_index() - the hypervisor's name for a processor of ours
 * @cpu: one that has been online
 *
 * Return: the index.
 */
u32 glue_vp_index(unsigned int cpu);

#endif

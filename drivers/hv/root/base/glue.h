/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own ways into the hypervisor; <linux/hvr_glue.h> has the model.
 */
#ifndef _HVR_BASE_GLUE_H
#define _HVR_BASE_GLUE_H

#include <linux/types.h>

/**
 * hvr_glue_hypercall() - one entry into the hypervisor with memory input
 * @control: control word
 * @input: input block in the linear mapping, or NULL
 * @output: output block in the linear mapping, or NULL
 *
 * Return: result word.
 */
u64 hvr_glue_hypercall(u64 control, const void *input, void *output);

/**
 * hvr_glue_hypercall_fast8() - one entry with 8 bytes of input in registers
 * @code: call code
 * @input: the input
 *
 * Return: result word.
 */
u64 hvr_glue_hypercall_fast8(u16 code, u64 input);

/**
 * hvr_glue_hypercall_fast16() - one entry with 16 bytes of input in registers
 * @code: call code
 * @input1: first 8 bytes
 * @input2: second 8 bytes
 *
 * Return: result word.
 */
u64 hvr_glue_hypercall_fast16(u16 code, u64 input1, u64 input2);

#endif

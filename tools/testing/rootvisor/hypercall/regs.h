/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registers of a hypercall (TLFS, "Hypercall Inputs" and "Hypercall Outputs").
 *
 * Model: a caller in 64-bit mode has a value in one register, any other caller in the low
 * halves of two, of which the first is the high one:
 *
 *	control		RCX	EDX:EAX		what is called; the start of a list in progress
 *	first		RDX	EBX:ECX		input: its address or, if fast, itself
 *	second		R8	EDI:ESI		output: its address; or more of a fast input
 *	result		RAX	EDX:EAX
 *
 * Compatibility mode is not 64-bit mode.  The high halves of a 32-bit caller's registers
 * are left over from an earlier mode: they are not read, and cleared by a write, as an
 * instruction does.
 */
#ifndef _RV_HYPERCALL_REGS_H
#define _RV_HYPERCALL_REGS_H

#include <rv/vp.h>

struct call_regs {
	u64 control, first, second;
};

static inline u64 call_pair(const u64 *gpr, int high, int low)
{
	return (u64)(u32)gpr[high] << 32 | (u32)gpr[low];
}

static inline void call_set_pair(u64 *gpr, int high, int low, u64 value)
{
	gpr[high] = value >> 32;
	gpr[low] = (u32)value;
}

static inline struct call_regs call_regs_get(const u64 *gpr, bool is_64bit)
{
	if (is_64bit)
		return (struct call_regs){ gpr[GPR_RCX], gpr[GPR_RDX], gpr[GPR_R8] };
	return (struct call_regs){
		.control = call_pair(gpr, GPR_RDX, GPR_RAX),
		.first = call_pair(gpr, GPR_RBX, GPR_RCX),
		.second = call_pair(gpr, GPR_RDI, GPR_RSI),
	};
}

/* For a call that is executed again. */
static inline void call_set_control(u64 *gpr, bool is_64bit, u64 control)
{
	if (is_64bit)
		gpr[GPR_RCX] = control;
	else
		call_set_pair(gpr, GPR_RDX, GPR_RAX, control);
}

static inline void call_set_result(u64 *gpr, bool is_64bit, u64 result)
{
	if (is_64bit)
		gpr[GPR_RAX] = result;
	else
		call_set_pair(gpr, GPR_RDX, GPR_RAX, result);
}

#endif

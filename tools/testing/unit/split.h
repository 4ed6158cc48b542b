/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Would this instruction, with these registers, lock across a cache line?
 *
 * Model: its bytes are decoded and interpreted, and each access on the bus is
 * checked.  So base, index, size and bit number are those of the interpreter, not
 * those that a generator intended.
 */
#ifndef _UNIT_SPLIT_H
#define _UNIT_SPLIT_H

#include <hv/decode.h>

#include "generate.h"

struct split_bus {
	unsigned int accesses;
	unsigned int crossings;
};

static int split_look(struct split_bus *seen, __u64 address, unsigned int size)
{
	seen->accesses++;
	if (address / CACHE_LINE != (address + size - 1) / CACHE_LINE)
		seen->crossings++;
	return 0;
}

static int split_read(void *opaque, __u64 address, unsigned int size,
		      __u64 *value)
{
	*value = 0;
	return split_look(opaque, address, size);
}

static int split_write(void *opaque, __u64 address, unsigned int size,
		       __u64 value)
{
	(void)value;
	return split_look(opaque, address, size);
}

/* Returns 1 or 0, or a negative value if it is not known. */
static int split_access(const __u8 *bytes, unsigned int length,
			const struct context *context)
{
	struct split_bus seen = { 0 };
	const struct hv_insn_bus bus = {
		.read = split_read, .write = split_write, .opaque = &seen,
	};
	struct hv_insn_state state = { .rflags = context->rflags };
	struct hv_insn insn;
	int ret;

	ret = hv_insn_decode(&insn, bytes, length, HV_INSN_MODE_64);
	if (ret)
		return ret;
	/* XCHG with memory locks with or without the prefix. */
	if (!(insn.flags & HV_INSN_LOCK) && insn.op != HV_INSN_XCHG)
		return 0;
	memcpy(state.gpr, context->gpr, sizeof(state.gpr));
	ret = hv_insn_execute(&insn, &state, &bus);
	if (ret)
		return ret;
	return seen.accesses ? !!seen.crossings : HV_INSN_UNSUPPORTED;
}

#endif

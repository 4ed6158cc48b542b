/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for instructions: an arena that exists twice, once for the processor and
 * once for the executor, whose bus maps the addresses of the first onto the second.
 */
#ifndef _UNIT_ARENA_H
#define _UNIT_ARENA_H

#include <string.h>

#include <hv/decode.h>

#define ARENA		4096
#define MIDDLE		(ARENA / 2)

/* Aligned, so that a cache line ends at the same place in each build. */
static __u8 native[ARENA] __attribute__((aligned(ARENA)));
static __u8 copy[ARENA];
/* Added to each address, for modes in which it has 32 bits. */
static __u64 low_base;

static int bus_access(__u64 address, unsigned int size, __u8 **at)
{
	__u64 offset = address + low_base - (__u64)native;

	if (offset > ARENA - size)
		return 99;
	*at = copy + offset;
	return 0;
}

static int bus_read(void *opaque, __u64 address, unsigned int size,
		    __u64 *value)
{
	__u8 *at;

	(void)opaque;
	if (bus_access(address, size, &at))
		return 99;
	*value = 0;
	memcpy(value, at, size);
	return 0;
}

static int bus_write(void *opaque, __u64 address, unsigned int size,
		     __u64 value)
{
	__u8 *at;

	(void)opaque;
	if (bus_access(address, size, &at))
		return 99;
	memcpy(at, &value, size);
	return 0;
}

static const struct hv_insn_bus bus = { .read = bus_read, .write = bus_write };

#endif

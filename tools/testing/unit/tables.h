/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builds ACPI tables.
 *
 * Model: an arena below 4 GiB, where an RSDT can point to them; nothing is freed, but all of
 * it can be used again.
 */
#ifndef _UNIT_TABLES_H
#define _UNIT_TABLES_H

#ifndef _GNU_SOURCE
#error MAP_32BIT needs _GNU_SOURCE
#endif
#include <stdlib.h>
#include <sys/mman.h>

#include <rv/acpi.h>
#undef ARRAY_SIZE

#define ARENA		(1024u * 1024)
#define TABLE_SIZE	4096

static u8 *arena;
static u32 arena_used;

static void tables_reset(void)
{
	arena_used = 0;
	if (arena)
		return;
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (arena == MAP_FAILED)
		abort();
}

static void *take(u32 size)
{
	u8 *memory = arena + arena_used;

	arena_used += (size + 15) & ~15u;
	return memset(memory, 0, size);
}

static u8 sum(const u8 *t)
{
	u8 total = 0;

	for (u32 i = 0; i < get32(t, ACPI_LENGTH); i++)
		total += t[i];
	return total;
}

static void set_length(u8 *t, u32 length)
{
	memcpy(t + ACPI_LENGTH, &length, sizeof(length));
	t[ACPI_CHECKSUM] -= sum(t);
}

/* A table with nothing but a header. */
static u8 *table(const char *name, u32 header)
{
	u8 *t = take(TABLE_SIZE);

	memcpy(t, name, 4);
	set_length(t, header);
	return t;
}

static void append(u8 *t, const void *entry, u32 size)
{
	u32 length = get32(t, ACPI_LENGTH);

	memcpy(t + length, entry, size);
	set_length(t, length + size);
}

#endif

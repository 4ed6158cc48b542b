// SPDX-License-Identifier: GPL-2.0
/*
 * The memory map, see rv/e820.h.
 *
 * Firmware gives hundreds of entries, not always sorted, and sometimes with overlaps.
 * Where entries overlap the one with the higher type counts, as in Linux: RAM is the lowest.
 */
#include <rv/e820.h>

struct e820_entry e820[E820_MAX];
u32 e820_count;

#define E820_UNUSABLE		5
#define E820_PERSISTENT		7
#define E820_PERSISTENT_OLD	12

/* Loaders have types of their own for memory that is firmware's. */
static u32 known_type(u32 type)
{
	if ((type >= E820_RAM && type <= E820_UNUSABLE) || type == E820_PERSISTENT ||
	    type == E820_PERSISTENT_OLD)
		return type;
	return E820_RESERVED;
}

static u64 end_of(const struct e820_entry *e)
{
	return e->base + e->size;
}

bool e820_add(u64 base, u64 size, u32 type)
{
	struct e820_entry *last = e820_count ? &e820[e820_count - 1] : NULL;

	type = known_type(type);
	/* What does not fit below 2^64 cannot be there. */
	if (!size || base + size < base)
		return true;
	if (last && last->type == type && end_of(last) == base) {
		last->size += size;
		return true;
	}
	if (e820_count == E820_MAX)
		return false;
	e820[e820_count++] = (struct e820_entry){ base, size, type };
	return true;
}

static void sort(void)
{
	u32 i, at;

	for (i = 1; i < e820_count; i++) {
		struct e820_entry e = e820[i];

		for (at = i; at && e820[at - 1].base > e.base; at--)
			e820[at] = e820[at - 1];
		e820[at] = e;
	}
}

static bool overlaps(void)
{
	u32 i;

	for (i = 1; i < e820_count; i++)
		if (end_of(&e820[i - 1]) > e820[i].base)
			return true;
	return false;
}

/* The first border, start or end of an entry, above @at; 0: none. */
static u64 next_border(const struct e820_entry *old, u32 n, u64 at)
{
	u64 next = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		if (old[i].base > at && (!next || old[i].base < next))
			next = old[i].base;
		if (end_of(&old[i]) > at && (!next || end_of(&old[i]) < next))
			next = end_of(&old[i]);
	}
	return next;
}

static u32 type_at(const struct e820_entry *old, u32 n, u64 at)
{
	u32 type = 0, i;

	for (i = 0; i < n; i++)
		if (at >= old[i].base && at < end_of(&old[i]))
			type = MAX(type, old[i].type);
	return type;
}

static bool resolve(void)
{
	static struct e820_entry old[E820_MAX];
	u32 n = e820_count, type;
	u64 at, next;

	memcpy(old, e820, n * sizeof(*old));
	e820_count = 0;
	for (at = old[0].base; (next = next_border(old, n, at)); at = next) {
		type = type_at(old, n, at);
		if (type && !e820_add(at, next - at, type))
			return false;
	}
	return true;
}

static void join(void)
{
	u32 n = e820_count, i;

	e820_count = 0;
	for (i = 0; i < n; i++)
		e820_add(e820[i].base, e820[i].size, e820[i].type);
}

bool e820_settle(void)
{
	sort();
	if (overlaps())
		return resolve();
	join();
	return true;
}

static void insert(u32 at, u64 base, u64 size, u32 type)
{
	if (!size)
		return;
	memmove(&e820[at + 1], &e820[at], (e820_count - at) * sizeof(*e820));
	e820[at] = (struct e820_entry){ base, size, type };
	e820_count++;
}

bool e820_reserve(u64 base, u64 size)
{
	u64 end = base + size;
	u32 i;

	for (i = 0; i < e820_count; i++) {
		struct e820_entry e = e820[i];

		if (e.type != E820_RAM || base < e.base || end > end_of(&e))
			continue;
		if (e820_count + 2 > E820_MAX)
			return false;
		e820_count--;
		memmove(&e820[i], &e820[i + 1], (e820_count - i) * sizeof(*e820));
		insert(i, end, end_of(&e) - end, E820_RAM);
		insert(i, base, size, E820_RESERVED);
		insert(i, e.base, base - e.base, E820_RAM);
		return true;
	}
	return false;
}

u64 e820_cut(u64 end)
{
	u64 cut = 0;
	u32 i;

	for (i = 0; i < e820_count; i++) {
		struct e820_entry *e = &e820[i];

		if (e->type != E820_RAM || end_of(e) <= end)
			continue;
		if (e->base >= end) {
			cut += e->size;
			e->type = E820_RESERVED;
		} else {
			/* The rest is a hole, which Linux does not touch either. */
			cut += end_of(e) - end;
			e->size = end - e->base;
		}
	}
	return cut;
}

u64 e820_ram_bytes(void)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < e820_count; i++)
		sum += e820[i].type == E820_RAM ? e820[i].size : 0;
	return sum;
}

u64 e820_ram_end(void)
{
	u32 i = e820_count;

	while (i && e820[i - 1].type != E820_RAM)
		i--;
	return i ? end_of(&e820[i - 1]) : 0;
}

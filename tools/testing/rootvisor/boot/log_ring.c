// SPDX-License-Identifier: GPL-2.0
/*
 * The last lines of the log, in memory.
 *
 * Model: bytes have positions, counted from the first one ever added; those from @tail
 * up to @head are there.  Lines are dropped as a whole, so that @tail is always at the
 * beginning of one.  A reader keeps the position behind what it has read; if it was too
 * slow, it finds out by the position that it gets.
 */
#include "log_ring.h"

static char ring[LOG_RING_BYTES];
static u64 head, tail;

static void drop_line(void)
{
	while (tail < head && ring[tail++ % LOG_RING_BYTES] != '\n')
		;
}

void log_ring_add(const char *text, u32 len)
{
	u32 i;

	while (tail < head && head + len - tail > LOG_RING_BYTES)
		drop_line();
	for (i = 0; i < len; i++)
		ring[head++ % LOG_RING_BYTES] = text[i];
}

u32 log_ring_read(u64 *at, char *to, u32 size)
{
	u32 n;

	*at = MIN(MAX(*at, tail), head);
	for (n = 0; n < size && *at + n < head; n++)
		to[n] = ring[(*at + n) % LOG_RING_BYTES];
	return n;
}

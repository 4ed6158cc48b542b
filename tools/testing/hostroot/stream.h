/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Relays bytes from one descriptor to another.
 *
 * Model: a stream never blocks.  stream_poll() says what it waits for, and stream_move()
 * continues when poll() has returned.  Its buffer is refilled only when it is empty, so
 * that a slow reader blocks its own writer only.
 *
 * Words: ended, nothing more will be taken; broken, the reader is gone, and data is
 * discarded, but counts as given.
 */
#ifndef HOSTROOT_STREAM_H
#define HOSTROOT_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
/* Not more than a pipe accepts at once if poll() says that it is writable. */
#define STREAM_SIZE 4096

struct stream {
	int from;
	int to;
	u64 taken;
	u64 given;
	/* Ends after so many bytes, regardless of reads; UINT64_MAX: unknown. */
	u64 length;
	/* End of file is not its end: only the length is. */
	bool counted;
	/* Changes data that was read, returns its new length, at most one byte more. */
	size_t (*filter)(unsigned char *data, size_t count);
	bool ended;
	bool broken;
	size_t begin;
	size_t end;
	unsigned char data[STREAM_SIZE + 1];
};

void stream_init(struct stream *s, int from, int to);
void stream_poll(const struct stream *s, struct pollfd fds[2]);
void stream_move(struct stream *s, const struct pollfd fds[2]);

/* Sets its length in bytes. */
void stream_set_length(struct stream *s, u64 length);

/* The reader is gone: discards all data. */
void stream_break(struct stream *s);

/* Is there data in the buffer? */
static inline bool stream_holds(const struct stream *s)
{
	return s->begin < s->end;
}

static inline bool stream_done(const struct stream *s)
{
	return s->ended && !stream_holds(s);
}

#endif

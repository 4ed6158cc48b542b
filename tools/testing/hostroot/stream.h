/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes on their way from one descriptor to another.
 *
 * Model: a stream never waits.  It says what it waits for (stream_poll()) and goes on
 * when poll() has seen that (stream_move()).  Its buffer is filled when it is empty, so
 * that a slow reader holds up its own writer and nobody else.
 *
 * Words: ended, nothing more will be taken; broken, nobody reads what is given, which
 * is thrown away from then on and counts as given.
 */
#ifndef HOSTROOT_STREAM_H
#define HOSTROOT_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
/* No more than a pipe takes at once when poll() says that it takes something. */
#define STREAM_SIZE 4096

struct stream {
	int from;
	int to;
	u64 taken;
	u64 given;
	/* At so many bytes taken it has ended, whatever a read says; UINT64_MAX: nobody knows. */
	u64 length;
	/* A read of nothing is not its end: only the length tells. */
	bool counted;
	/* Changes what was read, to one byte more at most, and says how much it is now. */
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

/* It ends after so many bytes. */
void stream_set_length(struct stream *s, u64 length);

/* Nobody reads any more. */
void stream_break(struct stream *s);

/* Something has been taken and not been given yet. */
static inline bool stream_holds(const struct stream *s)
{
	return s->begin < s->end;
}

static inline bool stream_done(const struct stream *s)
{
	return s->ended && !stream_holds(s);
}

#endif

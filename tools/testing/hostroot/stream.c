// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include <errno.h>
#include <unistd.h>

void stream_init(struct stream *s, int from, int to)
{
	*s = (struct stream){ .from = from, .to = to, .length = UINT64_MAX };
}

void stream_poll(const struct stream *s, struct pollfd fds[2])
{
	bool holds = stream_holds(s);

	fds[0] = (struct pollfd){ .fd = holds || s->ended ? -1 : s->from, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = holds ? s->to : -1, .events = POLLOUT };
}

static void check_length(struct stream *s)
{
	if (s->taken >= s->length)
		s->ended = true;
}

void stream_set_length(struct stream *s, u64 length)
{
	s->length = length;
	check_length(s);
}

void stream_break(struct stream *s)
{
	s->broken = true;
	s->given += s->end - s->begin;
	s->begin = s->end;
}

static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void take(struct stream *s)
{
	ssize_t n = read(s->from, s->data, STREAM_SIZE);

	if (n < 0 && try_again())
		return;
	if (n <= 0) {
		/* The other side of a terminal is closed: EIO. */
		s->ended |= !s->counted;
		return;
	}
	s->begin = 0;
	s->end = s->filter ? s->filter(s->data, (size_t)n) : (size_t)n;
	s->taken += s->end;
	check_length(s);
	if (s->broken)
		stream_break(s);
}

static void give(struct stream *s)
{
	ssize_t n = write(s->to, s->data + s->begin, s->end - s->begin);

	if (n < 0) {
		if (!try_again())
			stream_break(s);
		return;
	}
	s->begin += (size_t)n;
	s->given += (u64)n;
}

void stream_move(struct stream *s, const struct pollfd fds[2])
{
	if (fds[0].fd >= 0 && fds[0].revents)
		take(s);
	else if (fds[1].fd >= 0 && fds[1].revents && stream_holds(s))
		give(s);
}

// SPDX-License-Identifier: GPL-2.0
#include "channel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void channel_say(struct channel *c, const char *format, ...)
{
	size_t room = sizeof(c->out) - c->out_fill;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(c->out + c->out_fill, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n + 1 > room)
		return;
	c->out_fill += (size_t)n;
	c->out[c->out_fill++] = '\n';
}

void channel_poll(const struct channel *c, struct pollfd *fd)
{
	*fd = (struct pollfd){ .fd = c->fd, .events = POLLIN | (c->out_fill ? POLLOUT : 0) };
}

static int write_some(struct channel *c)
{
	ssize_t n = write(c->fd, c->out, c->out_fill);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	c->out_fill -= (size_t)n;
	memmove(c->out, c->out + n, c->out_fill);
	return 0;
}

static void hear_lines(struct channel *c)
{
	char *line = c->in, *newline;

	while ((newline = memchr(line, '\n', (size_t)(c->in + c->in_fill - line)))) {
		*newline = '\0';
		c->heard(line);
		line = newline + 1;
	}
	c->in_fill -= (size_t)(line - c->in);
	memmove(c->in, line, c->in_fill);
	/* Lines that long are not from the other end: discard. */
	if (c->in_fill == sizeof(c->in))
		c->in_fill = 0;
}

static int read_some(struct channel *c)
{
	ssize_t n = read(c->fd, c->in + c->in_fill, sizeof(c->in) - c->in_fill);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (!n)
		return -1;
	c->in_fill += (size_t)n;
	hear_lines(c);
	return 0;
}

int channel_move(struct channel *c, const struct pollfd *fd)
{
	int ret = 0;

	if (fd->revents & POLLOUT)
		ret = write_some(c);
	if (!ret && (fd->revents & (POLLIN | POLLHUP | POLLERR)))
		ret = read_some(c);
	return ret;
}

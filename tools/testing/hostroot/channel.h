/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two ends of rootvm --host-root tell each other, and how they are connected.
 *
 * Model: four virtio serial ports, each a socket on this machine: one for each of the
 * command's standard descriptors, and one for lines of text, the channel.  Bytes of
 * different ports overtake each other.  So whoever says that a stream is at its end also
 * says after how many bytes.
 *
 * From the root:                       To the root:
 *   ready                                size ROWS COLUMNS   of the terminal
 *   begun        the command runs        go                  begin the command
 *   alive        now and then            signal NUMBER       for the command
 *   failed WHY   there is no command     input-end BYTES     of its standard input
 *   dropped KIB  of writes               closed 1|2          nobody reads that any more
 *   end BYTES BYTES  of output 1 and 2   bye                 all of it has arrived
 */
#ifndef HOSTROOT_CHANNEL_H
#define HOSTROOT_CHANNEL_H

#include <poll.h>
#include <stddef.h>

/* Ports: the channel, and the command's descriptors 0 to 2. */
#define PORTS		4
#define PORT_CHANNEL	3
/* As scripts/hostroot.sh names them. */
#define PORT_NAMES	{ "rootvm.in", "rootvm.out", "rootvm.err", "rootvm.channel" }
/* QEMU gets the socket of port 0 as this descriptor, and so on. */
#define FIRST_FD	3

/* A path with something said about it. */
#define CHANNEL_SIZE	8192

/* Seconds between two signs of life. */
#define ALIVE_PERIOD	5

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct channel {
	int fd;
	void (*heard)(const char *line);
	size_t in_fill;
	size_t out_fill;
	char in[CHANNEL_SIZE];
	char out[CHANNEL_SIZE];
};

/* Queues a line.  One that does not fit is lost: the other end has long stopped. */
__attribute__((format(printf, 2, 3)))
void channel_say(struct channel *c, const char *format, ...);

void channel_poll(const struct channel *c, struct pollfd *fd);

/* Calls heard() for each whole line; fails when the other end is gone. */
int channel_move(struct channel *c, const struct pollfd *fd);

#endif

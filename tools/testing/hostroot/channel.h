/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protocol between the two ends of rootvm --host-root, and how they are connected.
 *
 * Model: four virtio serial ports, each a socket on this machine: one for each of the
 * command's standard descriptors, and one for lines of text, the channel.  There is no
 * order between bytes of different ports, so the end of a stream is reported with its
 * length.
 *
 * From the root:                       To the root:
 *   ready                                size ROWS COLUMNS   of the terminal
 *   begun        the command runs        go                  start the command
 *   alive        sent periodically       signal NUMBER       for the command
 *   failed WHY   there is no command     input-end BYTES     of its standard input
 *   dropped KIB  of writes               closed 1|2          its reader is gone
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

/* Enough for a path and a message about it. */
#define CHANNEL_SIZE	8192

/* Seconds between two "alive". */
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

/* Queues a line.  If it does not fit, it is dropped: the other end has long stopped. */
__attribute__((format(printf, 2, 3)))
void channel_say(struct channel *c, const char *format, ...);

void channel_poll(const struct channel *c, struct pollfd *fd);

/* Calls heard() for each complete line; fails if the other end is closed. */
int channel_move(struct channel *c, const struct pollfd *fd);

#endif

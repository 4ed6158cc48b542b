/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An NVMe controller, driven by a program.
 *
 * Model: all that the controller reads and writes is memory of the program that it reaches
 * at an IOVA: a queue for administration, one for reads and writes, a list of pages for
 * each command, and the data.  Commands are in flight, at most NVME_DEPTH of them, until
 * they are reaped; nothing interrupts, the program looks.
 */
#ifndef _NVME_H
#define _NVME_H

#include <stdbool.h>

#include <linux/types.h>

#define NVME_PAGE	4096ul
#define NVME_DEPTH	16
/* Two pairs of queues and an answer; and lists, which the controller only reads. */
#define NVME_QUEUES	(5 * NVME_PAGE)
#define NVME_LISTS	(NVME_DEPTH * NVME_PAGE)
#define NVME_MEMORY	(NVME_QUEUES + NVME_LISTS)
/* What a list in one page takes, and any controller should. */
#define NVME_MOST	(128ul << 10)

/**
 * struct nvme_queue - a queue of commands, and that of their ends
 * @id: 0 is for administration
 * @tail: where the next command goes
 * @head: where the next end is expected
 * @phase: of the latter
 */
struct nvme_queue {
	unsigned int id, tail, head, phase;
};

/**
 * struct nvme - a controller, and its first name space
 * @registers: mapped
 * @memory: NVME_MEMORY bytes of queues and lists
 * @iova: of the latter
 * @stride: bytes from one doorbell to the next
 * @admin: for administration
 * @io: for reads and writes
 * @busy: a bit for each command in flight
 * @failed: commands that have failed, and the last status
 * @status: the latter
 * @block: bytes of a block
 * @bytes: the whole disk
 */
struct nvme {
	volatile __u8 *registers;
	__u8 *memory;
	__u64 iova;
	unsigned int stride;
	struct nvme_queue admin, io;
	unsigned int busy, failed, status;
	unsigned int block;
	__u64 bytes;
};

/* Resets the controller, and makes its queues; 0, or a negative errno. */
int nvme_start(struct nvme *n, volatile __u8 *registers, void *memory, __u64 iova);
int nvme_stop(struct nvme *n);

/* Begins a transfer of at most NVME_MOST bytes between the disk and an IOVA, in pages. */
int nvme_begin(struct nvme *n, bool write, __u64 at, __u64 iova, unsigned long bytes);

/* Has another command ended? */
bool nvme_reap(struct nvme *n);

/* Waits for all; 0 if no command has failed since the last time. */
int nvme_drain(struct nvme *n);

#endif

// SPDX-License-Identifier: GPL-2.0
/* An NVMe controller, driven by a program, see nvme.h. */
#include <errno.h>
#include <string.h>

#include "nvme.h"
#include "waits.h"

#define CAP		0x00
#define CAP_STRIDE(cap)	((cap) >> 32 & 0xf)
#define INTMS		0x0c				/* interrupts that are masked */
#define CC		0x14
#define CC_ON		(1 | 6 << 16 | 4 << 20)		/* entries of 64 and 16 bytes */
#define CSTS		0x1c
#define CSTS_READY	1
#define AQA		0x24
#define ASQ		0x28
#define ACQ		0x30
#define DOORBELLS	0x1000

#define ADMIN_CREATE_SQ	0x01
#define ADMIN_CREATE_CQ	0x05
#define ADMIN_IDENTIFY	0x06
#define IO_WRITE	0x01
#define IO_READ		0x02
#define CONTIGUOUS	1
#define NAME_SPACE	1

/* Of what a name space says of itself. */
#define SIZE		0
#define FORMAT		26
#define FORMAT_MASK	0xf
#define FORMATS		128
#define FORMAT_SHIFT	2				/* byte of one: log2 of a block */

#define ENTRIES		64u

/* Pages of @memory. */
enum { ADMIN_COMMANDS, ADMIN_ENDS, IO_COMMANDS, IO_ENDS, ANSWER, LISTS };

struct nvme_command {
	__u8 opcode, flags;
	__u16 id;
	__u32 name_space;
	__u64 reserved[2];
	__u64 page, more;
	__u32 words[6];
};

struct nvme_end {
	__u32 result, reserved;
	__u16 head, queue;
	__u16 id, status;
};

_Static_assert(sizeof(struct nvme_command) == 64 && sizeof(struct nvme_end) == 16, "layout");

static __u32 get(struct nvme *n, unsigned int at)
{
	return *(volatile __u32 *)(n->registers + at);
}

static void put(struct nvme *n, unsigned int at, __u32 value)
{
	*(volatile __u32 *)(n->registers + at) = value;
}

static void put_address(struct nvme *n, unsigned int at, __u64 value)
{
	put(n, at, value);
	put(n, at + 4, value >> 32);
}

static void *page(struct nvme *n, unsigned int nr)
{
	return n->memory + nr * NVME_PAGE;
}

static __u64 page_iova(struct nvme *n, unsigned int nr)
{
	return n->iova + nr * NVME_PAGE;
}

static void ring(struct nvme *n, const struct nvme_queue *q, bool end)
{
	put(n, DOORBELLS + (2 * q->id + end) * n->stride, end ? q->head : q->tail);
}

static void submit(struct nvme *n, struct nvme_queue *q, const struct nvme_command *command)
{
	struct nvme_command *at = page(n, q->id ? IO_COMMANDS : ADMIN_COMMANDS);

	at[q->tail] = *command;
	q->tail = (q->tail + 1) % ENTRIES;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring(n, q, false);
}

/* The id of a command that has ended, or -1. */
static int reap(struct nvme *n, struct nvme_queue *q)
{
	volatile struct nvme_end *end = page(n, q->id ? IO_ENDS : ADMIN_ENDS);
	__u16 status = end[q->head].status;
	int id = end[q->head].id;

	if ((status & 1) != q->phase)
		return -1;
	if (status >> 1) {
		n->failed++;
		n->status = status >> 1;
	}
	q->head = (q->head + 1) % ENTRIES;
	q->phase ^= !q->head;
	ring(n, q, true);
	return id;
}

static int administer(struct nvme *n, struct nvme_command *command)
{
	submit(n, &n->admin, command);
	if (!wait_until(reap(n, &n->admin) >= 0))
		return -ETIMEDOUT;
	return n->failed ? -EIO : 0;
}

static int create_queue(struct nvme *n, bool ends)
{
	struct nvme_command command = {
		.opcode = ends ? ADMIN_CREATE_CQ : ADMIN_CREATE_SQ,
		.page = page_iova(n, ends ? IO_ENDS : IO_COMMANDS),
		.words = { n->io.id | (ENTRIES - 1) << 16,
			   CONTIGUOUS | (ends ? 0 : n->io.id << 16) },
	};

	return administer(n, &command);
}

static int identify(struct nvme *n)
{
	struct nvme_command command = {
		.opcode = ADMIN_IDENTIFY, .name_space = NAME_SPACE, .page = page_iova(n, ANSWER),
	};
	__u8 *answer = page(n, ANSWER);
	__u64 blocks;
	int ret = administer(n, &command);

	if (ret)
		return ret;
	memcpy(&blocks, answer + SIZE, sizeof(blocks));
	n->block = 1u << answer[FORMATS + 4 * (answer[FORMAT] & FORMAT_MASK) + FORMAT_SHIFT];
	n->bytes = blocks * n->block;
	return 0;
}

int nvme_stop(struct nvme *n)
{
	put(n, CC, 0);
	return wait_until(!(get(n, CSTS) & CSTS_READY)) ? 0 : -ETIMEDOUT;
}

int nvme_start(struct nvme *n, volatile __u8 *registers, void *memory, __u64 iova)
{
	*n = (struct nvme){ .registers = registers, .memory = memory, .iova = iova,
			    .admin.phase = 1, .io = { .id = 1, .phase = 1 } };
	if (nvme_stop(n))
		return -ETIMEDOUT;
	memset(memory, 0, NVME_MEMORY);
	put(n, INTMS, ~0u);
	n->stride = 4u << CAP_STRIDE((__u64)get(n, CAP + 4) << 32);
	put(n, AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	put_address(n, ASQ, page_iova(n, ADMIN_COMMANDS));
	put_address(n, ACQ, page_iova(n, ADMIN_ENDS));
	put(n, CC, CC_ON);
	if (!wait_until(get(n, CSTS) & CSTS_READY))
		return -ETIMEDOUT;
	return identify(n) ?: create_queue(n, true) ?: create_queue(n, false);
}

bool nvme_reap(struct nvme *n)
{
	int id = reap(n, &n->io);

	if (id >= 0)
		n->busy &= ~(1u << id);
	return id >= 0;
}

/* One page, two, or a list of all but the first. */
static void describe(struct nvme *n, struct nvme_command *c, __u64 iova, unsigned long bytes)
{
	unsigned int i, pages = (bytes + NVME_PAGE - 1) / NVME_PAGE;
	__u64 *list = page(n, LISTS + c->id);

	c->page = iova;
	c->more = pages == 2 ? iova + NVME_PAGE : 0;
	if (pages <= 2)
		return;
	for (i = 1; i < pages; i++)
		list[i - 1] = iova + i * NVME_PAGE;
	c->more = page_iova(n, LISTS + c->id);
}

int nvme_begin(struct nvme *n, bool write, __u64 at, __u64 iova, unsigned long bytes)
{
	struct nvme_command command = { .opcode = write ? IO_WRITE : IO_READ,
					.name_space = NAME_SPACE };
	__u64 first = at / n->block;

	if (!bytes || bytes > NVME_MOST || iova % NVME_PAGE || (at | bytes) % n->block ||
	    at + bytes > n->bytes)
		return -EINVAL;
	if (!wait_until(n->busy != (1u << NVME_DEPTH) - 1 || nvme_reap(n)))
		return -ETIMEDOUT;
	command.id = __builtin_ctz(~n->busy);
	n->busy |= 1u << command.id;
	describe(n, &command, iova, bytes);
	command.words[0] = first;
	command.words[1] = first >> 32;
	command.words[2] = bytes / n->block - 1;
	submit(n, &n->io, &command);
	return 0;
}

int nvme_drain(struct nvme *n)
{
	int ret;

	if (!wait_until(!n->busy || (nvme_reap(n), !n->busy)))
		return -ETIMEDOUT;
	ret = n->failed ? -EIO : 0;
	n->failed = 0;
	return ret;
}

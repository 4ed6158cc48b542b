// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of objects that there may be many of: see scale.h.
 *
 * Blocks that are split are in large pages at first, and then the kernel takes a page of
 * each.  No machine has so many large pages: all of them are the one that is full of zeros,
 * which is what a process gets that only reads.  So the guest does.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "scale.h"

#define MANY		1024	/* of what is not cheap to have */
#define GSI		4095	/* the last one, after those of the crowd */
#define MSI_ADDRESS	0xfee00000

#define SPARSE_GPA	0x10000000000ULL
#define GIB		(512 * SCALE_BLOCK)

/* Of the writing guest: its first instruction writes to memory, or reads. */
#define MOV_TO_MEMORY	0x88
#define MOV_FROM_MEMORY	0x8a

static int keep(struct crowd *c, int fd)
{
	if (fd < 0)
		return fd;
	c->fds[c->nr_fds++] = fd;
	return 0;
}

static int add_partition(struct world *w, unsigned int i)
{
	int part = vmm_create_v1(w->t.dev, TVM_FLAGS);
	int ret = keep(crowd_of(w), part);

	return ret ? ret : vmm_initialize(part);
}

static int add_vp(struct world *w, unsigned int i)
{
	/* VP 0 is the measured one; the last index is 1,023. */
	if (i + 1 >= MANY)
		return 0;
	return keep(crowd_of(w), vmm_create_vp(w->t.part, i + 1));
}

static int add_region(struct world *w, unsigned int i)
{
	return vmm_map(w->t.part, CROWD_GPA + i * SCALE_BLOCK, VMM_PAGE,
		       crowd_of(w)->memory + i * VMM_PAGE, MEM_RWX);
}

static int add_irqfd(struct world *w, unsigned int i)
{
	struct mshv_user_irqfd irqfd = { .gsi = i % GSI, .fd = crowd_of(w)->fds[i] };

	return ioctl(w->t.part, MSHV_IRQFD, &irqfd) ? -errno : 0;
}

/**
 * scale_ioeventfd() - add a doorbell
 * @w: the world
 * @at: guest address
 * @fd: its eventfd
 *
 * Return: 0 or -errno.
 */
int scale_ioeventfd(struct world *w, __u64 at, int fd)
{
	struct mshv_user_ioeventfd args = { .addr = at, .len = 1, .fd = fd };

	return ioctl(w->t.part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int add_ioeventfd(struct world *w, unsigned int i)
{
	return scale_ioeventfd(w, CROWD_GPA + i * SCALE_BLOCK, crowd_of(w)->fds[i]);
}

/* The last one makes a region of all of them. */
static int add_sparse(struct world *w, unsigned int i)
{
	struct crowd *c = crowd_of(w);

	if (i + 1 < c->n)
		return 0;
	c->sparse = mmap(NULL, c->n * GIB, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->sparse == MAP_FAILED) {
		c->sparse = NULL;
		return -errno;
	}
	return vmm_map(w->t.part, SPARSE_GPA, c->n * GIB, c->sparse, MEM_RWX);
}

/**
 * scale_route() - set the routes, which are one table
 * @w: the world
 * @n: how many, besides the measured irqfd's
 *
 * Return: 0 or -errno.
 */
int scale_route(struct world *w, unsigned int n)
{
	struct mshv_user_irq_entry *entries = calloc(n + 1, sizeof(*entries));
	unsigned int i;
	int ret;

	if (!entries)
		return -ENOMEM;
	for (i = 0; i <= n; i++) {
		entries[i].gsi = i < n ? i : GSI;
		entries[i].address_lo = MSI_ADDRESS;
		entries[i].data = i < n ? GUEST_VECTOR + 1 : GUEST_VECTOR;
	}
	ret = vmm_route(w->t.part, entries, n + 1);
	free(entries);
	return ret;
}

/**
 * scale_block() - the guest reads a block, so that it is mapped by a large page
 * @w: the world
 * @i: which one
 *
 * Return: 0 or -errno.
 */
int scale_block(struct world *w, unsigned int i)
{
	int ret = guest_aim(w, SPLIT_GPA + i * SCALE_BLOCK);

	w->t.memory[TVM_CODE] = MOV_FROM_MEMORY;
	if (!ret)
		ret = guest_next(w);
	w->t.memory[TVM_CODE] = MOV_TO_MEMORY;
	return ret;
}

/**
 * scale_split() - the kernel takes a page of a block
 * @w: the world
 * @i: which one
 *
 * Return: 0 or -errno.
 */
int scale_split(struct world *w, unsigned int i)
{
	__u8 *block = crowd_of(w)->blocks + i * SCALE_BLOCK;

	return madvise(block, VMM_PAGE, MADV_DONTNEED) ? -errno : 0;
}

static int add_split(struct world *w, unsigned int i)
{
	int ret = scale_block(w, i);

	return ret ? ret : scale_split(w, i);
}

const struct kind scale_kinds[] = {
	{ .name = "1,000 partitions", .object = "partition", .many = 1000,
	  .add = add_partition, .alone = true },
	{ .name = "1,024 processors", .object = "processor", .many = MANY, .add = add_vp },
	{ .name = "1,024 regions", .object = "region of a page", .many = MANY, .add = add_region },
	{ .name = "1,024 GiB, one region", .object = "untouched GiB", .many = MANY,
	  .add = add_sparse },
	{ .name = "4,000 routes", .object = "route", .many = 4000 },
	{ .name = "10,000 irqfds", .object = "irqfd", .many = SCALE_MAX, .add = add_irqfd,
	  .events = true },
	{ .name = "4,096 ioeventfds", .object = "ioeventfd", .many = 4096,
	  .add = add_ioeventfd, .events = true },
	{ .name = "100,000 blocks split", .object = "block split", .many = 100000,
	  .few_name = "1,000 blocks split", .few = 1000, .add = add_split, .blocks = true },
	{ .name = NULL },
};

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects by the thousand, and what is measured beside them; see scale.c for the model.
 *
 * Words: a "crowd" is n objects of one kind.
 */
#ifndef _MSHVBENCH_SCALE_H
#define _MSHVBENCH_SCALE_H

#include "bench.h"

#define SCALE_MAX	10000	/* of what has descriptors */
#define SCALE_BLOCK	(2ULL << 20)

#define CROWD_GPA	0x100000000ULL	/* n objects, a block apart */
#define AREA_GPA	0x10000000ULL
#define DOORBELL_GPA	0x20000000ULL
#define SPLIT_GPA	0x1000000000ULL	/* blocks that are split */

/**
 * struct kind - a kind of objects
 * @name: in the table
 * @object: one of them
 * @many: how many there may be
 * @few_name: in the small form, if that has fewer
 * @few: how many
 * @add: makes one; NULL: they are routes
 * @alone: they do not need the measured machine
 * @events: each has an eventfd
 * @blocks: they are blocks that are split
 */
struct kind {
	const char *name;
	const char *object;
	unsigned int many;
	const char *few_name;
	unsigned int few;
	int (*add)(struct world *w, unsigned int i);
	bool alone;
	bool events;
	bool blocks;
};

/**
 * struct memory - what the root has
 * @free: bytes that nothing uses
 * @given: bytes that the hypervisor has
 */
struct memory {
	long long free;
	long long given;
};

/**
 * struct crowd - the objects of a kind, and what the measured machine needs besides
 * @kind: the kind
 * @n: how many
 * @fds: their descriptors
 * @nr_fds: how many
 * @memory: n pages, each its own region
 * @sparse: n GiB that are not touched, or NULL
 * @raw: what @blocks is in
 * @blocks: blocks in large pages, n of them if they are the crowd, and one to be measured
 * @nr_blocks: how many
 * @area: to be mapped and touched
 * @event: of the irqfd
 * @ring: of the doorbell
 * @before: memory without them
 * @after: memory with them
 */
struct crowd {
	const struct kind *kind;
	unsigned int n;
	int fds[2 * SCALE_MAX];
	unsigned int nr_fds;
	__u8 *memory;
	__u8 *sparse;
	__u8 *raw;
	__u8 *blocks;
	unsigned int nr_blocks;
	__u8 *area;
	int event, ring;
	struct memory before, after;
};

static inline struct crowd *crowd_of(struct world *w)
{
	return w->state;
}

/* scale_kinds.c */
extern const struct kind scale_kinds[];
int scale_route(struct world *w, unsigned int n);
int scale_ioeventfd(struct world *w, __u64 at, int fd);
int scale_block(struct world *w, unsigned int i);
int scale_split(struct world *w, unsigned int i);

/* scale_world.c */
int scale_make(struct world *w, const struct kind *kind, unsigned int n);
void scale_unmake(struct world *w);

/* scale_memory.c */
void scale_look(struct memory *m);
void scale_tell_memory(FILE *json, const struct crowd *crowds, bool root_sched);

#endif

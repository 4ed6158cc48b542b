/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random operations: what the driver of the rounds (fuzz.c) and the grammars share.
 * fuzz_ops.c has the grammar of all descriptors of /dev/mshv, fuzz_vmm.c that of a
 * VMM with its guest, fuzz_guest.c that of a guest, fuzz_root.c that of a root.
 *
 * Words: a world is all that the threads of one round share: descriptors by
 * kind, in slots, and areas of memory.  A fuzzer is one thread.
 */
#ifndef _MSHV_FUZZ_H
#define _MSHV_FUZZ_H

#include "rng.h"
#include "testvm.h"

#define FUZZ_SLOTS	4
#define FUZZ_AREAS	4
#define FUZZ_AREA	(1024 * 1024)
#define FUZZ_BUFFER	(16 * VMM_PAGE)
#define FUZZ_TEXT	160
#define FUZZ_COUNTS	4

enum fuzz_kind {
	FUZZ_DEVICE,
	FUZZ_PARTITION,
	FUZZ_VP,
	FUZZ_EVENT,
	FUZZ_KINDS,
};

/**
 * struct fuzz_world - what the threads of a round share
 * @seed: the round's
 * @replay: print all operations
 * @fd: descriptors, -1 if there is none; any thread closes any of them
 * @page: mapped pages of VPs
 * @area: addresses of memory, which may be mapped or not, except the first
 * @file: memory of a file for areas
 */
struct fuzz_world {
	__u64 seed;
	bool replay;
	int fd[FUZZ_KINDS][FUZZ_SLOTS];
	void *page[FUZZ_SLOTS];
	__u8 *area[FUZZ_AREAS];
	int file;
};

/**
 * struct fuzzer - a thread
 * @world: what it works on
 * @rng: source of its decisions
 * @id: number of the thread
 * @buffer: arguments and data; followed by an inaccessible page
 * @text: description of the operation
 */
struct fuzzer {
	struct fuzz_world *world;
	struct rng rng;
	unsigned int id;
	__u8 *buffer;
	char text[FUZZ_TEXT];
};

/* Decisions */
static inline __u64 fz_below(struct fuzzer *f, __u64 n)
{
	return rng_below(&f->rng, n);
}

static inline bool fz_one_in(struct fuzzer *f, __u64 n)
{
	return rng_one_in(&f->rng, n);
}

#define PICK(f, array)	((array)[fz_below(f, ARRAY_SIZE(array))])

__u64 fz_odd_number(struct fuzzer *f);

/* Describe the operation before it is done. */
void fz_say(struct fuzzer *f, const char *format, ...)
	__printf(2, 3);

int fz_fd_of(struct fuzzer *f, enum fuzz_kind kind);
void fz_keep(struct fuzzer *f, enum fuzz_kind kind, int fd);
void *fz_area_of(struct fuzzer *f);
__u64 fz_pointer(struct fuzzer *f, __u64 right, __u64 size);
long fz_call(struct fuzzer *f, int fd, unsigned long command, void *arg,
	     size_t size);

void fuzz_world_init(struct fuzz_world *world);

/**
 * struct fuzz_grammar - random operations of a program
 * @is_there: whether it can and should be run, or NULL
 * @prepare: fills a world, which is empty except for what fuzz.c sets
 * @operation: does one operation
 * @rounds: default number of rounds, like the following ones
 * @threads: of a round
 * @ops: operations of each thread
 * @counts: names of the counters of fuzz_count(), or NULL
 */
struct fuzz_grammar {
	bool (*is_there)(void);
	void (*prepare)(struct fuzz_world *world);
	void (*operation)(struct fuzzer *f);
	unsigned long rounds, threads, ops;
	const char *counts[FUZZ_COUNTS];
};

extern const struct fuzz_grammar fuzz_grammar;

/* One of several operations, with a weight. */
struct fuzz_choice {
	long (*run)(struct fuzzer *f);
	unsigned int weight;
};

void fuzz_choose(struct fuzzer *f, const struct fuzz_choice *choice, unsigned int nr);

/* fuzz_hvcall.c */
long fuzz_hvcall(struct fuzzer *f);

/* In fuzz.c: records an operation before it is done, and its result. */
void fuzz_before(struct fuzzer *f);
void fuzz_after(struct fuzzer *f, long result);
void fuzz_count(unsigned int which, unsigned long nr);

#endif

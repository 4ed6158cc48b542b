// SPDX-License-Identifier: GPL-2.0
/*
 * Do frequent operations cost more if there are many objects?
 *
 * Model: in addition to the machine that is measured there are n objects of one kind.
 * Each operation is measured with few and with many of them.  The number of hypercalls
 * must not change.  The number of instructions may: a tree of a thousand entries is
 * deeper than one of a few, and a larger process has larger page tables.  It may grow by
 * a twentieth, the root's share of it at least, but not with n.
 */
#include <errno.h>
#include <string.h>

#include "scale.h"

#define TIMES		9

/* How many: one, a few, as many as a kind says. */
#define NUMBERS		3
#define A_FEW		32
#define MAX_KINDS	16

/* Growth of a twentieth is none. */
static long long allowed(long long few)
{
	return few + few / 20;
}

/* ---- operations --------------------------------------------------------------------- */

static int aim(struct world *w)
{
	return guest_aim(w, 0x60000);
}

static int signal_irq(struct world *w)
{
	const __u64 one = 1;

	return write(crowd_of(w)->event, &one, sizeof(one)) == sizeof(one) ?
	       0 : -errno;
}

static int aim_doorbell(struct world *w)
{
	return guest_aim(w, DOORBELL_GPA);
}

static int rung(struct world *w)
{
	__u64 count;

	return read(crowd_of(w)->ring, &count, sizeof(count)) == sizeof(count) ?
	       aim(w) : -errno;
}

static int add_doorbell(struct world *w)
{
	return scale_ioeventfd(w, DOORBELL_GPA + VMM_PAGE, crowd_of(w)->ring);
}

static int remove_doorbell(struct world *w)
{
	struct mshv_user_ioeventfd args = {
		.addr = DOORBELL_GPA + VMM_PAGE, .len = 1, .fd = crowd_of(w)->ring,
		.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN),
	};

	return ioctl(w->t.part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int map(struct world *w)
{
	return vmm_map(w->t.part, AREA_GPA, SCALE_BLOCK, crowd_of(w)->area, MEM_RWX);
}

static int unmap(struct world *w)
{
	return vmm_unmap(w->t.part, AREA_GPA, SCALE_BLOCK, crowd_of(w)->area);
}

static int map_and_aim(struct world *w)
{
	int ret = map(w);

	return ret ? ret : guest_aim(w, AREA_GPA);
}

static int map_and_touch(struct world *w)
{
	int ret = map_and_aim(w);

	if (!ret)
		ret = guest_next(w);
	return ret ? ret : aim(w);
}

static int aim_and_unmap(struct world *w)
{
	int ret = aim(w);

	return ret ? ret : unmap(w);
}

/* In large pages again, and mapped as such. */
static int join(struct world *w)
{
	struct crowd *c = crowd_of(w);
	unsigned int last = c->nr_blocks - 1;
	__u8 *block = c->blocks + last * SCALE_BLOCK;

	/* The kernel makes no large page where page tables are left. */
	if (mmap(block, SCALE_BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
		return -errno;
	madvise(block, SCALE_BLOCK, MADV_HUGEPAGE);
	return scale_block(w, last);
}

static int split(struct world *w)
{
	return scale_split(w, crowd_of(w)->nr_blocks - 1);
}

static const struct operation operations[] = {
	{ .name = "exit", .times = TIMES, .run = guest_next },
	{ .name = "irqfd", .times = TIMES, .run = signal_irq, .after = guest_next },
	{ .name = "doorbell", .times = TIMES, .before = aim_doorbell,
	  .run = guest_next, .after = rung },
	{ .name = "ioeventfd", .times = TIMES, .run = add_doorbell,
	  .after = remove_doorbell },
	{ .name = "map", .times = TIMES, .run = map, .after = unmap },
	{ .name = "fault", .times = TIMES, .before = map_and_aim,
	  .run = guest_next, .after = aim_and_unmap },
	{ .name = "unmap", .times = TIMES, .before = map_and_touch, .run = unmap },
	{ .name = "split", .times = TIMES, .before = join, .run = split, .after = aim },
};

/* ---- the run ------------------------------------------------------------------------ */

static unsigned int number(const struct kind *kind, unsigned int i, bool small)
{
	const unsigned int numbers[NUMBERS] = {
		1, A_FEW, small && kind->few ? kind->few : kind->many,
	};

	return numbers[i];
}

static const char *name_of(const struct kind *kind, bool small)
{
	return small && kind->few ? kind->few_name : kind->name;
}

static int measure(const struct kind *kind, unsigned int n, struct cost *costs,
		   struct crowd *crowd, bool root_sched)
{
	struct world w = { .root_sched = root_sched };
	unsigned int i;
	int ret;

	memset(&w.t, 0xff, sizeof(w.t));
	w.t.memory = NULL;
	ret = scale_make(&w, kind, n);
	for (i = 0; !ret && i < ARRAY_SIZE(operations); i++)
		ret = meter_operation(&operations[i], &w, &costs[i]);
	if (ret)
		fprintf(stderr, "mshvbench: %u beside each other, %s: %s (%s)\n", n,
			kind->name, strerror(-ret), vmm_error());
	else
		*crowd = *crowd_of(&w);
	scale_unmake(&w);
	return ret;
}

static bool grows(const struct cost *few, const struct cost *many)
{
	if (few->calls != UNKNOWN && many->calls > few->calls)
		return true;
	return few->instructions != UNKNOWN &&
	       many->instructions > allowed(few->instructions) &&
	       (few->root == UNKNOWN || many->root > allowed(few->root));
}

/* Prints hypercalls and instructions, few to many; a line of the table. */
static void tell(const char *kind, unsigned int op,
		 const struct cost costs[][ARRAY_SIZE(operations)])
{
	const struct cost *few = &costs[0][op], *many = &costs[NUMBERS - 1][op];
	unsigned int i;

	printf("| %s | %s | ", operations[op].name, kind);
	for (i = 0; i < NUMBERS; i++) {
		report_number(costs[i][op].calls);
		fputs(" | ", stdout);
	}
	for (i = 0; i < NUMBERS; i++) {
		report_number(costs[i][op].instructions);
		fputs(" | ", stdout);
	}
	puts(grows(few, many) ? "**grows** |" : "|");
}

static void tell_json(FILE *json, const char *kind, unsigned int op, unsigned int n,
		      const struct cost *cost, bool root_sched)
{
	fprintf(json, "{\"operation\": \"%s\", \"scheduler\": \"%s\", ",
		operations[op].name, root_sched ? "root" : "classic");
	fprintf(json, "\"kind\": \"%s\", \"n\": %u", kind, n);
	report_json(json, "hypercalls", cost->calls);
	report_json(json, "instructions", cost->instructions);
	report_json(json, "root_instructions", cost->root);
	fputs("}\n", json);
}

static int run_kind(const struct kind *kind, struct crowd *crowd, FILE *json, bool root_sched,
		    bool small)
{
	static struct cost costs[NUMBERS][ARRAY_SIZE(operations)];
	const char *name = name_of(kind, small);
	unsigned int i, op;
	int ret = 0;

	for (i = 0; i < NUMBERS; i++)
		if (measure(kind, number(kind, i, small), costs[i], crowd, root_sched))
			return 1;
	for (op = 0; op < ARRAY_SIZE(operations); op++) {
		tell(name, op, costs);
		for (i = 0; json && i < NUMBERS; i++)
			tell_json(json, name, op, number(kind, i, small), &costs[i][op],
				  root_sched);
		if (grows(&costs[0][op], &costs[NUMBERS - 1][op]))
			ret = 1;
	}
	return ret;
}

/**
 * scale_run() - measure all operations with few and many objects of each kind
 * @json: file for JSON, or NULL
 * @only: only kinds with this in their name, or NULL
 * @root_sched: root scheduler, not the hypervisor's
 * @small: fewer of what takes long to make
 *
 * Return: 0, or 1 if something failed or grows.
 */
int scale_run(FILE *json, const char *only, bool root_sched, bool small)
{
	static struct crowd crowds[MAX_KINDS];
	struct crowd *crowd = crowds;
	const struct kind *kind;
	int ret = 0;

	printf("| operation, %s scheduler | up to | hypercalls: 1 | 32 | all | ",
	       root_sched ? "root" : "hypervisor's");
	puts("instructions: 1 | 32 | all | |");
	puts("|---|---|--:|--:|--:|--:|--:|--:|---|");
	for (kind = scale_kinds; kind->name; kind++)
		if (!only || strstr(kind->name, only))
			ret |= run_kind(kind, crowd++, json, root_sched, small);
	scale_tell_memory(json, crowds, root_sched);
	return ret;
}

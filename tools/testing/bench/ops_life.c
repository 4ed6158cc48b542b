// SPDX-License-Identifier: GPL-2.0
/*
 * Life cycle: a partition is created, gets VPs, and is destroyed.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench.h"

#define TIMES		5
#define MANY		64U
#define DEPOSIT_MAX	511U
#define PAGES_PARTITION	208U
#define PAGES_VP	90U

#define CALLS(n, each)	(((n) + (each) - 1) / (each))

/* Pages to deposit and to withdraw for a partition of @v VPs. */
#define PAGES(v)	(PAGES_PARTITION + (v) * PAGES_VP)

/*
 * Create, initialize, deposit, withdraw, finalize, delete; and for each VP:
 * create, map its message page, and unmap that unless finalizing does it.
 */
#define FLOOR_LIFE(v)	(2 + 2 * CALLS(PAGES(v), DEPOSIT_MAX) + 2 + (v) * 2)

struct life {
	int vp[MANY];
};

static int setup_device(struct world *w)
{
	struct life *life = calloc(1, sizeof(*life));
	unsigned int i;

	if (!life)
		return -ENOMEM;
	for (i = 0; i < MANY; i++)
		life->vp[i] = -1;
	w->state = life;
	return tvm_open(&w->t);
}

static int create(struct world *w)
{
	w->t.part = vmm_create_v1(w->t.dev, TVM_FLAGS);
	return w->t.part < 0 ? w->t.part : 0;
}

static int initialize(struct world *w)
{
	return vmm_initialize(w->t.part);
}

static int create_active(struct world *w)
{
	int ret = create(w);

	return ret ? ret : initialize(w);
}

static int create_vps(struct world *w)
{
	struct life *life = w->state;
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		life->vp[i] = vmm_create_vp(w->t.part, i);
		if (life->vp[i] < 0)
			return life->vp[i];
	}
	return 0;
}

static int create_all(struct world *w)
{
	int ret = create_active(w);

	return ret ? ret : create_vps(w);
}

static int destroy(struct world *w)
{
	struct life *life = w->state;
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		if (life->vp[i] >= 0)
			close(life->vp[i]);
		life->vp[i] = -1;
	}
	if (w->t.part >= 0)
		close(w->t.part);
	w->t.part = -1;
	return 0;
}

static int live(struct world *w)
{
	int ret = create_all(w);

	destroy(w);
	return ret;
}

static void teardown(struct world *w)
{
	if (w->state)
		destroy(w);
	free(w->state);
	w->state = NULL;
	tvm_close(&w->t);
}

const struct operation ops_life[] = {
	{
		.group = "life", .name = "partition created",
		.floor_root = 1, .floor_classic = 1, .times = TIMES, .deposits = true,
		.setup = setup_device, .run = create, .after = destroy,
		.teardown = teardown,
	}, {
		.group = "life", .name = "partition initialized",
		.floor_root = 2, .floor_classic = 2, .times = TIMES, .deposits = true,
		.setup = setup_device, .before = create, .run = initialize,
		.after = destroy, .teardown = teardown,
	}, {
		.group = "life", .name = "64 processors created",
		.floor_root = MANY * 2 + CALLS(MANY * PAGES_VP, DEPOSIT_MAX),
		.floor_classic = MANY * 2 + CALLS(MANY * PAGES_VP, DEPOSIT_MAX),
		.n = MANY, .times = TIMES, .deposits = true,
		.setup = setup_device, .before = create_active, .run = create_vps,
		.after = destroy, .teardown = teardown,
	}, {
		.group = "life", .name = "partition of 64 processors destroyed",
		.floor_root = 2 + CALLS(PAGES(MANY), DEPOSIT_MAX),
		.floor_classic = 2 + CALLS(PAGES(MANY), DEPOSIT_MAX),
		.n = MANY, .times = TIMES, .deposits = true,
		.setup = setup_device, .before = create_all, .run = destroy,
		.teardown = teardown,
	}, {
		.group = "life", .name = "life of a partition of 64 processors",
		.floor_root = FLOOR_LIFE(MANY), .floor_classic = FLOOR_LIFE(MANY),
		.n = MANY, .times = TIMES, .deposits = true,
		.setup = setup_device, .run = live, .teardown = teardown,
	},
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * The machine that is measured, and the crowd besides: see scale.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "scale.h"

#define GSI		4095
#define MAX_PAGES	1024		/* of a crowd of regions */
#define GIB		(512 * SCALE_BLOCK)
#define GIBS		512		/* that a guest sees */
#define LARGE		0x87		/* present, writable, the user's, a page of 1 GiB */

/* Of what is mapped one to one, tvm_start_long() does the first GiB. */
static void see_more(struct world *w)
{
	__u64 i, *pdpt = (__u64 *)(w->t.memory + TVM_TABLES + VMM_PAGE);

	for (i = 1; i < GIBS; i++)
		pdpt[i] = i << 30 | LARGE;
}

static int make_memory(struct crowd *c)
{
	c->memory = mmap(NULL, MAX_PAGES * VMM_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	c->area = aligned_alloc(SCALE_BLOCK, SCALE_BLOCK);
	c->nr_blocks = (c->kind->blocks ? c->n : 0) + 1;
	/* One more, because the first one has to be aligned. */
	c->raw = mmap(NULL, (c->nr_blocks + 1) * SCALE_BLOCK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->memory == MAP_FAILED || c->raw == MAP_FAILED || !c->area)
		return -ENOMEM;
	c->blocks = (void *)(((unsigned long)c->raw + SCALE_BLOCK - 1) & ~(SCALE_BLOCK - 1));
	madvise(c->raw, (c->nr_blocks + 1) * SCALE_BLOCK, MADV_HUGEPAGE);
	madvise(c->area, SCALE_BLOCK, MADV_NOHUGEPAGE);
	memset(c->area, 1, SCALE_BLOCK);
	return 0;
}

static int make_events(struct crowd *c)
{
	unsigned int i;

	c->event = eventfd(0, EFD_CLOEXEC);
	c->ring = eventfd(0, EFD_CLOEXEC);
	for (i = 0; c->kind->events && i < c->n; i++) {
		c->fds[i] = eventfd(0, EFD_CLOEXEC);
		if (c->fds[i] < 0)
			return -errno;
		c->nr_fds++;
	}
	return c->event < 0 || c->ring < 0 ? -errno : 0;
}

static int make_guest(struct world *w)
{
	struct crowd *c = crowd_of(w);
	int ret = guest_setup(w);

	if (ret)
		return ret;
	see_more(w);
	return vmm_map(w->t.part, SPLIT_GPA, c->nr_blocks * SCALE_BLOCK, c->blocks, MEM_RWX);
}

static int make_crowd(struct world *w)
{
	struct crowd *c = crowd_of(w);
	unsigned int i;
	int ret = 0;

	scale_look(&c->before);
	for (i = 0; !ret && c->kind->add && i < c->n; i++)
		ret = c->kind->add(w, i);
	if (!ret && !c->kind->add)
		ret = scale_route(w, c->n);
	scale_look(&c->after);
	return ret;
}

/**
 * scale_make() - make the crowd, and the machine that is measured
 * @w: the world
 * @kind: kind of objects
 * @n: how many
 *
 * If possible, the crowd is made first: old objects must not make things slower.
 *
 * Return: 0 or -errno; scale_unmake() either way.
 */
int scale_make(struct world *w, const struct kind *kind, unsigned int n)
{
	struct crowd *c = calloc(1, sizeof(*c));
	struct mshv_user_irqfd irqfd = { .gsi = GSI };
	int ret;

	if (!c)
		return -ENOMEM;
	w->state = c;
	c->kind = kind;
	c->n = n;
	ret = make_memory(c) ?: make_events(c) ?: kind->alone ? tvm_open(&w->t) : make_guest(w);
	if (!ret)
		ret = make_crowd(w);
	if (!ret && kind->alone) {
		close(w->t.dev);
		ret = make_guest(w);
	}
	if (!ret && kind->add)
		ret = scale_route(w, 0);
	irqfd.fd = c->event;
	if (!ret && ioctl(w->t.part, MSHV_IRQFD, &irqfd))
		ret = -errno;
	return ret ? ret : scale_ioeventfd(w, DOORBELL_GPA, c->ring);
}

/**
 * scale_unmake() - remove all of it
 * @w: the world
 */
void scale_unmake(struct world *w)
{
	struct crowd *c = crowd_of(w);

	while (c && c->nr_fds)
		close(c->fds[--c->nr_fds]);
	guest_teardown(w);
	if (!c)
		return;
	close(c->event);
	close(c->ring);
	if (c->memory && c->memory != MAP_FAILED)
		munmap(c->memory, MAX_PAGES * VMM_PAGE);
	if (c->raw && c->raw != MAP_FAILED)
		munmap(c->raw, (c->nr_blocks + 1) * SCALE_BLOCK);
	if (c->sparse)
		munmap(c->sparse, c->n * GIB);
	free(c->area);
	free(c);
}

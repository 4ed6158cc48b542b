// SPDX-License-Identifier: GPL-2.0
/*
 * Storms by name, and what each of them does: see storm.h.
 *
 * No kernel here has two nodes of memory.  What balancing between nodes does to page tables is
 * done by mprotect(), twice, which executes the same function of the kernel.
 */
#include <errno.h>
#include <unistd.h>

#include "groups.h"
#include "storm.h"

#define PAGES_BLOCK	(STORM_BLOCK / VMM_PAGE)
#define PAGES		65536U		/* 256 MiB */
#define FEW_PAGES	16384U		/* where a block is taken each time */
#define BLOCKS		(FEW_PAGES / PAGES_BLOCK)
#define SCATTERED	40503U		/* a step */
#define TIMES		3		/* where it is not done thousands of times */

#define KSM		"/sys/kernel/mm/ksm/"
#define KSM_LOOK	10000		/* every so many microseconds */
#define KSM_LOOKS	100000

static int take_each(struct world *w)
{
	struct area *a = area_of(w);
	const struct storm *s = a->storm;
	unsigned int i, page = 0, nr = scaled(s->nr, a->small);

	for (i = 0; i < nr; i++) {
		page = (page + s->step) % a->pages;
		if (madvise(a->memory + (size_t)page * VMM_PAGE, s->size, MADV_DONTNEED))
			return -errno;
	}
	return 0;
}

static int protect_all(struct world *w)
{
	struct area *a = area_of(w);

	return mprotect(a->memory, size_of(a), PROT_NONE) ||
	       mprotect(a->memory, size_of(a), PROT_READ | PROT_WRITE) ? -errno : 0;
}

static int ksm_set(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), KSM "%s", name);
	return write_file(path, value);
}

static long ksm_count(const char *name)
{
	long long count = 0;
	char path[64];

	snprintf(path, sizeof(path), KSM "%s", name);
	return read_number(path, &count) ? 0 : count;
}

/* Its thread has looked at pages at the same addresses. */
static int ksm_forget(void)
{
	return ksm_set("run", "2") ?: ksm_set("run", "0");
}

/* Without a pause between two rounds of the kernel's thread, a page belongs to others or not. */
static int merge_all(struct world *w)
{
	struct area *a = area_of(w);
	unsigned int looks;
	int ret = ksm_set("pages_to_scan", "100000");

	if (!ret)
		ret = ksm_set("sleep_millisecs", "0");
	if (!ret && madvise(a->memory, size_of(a), MADV_MERGEABLE))
		ret = -errno;
	if (!ret)
		ret = ksm_set("run", "1");
	for (looks = 0; !ret && ksm_count("pages_shared") + ksm_count("pages_sharing") < a->pages;
	     looks++) {
		if (looks == KSM_LOOKS)
			ret = vmm_fail(ETIME, "not all pages were merged");
		usleep(KSM_LOOK);
	}
	ksm_set("run", "0");
	return ret;
}

const struct storm storms[] = {
	{
		.name = "page taken, scattered in small pages",
		.then = "page taken, scattered in small pages, is written again",
		.pages = PAGES, .nr = 10000, .step = SCATTERED, .size = VMM_PAGE,
		.advice = MADV_NOHUGEPAGE, .times = 1, .take = take_each,
	}, {
		.name = "page taken of a large page, one of each",
		.then = "page taken of a large page, one of each, is written again",
		.pages = FEW_PAGES, .nr = BLOCKS, .step = PAGES_BLOCK, .size = VMM_PAGE,
		.advice = MADV_HUGEPAGE, .times = TIMES, .take = take_each,
	}, {
		.name = "2 MiB of small pages taken, as by a balloon",
		.then = "page of 2 MiB of small pages, taken, is written again, scattered",
		.pages = FEW_PAGES, .nr = BLOCKS, .step = PAGES_BLOCK, .size = STORM_BLOCK,
		.nr_then = 10000, .step_then = SCATTERED,
		.advice = MADV_NOHUGEPAGE, .times = TIMES, .take = take_each,
	}, {
		.name = "large page taken, as by a balloon",
		.then = "large page taken, as by a balloon, is written again",
		.pages = FEW_PAGES, .nr = BLOCKS, .step = PAGES_BLOCK, .size = STORM_BLOCK,
		.advice = MADV_HUGEPAGE, .times = TIMES, .take = take_each,
	}, {
		.name = "page merged by KSM",
		.then = "page merged by KSM is written, scattered",
		.pages = PAGES, .nr = PAGES, .step = 1,
		.nr_then = 10000, .step_then = SCATTERED,
		.advice = MADV_NOHUGEPAGE, .times = 1, .reset = ksm_forget,
		.take = merge_all,
	}, {
		.name = "page protected, as for NUMA balancing",
		.then = "page protected, as for NUMA balancing, is written, scattered",
		.pages = PAGES, .nr = PAGES, .step = 1,
		.nr_then = 10000, .step_then = SCATTERED,
		.advice = MADV_NOHUGEPAGE, .times = 1, .take = protect_all,
	},
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory the kernel itself uses, see memuse.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "groups.h"
#include "knobs.h"
#include "memuse.h"

#define SLAB	"/sys/kernel/slab"
#define CACHES	"/proc/slabinfo"
/* With kmemleak, freed memory is kept for a while, and leaks are found anyway. */
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

/* The kernel frees these when there are thousands of them. */
#define LAZY	"vmap_area"

/* "shrink" of each cache. */
static int shrink[MEMUSE_CACHES];
static unsigned int nr_shrink;

static void close_all(void)
{
	while (nr_shrink)
		close(shrink[--nr_shrink]);
}

static int open_cache(const char *cache)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), SLAB "/%s/cpu_partial", cache);
	knob_set(path, "0");
	snprintf(path, sizeof(path), SLAB "/%s/shrink", cache);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	shrink[nr_shrink++] = fd;
	return 0;
}

/**
 * memuse_open() - prepare to count, before the operation to be watched
 *
 * Caches keep empty slabs, see give_back().  They also keep half used ones for each
 * processor and count these as used: for a cache of small objects that can be some
 * hundreds, taken by the next allocation, so from here on a processor keeps one
 * slab only.
 *
 * The files stay open: an object for each that was closed is freed by RCU, some
 * hundreds in all, of the caches that are to be counted.
 *
 * Return: 0, or -errno if it cannot be counted, or with kmemleak, which does that
 * better.
 */
int memuse_open(void)
{
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	if (!access(KMEMLEAK, F_OK))
		return -EOPNOTSUPP;
	/* A kernel may have the one and not the other. */
	if (access(CACHES, R_OK))
		return -errno;
	dir = opendir(SLAB);
	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir))) {
		/* Links are other names of the same caches. */
		if (entry->d_name[0] == '.' || entry->d_type == DT_LNK)
			continue;
		ret = nr_shrink < MEMUSE_CACHES ? open_cache(entry->d_name) :
						  -ENOSPC;
	}
	closedir(dir);
	if (ret)
		close_all();
	return ret;
}

static int give_back(void)
{
	unsigned int i;

	write_file("/proc/sys/vm/drop_caches", "3");
	for (i = 0; i < nr_shrink; i++) {
		/* Or the cache is gone. */
		if (pwrite(shrink[i], "1", 1, 0) != 1 && errno != ENODEV)
			return -errno;
	}
	return 0;
}

static int read_caches(struct memuse *use)
{
	FILE *file = fopen(CACHES, "r");
	char line[400];

	if (!file)
		return -errno;
	while (use->nr < MEMUSE_CACHES && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %ld %*d %*d %ld",
			   use->cache[use->nr].name,
			   &use->cache[use->nr].objects,
			   &use->cache[use->nr].slab) == 3)
			use->nr++;
	}
	fclose(file);
	return use->nr ? 0 : -ENODATA;
}

/* Pages on per-processor lists are free, but not in MemFree. */
static long read_lists(void)
{
	const long page_kib = sysconf(_SC_PAGESIZE) / 1024;
	FILE *file = fopen("/proc/zoneinfo", "r");
	char line[200];
	long pages, kib = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " count: %ld", &pages) == 1)
			kib += pages * page_kib;
	}
	fclose(file);
	return kib;
}

/* What is neither free nor data of a program or a file. */
static int read_pages(struct memuse *use)
{
	static const char * const others[] = {
		"MemFree:", "Buffers:", "Cached:", "SwapCached:", "AnonPages:",
		"SReclaimable:", "PageTables:", "KernelStack:", NULL
	};
	char line[200], name[32];
	const char * const *other;
	long value, lists = read_lists();
	FILE *file;

	if (lists < 0)
		return lists;
	file = fopen("/proc/meminfo", "r");
	if (!file)
		return -errno;
	use->kib = -lists;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %ld", name, &value) != 2)
			continue;
		if (!strcmp(name, "MemTotal:"))
			use->kib += value;
		for (other = others; *other; other++) {
			if (!strcmp(name, *other))
				use->kib -= value;
		}
	}
	fclose(file);
	return 0;
}

/**
 * memuse_read() - count, after memuse_open()
 * @use: result
 *
 * Return: 0, or -errno if it cannot be counted.
 */
int memuse_read(struct memuse *use)
{
	int ret;

	use->nr = 0;
	ret = give_back();
	if (!ret)
		ret = read_caches(use);
	return ret ? ret : read_pages(use);
}

/**
 * memuse_grown() - does the kernel use more than before?
 * @before: what it used
 * @now: what it uses
 * @objects: growth of a cache that is ignored
 * @kib: growth in pages that is ignored, for each processor
 *
 * Return: a text that says what has grown, or NULL.
 */
const char *memuse_grown(const struct memuse *before, const struct memuse *now,
			 long objects, long kib)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	static char text[160];
	unsigned int i, j;

	for (i = 0; i < now->nr; i++) {
		long had = 0, more = objects + cpus * now->cache[i].slab;

		for (j = 0; j < before->nr; j++) {
			if (!strcmp(before->cache[j].name, now->cache[i].name))
				had = before->cache[j].objects;
		}
		if (now->cache[i].objects <= had + more ||
		    !strcmp(now->cache[i].name, LAZY))
			continue;
		snprintf(text, sizeof(text), "%s had %ld objects, now %ld",
			 now->cache[i].name, had, now->cache[i].objects);
		return text;
	}
	if (now->kib <= before->kib + cpus * kib)
		return NULL;
	snprintf(text, sizeof(text), "the kernel used %ld KiB, now %ld",
		 before->kib, now->kib);
	return text;
}

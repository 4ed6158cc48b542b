// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory is mapped, touched, tracked, and unmapped.
 *
 * Model: an area of anonymous memory in addition to the machine's own, with
 * small or huge pages, touched before or not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define TIMES		5
#define AREA_GPA	0x10000000ULL
#define BLOCK		(2ULL << 20)
#define PAGES_BLOCK	(BLOCK / VMM_PAGE)
#define BLOCKS		32U
#define PAGES		(BLOCKS * PAGES_BLOCK)
#define MAP_REPS	509U
#define REPS		4095U

/* Number of calls for so many elements. */
#define CALLS(n, each)	(((n) + (each) - 1) / (each))

struct area {
	__u8 *raw, *memory;
	unsigned int next;		/* next block to touch */
	__u8 bitmap[PAGES / 8];
};

static struct area *area_of(struct world *w)
{
	return w->state;
}

static int map_area(struct world *w)
{
	return vmm_map(w->t.part, AREA_GPA, BLOCKS * BLOCK, area_of(w)->memory,
		       MEM_RWX);
}

static int unmap_area(struct world *w)
{
	return vmm_unmap(w->t.part, AREA_GPA, BLOCKS * BLOCK, area_of(w)->memory);
}

static int make_area(struct world *w, int advice)
{
	struct area *a = calloc(1, sizeof(*a));
	size_t size = (BLOCKS + 1) * BLOCK;

	if (!a)
		return -ENOMEM;
	w->state = a;
	a->raw = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->raw == MAP_FAILED)
		return -errno;
	madvise(a->raw, size, advice);
	a->memory = (void *)(((unsigned long)a->raw + BLOCK - 1) & ~(BLOCK - 1));
	memset(a->memory, 1, BLOCKS * BLOCK);
	return guest_setup(w);
}

static int setup_small(struct world *w)
{
	return make_area(w, MADV_NOHUGEPAGE);
}

static int setup_huge(struct world *w)
{
	return make_area(w, MADV_HUGEPAGE);
}

static void teardown(struct world *w)
{
	struct area *a = area_of(w);

	guest_teardown(w);
	if (a && a->raw && a->raw != MAP_FAILED)
		munmap(a->raw, (BLOCKS + 1) * BLOCK);
	free(a);
	w->state = NULL;
}

static int setup_small_mapped(struct world *w)
{
	int ret = setup_small(w);

	return ret ? ret : map_area(w);
}

static int setup_huge_mapped(struct world *w)
{
	int ret = setup_huge(w);

	return ret ? ret : map_area(w);
}

static int aim_next(struct world *w)
{
	return guest_aim(w, AREA_GPA + area_of(w)->next++ * BLOCK);
}

static int touch_all(struct world *w)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < BLOCKS && !ret; i++) {
		ret = guest_aim(w, AREA_GPA + i * BLOCK);
		if (!ret)
			ret = guest_next(w);
	}
	return ret;
}

static int map_and_touch(struct world *w)
{
	int ret = map_area(w);

	return ret ? ret : touch_all(w);
}

static int aim_first(struct world *w)
{
	int ret = guest_aim(w, AREA_GPA);

	return ret ? ret : guest_next(w);
}

static int invalidate_one(struct world *w)
{
	return madvise(area_of(w)->memory, VMM_PAGE, MADV_DONTNEED) ? -errno : 0;
}

static int aim_second(struct world *w)
{
	int ret = aim_first(w);

	return ret ? ret : guest_aim(w, AREA_GPA + VMM_PAGE);
}

static int invalidate_and_touch(struct world *w)
{
	int ret = invalidate_one(w);

	return ret ? ret : guest_next(w);
}

static int setup_tracked(struct world *w)
{
	int ret = setup_small_mapped(w);

	if (!ret)
		ret = vmm_set_property(w->t.part,
				       HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
				       1);
	return ret ? ret : touch_all(w);
}

static int dirty_log(struct world *w)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = PAGES,
		.gpap_base = AREA_GPA / VMM_PAGE,
		.bitmap_ptr = (unsigned long)area_of(w)->bitmap,
	};

	return ioctl(w->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, &args) ? -errno : 0;
}

const struct operation ops_memory[] = {
	{
		.group = "memory", .name = "64 MiB given to the guest",
		.times = TIMES, .setup = setup_small, .run = map_area,
		.after = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "64 MiB taken back, never touched",
		.times = TIMES, .setup = setup_small, .before = map_area,
		.run = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "fault, small pages mapped, and the next port exit",
		.floor_root = 1 + 2, .floor_classic = 1 + 2, .times = TIMES,
		.setup = setup_small_mapped, .before = aim_next, .run = guest_next,
		.teardown = teardown,
	}, {
		.group = "memory", .name = "fault, a large page mapped, and the next port exit",
		.floor_root = 1 + 2, .floor_classic = 1 + 2, .times = TIMES,
		.setup = setup_huge_mapped, .before = aim_next, .run = guest_next,
		.teardown = teardown,
	}, {
		.group = "memory", .name = "64 MiB of small pages taken back",
		.floor_root = CALLS(PAGES, REPS), .floor_classic = CALLS(PAGES, REPS),
		.times = TIMES, .setup = setup_small, .before = map_and_touch,
		.run = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "64 MiB of large pages taken back",
		.floor_root = 1, .floor_classic = 1,
		.times = TIMES, .setup = setup_huge, .before = map_and_touch,
		.run = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "64 MiB of small pages given, pinned", .pinned = true,
		.floor_root = CALLS(PAGES, MAP_REPS),
		.floor_classic = CALLS(PAGES, MAP_REPS),
		.times = TIMES, .setup = setup_small, .run = map_area,
		.after = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "64 MiB of large pages given, pinned", .pinned = true,
		.floor_root = 1, .floor_classic = 1,
		.times = TIMES, .setup = setup_huge, .run = map_area,
		.after = unmap_area, .teardown = teardown,
	}, {
		.group = "memory", .name = "one page taken by the kernel (MADV_DONTNEED)",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_small_mapped, .before = aim_first,
		.run = invalidate_one, .teardown = teardown,
	}, {
		.group = "memory", .name = "one page taken, and another of its block touched",
		.floor_root = 2, .floor_classic = 2, .times = TIMES,
		.setup = setup_small_mapped, .before = aim_second,
		.run = invalidate_and_touch, .teardown = teardown,
	}, {
		.group = "memory", .name = "dirty bitmap of 64 MiB, read and cleared",
		.floor_root = CALLS(PAGES, REPS), .floor_classic = CALLS(PAGES, REPS),
		.times = TIMES, .setup = setup_tracked, .run = dirty_log,
		.teardown = teardown,
	},
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * A root that makes mistakes with partitions and their memory.  See mistakes.h.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <hyperv/hv_memory.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_status.h>

#include "mistakes.h"

#define BASE		0x40000		/* page number in the guest, of a large page */
#define LARGE_PAGES	512
#define LARGE_ORDER	9
#define LIMIT		BIT_ULL(36)	/* no such page number */
#define RIGHTS		(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define BACK		40		/* pages */

static void partitions(struct hostile *h, u64 finalized)
{
	static const struct mistake create[] = {
		{ "not an exo partition", FIELD(struct hv_input_create_partition, flags), 0,
		  HV_STATUS_INVALID_PARAMETER },
		{ "undefined flags", FIELD(struct hv_input_create_partition, flags),
		  HV_PARTITION_CREATION_FLAG_EXO_PARTITION | BIT_ULL(63),
		  HV_STATUS_INVALID_PARAMETER },
		{ "isolation",
		  FIELD(struct hv_input_create_partition, isolation_properties), 1,
		  HV_STATUS_FEATURE_UNAVAILABLE },
	};
	struct hv_input_create_partition in = {
		.flags = HV_PARTITION_CREATION_FLAG_EXO_PARTITION,
	};
	u64 none = NO_PARTITION;

	SPOIL_EACH(h, HVCALL_CREATE_PARTITION, &in, create);
	expect(h, "no such partition", HVCALL_FINALIZE_PARTITION, &none, sizeof(none),
	       HV_STATUS_INVALID_PARTITION_ID);
	expect(h, "a partition that is active", HVCALL_DELETE_PARTITION, &h->target,
	       sizeof(h->target), HV_STATUS_INVALID_PARTITION_STATE);
	expect(h, "a partition that has memory", HVCALL_DELETE_PARTITION, &finalized,
	       sizeof(finalized), HV_STATUS_OPERATION_DENIED);
}

/* --- mappings ------------------------------------------------------------------------- */

struct mapping {
	u64 partition, gpn, flags, page;
};

#define MAP_ONE		(HVCALL_MAP_GPA_PAGES | LIST(1))

static void map(struct hostile *h, const char *what, u64 gpn, u32 flags, u64 page, u16 want)
{
	struct mapping in = { h->target, gpn, flags, page };

	expect(h, what, MAP_ONE, &in, sizeof(in), want);
}

static void unmap(struct hostile *h, const char *what, u64 gpn, u32 flags, u16 want)
{
	u64 in[] = { h->target, gpn, flags };

	expect(h, what, HVCALL_UNMAP_GPA_PAGES | LIST(1), in, sizeof(in), want);
}

static void bad_mappings(struct hostile *h, u64 page)
{
	static const struct mistake mistakes[] = {
		{ "rights to nothing", FIELD(struct mapping, flags),
		  HV_MAP_GPA_NO_ACCESS | HV_MAP_GPA_READABLE, HV_STATUS_INVALID_PARAMETER },
		{ "written, but not read", FIELD(struct mapping, flags), HV_MAP_GPA_WRITABLE,
		  HV_STATUS_INVALID_PARAMETER },
		{ "beyond the limit", FIELD(struct mapping, gpn), LIMIT,
		  HV_STATUS_INVALID_PARAMETER },
		{ "a page of nothing", FIELD(struct mapping, page), LIMIT,
		  HV_STATUS_OPERATION_DENIED },
	};
	static const struct mistake large[] = {
		{ "a large page at a small one's number", FIELD(struct mapping, gpn), BASE + 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "a large page of the middle of two", FIELD(struct mapping, page), 1,
		  HV_STATUS_INVALID_PARAMETER },
		/* The first page is RAM, and there is device memory below 1 MiB. */
		{ "a large page of two kinds", FIELD(struct mapping, page), 0,
		  HV_STATUS_OPERATION_DENIED },
	};
	struct mapping in = { h->target, BASE, RIGHTS, page };

	SPOIL_EACH(h, MAP_ONE, &in, mistakes);
	in.flags |= HV_MAP_GPA_LARGE_PAGE;
	SPOIL_EACH(h, MAP_ONE, &in, large);
}

static void sparse(struct hostile *h, u64 page)
{
	u64 in[] = { h->target, RIGHTS, BASE, page };
	u64 large[] = { h->target, RIGHTS | HV_MAP_GPA_LARGE_PAGE, BASE + 1, 0 };
	u64 control = HVCALL_MAP_SPARSE_GPA_PAGES | LIST(1);

	expect(h, "a page", control, in, sizeof(in), HV_STATUS_SUCCESS);
	expect(h, "a page that is mapped already", control, in, sizeof(in), HV_STATUS_SUCCESS);
	expect(h, "a large page at a small one's number", control, large, sizeof(large),
	       HV_STATUS_INVALID_PARAMETER);
	unmap(h, "a page", BASE, 0, HV_STATUS_SUCCESS);
}

/* Mappings can say that their pages have been read and written. */
static void access_states(struct hostile *h, u64 page)
{
	struct hv_input_set_partition_property track = {
		.partition_id = h->target,
		.property_code = HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
		.property_value = 1,
	};
	u64 in[] = { h->target, 0, BASE };
	const u8 *state = answer(h);

	expect(h, "tracking", HVCALL_SET_PARTITION_PROPERTY, &track, sizeof(track),
	       HV_STATUS_SUCCESS);
	map(h, "a page", BASE, RIGHTS, page, HV_STATUS_SUCCESS);
	map(h, "a page that was read", BASE + 1, RIGHTS | HV_MAP_GPA_SET_ACCESSED, page,
	    HV_STATUS_SUCCESS);
	map(h, "a page that was written", BASE + 2, RIGHTS | HV_MAP_GPA_SET_DIRTY, page,
	    HV_STATUS_SUCCESS);
	expect(h, "states", HVCALL_GET_GPA_PAGES_ACCESS_STATES | LIST(3), in, sizeof(in),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, !state[0] && state[1] && state[2] && state[1] != state[2],
		      "a page has the state that it was mapped with");
	in[2] = LIMIT - 1;
	expect(h, "states at the limit", HVCALL_GET_GPA_PAGES_ACCESS_STATES | LIST(2), in,
	       sizeof(in), HV_STATUS_SUCCESS);
	hostile_claim(h, !state[0] && !state[1], "what is not there was not read");
	track.property_value = 0;
	expect(h, "no tracking", HVCALL_SET_PARTITION_PROPERTY, &track, sizeof(track),
	       HV_STATUS_SUCCESS);
	unmap(h, "three pages", BASE, 0, HV_STATUS_SUCCESS);
	unmap(h, "three pages", BASE + 1, 0, HV_STATUS_SUCCESS);
	unmap(h, "three pages", BASE + 2, 0, HV_STATUS_SUCCESS);
}

/* A large page cannot be split without a page for a table, but be unmapped. */
static void no_memory(struct hostile *h)
{
	unsigned long pages = __get_free_pages(GFP_KERNEL | __GFP_NOWARN, LARGE_ORDER);
	u64 pfn = virt_to_phys((void *)pages) / PAGE_SIZE;

	if (!pages)
		return;
	map(h, "a large page", BASE, RIGHTS | HV_MAP_GPA_LARGE_PAGE, pfn, HV_STATUS_SUCCESS);
	hostile_take_back(h, h->target);
	unmap(h, "a part without memory", BASE + 1, 0, HV_STATUS_INSUFFICIENT_MEMORY);
	unmap(h, "the large page", BASE, HV_UNMAP_GPA_LARGE_PAGE, HV_STATUS_SUCCESS);
	hostile_deposit(h, h->target, BACK);
	free_pages(pages, LARGE_ORDER);
}

/**
 * hostile_refused_memory() - make calls about memory that must be refused
 * @h: state; the target is active
 * @finalized: a partition that is finalized, and has memory
 */
void hostile_refused_memory(struct hostile *h, u64 finalized)
{
	u64 page = virt_to_phys(h->arena) / PAGE_SIZE + ARENA_PAGES - 1;

	partitions(h, finalized);
	bad_mappings(h, page);
	map(h, "nothing", BASE, HV_MAP_GPA_NO_ACCESS, 0, HV_STATUS_SUCCESS);
	unmap(h, "nothing", BASE, 0, HV_STATUS_SUCCESS);
	map(h, "a large page of nothing", BASE, HV_MAP_GPA_NO_ACCESS | HV_MAP_GPA_LARGE_PAGE, 0,
	    HV_STATUS_SUCCESS);
	unmap(h, "a large page of nothing", BASE, HV_UNMAP_GPA_LARGE_PAGE, HV_STATUS_SUCCESS);
	sparse(h, page);
	access_states(h, page);
	no_memory(h);
}

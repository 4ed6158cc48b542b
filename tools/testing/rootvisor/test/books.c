// SPDX-License-Identifier: GPL-2.0
/*
 * Counters since the last mark, and the books: what is outstanding.
 *
 * At the end of a run the books are written to the log, one "books:" line for
 * each number.  books_left() in scripts/lib.sh compares them, and a test fails if a
 * child has left anything.
 */
#include <hyperv/hv_msr.h>
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/page.h>
#include <rv/partition.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../device/domain.h"
#include "../device/remap.h"

#define MAX_CODES	0x140

u64 counts[RV_COUNT_NR];
u64 book_faults, book_unknown_calls, book_overflows, book_calls;
u64 book_ports, book_state_pages;
u64 book_irte_faults, book_irtes, book_dma_faults;
static u64 calls[MAX_CODES + 1];	/* last entry: all higher codes */

void count_call(u16 code)
{
	calls[MIN(code, MAX_CODES)]++;
}

u64 count_calls(u32 code)
{
	u64 sum = 0;
	u32 i;

	if (code != RV_ANY_CODE)
		return calls[MIN(code, (u32)MAX_CODES)];
	for (i = 0; i <= MAX_CODES; i++)
		sum += calls[i];
	return sum;
}

void count_mark(void)
{
	memset(counts, 0, sizeof(counts));
	memset(calls, 0, sizeof(calls));
}

static u64 of_partition(struct partition *p, u32 what)
{
	switch (what) {
	case RV_BOOKS_PARTITIONS:
		return 1;
	case RV_BOOKS_DEPOSITED:
		return p->pool.nr_pages;
	case RV_BOOKS_IN_USE:
		return p->pool.nr_pages - p->pool.nr_free + p->pool.nr_reserved;
	case RV_BOOKS_VPS:
		return p->nr_vps;
	case RV_BOOKS_MAPPED:
		return p->nr_mapped;
	case RV_BOOKS_PORTS:
		return p->nr_ports;
	}
	return 0;
}

u64 books_value(u32 what, u64 id)
{
	struct partition *p;
	u64 sum = 0;

	switch (what) {
	case RV_BOOKS_DEPOSITED_SELF:
		return root_partition.pool.nr_pages;
	case RV_BOOKS_SELF_IN_USE:
		return root_partition.pool.nr_pages - root_partition.pool.nr_free;
	case RV_BOOKS_STATE_PAGES:
		return book_state_pages;
	case RV_BOOKS_FAULTS:
		return book_faults;
	case RV_BOOKS_UNKNOWN_CALLS:
		return book_unknown_calls;
	case RV_BOOKS_OVERFLOWS:
		return book_overflows;
	case RV_BOOKS_CALLS:
		return book_calls;
	case RV_BOOKS_IRTE_FAULTS:
		remap_poll();
		return book_irte_faults;
	case RV_BOOKS_IRTES:
		return book_irtes;
	case RV_BOOKS_DOMAINS:
		return domain_count();
	case RV_BOOKS_ATTACHMENTS:
		return domain_attachments();
	case RV_BOOKS_DEVICE_PAGES:
		return domain_pages();
	case RV_BOOKS_DMA_FAULTS:
		remap_poll();
		return book_dma_faults;
	case RV_BOOKS_PORTS:
		if (!id)
			return book_ports;
		break;
	}
	for (p = partitions; p; p = p->next)
		if (!p->is_root && (!id || p->id == id))
			sum += of_partition(p, what);
	return sum;
}

static const char *const names[RV_BOOKS_NR] = {
	[RV_BOOKS_PARTITIONS] = "partitions",
	[RV_BOOKS_DEPOSITED] = "deposited",
	[RV_BOOKS_DEPOSITED_SELF] = "deposited_self",
	[RV_BOOKS_IN_USE] = "in_use",
	[RV_BOOKS_VPS] = "vps",
	[RV_BOOKS_MAPPED] = "mapped",
	[RV_BOOKS_PORTS] = "ports",
	[RV_BOOKS_STATE_PAGES] = "state_pages",
	[RV_BOOKS_FAULTS] = "faults",
	[RV_BOOKS_UNKNOWN_CALLS] = "unknown_calls",
	[RV_BOOKS_OVERFLOWS] = "overflows",
	[RV_BOOKS_CALLS] = "calls",
	[RV_BOOKS_SELF_IN_USE] = "self_in_use",
	[RV_BOOKS_IRTE_FAULTS] = "irte_faults",
	[RV_BOOKS_IRTES] = "irtes",
	[RV_BOOKS_DOMAINS] = "domains",
	[RV_BOOKS_ATTACHMENTS] = "attachments",
	[RV_BOOKS_DEVICE_PAGES] = "device_pages",
	[RV_BOOKS_DMA_FAULTS] = "dma_faults",
};

/* SINTs of the root that could still interrupt the next kernel. */
static u32 open_sints(void)
{
	u32 lp, sint, n = 0;

	for (lp = 0; lp < nr_lps; lp++) {
		const struct vp *root = lps[lp]->root;

		for (sint = 0; root && sint < SYNIC_SINTS; sint++)
			n += !(root->synic.sint[sint] & HV_SYNIC_SINT_MASKED);
	}
	return n;
}

void books_print(void)
{
	const void_fn *fn;
	u32 i;

	for (i = 0; i < RV_BOOKS_NR; i++)
		log_line(LOG_ERROR, "books: %s=%llu", names[i], books_value(i, 0));
	log_info("open synthetic interrupts: %u", open_sints());
	log_info("reserve: %llu pages left", reserve_left());
	for (fn = __books_start; fn < __books_end; fn++)
		(*fn)();
}

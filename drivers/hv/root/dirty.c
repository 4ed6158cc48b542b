// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_GPAP_ACCESS_BITMAP: which guest pages were accessed or written.
 *
 * Model: the range is processed in pieces of one call each.  A piece's part of the
 * user's bitmap is pinned before the call, so that a state which the call has
 * cleared can always be reported: nothing is lost to a page fault.  When a later
 * piece fails, page_count is the number of pages done; their bits are valid and
 * their states changed, those of the others are not.
 *
 * No buffer grows with the range.
 *
 * The hypervisor knows pages that are mapped; track.c adds those that were.
 */
#include <linux/mm.h>
#include <linux/highmem.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "core.h"
#include "trace.h"

/* Bits of one piece lie in at most this many pages of the bitmap. */
#define BITMAP_PAGES	2

/**
 * struct bitmap_window - the pinned part of the user's bitmap
 * @pages: its pages
 * @nr: how many
 * @base: user address of the first page
 */
struct bitmap_window {
	struct page *pages[BITMAP_PAGES];
	int nr;
	unsigned long base;
};

static int dirty_window_open(struct bitmap_window *w, unsigned long first,
			     unsigned long last)
{
	int nr;

	w->base = first & PAGE_MASK;
	w->nr = ((last & PAGE_MASK) - w->base) / PAGE_SIZE + 1;
	nr = pin_user_pages_fast(w->base, w->nr, FOLL_WRITE, w->pages);
	if (nr == w->nr)
		return 0;
	if (nr > 0)
		unpin_user_pages(w->pages, nr);
	return nr < 0 ? nr : -EFAULT;
}

static void dirty_window_close(struct bitmap_window *w)
{
	unpin_user_pages_dirty_lock(w->pages, w->nr, true);
}

static void dirty_window_store(struct bitmap_window *w, unsigned long address,
			       u8 bits)
{
	unsigned long offset = address - w->base;
	u8 *page = kmap_local_page(w->pages[offset / PAGE_SIZE]);

	WRITE_ONCE(page[offset % PAGE_SIZE], bits);
	kunmap_local(page);
}

static u64 dirty_call_flags(const struct mshv_gpap_access_bitmap *arg)
{
	bool dirty = arg->access_type == MSHV_GPAP_ACCESS_TYPE_DIRTY;

	switch (arg->access_op) {
	case MSHV_GPAP_ACCESS_OP_CLEAR:
		/* A page that was not accessed cannot be dirty. */
		return HV_GPA_ACCESS_STATE_CLEAR_DIRTY |
		       (dirty ? 0 : HV_GPA_ACCESS_STATE_CLEAR_ACCESSED);
	case MSHV_GPAP_ACCESS_OP_SET:
		return HV_GPA_ACCESS_STATE_SET_ACCESSED |
		       (dirty ? HV_GPA_ACCESS_STATE_SET_DIRTY : 0);
	}
	return 0;
}

/* Query @nr pages; returns how many were reported, even if it fails. */
static int dirty_get_states(struct mshv_partition *partition,
			    struct mshv_call_pages *pages, u64 flags, u64 gfn,
			    unsigned int nr, unsigned int *done)
{
	struct hv_input_get_gpa_pages_access_state *in = pages->in;
	struct hvr_call call = {
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES,
		.reps = nr,
		.in = in, .out = pages->out,
		.pool = partition->pool, .retry.pages = HVR_PAGES_FEW,
	};
	int ret;

	in->partition_id = partition->id;
	hv_set_access_state_flags(in, flags);
	in->hv_gpa_page_number = gfn;
	ret = hvr_call(&call);
	*done = call.done;
	return ret;
}

/* The bits of eight states. */
static u8 dirty_gather(const u8 *states, u8 mask)
{
	u64 bits;

	memcpy(&bits, states, sizeof(bits));
	bits = bits >> __ffs(mask) & 0x0101010101010101;
	/* Each of them is moved to its place in the highest byte. */
	return bits * 0x0102040810204080 >> 56;
}

/*
 * Process one piece.  @bit is the number of its first page in the bitmap; a byte
 * that two pieces share is carried from one to the next.
 */
static int dirty_do_piece(struct mshv_partition *partition,
			  struct mshv_call_pages *pages,
			  const struct mshv_gpap_access_bitmap *arg, u64 bit,
			  unsigned int nr, u8 *carry, unsigned int *done)
{
	u8 mask = arg->access_type == MSHV_GPAP_ACCESS_TYPE_DIRTY ?
		  HV_GPA_PAGE_DIRTY : HV_GPA_PAGE_ACCESSED;
	unsigned long address = arg->bitmap_ptr + bit / 8;
	const u8 *states = pages->out;
	struct bitmap_window w;
	unsigned int i;
	int ret;

	ret = dirty_window_open(&w, address, arg->bitmap_ptr + (bit + nr - 1) / 8);
	if (ret)
		return ret;
	ret = dirty_get_states(partition, pages, dirty_call_flags(arg),
			       arg->gpap_base + bit, nr, done);
	mshv_track_states(partition, arg->gpap_base + bit, *done,
			  dirty_call_flags(arg), pages->out);
	for (i = 0; i < *done; i++, bit++) {
		if (bit % 8 == 0 && i + 8 <= *done) {
			dirty_window_store(&w, address++, dirty_gather(states + i, mask));
			i += 7;
			bit += 7;
			continue;
		}
		if (states[i] & mask)
			*carry |= BIT(bit % 8);
		if (bit % 8 == 7) {
			dirty_window_store(&w, address++, *carry);
			*carry = 0;
		}
	}
	/* The rest of a byte that is not full; may be stored again later. */
	if (*done && bit % 8)
		dirty_window_store(&w, address, *carry);
	dirty_window_close(&w);
	return ret;
}

/**
 * mshv_get_access_bitmap() - MSHV_GET_GPAP_ACCESS_BITMAP
 * @object: the partition
 * @arg: struct mshv_gpap_access_bitmap
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_get_access_bitmap(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	struct mshv_gpap_access_bitmap *user = arg;
	u64 total = user->page_count, bit = 0, last;
	struct mshv_call_pages pages = { };
	u8 carry = 0;
	int ret = 0;

	if (user->access_type >= MSHV_GPAP_ACCESS_TYPE_COUNT ||
	    user->access_op >= MSHV_GPAP_ACCESS_OP_COUNT ||
	    memchr_inv(user->rsvd, 0, sizeof(user->rsvd)) || !total)
		return -EINVAL;
	if (check_add_overflow(user->gpap_base, total - 1, &last) ||
	    last > MSHV_MAX_GFN)
		return -E2BIG;
	if (!access_ok(u64_to_user_ptr(user->bitmap_ptr),
		       DIV_ROUND_UP(total, 8)))
		return -EFAULT;
	ret = mshv_call_pages_alloc(&pages);
	if (ret)
		return ret;

	while (bit < total && !ret) {
		unsigned int done = 0;
		unsigned int nr = min_t(u64, total - bit,
					HV_HYPERCALL_MAX_REPS);

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		ret = dirty_do_piece(partition, &pages, user, bit, nr, &carry, &done);
		bit += done;
		cond_resched();
	}
	mshv_call_pages_free(&pages);

	trace_mshv_access_bitmap(partition->id, user->gpap_base, bit,
				 user->access_type, user->access_op, ret);
	user->page_count = bit;
	if (copy_to_user(uarg, user, sizeof(*user)) && !ret)
		ret = -EFAULT;
	return ret;
}

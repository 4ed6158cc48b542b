// SPDX-License-Identifier: GPL-2.0
/* Small objects in pool pages; see rv/slab.h. */
#include <rv/partition.h>
#include <rv/slab.h>

struct slab_page {
	struct slab_page *next, **at;
	u64 used;		/* a bit for each object */
	u64 zero;
};

static_assert(sizeof(struct slab_page) == SLAB_HEAD, "objects follow it");

static u64 all_used(u32 size)
{
	return ~0ull >> (64 - SLAB_PER_PAGE(size));
}

static void page_link(struct slab_page **list, struct slab_page *page)
{
	page->next = *list;
	page->at = list;
	if (page->next)
		page->next->at = &page->next;
	*list = page;
}

static void page_unlink(struct slab_page *page)
{
	*page->at = page->next;
	if (page->next)
		page->next->at = page->at;
}

void *slab_alloc(struct partition *p, struct slab *slab, u32 size)
{
	struct slab_page *page = slab->room;
	u32 n;

	if (!page) {
		page = pool_alloc_dirty(p);
		if (!page)
			return NULL;
		page->used = 0;
		page_link(&slab->room, page);
	}
	n = __builtin_ctzll(~page->used);
	page->used |= BIT_ULL(n);
	if (page->used == all_used(size)) {
		page_unlink(page);
		page_link(&slab->full, page);
	}
	return memset((u8 *)(page + 1) + n * size, 0, size);
}

void slab_free(struct partition *p, struct slab *slab, void *object, u32 size)
{
	struct slab_page *page = pa_ptr(ptr_pa(object) & PAGE_MASK);
	u32 n = ((u8 *)object - (u8 *)(page + 1)) / size;

	if (page->used == all_used(size)) {
		page_unlink(page);
		page_link(&slab->room, page);
	}
	page->used &= ~BIT_ULL(n);
	if (page->used)
		return;
	page_unlink(page);
	pool_free(p, page);
}

bool slab_destroy(struct partition *p, struct slab *slab, u32 pages)
{
	struct slab_page *page;

	while ((page = slab->room ?: slab->full)) {
		if (!pages--)
			return false;
		page_unlink(page);
		pool_free(p, page);
	}
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Stocks: pages that are ready to be deposited where nothing may sleep.
 *
 * Model: a stock has blocks of eight pages, since the hypervisor may want contiguous
 * ones.  Its user fills it where it may sleep; a worker fills it again after each use.
 * What the hypervisor does not take of a block is put back.
 *
 * Locks: the stock's, innermost.
 */
#include <linux/hvr.h>

#include "compat.h"

/* Is there room for one more, with those that are on their way back? */
static bool stock_has_room(const struct hvr_stock *stock)
{
	lockdep_assert_held(&stock->lock);
	return stock->nr + stock->out < HVR_STOCK_BLOCKS;
}

static bool stock_put(struct hvr_stock *stock, const struct hvr_stock_block *block,
		      unsigned int out)
{
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&stock->lock, flags);
	stock->out -= out;
	room = block->nr && stock_has_room(stock);
	if (room)
		stock->blocks[stock->nr++] = *block;
	raw_spin_unlock_irqrestore(&stock->lock, flags);
	return room;
}

static bool stock_is_full(struct hvr_stock *stock)
{
	unsigned long flags;
	bool full;

	raw_spin_lock_irqsave(&stock->lock, flags);
	full = !stock_has_room(stock);
	raw_spin_unlock_irqrestore(&stock->lock, flags);
	return full;
}

/**
 * hvr_stock_fill() - fill a stock
 * @stock: the stock
 *
 * Without memory it is filled as far as possible.
 *
 * Context: process context; sleeps.
 */
void hvr_stock_fill(struct hvr_stock *stock)
{
	struct hvr_stock_block block;

	do {
		if (stock_is_full(stock) || hvr_stock_get(&block))
			return;
	} while (stock_put(stock, &block, 0));
	hvr_stock_put(&block);
}
EXPORT_SYMBOL_NS_GPL(hvr_stock_fill, HVR_NS);

static void stock_work(struct work_struct *work)
{
	hvr_stock_fill(container_of(work, struct hvr_stock, work));
}

/**
 * hvr_stock_init() - an empty stock
 * @stock: the stock
 */
void hvr_stock_init(struct hvr_stock *stock)
{
	raw_spin_lock_init(&stock->lock);
	INIT_WORK(&stock->work, stock_work);
}
EXPORT_SYMBOL_NS_GPL(hvr_stock_init, HVR_NS);

static bool stock_take(struct hvr_stock *stock, struct hvr_stock_block *block)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&stock->lock, flags);
	taken = stock->nr;
	if (taken) {
		*block = stock->blocks[--stock->nr];
		stock->out++;
	}
	raw_spin_unlock_irqrestore(&stock->lock, flags);
	return taken;
}

/**
 * hvr_stock_deposit() - deposit a block for this partition without sleeping
 * @stock: the stock
 *
 * Context: any but NMI.
 * Return: 0 if all of it was accepted, or a negative errno; -ENOMEM if there is none.
 */
int hvr_stock_deposit(struct hvr_stock *stock)
{
	struct hvr_stock_block block;
	int ret = -ENOMEM;

	if (hvr_self_pool && stock_take(stock, &block)) {
		ret = hvr_deposit_now(hvr_self_pool, &block);
		/* Its slot has not been filled in the meantime. */
		stock_put(stock, &block, 1);
	}
	schedule_work(&stock->work);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(hvr_stock_deposit, HVR_NS);

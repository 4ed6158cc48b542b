/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: bitmaps with a bit for each page of a region, see track.c.
 *
 * Bits are atomic, and other threads may set and clear any of them at the same time.  A
 * bitmap may be as large as the address space, so it is processed by words, and in pieces.
 */
#ifndef _MSHV_MARKS_H
#define _MSHV_MARKS_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/types.h>

/* Words of a bitmap that are processed in one piece. */
#define MARKS_PIECE_WORDS	(64 * 1024UL)

/* Other threads set and clear neighbouring bits. */
static inline void marks_or(unsigned long *word, unsigned long mask)
{
	if (mask)
		atomic_long_or(mask, (atomic_long_t *)word);
}

/* Set the bits from @from to before @to, which is behind it. */
static inline void marks_set(unsigned long *marks, u64 from, u64 to)
{
	unsigned long *word = marks + BIT_WORD(from);
	unsigned long *last = marks + BIT_WORD(to);

	if (word == last) {
		marks_or(word, BITMAP_FIRST_WORD_MASK(from) &
			       ~BITMAP_FIRST_WORD_MASK(to));
		return;
	}
	marks_or(word++, BITMAP_FIRST_WORD_MASK(from));
	for (; word < last; word++)
		WRITE_ONCE(*word, ~0UL);
	/* If it ends with a word there may be no next one. */
	if (to % BITS_PER_LONG)
		marks_or(word, ~BITMAP_FIRST_WORD_MASK(to));
}

/* The word of marks from @bit on, which need not be at a word boundary. */
static inline unsigned long marks_at(const unsigned long *marks, u64 bit, u64 end)
{
	const unsigned long *word = marks + BIT_WORD(bit);
	unsigned int shift = bit % BITS_PER_LONG;
	unsigned long value = READ_ONCE(*word) >> shift;

	if (shift && end > bit + BITS_PER_LONG - shift)
		value |= READ_ONCE(word[1]) << (BITS_PER_LONG - shift);
	if (end - bit < BITS_PER_LONG)
		value &= BITMAP_LAST_WORD_MASK(end - bit);
	return value;
}

/* Add to @to, from its beginning on, the @nr marks from @offset on. */
static inline void marks_inherit(unsigned long *to, const unsigned long *from,
				 u64 offset, u64 nr)
{
	u64 bit, end = offset + nr;
	unsigned long words = 0;

	for (bit = offset; bit < end; bit += BITS_PER_LONG) {
		marks_or(to++, marks_at(from, bit, end));
		if (++words % MARKS_PIECE_WORDS == 0)
			cond_resched();
	}
}

/* Add @what to the states of pages that are marked, then clear or set the marks. */
static inline void marks_ask(unsigned long *marks, u64 from, u64 to, u8 *states,
			     u8 what, bool clear, bool set)
{
	unsigned long bit = from;

	for_each_set_bit_from(bit, marks, to) {
		states[bit - from] |= what;
		if (clear)
			clear_bit(bit, marks);
	}
	if (set)
		marks_set(marks, from, to);
}

#endif

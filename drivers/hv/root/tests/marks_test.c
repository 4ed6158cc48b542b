// SPDX-License-Identifier: GPL-2.0
/*
 * Marks, for all beginnings and ends within a few words, compared with a loop over bits.
 */
#include <kunit/test.h>

#include "marks.h"

#define WORDS	4
#define BITS	(WORDS * BITS_PER_LONG)
/* In each word other bits, so that a word is not taken for another one. */
#define PATTERN(n)	(0x8000000100000011UL << (n))

struct marks {
	unsigned long guard_before;
	unsigned long words[WORDS];
	unsigned long guard_behind;
};

static void fill(struct marks *marks)
{
	unsigned int i;

	*marks = (struct marks) { };
	for (i = 0; i < WORDS; i++)
		marks->words[i] = PATTERN(i);
}

static bool in_pattern(unsigned long bit)
{
	return PATTERN(bit / BITS_PER_LONG) >> bit % BITS_PER_LONG & 1;
}

enum now { AS_BEFORE, ALL_CLEAR, ALL_SET };

/* Is that so of the marks from @from to before @to, and are others as before? */
static bool has_range(const struct marks *marks, unsigned long from, unsigned long to,
		      enum now now)
{
	unsigned long bit;

	for (bit = 0; bit < BITS; bit++) {
		bool wanted = in_pattern(bit);

		if (now != AS_BEFORE && bit >= from && bit < to)
			wanted = now == ALL_SET;
		if (test_bit(bit, marks->words) != wanted)
			return false;
	}
	return !marks->guard_before && !marks->guard_behind;
}

static void marks_ranges_set(struct kunit *test)
{
	struct marks marks;
	unsigned long from, to;

	for (from = 0; from < BITS; from++) {
		for (to = from + 1; to <= BITS; to++) {
			fill(&marks);
			marks_set(marks.words, from, to);
			KUNIT_ASSERT_TRUE_MSG(test,
					      has_range(&marks, from, to, ALL_SET),
					      "%lu to %lu", from, to);
		}
	}
}

static void marks_inherited(struct kunit *test)
{
	struct marks from, to;
	unsigned long offset, nr, bit, wanted;

	for (offset = 0; offset < BITS; offset++) {
		for (nr = 1; nr <= BITS - offset; nr++) {
			fill(&from);
			to = (struct marks) { };
			/* What is there stays. */
			to.words[WORDS - 1] = 2;
			marks_inherit(to.words, from.words, offset, nr);
			for (bit = 0; bit < BITS; bit++) {
				wanted = bit == (WORDS - 1) * BITS_PER_LONG + 1;
				if (bit < nr)
					wanted |= test_bit(offset + bit, from.words);
				if (test_bit(bit, to.words) != (bool)wanted)
					break;
			}
			KUNIT_ASSERT_EQ_MSG(test, bit, (unsigned long)BITS,
					    "%lu from %lu", nr, offset);
			KUNIT_ASSERT_FALSE(test, to.guard_behind);
		}
	}
}

/* No word is read that has none of the marks. */
static void marks_inherited_bounds(struct kunit *test)
{
	unsigned long *from = kunit_kzalloc(test, sizeof(*from), GFP_KERNEL);
	unsigned long to = 0;

	KUNIT_ASSERT_NOT_NULL(test, from);
	*from = ~0UL;
	marks_inherit(&to, from, BITS_PER_LONG - 3, 3);
	KUNIT_EXPECT_EQ(test, to, 7UL);
}

static void marks_asked(struct kunit *test)
{
	unsigned long from, to, i;
	u8 states[BITS + 1];
	struct marks marks;
	enum now now;

	for (now = AS_BEFORE; now <= ALL_SET; now++) {
		for (from = 0; from < BITS; from += 5) {
			for (to = from + 1; to <= BITS; to++) {
				fill(&marks);
				for (i = 0; i < ARRAY_SIZE(states); i++)
					states[i] = 1;
				marks_ask(marks.words, from, to, states, 2,
					  now == ALL_CLEAR, now == ALL_SET);
				for (i = 0; i < ARRAY_SIZE(states); i++) {
					bool marked = i < to - from && in_pattern(from + i);

					if (states[i] != (marked ? 3 : 1))
						break;
				}
				KUNIT_ASSERT_EQ_MSG(test, i,
						    (unsigned long)ARRAY_SIZE(states),
						    "%lu to %lu", from, to);
				KUNIT_ASSERT_TRUE_MSG(test,
						      has_range(&marks, from, to, now),
						      "%lu to %lu", from, to);
			}
		}
	}
}

static struct kunit_case marks_cases[] = {
	KUNIT_CASE(marks_ranges_set),
	KUNIT_CASE(marks_inherited),
	KUNIT_CASE(marks_inherited_bounds),
	KUNIT_CASE(marks_asked),
	{ }
};

static struct kunit_suite marks_suite = {
	.name = "mshv_marks",
	.test_cases = marks_cases,
};

kunit_test_suite(marks_suite);

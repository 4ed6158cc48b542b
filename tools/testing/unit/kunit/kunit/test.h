/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's KUnit, as far as our tests use it, for a program on this machine.
 *
 * Model: a suite puts itself into a list before main() begins.  main() runs all and prints
 * TAP: a line for each case.  An assertion that fails ends its case.
 */
#ifndef _UNIT_KUNIT_TEST_H
#define _UNIT_KUNIT_TEST_H

#include <setjmp.h>

#include "shim.h"

struct kunit {
	jmp_buf end;
	bool failed;
	void *memory[4];
	unsigned int nr_memory;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

void unit_add_suite(struct kunit_suite *suite);
void unit_complain(struct kunit *test, const char *file, int line, const char *what);
void *kunit_kzalloc(struct kunit *test, size_t size, int gfp);
#define kunit_kcalloc(test, n, size, gfp)	kunit_kzalloc(test, (n) * (size), gfp)

#define KUNIT_CASE(function)	{ .run = function, .name = #function }

#define kunit_test_suite(suite)							\
static void __attribute__((constructor)) add_##suite(void)			\
{										\
	unit_add_suite(&suite);							\
}										\
struct kunit_suite

#define MODULE_DESCRIPTION(text)	struct kunit_suite
#define MODULE_LICENSE(text)		struct kunit_suite

#define UNIT_CHECK(test, good, text, on_failure, ...)				\
do {										\
	if (!(good)) {								\
		unit_complain(test, __FILE__, __LINE__, text);			\
		UNIT_PRINT(__VA_ARGS__);					\
		on_failure;							\
	}									\
} while (0)

#define UNIT_PRINT(...)		UNIT_PRINT_("" __VA_ARGS__)
#define UNIT_PRINT_(...)	(printf("#   " __VA_ARGS__), putchar('\n'))

#define UNIT_END(test)		longjmp((test)->end, 1)
#define UNIT_GO_ON		do { } while (0)

#define KUNIT_EXPECT_TRUE(t, x)		UNIT_CHECK(t, x, #x, UNIT_GO_ON)
#define KUNIT_EXPECT_FALSE(t, x)	UNIT_CHECK(t, !(x), "!" #x, UNIT_GO_ON)
#define KUNIT_EXPECT_NULL(t, x)		UNIT_CHECK(t, !(x), "!" #x, UNIT_GO_ON)
#define KUNIT_EXPECT_EQ(t, a, b)	UNIT_CHECK(t, (a) == (b), #a " == " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_NE(t, a, b)	UNIT_CHECK(t, (a) != (b), #a " != " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_LT(t, a, b)	UNIT_CHECK(t, (a) < (b), #a " < " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_LE(t, a, b)	UNIT_CHECK(t, (a) <= (b), #a " <= " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_GT(t, a, b)	UNIT_CHECK(t, (a) > (b), #a " > " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_GE(t, a, b)	UNIT_CHECK(t, (a) >= (b), #a " >= " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_PTR_EQ(t, a, b)	\
	UNIT_CHECK(t, (const void *)(a) == (const void *)(b), #a " == " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_STREQ(t, a, b)	\
	UNIT_CHECK(t, !strcmp(a, b), #a " is " #b, UNIT_GO_ON)
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...)	\
	UNIT_CHECK(t, (a) == (b), #a " == " #b, UNIT_GO_ON, __VA_ARGS__)

#define KUNIT_ASSERT_EQ(t, a, b)	UNIT_CHECK(t, (a) == (b), #a " == " #b, UNIT_END(t))
#define KUNIT_ASSERT_FALSE(t, x)	UNIT_CHECK(t, !(x), "!" #x, UNIT_END(t))
#define KUNIT_ASSERT_NOT_NULL(t, x)	UNIT_CHECK(t, x, #x, UNIT_END(t))
#define KUNIT_ASSERT_PTR_EQ(t, a, b)	\
	UNIT_CHECK(t, (const void *)(a) == (const void *)(b), #a " == " #b, UNIT_END(t))
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...)	\
	UNIT_CHECK(t, (a) == (b), #a " == " #b, UNIT_END(t), __VA_ARGS__)
#define KUNIT_ASSERT_TRUE_MSG(t, x, ...)	UNIT_CHECK(t, x, #x, UNIT_END(t), __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, x, ...)	UNIT_CHECK(t, x, #x, UNIT_END(t), __VA_ARGS__)

#endif

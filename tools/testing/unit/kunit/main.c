// SPDX-License-Identifier: GPL-2.0
/*
 * Run all suites of KUnit that are linked into this program.
 */
#include <kunit/test.h>

#include "tap.h"

static struct kunit_suite *suites;

void unit_add_suite(struct kunit_suite *suite)
{
	suite->next = suites;
	suites = suite;
}

void unit_complain(struct kunit *test, const char *file, int line, const char *what)
{
	test->failed = true;
	printf("# %s:%d: not so: %s\n", file, line, what);
}

void *kunit_kzalloc(struct kunit *test, size_t size, int gfp)
{
	(void)gfp;
	if (test->nr_memory == ARRAY_SIZE(test->memory))
		return NULL;
	return test->memory[test->nr_memory++] = calloc(1, size);
}

static void run_case(const struct kunit_suite *suite, const struct kunit_case *c)
{
	/* Not changed by a jump back. */
	static struct kunit test;

	memset(&test, 0, sizeof(test));
	if (!setjmp(test.end))
		c->run(&test);
	while (test.nr_memory)
		free(test.memory[--test.nr_memory]);
	tap_ok(!test.failed, "%s: %s", suite->name, c->name);
}

int main(void)
{
	const struct kunit_suite *suite;
	const struct kunit_case *c;

	for (suite = suites; suite; suite = suite->next)
		for (c = suite->test_cases; c->run; c++)
			run_case(suite, c);
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's books: see rvbooks.h.
 */
#include <stdio.h>

#include "rvbooks.h"
#include "util.h"
#include "waits.h"

/**
 * books_read() - read all of rootvisor's books
 * @books: result
 *
 * Return: 0 or -errno.
 */
int books_read(struct books *books)
{
	unsigned int i;
	int ret;

	for (i = 0; i < RV_BOOKS_NR; i++) {
		ret = rv_books(i, 0, &books->value[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * books_value() - read one of rootvisor's books
 * @what: RV_BOOKS_*
 *
 * Return: its value, 0 if there is none.
 */
__u64 books_value(unsigned int what)
{
	__u64 value = 0;

	rv_books(what, 0, &value);
	return value;
}

/* What must not have grown when a machine is gone. */
static const struct {
	unsigned int what;
	const char *name;
} balanced[] = {
	{ RV_BOOKS_PARTITIONS, "partitions" },
	{ RV_BOOKS_DEPOSITED, "pages deposited" },
	{ RV_BOOKS_IN_USE, "pages in use" },
	{ RV_BOOKS_VPS, "virtual processors" },
	{ RV_BOOKS_MAPPED, "guest pages" },
	{ RV_BOOKS_PORTS, "ports" },
	{ RV_BOOKS_STATE_PAGES, "state pages" },
	{ RV_BOOKS_SELF_IN_USE, "pages of the root's pool in use" },
	{ RV_BOOKS_FAULTS, "forbidden accesses" },
	{ RV_BOOKS_UNKNOWN_CALLS, "unknown calls" },
};

/* Which of them differs?  Their number if none does. */
static unsigned int first_differing(const struct books *before)
{
	struct books now;
	unsigned int i = 0;

	if (books_read(&now))
		return i;
	while (i < ARRAY_SIZE(balanced) &&
	       now.value[balanced[i].what] == before->value[balanced[i].what])
		i++;
	return i;
}

/**
 * books_differ() - compare the books with earlier ones
 * @before: the earlier ones
 *
 * The last descriptor's work may be done by a kernel worker, so this checks more
 * than once before it reports a difference.
 *
 * Return: what differs, or NULL.
 */
const char *books_differ(const struct books *before)
{
	static char text[128];
	struct books now;
	unsigned int i = 0;

	if (books_read(&now))
		return "cannot be read";
	if (wait_until(first_differing(before) == ARRAY_SIZE(balanced)))
		return NULL;
	i = first_differing(before);
	if (i == ARRAY_SIZE(balanced))
		return NULL;
	books_read(&now);
	snprintf(text, sizeof(text), "%s: %llu before, %llu now",
		 balanced[i].name, before->value[balanced[i].what],
		 now.value[balanced[i].what]);
	return text;
}

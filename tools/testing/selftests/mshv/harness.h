/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's test harness, and assertions for what testvm.h offers.
 * Included once per program: the harness defines functions.
 */
#ifndef _MSHV_HARNESS_H
#define _MSHV_HARNESS_H

#include "kselftest_harness.h"

#include "testvm.h"

/*
 * Everything is emulated twice, and the kernel may check all that it does, so the
 * harness' 30 seconds are few.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	900

/* A failing library call is a failing test, with words. */
#define ASSERT_OK(expression) do {					\
	int ok_ = (expression);						\
									\
	ASSERT_LE(0, ok_) {						\
		TH_LOG("%s = %d: %s", #expression, ok_, vmm_error());	\
	}								\
} while (0)

#define ASSERT_BOOKS(before) do {					\
	const char *differ_ = books_differ(before);			\
									\
	ASSERT_EQ(NULL, differ_) {					\
		TH_LOG("books: %s", differ_ ? differ_ : "");		\
	}								\
} while (0)

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's test harness, and assertions for what testvm.h offers.
 * Included once per program: the harness defines functions.
 */
#ifndef _MSHV_HARNESS_H
#define _MSHV_HARNESS_H

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "limit.h"
#include "waits.h"

/* Up to 6.12 the harness calls the one, and the other later on. */
#define alarm(seconds)	limit_alarm(seconds)
#define poll(fds, nr, milliseconds)	limit_poll(fds, nr, milliseconds)
#include "kselftest_harness.h"
#undef alarm
#undef poll

#include "testvm.h"

/*
 * The reason of a test that needs the control port of rootvisor, in its first lines or in
 * those of its fixture: scripts know such tests by this word.
 */
#define NO_ROOTVISOR	"needs rootvisor's control port"

/*
 * The beginning of the reason of a test about something that no other driver has, in the
 * same places: what any driver must pass is the rest.
 */
#define NOT_THIS_DRIVER	"this driver has no "

/*
 * Without the driver, or the right to use it, a program can do nothing but list its tests:
 * it is skipped as a whole.
 */
static inline int run_if_possible(int argc, char **argv)
{
	bool lists = argc == 2 && !strcmp(argv[1], "-l");
	const char *lack = lists ? NULL : root_lacks();

	if (lack) {
		ksft_print_header();
		ksft_exit_skip("%s\n", lack);
	}
	return test_harness_run(argc, argv);
}

#define test_harness_run	run_if_possible

/*
 * Everything is emulated twice, and the kernel may check all that it does, so the
 * harness' 30 seconds are not enough, not even as limit.h counts them.  A limit for a
 * machine that prints nothing has to be longer, so that the tests that follow can run.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	450

/* A failing library call is a failing test, with its error text. */
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

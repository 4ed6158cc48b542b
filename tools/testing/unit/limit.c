// SPDX-License-Identifier: GPL-2.0
/*
 * The limit of a selftest, in both of the ways in which a harness waits for its end.
 */
#include "../selftests/mshv/limit.h"
#include "tap.h"

static volatile sig_atomic_t alarms;

static void count_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static unsigned long slept_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void test_poll(void)
{
	struct timespec begin;
	struct pollfd pfd = { .events = POLLIN };
	int fds[2];

	if (pipe(fds))
		return;
	pfd.fd = fds[0];
	clock_gettime(CLOCK_MONOTONIC, &begin);
	tap_ok(!limit_poll(&pfd, 1, 0), "poll: over");
	limit_more = 1;
	tap_ok(!limit_poll(&pfd, 1, 0), "poll: over after what was added");
	tap_ok(slept_ms(&begin) >= 1000, "poll: not before it");
	limit_more = 1000000;
	tap_ok(write(fds[1], "", 1) == 1 && limit_poll(&pfd, 1, 450000) == 1,
	       "poll: the test has ended");
	limit_more = 0;
	close(fds[0]);
	close(fds[1]);
}

static void test_alarm(void)
{
	struct sigaction action = { .sa_handler = count_alarm };
	struct timespec begin;

	sigaction(SIGALRM, &action, NULL);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	limit_alarm(1000000);
	limit_alarm(1);
	while (!alarms)
		usleep(1000);
	tap_ok(slept_ms(&begin) >= 1000, "alarm: it comes, and not before the time");
	limit_alarm(1);
	limit_alarm(0);
	usleep(1200000);
	tap_ok(alarms == 1, "alarm: not after the test has ended");
}

int main(void)
{
	test_poll();
	test_alarm();
	return tap_end();
}

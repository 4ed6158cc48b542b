// SPDX-License-Identifier: GPL-2.0
/*
 * Signals: they end a run, and nothing of the guest is lost by that.
 *
 * The guests here never stop by themselves, or seldom, so that a signal finds
 * them running or asleep.  No test depends on when it does.
 */
#include <sys/time.h>
#include <time.h>

#include "harness.h"

FIXTURE(signals) {
	struct books before;
	struct tvm t;
	bool books;
};

static void on_signal(int signal)
{
	(void)signal;
}

FIXTURE_SETUP(signals)
{
	struct sigaction action = { .sa_handler = on_signal };

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
}

FIXTURE_TEARDOWN(signals)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static void alarm_every_ms(unsigned int ms)
{
	struct itimerval timer = {
		.it_interval.tv_usec = ms * 1000,
		.it_value.tv_usec = ms * 1000,
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(signals, busy_guest)
{
	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	alarm_every_ms(100);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	alarm_every_ms(0);
}

TEST_F(signals, sleeping_guest)
{
	ASSERT_OK(tvm_start(&self->t, guest_halt, sizeof(guest_halt)));
	alarm_every_ms(100);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	alarm_every_ms(0);
}

TEST_F(signals, processor_that_waits_for_sipi)
{
	ASSERT_OK(tvm_start(&self->t, guest_halt, sizeof(guest_halt)));
	ASSERT_OK(tvm_vp(&self->t, 1));
	alarm_every_ms(100);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 1));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 1));
	alarm_every_ms(0);
}

TEST_F(signals, message_is_not_written)
{
	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	memset(&self->t.message, 0x5a, sizeof(self->t.message));
	alarm_every_ms(100);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	alarm_every_ms(0);
	EXPECT_EQ(0x5a5a5a5a, self->t.message.header.message_type);
	EXPECT_EQ(0x5a, self->t.message.u.bytes[239]);
}

/* SA_RESTART does not apply: the VMM has to get a look. */
TEST_F(signals, never_restarted)
{
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = SA_RESTART,
	};

	sigaction(SIGALRM, &action, NULL);
	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	alarm_every_ms(100);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	alarm_every_ms(0);
}

/* A blocked signal waits until it is unblocked, not for the guest. */
TEST_F(signals, blocked_signals_do_not_count)
{
	sigset_t set, old;

	ASSERT_OK(tvm_start(&self->t, guest_say_a, sizeof(guest_say_a)));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	EXPECT_EQ(0, tvm_run(&self->t, 0));
	sigprocmask(SIG_SETMASK, &old, NULL);
	EXPECT_EQ(0, tvm_run(&self->t, 0));
}

/* A guest that counts, and a storm of signals: no number lost or doubled. */
TEST_F(signals, nothing_is_lost)
{
	unsigned int interrupted = 0;
	__u64 value, i = 0;
	int ret;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	alarm_every_ms(1);
	while (i < 500 || (interrupted < 20 && i < 20000)) {
		ret = tvm_next_out(&self->t, 0, &value);
		if (ret == -EINTR) {
			interrupted++;
			continue;
		}
		ASSERT_EQ(0, ret);
		ASSERT_EQ(i & 0xffff, value);
		i++;
	}
	alarm_every_ms(0);
}

/* The same for a guest that computes long between two numbers. */
TEST_F(signals, slow_guest_goes_on)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x66, 0x31, 0xc0,		/* xor eax, eax */
		0x66, 0xb9, 0x00, 0x00, 0x10, 0x00, /* mov ecx, 1 << 20 */
		0x66, 0x49,			/* dec ecx */
		0x75, 0xfc,			/* jnz */
		0x66, 0xef,			/* out dx, eax */
		0x40,				/* inc ax */
		0xeb, 0xf1,			/* again */
	};
	__u64 value, i = 0;
	int ret;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	alarm_every_ms(5);
	while (i < 5) {
		ret = tvm_next_out(&self->t, 0, &value);
		if (ret == -EINTR)
			continue;
		ASSERT_EQ(0, ret);
		ASSERT_EQ(i, value);
		i++;
	}
	alarm_every_ms(0);
}

struct storm {
	struct tvm *t;
	int result;
	volatile bool done;
};

static void *storm_thread(void *opaque)
{
	struct storm *s = opaque;
	__u64 value, i = 0;
	int ret;

	while (i < 300) {
		ret = tvm_next_out(s->t, 0, &value);
		if (ret == -EINTR)
			continue;
		if (ret || value != i) {
			s->result = ret ? ret : -ERANGE;
			break;
		}
		i++;
	}
	s->done = true;
	return NULL;
}

/* Kicks from another thread, as a VMM does it. */
TEST_F(signals, kicks_from_another_thread)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	struct storm storm = { .t = &self->t };
	pthread_t thread;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, storm_thread, &storm));
	while (!storm.done) {
		pthread_kill(thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, storm.result);
}

/* Stopped and continued, the run ends or goes on, but is not forgotten. */
TEST_F(signals, stop_and_continue)
{
	int status = -1, result[2];
	pid_t pid;
	char byte;

	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	ASSERT_EQ(0, pipe(result));
	pid = fork();
	if (!pid) {
		struct sigaction action = { .sa_handler = on_signal };

		sigaction(SIGUSR1, &action, NULL);
		if (write(result[1], "r", 1) != 1)
			_exit(3);
		while (tvm_run(&self->t, 0) == -EINTR)
			if (write(result[1], "i", 1) != 1)
				_exit(2);
		_exit(1);
	}
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, read(result[0], &byte, 1));
	ASSERT_EQ(0, kill(pid, SIGSTOP));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, kill(pid, SIGCONT));
	/* The next signal must end a run, whatever the first two did. */
	do {
		ASSERT_EQ(0, kill(pid, SIGUSR1));
		fcntl(result[0], F_SETFL, O_NONBLOCK);
		usleep(10000);
	} while (read(result[0], &byte, 1) != 1);
	EXPECT_EQ('i', byte);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(result[0]);
	close(result[1]);
}

static void *wait_thread(void *opaque)
{
	struct tvm *t = opaque;

	vmm_run(t->vp[0], &t->message);
	return NULL;
}

/* The process ends while a thread of it is in the guest. */
TEST_F(signals, exit_while_running)
{
	int status = -1;
	pid_t pid;

	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	pid = fork();
	if (!pid) {
		pthread_t thread;

		pthread_create(&thread, NULL, wait_thread, &self->t);
		usleep(20000);
		_exit(7);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(7, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Signals end a run, and nothing of the guest is lost.
 *
 * The guests here exit never or rarely, so that a signal finds them running or
 * asleep.  No test depends on when it does.
 */
#include <sys/time.h>
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

/* Repeatedly: one that comes too early to end a run is not the last one. */
static void alarm_every_ms(unsigned int ms)
{
	struct itimerval timer = {
		.it_interval.tv_usec = ms * 1000,
		.it_value.tv_usec = ms * 1000,
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void alarm_once_ms(unsigned int ms)
{
	struct itimerval timer = { .it_value.tv_usec = ms * 1000 };

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

/* SA_RESTART does not apply: the VMM has to get control. */
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

#define NUMBERS		500
#define NUMBERS_MAX	20000
#define INTERRUPTIONS	20

/*
 * A thread that reports numbers, and what disturbs it.  Signals are paced by the
 * numbers and not by a clock: they would keep a slow machine from making progress.
 */
struct teller {
	struct tvm *t;
	volatile unsigned int told;
	volatile unsigned int interrupted;
	volatile bool done;
	int result;
	pthread_t thread;
};

static void *tell(void *opaque)
{
	struct teller *teller = opaque;
	__u64 value;
	int ret;

	while (teller->told < NUMBERS || (teller->interrupted < INTERRUPTIONS &&
					  teller->told < NUMBERS_MAX)) {
		ret = tvm_next_out(teller->t, 0, &value);
		if (ret == -EINTR) {
			teller->interrupted++;
			continue;
		}
		if (ret || value != (teller->told & 0xffff)) {
			teller->result = ret ? ret : -ERANGE;
			break;
		}
		teller->told++;
	}
	teller->done = true;
	return NULL;
}

static void to_the_process(struct teller *teller)
{
	kill(getpid(), SIGUSR1);
}

static void to_the_thread(struct teller *teller)
{
	pthread_kill(teller->thread, SIGUSR1);
}

/* Signals until it is done; after each it must make progress. */
static void disturb(struct __test_metadata *_metadata, struct tvm *t,
		    void (*send)(struct teller *teller))
{
	struct teller teller = { .t = t };
	unsigned int told;
	sigset_t set, old;

	ASSERT_OK(tvm_start(t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, pthread_create(&teller.thread, NULL, tell, &teller));
	/* They are for the other thread. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	while (!teller.done) {
		told = teller.told;
		send(&teller);
		ASSERT_TRUE(wait_until(teller.told != told || teller.done));
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	ASSERT_EQ(0, pthread_join(teller.thread, NULL));
	EXPECT_EQ(0, teller.result);
	EXPECT_LT(0, teller.interrupted);
}

/* A guest that counts, and a storm of signals: no number is lost or doubled. */
TEST_F(signals, nothing_is_lost)
{
	disturb(_metadata, &self->t, to_the_process);
}

/* Kicks from another thread, as VMMs do it. */
TEST_F(signals, kicks_from_another_thread)
{
	disturb(_metadata, &self->t, to_the_thread);
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
	while (i < 5) {
		/* Once for each run, so that a slow machine makes progress, too. */
		alarm_once_ms(5);
		ret = tvm_next_out(&self->t, 0, &value);
		if (ret == -EINTR)
			continue;
		ASSERT_EQ(0, ret);
		ASSERT_EQ(i, value);
		i++;
	}
	alarm_once_ms(0);
}

/* Stopped and continued, the run ends or continues, but does not hang. */
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
		wait_slice();
	} while (read(result[0], &byte, 1) != 1);
	EXPECT_EQ('i', byte);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(result[0]);
	close(result[1]);
}

static volatile pid_t waiter;

static void *wait_thread(void *opaque)
{
	struct tvm *t = opaque;

	waiter = gettid();
	vmm_run(t->vp[0], &t->message);
	return NULL;
}

/* The process exits while one of its threads is in the guest. */
TEST_F(signals, exit_while_running)
{
	int status = -1;
	pid_t pid;

	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	pid = fork();
	if (!pid) {
		pthread_t thread;

		pthread_create(&thread, NULL, wait_thread, &self->t);
		_exit(wait_until(is_in_guest(waiter)) ? 7 : 8);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(7, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN

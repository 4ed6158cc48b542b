// SPDX-License-Identifier: GPL-2.0
/*
 * The control port's accesses, see ports.h.
 *
 * Model: which way works is tried by an access that has no effect.  IN and OUT come
 * first.  Where they work they can fault later, when a VMM below has written the
 * registers of the processor, and never the other way round; so they are tried again
 * whenever the ports are opened, until they fault.
 *
 * Locks: handlers of signals belong to the process, so only one thread tries at a time.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include <rootvisor/ports.h>

static bool by_call;
static pthread_mutex_t trying = PTHREAD_MUTEX_INITIALIZER;
static __thread sigjmp_buf faulted;
static __thread sig_atomic_t may_fault;

static __u32 vmmcall(__u32 kind, __u32 value, __u16 port)
{
	__asm__ __volatile__("vmmcall" : "+a"(value) : "c"((__u64)kind), "d"((__u64)port) :
			     "memory");
	return value;
}

__u32 rv_in(__u16 port)
{
	return by_call ? vmmcall(RV_CALL_IN, 0, port) : inl(port);
}

void rv_out(__u32 value, __u16 port)
{
	if (by_call)
		vmmcall(RV_CALL_OUT, value, port);
	else
		outl(value, port);
}

static void on_fault(int signal)
{
	if (may_fault)
		siglongjmp(faulted, 1);
	/* Another thread's fault, which happens again. */
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}

/* False if there was a signal: it comes back to sigsetjmp(). */
static bool read_magic(__u32 *value)
{
	if (sigsetjmp(faulted, 1))
		return false;
	may_fault = true;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	*value = rv_in(RV_PORT_RESET);
	return true;
}

/* False if reading a port is an exception. */
static bool can_read(__u32 *value)
{
	const struct sigaction action = { .sa_handler = on_fault };
	struct sigaction segv, ill;
	bool done;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGILL, &action, &ill);
	done = read_magic(value);
	may_fault = false;
	sigaction(SIGILL, &ill, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return done;
}

/**
 * rv_ports_open() - get access to the ports and check for rootvisor
 *
 * Return: 0, -ENODEV without rootvisor or with its control port off, or the negative
 * errno of ioperm().
 */
int rv_ports_open(void)
{
	const char *by = getenv("RVCTL_BY");
	__u32 magic = 0;
	bool done;

	if (ioperm(RV_PORT_COMMAND, RV_PORT_COUNT, 1))
		return -errno;
	pthread_mutex_lock(&trying);
	if (by && !strcmp(by, "call"))
		by_call = true;
	done = can_read(&magic);
	if (!done && !by_call) {
		by_call = true;
		done = can_read(&magic);
	}
	pthread_mutex_unlock(&trying);
	return done && magic == RV_MAGIC ? 0 : -ENODEV;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's control port: what it refuses, and how its ports answer a program that may
 * use them.
 *
 * All other tests rely on it, with arguments that are right.
 */
#include <sched.h>
#include <setjmp.h>
#include <sys/eventfd.h>
#include <sys/io.h>
#include <ucontext.h>

#include "harness.h"
#include "probe.h"

#define NO_PARTITION	0x100		/* high half of an id */
#define ROOT		1
#define NO_VP		99
#define NO_LP		99
#define MANY		0x10000
#define UNUSED_CODE	0x13f		/* no call has it */
#define UNUSED_TYPE	0x1234		/* no message has it */
#define MAX_RULES	32
#define MAX_MESSAGE_RULES 8
#define MAX_ANSWERS	8
#define MAX_HELD	64
#define PAYLOAD		240
#define MESSAGE_ARGS	6
#define PAST_RAM	0x100		/* high half of a page number */
#define BYTE_ONES	0xff
#define TRAP_FLAG	0x100

FIXTURE(control) {
	struct books before;
};

FIXTURE_SETUP(control)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
}

FIXTURE_TEARDOWN(control)
{
	rv_rules_clear();
	ASSERT_BOOKS(&self->before);
}

TEST_F(control, arguments_out_of_range_are_refused)
{
	static const struct {
		__u32 command, nr;
		__u32 args[RV_MAX_ARGS];
		int error;
	} calls[] = {
		{ RV_CMD_LOG, 2, { 5 }, -EINVAL },
		{ RV_CMD_COUNT, 1, { RV_COUNT_NR }, -EINVAL },
		{ RV_CMD_BOOKS, 3, { RV_BOOKS_NR }, -EINVAL },
		{ RV_CMD_BOOKS, 3, { RV_BOOKS_VPS, 0, NO_PARTITION }, -ENOENT },
		{ RV_CMD_RULE_HITS, 1, { 0 }, -ENOENT },
		{ RV_CMD_RULE_HITS, 1, { MAX_RULES }, -ENOENT },
		{ RV_CMD_MESSAGE, MESSAGE_ARGS, { NO_LP }, -ENOENT },
		{ RV_CMD_MESSAGE, MESSAGE_ARGS, { 0, 16, UNUSED_TYPE }, -EINVAL },
		{ RV_CMD_MESSAGE, RV_MAX_ARGS, { 0, 1, UNUSED_TYPE, 0, 0, PAYLOAD + 1 }, -EINVAL },
		{ RV_CMD_MESSAGE, MESSAGE_ARGS + 1, { 0, 1, UNUSED_TYPE, 0, 0, 5 }, -EINVAL },
		{ RV_CMD_DOORBELL, 2, { NO_LP, 1 }, -ENOENT },
		{ RV_CMD_VP_STALL, 4, { 0, NO_PARTITION, 0, 1 }, -ENOENT },
		{ RV_CMD_VP_STALL, 4, { ROOT, 0, 0, 1 }, -ENOENT },
		{ RV_CMD_VP_STALL, 4, { ROOT, 0, NO_VP, 1 }, -ENOENT },
		{ RV_CMD_MEMORY_STATUS, 1, { HV_STATUS_INVALID_PARAMETER }, -EINVAL },
		{ RV_CMD_REP_SLICE, 1, { 4096 }, -EINVAL },
		{ RV_CMD_TAKE, 2, { 0, PAST_RAM }, -ENOENT },
		{ RV_CMD_NO_ACCESS, 4, { 0, NO_PARTITION }, -ENOENT },
		{ RV_CMD_NO_ACCESS, 4, { ROOT, 0, 1, 0 }, -ENOENT },
		{ RV_CMD_DRY, 3, { 0, NO_PARTITION, 1 }, -ENOENT },
		{ RV_CMD_DEVICE_INTERRUPTS, 2, { 0 }, -ENOENT },
		{ RV_CMD_DEVICE_DOMAIN, 2, { 0 }, -ENOENT },
		{ RV_CMD_DMA_FAULTS, 2, { 0 }, -ENOENT },
		{ RV_CMD_CLAIM, 1, { MANY }, -ENOENT },
		{ RV_CMD_TIMES, 1, { NO_LP }, -ENOENT },
		{ 0, 0, { 0 }, -EOPNOTSUPP },
		{ MANY, 1, { 0 }, -EOPNOTSUPP },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_EQ(calls[i].error,
			  rv_call(calls[i].command, calls[i].args, calls[i].nr, NULL, 0)) {
			TH_LOG("call %u, command %u", i, calls[i].command);
		}
	}
}

TEST_F(control, too_few_arguments_are_refused)
{
	static const struct {
		__u32 command, args;
	} commands[] = {
		{ RV_CMD_LOG, 1 }, { RV_CMD_EXIT, 1 }, { RV_CMD_COUNT_CALL, 1 },
		{ RV_CMD_COUNT, 1 }, { RV_CMD_BOOKS, 3 }, { RV_CMD_FAIL, 7 },
		{ RV_CMD_REP_STOP, 4 }, { RV_CMD_RULE_HITS, 1 }, { RV_CMD_MESSAGE, 6 },
		{ RV_CMD_MESSAGE_DROP, 2 }, { RV_CMD_MESSAGE_DUP, 2 }, { RV_CMD_DOORBELL, 2 },
		{ RV_CMD_VP_STALL, 4 }, { RV_CMD_MEMORY_STATUS, 1 }, { RV_CMD_REP_SLICE, 1 },
		{ RV_CMD_MESSAGE_HOLD, 2 }, { RV_CMD_ANSWER, 6 }, { RV_CMD_PAGE, 2 },
		{ RV_CMD_NO_ACCESS, 4 }, { RV_CMD_DRY, 3 }, { RV_CMD_TAKE, 2 },
		{ RV_CMD_CLAIM, 1 }, { RV_CMD_CREATE_FLAGS, 2 }, { RV_CMD_DEPOSIT_WRITE, 2 },
		{ RV_CMD_DEVICE_INTERRUPTS, 2 }, { RV_CMD_TIMES, 1 },
		{ RV_CMD_DEVICE_DOMAIN, 2 }, { RV_CMD_DMA_FAULTS, 2 },
		{ RV_CMD_LATE, 3 },
	};
	static const __u32 zeros[RV_MAX_ARGS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_EQ(-EINVAL, rv_call(commands[i].command, zeros, commands[i].args - 1,
					   NULL, 0)) {
			TH_LOG("command %u", commands[i].command);
		}
	}
}

static int stay_on(int cpu)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	return sched_setaffinity(0, sizeof(here), &here) ? -errno : 0;
}

/* A processor's arguments are its own. */
static void stay_here(void)
{
	int cpu = sched_getcpu();

	stay_on(cpu < 0 ? 0 : cpu);
}

static int read_times(__u32 lp, __u64 *root, __u64 *guests)
{
	__u32 result[4];
	int ret = rv_call(RV_CMD_TIMES, &lp, 1, result, ARRAY_SIZE(result));

	*root = result[0] | (__u64)result[1] << 32;
	*guests = result[2] | (__u64)result[3] << 32;
	return ret;
}

/* A guest may run on any processor. */
static __u64 time_in_guests(void)
{
	__u64 root, guests, sum = 0;
	__u32 lp;

	for (lp = 0; !read_times(lp, &root, &guests); lp++)
		sum += guests;
	return sum;
}

TEST_F(control, time_in_the_root_and_in_guests)
{
	__u64 root, guests, before, guests_before, began;
	struct tvm t;

	/* A stay in the root counts when it ends: another processor's may have begun before. */
	ASSERT_EQ(0, stay_on(0));
	began = __builtin_ia32_rdtsc();
	ASSERT_EQ(0, read_times(0, &before, &guests_before));
	ASSERT_EQ(0, read_times(0, &root, &guests));
	EXPECT_EQ(guests_before, guests);
	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	guests = time_in_guests();
	ASSERT_OK(tvm_next_out(&t, 0, &(__u64){ 0 }));
	EXPECT_LT(guests, time_in_guests());
	tvm_close(&t);
	/* Between the two readings of the counter, there is also the hypervisor. */
	ASSERT_EQ(0, read_times(0, &root, &guests));
	EXPECT_LT(before, root);
	EXPECT_GT(__builtin_ia32_rdtsc() - began, root - before + guests - guests_before);
}

TEST_F(control, a_trap_in_the_hypervisor_is_ignored)
{
	__u64 before = 0, after = 0;

	ASSERT_EQ(0, rv_count(RV_COUNT_HOST_IGNORED, &before));
	ASSERT_EQ(0, rv_call(RV_CMD_HOST_TRAP, NULL, 0, NULL, 0));
	ASSERT_EQ(0, rv_count(RV_COUNT_HOST_IGNORED, &after));
	EXPECT_EQ(before + 1, after);
}

TEST_F(control, rules_are_limited)
{
	__u32 first = 0, rule = 0;
	__u64 hits = ~0ULL;
	unsigned int i;

	for (i = 0; i < MAX_RULES; i++) {
		ASSERT_EQ(0, rv_fail(UNUSED_CODE, HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
		first = i ? first : rule;
	}
	EXPECT_EQ(-ENOSPC, rv_fail(UNUSED_CODE, HV_STATUS_OPERATION_FAILED, 0, 1, &i));
	EXPECT_EQ(-ENOSPC, rv_rep_stop(UNUSED_CODE, 0, 1, 1, &i));
	EXPECT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_EQ(0, hits);
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_EQ(-ENOENT, rv_rule_hits(rule, &hits));
	EXPECT_EQ(0, rv_fail(UNUSED_CODE, HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
	EXPECT_EQ(first, rule);
}

static __u64 rip_of(struct tvm *t)
{
	__u64 rip = 0;

	return vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_RIP, &rip) ? 0 : rip;
}

/* For one partition, one processor, or any call. */
TEST_F(control, rules_hit_what_they_name)
{
	const __u32 any_call[] = {
		RV_ANY_CODE, HV_STATUS_OPERATION_FAILED, 0, 1, RV_ANY_LP, 0, 0,
	};
	__u32 of_partition[] = {
		HVCALL_GET_VP_REGISTERS, HV_STATUS_OPERATION_FAILED, 0, 0, RV_ANY_LP, 0, 0,
	};
	__u32 on_processor[] = {
		HVCALL_GET_VP_REGISTERS, HV_STATUS_OPERATION_FAILED, 0, 0, 0, 0, 0,
	};
	struct tvm first, second;
	unsigned int hits = 0;
	__u64 failures = 0;
	__u32 rule;

	ASSERT_OK(probe_start(&first));
	ASSERT_OK(probe_start(&second));
	ASSERT_EQ(PROBE_REFUSED, probe_write(&first, 0, PROBE_GPA, 0));
	of_partition[5] = tvm_id(&first);
	ASSERT_EQ(0, rv_call(RV_CMD_FAIL, of_partition, 7, &rule, 1));
	EXPECT_EQ(0, rip_of(&first));
	EXPECT_NE(0, rip_of(&second));
	EXPECT_EQ(0, rv_rule_hits(rule, &failures));
	EXPECT_EQ(1, failures);
	ASSERT_EQ(0, rv_rules_clear());

	stay_here();
	for (on_processor[4] = 0; on_processor[4] < NO_LP; on_processor[4]++) {
		ASSERT_EQ(0, rv_call(RV_CMD_FAIL, on_processor, 7, &rule, 1));
		hits += !rip_of(&first);
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_EQ(1, hits);

	ASSERT_EQ(0, rv_call(RV_CMD_FAIL, any_call, 7, &rule, 1));
	EXPECT_EQ(0, rip_of(&first));
	EXPECT_NE(0, rip_of(&first));
	tvm_close(&first);
	tvm_close(&second);
}

/* What cannot be held any more arrives. */
TEST_F(control, held_messages_are_limited)
{
	/* A VP that does not exist has one, which the driver ignores. */
	const __u32 no_vp = NO_VP;
	unsigned int i;
	__u64 arrived;

	ASSERT_EQ(0, rv_message_hold(HVMSG_OPAQUE_INTERCEPT, MANY));
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i <= MAX_HELD; i++) {
		ASSERT_EQ(0, rv_count(RV_COUNT_MESSAGES, &arrived));
		EXPECT_EQ(0, arrived);
		ASSERT_EQ(0, rv_message(0, 0, HVMSG_OPAQUE_INTERCEPT, HV_BIT64(40), &no_vp,
					sizeof(no_vp)));
	}
	ASSERT_EQ(0, rv_count(RV_COUNT_MESSAGES, &arrived));
	EXPECT_EQ(1, arrived);
	/* They are dropped. */
	ASSERT_EQ(0, rv_rules_clear());
	ASSERT_EQ(0, rv_message_release(&i));
	EXPECT_EQ(0, i);
}

TEST_F(control, rules_for_messages_are_limited)
{
	int (*const add[])(__u32, __u32) = { rv_message_drop, rv_message_dup, rv_message_hold };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(add); i++) {
		for (n = 0; n < MAX_MESSAGE_RULES; n++)
			ASSERT_EQ(0, add[i](UNUSED_TYPE, 1));
		EXPECT_EQ(-ENOSPC, add[i](UNUSED_TYPE, 1));
		ASSERT_EQ(0, rv_rules_clear());
	}
}

TEST_F(control, answers_are_limited)
{
	unsigned int n;

	for (n = 0; n < MAX_ANSWERS; n++)
		ASSERT_EQ(0, rv_answer_status(UNUSED_CODE, 1, HV_STATUS_OPERATION_FAILED));
	EXPECT_EQ(-ENOSPC, rv_answer_status(UNUSED_CODE, 1, HV_STATUS_OPERATION_FAILED));
	EXPECT_EQ(-ENOSPC, rv_answer_value(UNUSED_CODE, 1, 0));
}

TEST_F(control, what_does_not_fit_is_dropped)
{
	unsigned int i;

	stay_here();
	outl(0, RV_PORT_RESET);
	/* A line that would need all of them, and its length is one more. */
	outl(RV_MAX_ARGS * 4, RV_PORT_DATA);
	for (i = 0; i < RV_MAX_ARGS; i++)
		outl(0, RV_PORT_DATA);
	outl(RV_CMD_LOG, RV_PORT_COMMAND);
	EXPECT_EQ(RV_E_ARGUMENT, inl(RV_PORT_COMMAND));
	/* There is no result. */
	EXPECT_EQ(0, inl(RV_PORT_DATA));
}

TEST_F(control, only_dwords_are_for_it)
{
	stay_here();
	outl(0, RV_PORT_RESET);
	outl(0, RV_PORT_COMMAND);
	ASSERT_EQ(RV_E_COMMAND, inl(RV_PORT_COMMAND));
	outb(RV_CMD_MARK, RV_PORT_COMMAND);
	EXPECT_EQ(RV_E_COMMAND, inl(RV_PORT_COMMAND));
	outl(RV_CMD_MARK, RV_PORT_COMMAND + 1);
	EXPECT_EQ(RV_E_COMMAND, inl(RV_PORT_COMMAND));
	EXPECT_EQ(BYTE_ONES, inb(RV_PORT_COMMAND));
	/* What is read there is the machine's matter. */
	EXPECT_NE(RV_E_COMMAND, inl(RV_PORT_COMMAND + 1));
}

/* One partition's, and those of all. */
TEST_F(control, books_of_one_partition)
{
	static const unsigned int what[] = {
		RV_BOOKS_PARTITIONS, RV_BOOKS_DEPOSITED, RV_BOOKS_IN_USE, RV_BOOKS_VPS,
		RV_BOOKS_MAPPED, RV_BOOKS_PORTS,
	};
	struct mshv_user_ioeventfd doorbell = { .addr = 2 * TVM_MEMORY, .len = 4 };
	__u64 of_first, of_second, of_all;
	struct tvm first, second;
	unsigned int i;

	ASSERT_OK(probe_start(&first));
	ASSERT_OK(probe_start(&second));
	/* Its message has the partition id. */
	ASSERT_EQ(PROBE_REFUSED, probe_write(&first, 0, PROBE_GPA, 0));
	ASSERT_EQ(PROBE_REFUSED, probe_write(&second, 0, PROBE_GPA, 0));
	ASSERT_LE(0, tvm_vp(&first, 1));
	doorbell.fd = eventfd(0, EFD_CLOEXEC);
	ASSERT_EQ(0, ioctl(first.part, MSHV_IOEVENTFD, &doorbell));
	for (i = 0; i < ARRAY_SIZE(what); i++) {
		ASSERT_EQ(0, rv_books(what[i], tvm_id(&first), &of_first));
		ASSERT_EQ(0, rv_books(what[i], tvm_id(&second), &of_second));
		ASSERT_EQ(0, rv_books(what[i], 0, &of_all));
		/* A doorbell's port is the root's. */
		EXPECT_EQ(of_first + of_second + (what[i] == RV_BOOKS_PORTS),
			  of_all - self->before.value[what[i]]);
		EXPECT_EQ(what[i] != RV_BOOKS_PORTS, of_second > 0);
	}
	ASSERT_EQ(0, rv_books(RV_BOOKS_VPS, tvm_id(&first), &of_first));
	EXPECT_EQ(2, of_first);
	ASSERT_EQ(0, rv_books(RV_BOOKS_PORTS, tvm_id(&first), &of_first));
	EXPECT_EQ(1, of_first);
	close(doorbell.fd);
	tvm_close(&first);
	tvm_close(&second);
}

static sigjmp_buf back;

static void on_fault(int signal)
{
	siglongjmp(back, signal);
}

TEST_F(control, a_string_is_a_fault)
{
	const struct sigaction action = { .sa_handler = on_fault };
	static const char text[] = "text";
	const char *at = text;
	int signal;

	ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
	signal = sigsetjmp(back, 1);
	if (!signal)
		asm volatile("outsb" : "+S"(at) : "d"(RV_PORT_COMMAND) : "memory");
	EXPECT_EQ(SIGSEGV, signal);
}

/* Only a kernel calls the hypervisor. */
TEST_F(control, a_program_makes_no_hypercall)
{
	const struct sigaction action = { .sa_handler = on_fault };
	__u64 control = HVCALL_GET_PARTITION_ID;
	int signal;

	ASSERT_EQ(0, sigaction(SIGILL, &action, NULL));
	signal = sigsetjmp(back, 1);
	if (!signal)
		asm volatile("vmmcall" : "+c"(control) : "d"(0), "a"(0) : "memory");
	EXPECT_EQ(SIGILL, signal);
}

/* An access by VMMCALL; the signal that it was, or 0. */
static int call_port(__u64 kind, __u64 port, __u64 *value)
{
	const struct sigaction action = { .sa_handler = on_fault };
	int signal;

	sigaction(SIGILL, &action, NULL);
	signal = sigsetjmp(back, 1);
	if (!signal)
		asm volatile("vmmcall" : "+a"(*value) : "c"(kind), "d"(port) : "memory");
	return signal;
}

TEST_F(control, a_call_needs_the_permission_for_the_port)
{
	__u64 value = 0;

	stay_here();
	ASSERT_EQ(0, call_port(RV_CALL_IN, RV_PORT_RESET, &value));
	EXPECT_EQ(RV_MAGIC, value);
	/* One byte less, the other half of the dword, and a task without a bitmap. */
	ASSERT_EQ(0, ioperm(RV_PORT_RESET + 3, 1, 0));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_IN, RV_PORT_RESET, &value));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_OUT, RV_PORT_RESET, &value));
	EXPECT_EQ(0, call_port(RV_CALL_IN, RV_PORT_COMMAND, &value));
	ASSERT_EQ(0, ioperm(RV_PORT_COMMAND, RV_PORT_COUNT, 0));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_IN, RV_PORT_COMMAND, &value));
}

TEST_F(control, a_call_is_for_the_control_port)
{
	__u64 value = 0;

	ASSERT_EQ(0, iopl(3));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_IN, RV_PORT_RESET + 4, &value));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_OUT, RV_PORT_RESET + 1, &value));
	EXPECT_EQ(SIGILL, call_port(RV_CALL_IN + 1, RV_PORT_RESET, &value));
	ASSERT_EQ(0, iopl(0));
}

/* What the library does where IN and OUT do not work. */
TEST_F(control, by_calls_as_by_instructions)
{
	__u64 by_instruction, by_call;
	__u32 rule;

	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, rv_fail(UNUSED_CODE, HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &by_instruction));
	ASSERT_EQ(0, setenv("RVCTL_BY", "call", 1));
	ASSERT_EQ(0, rv_open());
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &by_call));
	EXPECT_EQ(by_instruction, by_call);
	EXPECT_EQ(0, rv_rule_hits(rule, &by_call));
	EXPECT_EQ(0, by_call);
	EXPECT_EQ(-ENOENT, rv_rule_hits(MAX_RULES, &by_call));
	EXPECT_EQ(-EINVAL, rv_count(RV_COUNT_NR, &by_call));
}

static unsigned long stopped_at;

static void on_trap(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	stopped_at = regs[REG_RIP];
	regs[REG_EFL] &= ~TRAP_FLAG;
}

/* Executes an instruction with the trap flag set; @behind: the address of the next. */
#define STEP(instruction, behind, port)					\
do {									\
	unsigned int a_ = 0, b_, c_ = 0, d_ = (port);			\
									\
	stopped_at = 0;							\
	asm volatile("lea 1f(%%rip), %0\n\t"				\
		     "lea -128(%%rsp), %%rsp\n\t"			\
		     "pushfq\n\t"					\
		     "orl %5, (%%rsp)\n\t"				\
		     "popfq\n\t"					\
		     instruction "\n"					\
		     "1:\tnop\n\t"					\
		     "lea 128(%%rsp), %%rsp"				\
		     : "=&r"(behind), "+a"(a_), "=&b"(b_), "+c"(c_), "+d"(d_) \
		     : "i"(TRAP_FLAG) : "memory", "cc");		\
} while (0)

/* Of what the hypervisor executes, as of anything else. */
TEST_F(control, a_single_step_is_one_instruction)
{
	const struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	unsigned long behind;

	ASSERT_EQ(0, sigaction(SIGTRAP, &action, NULL));
	STEP("cpuid", behind, 0);
	EXPECT_EQ(behind, stopped_at);
	STEP("inl %%dx, %%eax", behind, RV_PORT_RESET);
	EXPECT_EQ(behind, stopped_at);
	STEP("outl %%eax, %%dx", behind, RV_PORT_RESET);
	EXPECT_EQ(behind, stopped_at);
}

TEST_HARNESS_MAIN

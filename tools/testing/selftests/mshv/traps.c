// SPDX-License-Identifier: GPL-2.0
/*
 * Single steps over instructions that the processor does not execute itself, and
 * NMIs that wait for the end of an instruction.
 *
 * Model: an event has a certain place in the guest's code, which is on the
 * handler's stack.  A late one is at another place.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_UD	6
#define VECTOR_NP	11
#define VECTOR_GP	13
#define HANDLER_TASK	0x20
#define RFLAGS_TF	0x100
#define DR6_BD		0x2000
#define DR6_BS		0x4000
#define MSR_APIC_BASE	0x1b
#define VMM_PORT	0x71	/* of "in", which the VMM executes */

/* Each is followed by instructions of one byte. */
static const struct {
	const char *name;
	__u8 length;
	__u8 code[16];
} steps[] = {
	{ "CPUID", 2, { 0x0f, 0xa2, 0x90, 0x90 } },
	{ "RDMSR", 2, { 0x0f, 0x32, 0x90, 0x90 } },
	{ "WBINVD", 2, { 0x0f, 0x09, 0x90, 0x90 } },
	{ "VMMCALL", 3, { 0x0f, 0x01, 0xd9, 0x90, 0x90 } },
	{ "HLT", 1, { 0xf4, 0x90, 0x90 } },
	{ "IN", 2, { 0xe4, VMM_PORT, 0x90, 0x90 } },
	{ "NOP", 1, { 0x90, 0x90, 0x90 } },
};

FIXTURE(traps) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(traps)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, guest_spin, sizeof(guest_spin)));
}

FIXTURE_TEARDOWN(traps)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int begin(struct tvm *t, const __u8 *code, size_t size, __u64 rflags)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RBX, 0),
		vmm_value(HV_X64_REGISTER_RCX, MSR_APIC_BASE),
		vmm_value(HV_X64_REGISTER_RFLAGS, rflags),
		vmm_value(HV_X64_REGISTER_DR6, 0xffff0ff0),
	};
	int ret = handlers_make(t, 0);

	memcpy(t->memory + TVM_CODE, code, size);
	return ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

static __u64 get(struct tvm *t, __u32 name)
{
	__u64 value = 0;

	vmm_get_register(t->vp[0], 0, name, &value);
	return value;
}

/* The next message is the VMM's port: step over it, as a VMM does. */
static int execute_in(struct tvm *t)
{
	const struct hv_x64_io_port_intercept_message *io = tvm_io(t);
	int ret = tvm_run(t, 0);

	if (ret)
		return ret;
	if (t->message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
	    io->port_number != VMM_PORT)
		return -EPROTO;
	return tvm_skip(t, 0);
}

/* The address at which a single-stepped guest gets the trap of this instruction. */
static int trap_of(struct tvm *t, unsigned int step)
{
	int ret = begin(t, steps[step].code, sizeof(steps[step].code), 2 | RFLAGS_TF);

	if (!ret && steps[step].code[0] == 0xe4)
		ret = execute_in(t);
	return ret ?: handlers_next(t, 0);
}

TEST_F(traps, after_each)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ASSERT_EQ(VECTOR_DB, trap_of(&self->t, i)) {
			TH_LOG("%s", steps[i].name);
		}
		EXPECT_EQ(TVM_CODE + steps[i].length, handlers_frame(&self->t, 0)->rip) {
			TH_LOG("%s", steps[i].name);
		}
		EXPECT_EQ(DR6_BS, get(&self->t, HV_X64_REGISTER_DR6) & DR6_BS);
		EXPECT_EQ(RFLAGS_TF, handlers_frame(&self->t, 0)->rflags & RFLAGS_TF);
	}
}

/* A step that the VMM has requested is reported to the VMM and not to the guest. */
TEST_F(traps, told_to_the_vmm)
{
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_EXCEPTION,
				HV_INTERCEPT_ACCESS_MASK_EXECUTE, VECTOR_DB));
	ASSERT_OK(begin(&self->t, steps[0].code, sizeof(steps[0].code), 2 | RFLAGS_TF));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT, self->t.message.header.message_type);
	EXPECT_EQ(TVM_CODE + steps[0].length, tvm_header(&self->t)->rip);
}

/* STI, followed by HLT: each has its trap, and the guest does not sleep. */
TEST_F(traps, sti_hlt)
{
	static const __u8 code[] = { 0xfb, 0xf4, STOP };
	unsigned int i;
	int vector;

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2 | RFLAGS_TF));
	for (i = 0; i < 3; i++) {
		vector = handlers_next(&self->t, 0);
		ASSERT_EQ(VECTOR_DB, vector);
		if (handlers_frame(&self->t, 0)->rip == TVM_CODE + 2)
			break;
	}
	EXPECT_EQ(TVM_CODE + 2, handlers_frame(&self->t, 0)->rip);
}

static int nmi(struct tvm *t)
{
	return vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0);
}

/* Counts for ever, with interrupts off and no exits. */
static const __u8 guest_counts[] = { 0x48, 0xff, 0xc3, 0xeb, 0xfb };

/* The next NMI arrives before the same instruction as the last one. */
static void next_is_there(struct __test_metadata *_metadata, struct tvm *t, __u64 rflags)
{
	__u64 rip, rbx;

	ASSERT_OK(begin(t, guest_counts, sizeof(guest_counts), rflags));
	ASSERT_OK(nmi(t));
	ASSERT_EQ(VECTOR_NMI, handlers_next(t, 0));
	rip = handlers_frame(t, 0)->rip;
	rbx = get(t, HV_X64_REGISTER_RBX);
	ASSERT_OK(nmi(t));
	ASSERT_EQ(VECTOR_NMI, handlers_next(t, 0));
	EXPECT_EQ(rip, handlers_frame(t, 0)->rip);
	EXPECT_EQ(rbx, get(t, HV_X64_REGISTER_RBX));
	/* How it was delivered is not visible to the guest. */
	EXPECT_EQ(0, handlers_frame(t, 0)->rflags & RFLAGS_TF);
	EXPECT_EQ(0, get(t, HV_X64_REGISTER_DR6) & DR6_BS);
}

TEST_F(traps, nmi_behind_nmi)
{
	next_is_there(_metadata, &self->t, 2);
}

/* After MOV SS, an NMI comes after the next instruction. */
TEST_F(traps, nmi_behind_mov_ss)
{
	static const __u8 code[] = {
		0xe4, VMM_PORT,		/* in al, port */
		0x8e, 0xd2,		/* mov ss, edx */
		0x90, 0x90, 0xeb, 0xfe,	/* nop, nop, for ever */
	};
	const struct hv_register_assoc shadow[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE + 4),
		vmm_value(HV_REGISTER_INTERRUPT_STATE, 1),
	};

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	/* Directly after MOV SS, as a VMM would restore it. */
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, shadow, ARRAY_SIZE(shadow)));
	ASSERT_OK(nmi(&self->t));
	ASSERT_EQ(VECTOR_NMI, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 5, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(0, handlers_frame(&self->t, 0)->rflags & RFLAGS_TF);
}

#define IST1		0x24		/* in a task's state, which lies at 0 */
#define HANDLER_DB	(HANDLER_CODE + VECTOR_DB * HANDLER_STEP)
#define STACK_DB	0x6000
#define DR7_WRITES_OF_8	0x90000		/* at the address in DR0 */
#define EXITS_ENOUGH	1000	/* more than ticks and kicks could make */

static bool looping;

/* Until enough exits of the guest have been counted. */
static void *loops(void *arg)
{
	struct tvm *t = arg;
	int ret;

	do
		ret = tvm_run(t, 0);
	while (ret == -EINTR && __atomic_load_n(&looping, __ATOMIC_RELAXED));
	return NULL;
}

static __u64 exits(void)
{
	__u64 value = 0;

	rv_count(RV_COUNT_CHILD_EXITS, &value);
	return value;
}

/*
 * The handler of breakpoints begins with one.  The guest loops for ever, but each
 * one exits to the hypervisor, so the guest does not keep the processor for ever.
 */
TEST_F(traps, breakpoint_on_its_handler)
{
	static const __u8 code[] = { 0xcd, VECTOR_DB, STOP };
	pthread_t runner;
	__u64 before;
	bool lets;
	int vector;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	*(__u64 *)(self->t.memory + IST1) = STACK_DB;
	self->t.memory[HANDLER_IDT + VECTOR_DB * 16 + 4] = 1;
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR0, HANDLER_DB));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR7, 0x401));
	looping = true;
	before = exits();
	ASSERT_EQ(0, pthread_create(&runner, NULL, loops, &self->t));
	lets = wait_until(exits() - before > EXITS_ENOUGH);
	__atomic_store_n(&looping, false, __ATOMIC_RELAXED);
	ASSERT_OK(ioctl(self->t.vp[0], MSHV_KICK_VP));
	pthread_join(runner, NULL);
	EXPECT_EQ(true, lets);
	EXPECT_EQ(HANDLER_DB, get(&self->t, HV_X64_REGISTER_RIP));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR7, 0x400));
	do
		vector = handlers_next(&self->t, 0);
	while (vector == -EINTR);
	EXPECT_EQ(VECTOR_DB, vector);
}

/*
 * A breakpoint on a handler's own stack: the handler is reached, and the machine goes on.
 * If the emulator does not take such a breakpoint, the guest reads it all the same.
 */
TEST_F(traps, breakpoint_on_its_stack)
{
	static const __u8 code[] = {
		0x0f, 0x21, 0xfb,	/* mov rbx, dr7 */
		0x48, 0x89, 0xd9,	/* mov rcx, rbx */
		0x0f, 0x23, 0xf9,	/* mov dr7, rcx */
		0xcd, VECTOR_UD, STOP	/* or another vector */
	};
	static const __u8 vectors[] = { VECTOR_UD, VECTOR_GP, VECTOR_DB };
	__u64 dr7 = 0x401 | DR7_WRITES_OF_8;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
		self->t.memory[TVM_CODE + sizeof(code) - 5] = vectors[i];
		*(__u64 *)(self->t.memory + IST1) = STACK_DB;
		self->t.memory[HANDLER_IDT + vectors[i] * 16 + 4] = 1;
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR0,
					   STACK_DB - 8));
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_DR7, dr7));
		EXPECT_EQ(vectors[i], handlers_next(&self->t, 0)) {
			TH_LOG("%s", vmm_error());
		}
		EXPECT_EQ(dr7, get(&self->t, HV_X64_REGISTER_RBX));
		EXPECT_EQ(dr7, get(&self->t, HV_X64_REGISTER_DR7));
	}
}

/* MOV to DR7 takes 32 bits, and minds who guards the debug registers. */
TEST_F(traps, dr7)
{
	static const __u8 code[] = {
		0x48, 0xb8, 0, 0, 0, 0, 1, 0, 0, 0,	/* mov rax, 1 << 32 */
		0x0f, 0x23, 0xf8,			/* mov dr7, rax */
		STOP,
	};
	static const __u8 guarded[] = {
		0xb8, 0, 0x24, 0, 0,			/* mov eax, GD */
		0x0f, 0x23, 0xf8, 0x0f, 0x23, 0xf8,	/* mov dr7, rax, twice */
		STOP,
	};

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	EXPECT_EQ(VECTOR_GP, handlers_next(&self->t, 0));
	EXPECT_EQ(0x400, get(&self->t, HV_X64_REGISTER_DR7));
	ASSERT_OK(begin(&self->t, guarded, sizeof(guarded), 2));
	EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 8, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(DR6_BD, get(&self->t, HV_X64_REGISTER_DR6) & DR6_BD);
	EXPECT_EQ(0x400, get(&self->t, HV_X64_REGISTER_DR7));
}

/* There are control registers 0, 2, 3, 4 and 8; the others are #UD in either direction. */
TEST_F(traps, control_registers)
{
	static const __u8 absent[] = { 1, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15 };
	unsigned int i, write;

	for (i = 0; i < ARRAY_SIZE(absent); i++) {
		for (write = 0; write < 2; write++) {
			const __u8 code[] = {
				absent[i] & 8 ? 0x44 : 0x40, 0x0f,
				write ? 0x22 : 0x20, 0xc0 | (absent[i] & 7) << 3,
				STOP,
			};

			ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
			EXPECT_EQ(VECTOR_UD, handlers_next(&self->t, 0)) {
				TH_LOG("CR%u, %s", absent[i], write ? "write" : "read");
			}
			tvm_close(&self->t);
			ASSERT_OK(tvm_start_long(&self->t, guest_spin,
						 sizeof(guest_spin)));
		}
	}
}

/*
 * LTR of something else is refused, and the old task register stays; so does the
 * VMM's.
 */
TEST_F(traps, no_task)
{
	static const __u8 code[] = {
		0x31, 0xc0,		/* xor eax, eax */
		0x0f, 0x00, 0xd8,	/* ltr ax */
		STOP,
	};
	const struct hv_register_assoc absent =
		vmm_segment(HV_X64_REGISTER_TR, 0, 0, 0, 0);

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	EXPECT_EQ(-EINVAL, vmm_set_registers(self->t.vp[0], 0, &absent, 1));
	/* Without its stack the handler would cause a triple fault. */
	*(__u64 *)(self->t.memory + IST1) = STACK_DB;
	self->t.memory[HANDLER_IDT + VECTOR_GP * 16 + 4] = 1;
	EXPECT_EQ(VECTOR_GP, handlers_next(&self->t, 0));
	EXPECT_EQ(0x67, ({
		struct hv_register_assoc tr = { .name = HV_X64_REGISTER_TR };

		vmm_get_registers(self->t.vp[0], 0, &tr, 1);
		tr.value.segment.limit;
	}));
}

/* An exception of an instruction that is stepped over shows nothing of the step. */
static void expect_no_trace(struct __test_metadata *_metadata, struct tvm *t, __u64 rip)
{
	/* Above the error code. */
	const struct handler_frame *frame =
		(const void *)((const __u64 *)handlers_frame(t, 0) + 1);

	EXPECT_EQ(rip, frame->rip);
	EXPECT_EQ(0, frame->rflags & RFLAGS_TF);
	EXPECT_EQ(0, get(t, HV_X64_REGISTER_DR6) & DR6_BS);
}

TEST_F(traps, task_that_faults)
{
	static const __u8 code[] = {
		0xb8, HANDLER_TASK, 0, 0, 0,	/* mov eax, selector */
		0x0f, 0x00, 0xd8,		/* ltr ax */
		STOP,
	};
	static const struct {
		const char *name;
		int vector;
		__u64 task;
	} rows[] = {
		{ "busy", VECTOR_GP, 0x00008b0000000067 },
		{ "not present", VECTOR_NP, 0x0000090000000067 },
		{ "no task", VECTOR_GP, 0x00cf93000000ffff },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
		*(__u64 *)(self->t.memory + HANDLER_GDT + HANDLER_TASK) = rows[i].task;
		ASSERT_EQ(rows[i].vector, handlers_next(&self->t, 0)) {
			TH_LOG("%s: %s", rows[i].name, vmm_error());
		}
		expect_no_trace(_metadata, &self->t, TVM_CODE + 5);
		EXPECT_EQ(HANDLER_TASK, ((const __u64 *)handlers_frame(&self->t, 0))[0]);
	}
}

/* The IRET that an NMI waits for finds a bad frame. */
TEST_F(traps, iret_that_faults)
{
	struct handler_frame *frame;
	__u64 handler = HANDLER_CODE + VECTOR_NMI * HANDLER_STEP;

	ASSERT_OK(begin(&self->t, guest_counts, sizeof(guest_counts), 2));
	ASSERT_OK(nmi(&self->t));
	ASSERT_EQ(VECTOR_NMI, handlers_next(&self->t, 0));
	frame = (struct handler_frame *)handlers_frame(&self->t, 0);
	frame->cs = HANDLER_TASK;
	ASSERT_OK(nmi(&self->t));
	ASSERT_EQ(VECTOR_GP, handlers_next(&self->t, 0));
	/* Behind push, mov, out and pop. */
	expect_no_trace(_metadata, &self->t, handler + 6);
}

/* A present task is loaded, without side effects. */
TEST_F(traps, task)
{
	static const __u8 code[] = {
		0xb8, HANDLER_TASK, 0, 0, 0,	/* mov eax, selector */
		0x0f, 0x00, 0xd8, 0x9c,		/* ltr ax; pushf */
		STOP,
	};
	__u64 *task = (__u64 *)(self->t.memory + HANDLER_GDT + HANDLER_TASK);
	__u64 rsp;

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	task[0] = 0x0000890000000067;
	ASSERT_EQ(HANDLER_STOP, handlers_next(&self->t, 0));
	EXPECT_EQ(0x8b, task[0] >> 40 & 0xff);
	rsp = get(&self->t, HV_X64_REGISTER_RSP);
	EXPECT_EQ(2, *(__u64 *)(self->t.memory + rsp));
	EXPECT_EQ(0, get(&self->t, HV_X64_REGISTER_DR6) & DR6_BS);
}

TEST_HARNESS_MAIN

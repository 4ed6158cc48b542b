// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that a guest makes: interrupts between its processors, TLB flushes,
 * spinning, starting another processor.
 *
 * Model: processor 0 makes one call after the other, in 64-bit mode; the test puts its
 * input into memory and registers, and gets the status in RAX.  The others sleep, and
 * ears report their interrupts (ear.h); or one of them reads a page without an exit
 * for ever and notes what it has found, so that it sees a changed page table only if
 * its TLB is flushed.
 */
#include <hyperv/hv_memory.h>
#include <hyperv/hv_register.h>

#include "harness.h"
#include "claims.h"
#include "ear.h"
#include "waits.h"

#define CALLER		0x9000
#define READER		0x9800
#define INPUT		0xa000
#define NOTES		0xb000
#define TABLE		(TVM_TABLES + 3 * VMM_PAGE)
#define OLD_PAGE	0x90000
#define NEW_PAGE	0x91000
#define OLD_VALUE	'o'
#define NEW_VALUE	'n'
/* Two MiB that have a page table of their own. */
#define WINDOW		0x200000
#define PRESENT		7
#define OTHERS		2	/* processors that listen */
#define VECTOR		0x45
#define UD_VECTOR	6
#define OS_ID		0x8100000000000001ULL
#define ROOT		1	/* id of its partition */
#define FLUSHES		20
#define FAR_VP		65	/* behind the first 64, and a gap */
#define REPS(n)		((__u64)(n) << 32)
#define VARHEAD(n)	((__u64)(n) << HV_HYPERCALL_VARHEAD_OFFSET)

static const __u8 caller[] = {
	0x0f, 0x01, 0xd9,		/* vmmcall */
	0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
	OUT_AL,
};

/*
 * Changes a page table entry, makes a call, and waits until the reader has read twice
 * since: the second of these has begun after the call.
 */
static const __u8 changer[] = {
	0x48, 0x89, 0x37,		/* mov [rdi], rsi */
	0x0f, 0x01, 0xd9,		/* vmmcall */
	0x49, 0x89, 0xc1,		/* mov r9, rax */
	0x4c, 0x8b, 0x53, 0x08,		/* mov r10, [rbx + 8] */
	0x49, 0x83, 0xc2, 0x02,		/* add r10, 2 */
	0xf3, 0x90,			/* pause */
	0x4c, 0x39, 0x53, 0x08,		/* cmp [rbx + 8], r10 */
	0x72, 0xf8,			/* jb back to pause */
	0x8a, 0x03,			/* mov al, [rbx] */
	0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
	OUT_AL,
};

static const __u8 reader[] = {
	0x8a, 0x07,			/* mov al, [rdi] */
	0x88, 0x03,			/* mov [rbx], al */
	0x48, 0xff, 0x43, 0x08,		/* inc qword [rbx + 8] */
	0xeb, 0xf6,			/* again */
};

struct notes {
	__u64 value, reads;
};

FIXTURE(guestcalls) {
	struct books before;
	struct tvm t;
	struct ear ear[OTHERS];
	bool books, listening, reading;
	pthread_t thread;
};

FIXTURE_SETUP(guestcalls)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(sleeper_start(&self->t));
	memcpy(self->t.memory + CALLER, caller, sizeof(caller));
	memcpy(self->t.memory + READER, reader, sizeof(reader));
	ASSERT_OK(tvm_long_mode(&self->t, 0, CALLER));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
}

FIXTURE_TEARDOWN(guestcalls)
{
	unsigned int i;

	for (i = 0; self->listening && i < OTHERS; i++) {
		ear_close(&self->ear[i]);
		EXPECT_EQ(0, self->ear[i].result);
		EXPECT_EQ(0, self->ear[i].other);
	}
	if (self->reading) {
		ioctl(self->t.vp[1], MSHV_KICK_VP);
		pthread_join(self->thread, NULL);
	}
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Returns the status, or -errno. */
static int call(struct tvm *t, __u64 control, __u64 rdx, __u64 r8)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, CALLER),
		vmm_value(HV_X64_REGISTER_RCX, control),
		vmm_value(HV_X64_REGISTER_RDX, rdx),
		vmm_value(HV_X64_REGISTER_R8, r8),
	};
	__u64 status;
	int ret;

	ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	if (!ret)
		ret = tvm_next_out(t, 0, &status);
	return ret ? ret : (int)(tvm_io(t)->rax & HV_HYPERCALL_RESULT_MASK);
}

static int call_memory(struct tvm *t, __u64 control, const void *input, size_t size)
{
	memcpy(t->memory + INPUT, input, size);
	return call(t, control, INPUT, 0);
}

/* --- interrupts --------------------------------------------------------------------- */

#define LISTEN() do {							\
	unsigned int i_;						\
									\
	for (i_ = 1; i_ <= OTHERS; i_++) {				\
		ASSERT_LE(0, tvm_vp(&self->t, i_));			\
		ASSERT_OK(tvm_real_mode(&self->t, i_, TVM_CODE));	\
		ASSERT_OK(vmm_set_register(self->t.vp[i_], i_,		\
					   HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0)); \
		ASSERT_OK(ear_open(&self->ear[i_ - 1], self->t.vp[i_], i_)); \
		self->listening = i_ == OTHERS;				\
		ASSERT_TRUE(ear_wait(&self->ear[i_ - 1], EAR_READY, 1)); \
	}								\
} while (0)

/* What was in flight has arrived, and so often has VECTOR. */
#define HEARD(which, times) do {					\
	unsigned int lasts_ = ear_heard(&self->ear[which], EAR_LAST);	\
									\
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED,	\
			     false, false, (which) + 1, EAR_LAST));	\
	ASSERT_TRUE(ear_wait(&self->ear[which], EAR_LAST, lasts_ + 1));	\
	EXPECT_EQ(times, ear_heard(&self->ear[which], VECTOR));		\
} while (0)

TEST_F(guestcalls, interrupt)
{
	const struct hv_send_ipi both = { .vector = VECTOR, .cpu_mask = 6 | HV_BIT64(40) };
	const __u64 fast = HVCALL_SEND_IPI | HV_HYPERCALL_FAST_BIT;

	LISTEN();
	EXPECT_EQ(0, call(&self->t, fast, VECTOR, HV_BIT64(2)));
	HEARD(0, 0);
	HEARD(1, 1);
	EXPECT_EQ(0, call_memory(&self->t, HVCALL_SEND_IPI, &both, sizeof(both)));
	HEARD(0, 1);
	HEARD(1, 2);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call(&self->t, fast, HV_IPI_LOW_VECTOR - 1, HV_BIT64(2)));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call(&self->t, fast, 0x100, HV_BIT64(2)));
	/* Of another trust level. */
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call(&self->t, fast, VECTOR | HV_BIT64(32), HV_BIT64(2)));
	HEARD(1, 2);
}

TEST_F(guestcalls, interrupt_to_a_set)
{
	struct {
		struct hv_send_ipi_ex fixed;
		__u64 bank;
	} in = {
		.fixed = { .vector = VECTOR, .vp_set.valid_bank_mask = 1 }, .bank = HV_BIT64(1),
	};
	const __u64 one_bank = HVCALL_SEND_IPI_EX | VARHEAD(1);

	LISTEN();
	EXPECT_EQ(0, call_memory(&self->t, one_bank, &in, sizeof(in)));
	HEARD(0, 1);
	HEARD(1, 0);
	in.fixed.vp_set.format = HV_GENERIC_SET_ALL;
	in.fixed.vp_set.valid_bank_mask = 0;
	EXPECT_EQ(0, call_memory(&self->t, HVCALL_SEND_IPI_EX, &in, sizeof(in.fixed)));
	HEARD(0, 2);
	HEARD(1, 1);
	in.fixed.reserved = 1;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call_memory(&self->t, HVCALL_SEND_IPI_EX, &in, sizeof(in.fixed)));
	in.fixed.reserved = 0;
	in.fixed.vector = 1;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call_memory(&self->t, HVCALL_SEND_IPI_EX, &in, sizeof(in.fixed)));
	/* Two banks in the mask, and one behind it. */
	in.fixed.vector = VECTOR;
	in.fixed.vp_set.format = HV_GENERIC_SET_SPARSE_4K;
	in.fixed.vp_set.valid_bank_mask = 3;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call_memory(&self->t, one_bank, &in, sizeof(in)));
	HEARD(0, 2);
	HEARD(1, 1);
}

/* --- flushes ---------------------------------------------------------------------------- */

static struct notes notes_of(const struct tvm *t)
{
	const struct notes *n = (const void *)(t->memory + NOTES);

	return (struct notes){ __atomic_load_n(&n->value, __ATOMIC_RELAXED),
			       __atomic_load_n(&n->reads, __ATOMIC_RELAXED) };
}

static void *read_for_ever(void *opaque)
{
	struct tvm t = *(struct tvm *)opaque;

	tvm_run(&t, 1);
	return NULL;
}

static __u64 *entry_of(struct tvm *t)
{
	return (__u64 *)(t->memory + TABLE);
}

static int start_reader(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RDI, WINDOW),
		vmm_value(HV_X64_REGISTER_RBX, NOTES),
		vmm_value(HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0),
	};
	__u64 *pd = (__u64 *)(t->memory + TVM_TABLES + 2 * VMM_PAGE);
	int ret = tvm_vp(t, 1);

	if (ret < 0)
		return ret;
	ret = tvm_long_mode(t, 1, READER);
	if (!ret)
		ret = vmm_set_registers(t->vp[1], 1, regs, ARRAY_SIZE(regs));
	pd[1] = TABLE | PRESENT;
	t->memory[OLD_PAGE] = OLD_VALUE;
	t->memory[NEW_PAGE] = NEW_VALUE;
	memcpy(t->memory + CALLER, changer, sizeof(changer));
	return ret;
}

/* The status, or -EILSEQ if the reader has not seen the change. */
static int change(struct tvm *t, __u64 page, __u64 value, __u64 control)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RDI, TABLE),
		vmm_value(HV_X64_REGISTER_RSI, page | PRESENT),
		vmm_value(HV_X64_REGISTER_RBX, NOTES),
	};
	__u64 status;
	int ret;

	ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	if (!ret)
		ret = call(t, control, INPUT, 0);
	if (ret < 0)
		return ret;
	if (ret != (int)value)
		return -EILSEQ;
	ret = vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_R9, &status);
	return ret ? ret : (int)(status & HV_HYPERCALL_RESULT_MASK);
}

#define FLUSH(control, input, size) do {				\
	unsigned int i_;						\
									\
	memcpy(self->t.memory + INPUT, input, size);			\
	*entry_of(&self->t) = OLD_PAGE | PRESENT;			\
	ASSERT_OK(start_reader(&self->t));				\
	self->reading = !pthread_create(&self->thread, NULL, read_for_ever, &self->t); \
	ASSERT_TRUE(self->reading);					\
	ASSERT_TRUE(wait_until(notes_of(&self->t).value == OLD_VALUE));	\
	for (i_ = 0; i_ < FLUSHES; i_++) {				\
		ASSERT_EQ(0, change(&self->t, NEW_PAGE, NEW_VALUE, control)); \
		ASSERT_EQ(0, change(&self->t, OLD_PAGE, OLD_VALUE, control)); \
	}								\
} while (0)

TEST_F(guestcalls, flush)
{
	const struct hv_tlb_flush in = { .processor_mask = HV_BIT64(1) | HV_BIT64(40) };

	FLUSH(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, &in, sizeof(in));
}

TEST_F(guestcalls, flush_a_list_everywhere)
{
	const __u64 in[] = { 0, HV_FLUSH_ALL_PROCESSORS, 0, WINDOW };

	FLUSH(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | REPS(1), in, sizeof(in));
}

TEST_F(guestcalls, flush_of_a_set)
{
	const __u64 in[] = { 0, 0, HV_GENERIC_SET_SPARSE_4K, 1, HV_BIT64(1) };

	FLUSH(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1), in, sizeof(in));
}

TEST_F(guestcalls, flush_a_list_of_a_set)
{
	const __u64 in[] = { 0, 0, HV_GENERIC_SET_SPARSE_4K, 1, HV_BIT64(1), WINDOW };

	FLUSH(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX | VARHEAD(1) | REPS(1), in, sizeof(in));
}

TEST_F(guestcalls, flush_of_a_wrong_set)
{
	const __u64 in[] = { 0, 0, HV_GENERIC_SET_SPARSE_4K, 3, HV_BIT64(1) };

	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  call_memory(&self->t, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1),
			      in, sizeof(in)));
	/* A list without elements. */
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
		  call_memory(&self->t, HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST, in, sizeof(in)));
}

/* All processors but two are missing. */
TEST_F(guestcalls, processors_with_a_gap)
{
	const struct hv_send_ipi_ex all = {
		.vector = VECTOR, .vp_set.format = HV_GENERIC_SET_ALL,
	};
	const __u64 sets[][4] = {
		{ 0, 0, HV_GENERIC_SET_ALL, 0 },
		{ 0, HV_FLUSH_ALL_PROCESSORS, HV_GENERIC_SET_SPARSE_4K, 0 },
	};
	const struct hv_tlb_flush flushes[] = {
		{ .processor_mask = ~0ULL },
		{ .flags = HV_FLUSH_ALL_PROCESSORS },
	};
	unsigned int i;
	int far;

	far = vmm_create_vp(self->t.part, FAR_VP);
	ASSERT_LE(0, far);
	EXPECT_EQ(0, call_memory(&self->t, HVCALL_SEND_IPI_EX, &all, sizeof(all)));
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		EXPECT_EQ(0, call_memory(&self->t, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
					 sets[i], sizeof(sets[i])));
	for (i = 0; i < ARRAY_SIZE(flushes); i++)
		EXPECT_EQ(0, call_memory(&self->t, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
					 &flushes[i], sizeof(flushes[i])));
	close(far);
}

/* --- blocks of memory ------------------------------------------------------------------ */

#define OUTPUT		0xd000

struct get_index {
	struct hv_get_vp_from_apic_id_in fixed;
	__u32 apic_id;
};

static const struct get_index get_index = {
	.fixed = { .partition_id = HV_PARTITION_ID_SELF }, .apic_id = 1,
};

static const __u64 get = HVCALL_GET_VP_INDEX_FROM_APIC_ID | REPS(1);

/* Pages that no one has touched, or that the root has taken back. */
TEST_F(guestcalls, memory_that_is_not_there)
{
	__u32 *out = (__u32 *)(self->t.memory + OUTPUT);
	unsigned int i;

	ASSERT_LE(0, tvm_vp(&self->t, 1));
	for (i = 0; i < 2; i++) {
		memcpy(self->t.memory + INPUT, &get_index, sizeof(get_index));
		EXPECT_EQ(0, call(&self->t, get, INPUT, OUTPUT));
		EXPECT_EQ(1, *out);
		ASSERT_EQ(0, madvise(self->t.memory + OUTPUT, VMM_PAGE, MADV_REMOVE));
		ASSERT_EQ(0, madvise(self->t.memory + INPUT, VMM_PAGE, MADV_REMOVE));
	}
}

/* Run into a message about @gpa, for a write if @write. */
#define MEETS(rdx, r8, gpa, write) do {					\
	const struct hv_register_assoc regs_[] = {			\
		vmm_value(HV_X64_REGISTER_RIP, CALLER),			\
		vmm_value(HV_X64_REGISTER_RCX, get),			\
		vmm_value(HV_X64_REGISTER_RDX, rdx),			\
		vmm_value(HV_X64_REGISTER_R8, r8),			\
	};								\
									\
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs_, ARRAY_SIZE(regs_))); \
	ASSERT_OK(tvm_run(&self->t, 0));				\
	ASSERT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type); \
	EXPECT_EQ(gpa, tvm_mem(&self->t)->guest_physical_address);	\
	EXPECT_EQ(write, tvm_header(&self->t)->intercept_access_type);	\
	EXPECT_EQ(CALLER, tvm_header(&self->t)->rip);			\
} while (0)

TEST_F(guestcalls, memory_that_the_vmm_has_not_given)
{
	__u32 *more = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, more);
	MEETS(TVM_MEMORY + 8, OUTPUT, TVM_MEMORY + 8, HV_INTERCEPT_ACCESS_READ);
	memcpy(self->t.memory + INPUT, &get_index, sizeof(get_index));
	MEETS(INPUT, TVM_MEMORY, TVM_MEMORY, HV_INTERCEPT_ACCESS_WRITE);
	/* Then it is there. */
	ASSERT_OK(vmm_map(self->t.part, TVM_MEMORY, VMM_PAGE, more, MEM_RWX));
	ASSERT_LE(0, tvm_vp(&self->t, 1));
	EXPECT_EQ(0, call(&self->t, get, INPUT, TVM_MEMORY));
	EXPECT_EQ(1, *more);
}

TEST_F(guestcalls, memory_in_no_place)
{
	static const struct {
		__u64 in, out;
	} wrong[] = {
		{ INPUT + 4, OUTPUT },			/* not aligned */
		{ INPUT, OUTPUT + 4 },
		{ INPUT + VMM_PAGE - 8, OUTPUT },	/* across the end of a page */
		{ INPUT, OUTPUT + VMM_PAGE - 8 },
		{ HV_BIT64(48), OUTPUT },		/* beyond all addresses */
		{ INPUT, HV_BIT64(48) },
		{ INPUT, INPUT + 8 },			/* one over the other */
	};
	const __u64 get_three = HVCALL_GET_VP_INDEX_FROM_APIC_ID | REPS(3);
	unsigned int i;

	memcpy(self->t.memory + INPUT, &get_index, sizeof(get_index));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT,
			  call(&self->t, get_three, wrong[i].in, wrong[i].out));
}

TEST_F(guestcalls, of_other_partitions)
{
	static const struct {
		__u64 partition;
		int status;
	} others[] = {
		{ ROOT, HV_STATUS_ACCESS_DENIED },
		{ HV_BIT64(40), HV_STATUS_INVALID_PARTITION_ID },
	};
	struct get_index in = get_index;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		in.fixed.partition_id = others[i].partition;
		memcpy(self->t.memory + INPUT, &in, sizeof(in));
		EXPECT_EQ(others[i].status, call(&self->t, get, INPUT, OUTPUT));
	}
}

/* --- spinning ------------------------------------------------------------------------- */

TEST_F(guestcalls, spin_and_unknown_calls)
{
	const __u64 spin = HVCALL_NOTIFY_LONG_SPIN_WAIT | HV_HYPERCALL_FAST_BIT;

	EXPECT_EQ(0, call(&self->t, spin, 1, 0));
	/* What only a root may do does not exist for a guest. */
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  call(&self->t, HVCALL_DEPOSIT_MEMORY | HV_HYPERCALL_FAST_BIT, 0, 0));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  call(&self->t, 0x7ff | HV_HYPERCALL_FAST_BIT, 0, 0));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT, call(&self->t, spin | HV_BIT64(63), 1, 0));
}

/* An undefined instruction: the handler reports it, and where it was. */
static const __u8 handler[] = {
	0x5b,				/* pop bx */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 'u', OUT_AL,
};

TEST_F(guestcalls, none_in_real_mode)
{
	__u16 *vector = (__u16 *)self->t.memory + 2 * UD_VECTOR;
	__u64 value, rip;

	/* VP 0 is in 64-bit mode. */
	ASSERT_LE(0, tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_real_mode(&self->t, 1, CALLER));
	ASSERT_OK(vmm_set_register(self->t.vp[1], 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	memcpy(self->t.memory + READER, handler, sizeof(handler));
	vector[0] = READER;
	vector[1] = 0;
	ASSERT_OK(tvm_next_out(&self->t, 1, &value));
	EXPECT_EQ('u', value);
	ASSERT_OK(vmm_get_register(self->t.vp[1], 1, HV_X64_REGISTER_RBX, &rip));
	EXPECT_EQ(CALLER, rip);
}

/* --- starting processors ------------------------------------------------------------------ */

#define STARTED		0xe000
#define EFER_SVME	0x1000
#define CR4_VMXE	0x2000
#define CR0_PG		0x80000000

static const __u8 started[] = {
	0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
	0xb0, 's', OUT_AL,
};

/* A guest with all privileges that there are. */
FIXTURE(guestrights) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(guestrights)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_LE(0, claims_start(&self->t, TVM_FLAGS));
	ASSERT_LE(0, tvm_vp(&self->t, 1));
	memcpy(self->t.memory + CALLER, caller, sizeof(caller));
	memcpy(self->t.memory + STARTED, started, sizeof(started));
	ASSERT_OK(tvm_long_mode(&self->t, 0, CALLER));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
}

FIXTURE_TEARDOWN(guestrights)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static struct hv_x64_segment_register segment(__u32 name, __u16 selector, __u16 attributes)
{
	return vmm_segment(name, selector, 0, 0xffffffff, attributes).value.segment;
}

/* The state that VP 0 is in, but for where it is. */
static struct hv_input_start_vp start_of_vp_1(void)
{
	return (struct hv_input_start_vp){
		.partition_id = HV_PARTITION_ID_SELF,
		.vp_index = 1,
		.context = {
			.rip = STARTED, .rsp = TVM_STACK, .rflags = 2,
			.cs = segment(HV_X64_REGISTER_CS, 0x10, 0xa09b),
			.ds = segment(HV_X64_REGISTER_DS, 0x18, 0xc093),
			.es = segment(HV_X64_REGISTER_ES, 0x18, 0xc093),
			.fs = segment(HV_X64_REGISTER_FS, 0x18, 0xc093),
			.gs = segment(HV_X64_REGISTER_GS, 0x18, 0xc093),
			.ss = segment(HV_X64_REGISTER_SS, 0x18, 0xc093),
			.tr = segment(HV_X64_REGISTER_TR, 0x20, 0x8b),
			.ldtr = segment(HV_X64_REGISTER_LDTR, 0, 0x82),
			.cr0 = 0x80000031, .cr3 = TVM_TABLES, .cr4 = 0x20, .efer = 0x500,
			.msr_cr_pat = 0x0007040600070406,
		},
	};
}

TEST_F(guestrights, start_a_processor)
{
	struct hv_input_start_vp in = start_of_vp_1();
	__u64 value;

	ASSERT_EQ(0, call_memory(&self->t, HVCALL_START_VP, &in, sizeof(in)));
	ASSERT_OK(tvm_next_out(&self->t, 1, &value));
	EXPECT_EQ('s', value);
	EXPECT_EQ(STARTED + sizeof(started) - 1, tvm_header(&self->t)->rip);
	/* It runs already. */
	EXPECT_EQ(HV_STATUS_INVALID_VP_STATE,
		  call_memory(&self->t, HVCALL_START_VP, &in, sizeof(in)));
	in.vp_index = 2;
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  call_memory(&self->t, HVCALL_START_VP, &in, sizeof(in)));
}

/* With what it could not set itself. */
TEST_F(guestrights, start_a_processor_in_a_wrong_state)
{
	struct hv_input_start_vp in[] = {
		start_of_vp_1(), start_of_vp_1(), start_of_vp_1(), start_of_vp_1(),
	};
	unsigned int i;

	in[0].context.efer |= EFER_SVME;
	in[1].context.cr4 |= CR4_VMXE;
	in[2].context.cr0 = CR0_PG;
	in[3].context.msr_cr_pat = 2;
	for (i = 0; i < ARRAY_SIZE(in); i++)
		EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE,
			  call_memory(&self->t, HVCALL_START_VP, &in[i], sizeof(in[i])));
	for (i = 0; i < 3; i++) {
		in[i] = start_of_vp_1();
		in[i].target_vtl = i == 0;
		in[i].mbz0 = i == 1;
		in[i].mbz1 = i == 2;
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  call_memory(&self->t, HVCALL_START_VP, &in[i], sizeof(in[i])));
	}
}

/* --- registers of its own ------------------------------------------------------------------ */

struct get_one {
	struct hv_input_get_vp_registers head;
	__u32 name;
};

struct set_one {
	struct hv_input_set_vp_registers head;
	struct hv_register_assoc reg;
};

static const __u64 get_register = HVCALL_GET_VP_REGISTERS | REPS(1);
static const __u64 set_register = HVCALL_SET_VP_REGISTERS | REPS(1);

/* Of itself, by either name, and of another processor. */
TEST_F(guestrights, registers)
{
	static const struct {
		__u32 index;
		unsigned int vp;
	} rows[] = { { HV_VP_INDEX_SELF, 0 }, { 0, 0 }, { 1, 1 } };
	const __u64 *out = (const void *)(self->t.memory + OUTPUT);
	__u64 value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct get_one get_one = {
			.head = { HV_PARTITION_ID_SELF, rows[i].index },
			.name = HV_X64_REGISTER_R12,
		};
		const struct set_one set_one = {
			.head = { HV_PARTITION_ID_SELF, rows[i].index },
			.reg = vmm_value(HV_X64_REGISTER_R12, 0x2200 + i),
		};

		ASSERT_OK(vmm_set_register(self->t.vp[rows[i].vp], rows[i].vp,
					   HV_X64_REGISTER_R12, 0x1100 + i));
		memcpy(self->t.memory + INPUT, &get_one, sizeof(get_one));
		EXPECT_EQ(0, call(&self->t, get_register, INPUT, OUTPUT));
		EXPECT_EQ(0x1100 + i, *out);
		EXPECT_EQ(0, call_memory(&self->t, set_register, &set_one, sizeof(set_one)));
		ASSERT_OK(vmm_get_register(self->t.vp[rows[i].vp], rows[i].vp,
					   HV_X64_REGISTER_R12, &value));
		EXPECT_EQ(0x2200 + i, value);
	}
}

TEST_F(guestrights, registers_of_none)
{
	const struct get_one get_one = {
		.head = { HV_PARTITION_ID_SELF, 2 }, .name = HV_X64_REGISTER_R12,
	};

	memcpy(self->t.memory + INPUT, &get_one, sizeof(get_one));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, call(&self->t, get_register, INPUT, OUTPUT));
}

TEST_F(guestcalls, registers_without_the_right)
{
	const struct get_one get_one = {
		.head = { HV_PARTITION_ID_SELF, HV_VP_INDEX_SELF }, .name = HV_X64_REGISTER_R12,
	};
	const struct set_one set_one = {
		.head = { HV_PARTITION_ID_SELF, HV_VP_INDEX_SELF },
		.reg = vmm_value(HV_X64_REGISTER_R12, 1),
	};

	memcpy(self->t.memory + INPUT, &get_one, sizeof(get_one));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, call(&self->t, get_register, INPUT, OUTPUT));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  call_memory(&self->t, set_register, &set_one, sizeof(set_one)));
}

TEST_F(guestcalls, start_without_the_right)
{
	struct hv_input_start_vp in = start_of_vp_1();

	ASSERT_LE(0, tvm_vp(&self->t, 1));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  call_memory(&self->t, HVCALL_START_VP, &in, sizeof(in)));
}

TEST_HARNESS_MAIN

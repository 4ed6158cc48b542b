// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile guest, and its VMM.  fuzz_guest.h has the model.
 *
 * Model: an operation is a batch of steps, in a replay one step.  The VMM skips the
 * instruction of an exit.  A processor that cannot continue (a triple fault, or no
 * progress after a number of kicks) is restarted with the next step.  So each
 * operation ends, however long a step takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <hyperv/hv_intercept.h>

#include "fuzz.h"
#include "fuzz_guest.h"

#define VPS_MAX		2
#define BATCH		64
/* Kicks without progress; they come every few milliseconds. */
#define KICKS_MAX	16
/* Messages in one operation, and those that one step may cause. */
#define MESSAGES_MAX	200
#define VECTOR_UD	6
#define SIPI_PAGES	256		/* where it can start a processor */
#define BELLS		4
#define BELL_SIZE	8
#define CR0		0x80010033
#define CR4		0x40620		/* XSAVE, SSE, PAE */
#define EFER		0xd01		/* NX, long mode, SYSCALL */

enum { COUNT_STEPS, COUNT_EXCEPTIONS, COUNT_INTERRUPTS, COUNT_RESTARTS };

static struct tvm machine;
static __u32 next_step[VPS_MAX];

static __u64 region_of(unsigned int index)
{
	return (1 + index) * FG_REGION;
}

static struct fg *mailbox_of(unsigned int index)
{
	return (struct fg *)(machine.memory + region_of(index) + FG_MAILBOX);
}

/* --- a processor's region ------------------------------------------------------------ */

#define PRESENT		0x3ULL		/* writable */
#define LARGE		0x80ULL
#define USER		0x4ULL
#define NO_EXECUTE	HV_BIT64(63)
#define RESERVED	HV_BIT64(51)

static __u64 window_page(unsigned int index, unsigned int page)
{
	__u64 data = region_of(index) + FG_DATA + page * VMM_PAGE;

	switch (page) {
	case 3:
	case 13:
		return 0;
	case 4:
		return data | 1;
	case 5:
		return FG_APIC | PRESENT;
	case 7:
		return FG_HOLE | PRESENT;
	case 8:
		return data | PRESENT | NO_EXECUTE;
	case 9:
		return FG_DOORBELL | PRESENT;
	case 10:
		return data | PRESENT | USER;
	case 11:
		return data | PRESENT | RESERVED;
	case 14:
		return region_of(!index) + FG_DATA + PRESENT;
	default:
		return data | PRESENT;
	}
}

/* The first four GiB one to one, and the window. */
static void make_tables(unsigned int index)
{
	__u64 gpa = region_of(index) + FG_TABLES, i;
	__u64 *pml4 = (__u64 *)(machine.memory + gpa);
	__u64 *pdpt = pml4 + 512, *pd = pdpt + 512, *pt = pml4 + 7 * 512;

	pml4[0] = (gpa + VMM_PAGE) | PRESENT | USER;
	for (i = 0; i < 4; i++)
		pdpt[i] = (gpa + (2 + i) * VMM_PAGE) | PRESENT;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = i << 21 | PRESENT | LARGE;
	pdpt[FG_WINDOW >> 30] = (gpa + 6 * VMM_PAGE) | PRESENT | USER;
	pd[4 * 512] = (gpa + 7 * VMM_PAGE) | PRESENT | USER;
	for (i = 0; i < FG_WINDOW_PAGES; i++)
		pt[i] = window_page(index, i);
}

/* Not those of the mailbox, to which the other processor may have written. */
static int set_registers(unsigned int index)
{
	__u64 base = region_of(index);
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, FG_CODE64, 0, 0xffffffff, 0xa09b),
		vmm_segment(HV_X64_REGISTER_DS, FG_DATA64, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_ES, FG_DATA64, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_SS, FG_DATA64, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_TR, FG_TASK, base + FG_TSS, 0x67, 0x8b),
		vmm_table(HV_X64_REGISTER_GDTR, base + FG_GDT, FG_GDT_LIMIT),
		vmm_table(HV_X64_REGISTER_IDTR, base + FG_IDT, VMM_PAGE - 1),
		vmm_value(HV_X64_REGISTER_CR0, CR0),
		vmm_value(HV_X64_REGISTER_CR3, base + FG_TABLES),
		vmm_value(HV_X64_REGISTER_CR4, CR4),
		vmm_value(HV_X64_REGISTER_EFER, EFER),
		vmm_value(HV_X64_REGISTER_RIP, base + FG_IMAGE),
		vmm_value(HV_X64_REGISTER_RFLAGS, 2),
		/* It does not wait for another processor to start it. */
		vmm_value(HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0),
	};

	/* Restore the guest's own pages in place of overlays; a lock may prevent it. */
	vmm_set_register(machine.vp[index], index, HV_X64_REGISTER_HYPERCALL, 0);
	vmm_set_register(machine.vp[index], index, HV_REGISTER_REFERENCE_TSC, 0);
	return vmm_set_registers(machine.vp[index], index, regs, ARRAY_SIZE(regs));
}

/*
 * What a SIPI starts: a processor in real mode halts at once, wherever it begins.  With
 * data as its code QEMU crashes, see part_control().
 */
static void make_landings(void)
{
	static const __u8 halt[] = { 0xfa, HLT, 0xeb, 0xfd };	/* cli; hlt; again */
	unsigned int page;

	for (page = 0; page < SIPI_PAGES; page++)
		memcpy(machine.memory + page * VMM_PAGE, halt, sizeof(halt));
}

/* Start with @first, and do @count steps from there. */
static int start(struct fuzzer *f, unsigned int index, __u32 first, __u32 count)
{
	__u8 *region = machine.memory + region_of(index);
	struct fg *fg = mailbox_of(index);

	memset(region, 0, FG_ANEW);
	memcpy(region + FG_IMAGE, fuzz_guest_image, fuzz_guest_image_end - fuzz_guest_image);
	make_tables(index);
	make_landings();
	fg->seed = f->world->seed;
	fg->tell = f->world->replay;
	fg->vp = index;
	fg->first = first;
	fg->count = count;
	fg->cr0 = CR0;
	fg->cr3 = region_of(index) + FG_TABLES;
	fg->cr4 = CR4;
	fg->efer = EFER;
	if (ioctl(machine.vp[index], MSHV_RESET_VP))
		return vmm_fail(errno, "MSHV_RESET_VP: %s", strerror(errno));
	return set_registers(index);
}

/* --- steps ----------------------------------------------------------------------------- */

/* Collect what was counted in the mailbox since the last time. */
static void collect(unsigned int index)
{
	struct fg *fg = mailbox_of(index);
	unsigned int i;

	for (i = 0; i < FG_VECTORS; i++)
		fuzz_count(COUNT_EXCEPTIONS, fg->exceptions[i]);
	fuzz_count(COUNT_INTERRUPTS, fg->interrupts);
	memset(fg->exceptions, 0, sizeof(fg->exceptions));
	fg->interrupts = 0;
}

/* Give up the current step; false if it was the last one. */
static bool start_behind(struct fuzzer *f, unsigned int index, __u32 end,
			 const char *why)
{
	const struct fg *fg = mailbox_of(index);
	__u32 first = fg->first;

	if (f->world->replay)
		fz_say(f, "vp %u is restarted: %s", index, why);
	/* The guest may have written there. */
	if (first <= next_step[index] || first > end)
		first = next_step[index] + 1;
	next_step[index] = first;
	collect(index);
	fuzz_count(COUNT_RESTARTS, 1);
	if (start(f, index, first, end - first)) {
		fprintf(stderr, "vp %u: no restart: %s\n", index, vmm_error());
		_exit(5);
	}
	return first < end;
}

/* What a VMM without a decoder does about unmapped memory. */
static bool refuse(struct tvm *t, unsigned int index)
{
	const __u64 event = HV_PENDING_EVENT_PENDING |
		HV_X64_PENDING_EVENT_EXCEPTION << HV_PENDING_EVENT_TYPE_SHIFT |
		VECTOR_UD << HV_PENDING_EXCEPTION_VECTOR_SHIFT;

	return !vmm_set_register(t->vp[index], index, HV_REGISTER_PENDING_EVENT0, event);
}

/* Step over what has caused the exit; false if that is not possible. */
static bool skip(struct tvm *t, unsigned int index)
{
	switch (t->message.header.message_type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return refuse(t, index);
	case HVMSG_X64_IO_PORT_INTERCEPT:
	case HVMSG_X64_MSR_INTERCEPT:
	case HVMSG_X64_CPUID_INTERCEPT:
		return !tvm_skip(t, index);
	default:
		return false;
	}
}

static bool is_done(const struct tvm *t, unsigned int index)
{
	return t->message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
	       tvm_io(t)->port_number == FG_DONE_PORT && mailbox_of(index)->done;
}

static bool is_told(const struct tvm *t)
{
	return t->message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
	       tvm_io(t)->port_number == FG_TELL_PORT;
}

/* In a replay, print what the guest is about to execute. */
static void tell(struct fuzzer *f, const struct fg *fg)
{
	char text[2 * FG_TEXT + 1] = "";
	unsigned int i;

	for (i = 0; i < fg->length && i < FG_TEXT; i++)
		snprintf(text + 2 * i, 3, "%02x", fg->code[i]);
	fz_say(f, "vp %u step %u: %s", f->id, fg->step, text);
}

/* Run until all steps before @end are done or given up; an error if none has begun. */
static long run_to(struct fuzzer *f, unsigned int index, __u32 end)
{
	unsigned int kicks = 0, messages = 0, begun = 0;
	struct fg *fg = mailbox_of(index);
	struct tvm t = machine;
	__u32 seen = fg->first;
	long ret;

	for (;;) {
		ret = vmm_run(t.vp[index], &t.message);
		if (!ret && is_done(&t, index))
			break;
		if (!ret && f->world->replay && is_told(&t))
			tell(f, fg);
		if (fg->first != seen) {
			begun++;
			seen = fg->first;
			kicks = 0;
			messages = 0;
		}
		if (ret == -EINTR && kicks++ < KICKS_MAX)
			continue;
		if (!ret && messages++ < MESSAGES_MAX && skip(&t, index))
			continue;
		if (!start_behind(f, index, end, ret == -EINTR ? "no progress" : ret ?
				  vmm_error() :
				  vmm_message_name(t.message.header.message_type)))
			return begun ? 0 : -EIO;
		kicks = 0;
		messages = 0;
		seen = fg->first;
	}
	fg->done = 0;
	next_step[index] = end;
	collect(index);
	return tvm_skip(&t, index);
}

static void operation(struct fuzzer *f)
{
	__u32 steps = f->world->replay ? 1 : BATCH, first;
	struct fg *fg = mailbox_of(f->id);
	unsigned int i;

	if (f->id > f->world->seed % VPS_MAX)
		return;
	for (i = 0; i < BATCH; i += steps) {
		first = next_step[f->id];
		fz_say(f, "vp %u steps %u to %u", f->id, first, first + steps - 1);
		fg->first = first;
		fg->count = steps;
		fuzz_after(f, run_to(f, f->id, first + steps));
		fuzz_count(COUNT_STEPS, steps);
	}
}

static void bells(struct fuzz_world *world)
{
	unsigned int i;

	for (i = 0; i < BELLS; i++) {
		struct mshv_user_ioeventfd bell = {
			.addr = FG_DOORBELL + i * BELL_SIZE, .len = i ? 1 << i : 0,
			.fd = world->fd[FUZZ_EVENT][0], .datamatch = i,
			.flags = i > 2 ? HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH) : 0,
		};

		ioctl(machine.part, MSHV_IOEVENTFD, &bell);
		bell.addr = FG_DOORBELL_PORT + i;
		bell.flags |= HV_BIT(MSHV_IOEVENTFD_BIT_PIO);
		if (bell.len < BELL_SIZE)
			ioctl(machine.part, MSHV_IOEVENTFD, &bell);
	}
}

static void prepare(struct fuzz_world *world)
{
	struct fuzzer first = { .world = world };
	struct tvm *t = &machine;
	unsigned int i;

	fuzz_world_init(world);
	if (tvm_partition(t))
		_exit(4);
	t->size = FG_MEMORY;
	t->memory = mmap(NULL, t->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	if (t->memory == MAP_FAILED || vmm_map(t->part, 0, t->size, t->memory, MEM_RWX))
		_exit(4);
	bells(world);
	/* In one round of four the VMM intercepts some of it. */
	if (world->seed % 4 == 3) {
		vmm_intercept(t->part, HV_INTERCEPT_TYPE_X64_CPUID,
			      HV_INTERCEPT_ACCESS_MASK_EXECUTE, 1);
		vmm_intercept(t->part, HV_INTERCEPT_TYPE_X64_MSR_INDEX,
			      HV_INTERCEPT_ACCESS_MASK_WRITE, 0x277);
	}
	for (i = 0; i <= world->seed % VPS_MAX; i++) {
		if (tvm_vp(t, i) < 0 || start(&first, i, 0, 0))
			_exit(4);
		world->fd[FUZZ_VP][i] = t->vp[i];
	}
}

/* A round is long, so it is not one of the usual selftests. */
static bool is_asked_for(void)
{
	return getenv("FUZZ_ROUNDS") || getenv("FUZZ_TIME");
}

const struct fuzz_grammar fuzz_grammar = {
	.is_there = is_asked_for,
	.prepare = prepare,
	.operation = operation,
	.rounds = 1,
	.threads = VPS_MAX,
	.ops = 40,
	.counts = { "steps", "exceptions", "interrupts", "restarts" },
};

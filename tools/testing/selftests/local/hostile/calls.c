// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of a hostile root: see hostile.h.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_stats.h>
#include <hyperv/hv_status.h>

#include "hostile.h"

#define LIST_MAX	24
#define FAST		BIT_ULL(16)
#define DONE(result)	((unsigned int)((result) >> HV_HYPERCALL_REP_COMP_OFFSET & 0xfff))
#define SELF		(~0ULL)
#define NO_PARTITION	BIT_ULL(40)

/**
 * struct call - the form of a call
 * @code: call code
 * @head: bytes in front of the list
 * @element: bytes of an element of the list, if it is a list
 * @is_list: it works on one
 * @pages: the list's elements are page numbers
 * @reads: harmless to the root's own partition
 */
struct call {
	u16 code;
	u8 head, element;
	bool is_list, pages, reads;
};

static const struct call calls[] = {
	{ HVCALL_INITIALIZE_PARTITION, 8 },
	{ HVCALL_GET_PARTITION_PROPERTY, 16, .reads = true },
	{ HVCALL_SET_PARTITION_PROPERTY, 24 },
	{ HVCALL_GET_PARTITION_ID, 0, .reads = true },
	{ HVCALL_GET_NEXT_CHILD_PARTITION, 16, .reads = true },
	{ HVCALL_DEPOSIT_MEMORY, 8, 8, true, true },
	{ HVCALL_DEPOSIT_MEMORY, 8, 8, true, true },
	{ HVCALL_DEPOSIT_MEMORY, 8, 8, true, true },
	{ HVCALL_WITHDRAW_MEMORY, 16, 0, true },
	{ HVCALL_WITHDRAW_MEMORY, 16, 0, true },
	{ HVCALL_GET_MEMORY_BALANCE, 16, .reads = true },
	{ HVCALL_MAP_GPA_PAGES, 24, 8, true, true },
	{ HVCALL_MAP_GPA_PAGES, 24, 8, true, true },
	{ HVCALL_UNMAP_GPA_PAGES, 24, 0, true },
	{ HVCALL_INSTALL_INTERCEPT, 24 },
	{ HVCALL_CREATE_VP, 40 },
	{ HVCALL_CREATE_VP, 40 },
	{ HVCALL_DELETE_VP, 16 },
	{ HVCALL_GET_VP_REGISTERS, 16, 4, true },
	{ HVCALL_SET_VP_REGISTERS, 16, 32, true },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, 32 },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX, 32 },
	{ HVCALL_READ_GPA, 40 },
	{ HVCALL_WRITE_GPA, 56 },
	{ HVCALL_CLEAR_VIRTUAL_INTERRUPT, 8 },
	{ HVCALL_MAP_STATS_PAGE, 24 },
	{ HVCALL_UNMAP_STATS_PAGE, 24 },
	{ HVCALL_MAP_SPARSE_GPA_PAGES, 16, 16, true, true },
	{ HVCALL_GET_SYSTEM_PROPERTY, 16, .reads = true },
	{ HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, 8, .reads = true },
	{ HVCALL_REGISTER_INTERCEPT_RESULT, 60 },
	{ HVCALL_UNREGISTER_INTERCEPT_RESULT, 28 },
	{ HVCALL_ASSERT_VIRTUAL_INTERRUPT, 32 },
	{ HVCALL_START_VP, 240 },
	{ HVCALL_GET_VP_INDEX_FROM_APIC_ID, 16, 4, true, .reads = true },
	{ HVCALL_CHECK_FOR_IO_INTERCEPT, 18 },
	{ HVCALL_SIGNAL_EVENT_DIRECT, 24 },
	{ HVCALL_POST_MESSAGE_DIRECT, 255 },
	{ HVCALL_DISPATCH_VP, 32 },
	{ HVCALL_GET_GPA_PAGES_ACCESS_STATES, 24, 0, true },
	{ HVCALL_MAP_VP_STATE_PAGE, 24 },
	{ HVCALL_UNMAP_VP_STATE_PAGE, 16 },
	{ HVCALL_GET_VP_STATE, 40, .pages = true },
	{ HVCALL_SET_VP_STATE, 40, .pages = true },
	{ HVCALL_GET_VP_CPUID_VALUES, 24, 24, true },
	{ HVCALL_GET_PARTITION_PROPERTY_EX, 24, .reads = true },
};

/* Valid calls of a root that would end this one, or affect more than the test. */
static const struct {
	u16 code;
	const char *why;
} excluded[] = {
	{ HVCALL_CREATE_PARTITION, "made by the module, which has to find them again" },
	{ HVCALL_FINALIZE_PARTITION, "made by the module at its end" },
	{ HVCALL_DELETE_PARTITION, "made by the module at its end" },
	{ HVCALL_ENTER_SLEEP_STATE, "switches the machine off" },
	{ HVCALL_SET_SYSTEM_PROPERTY, "is about sleep states, too" },
	{ HVCALL_DISABLE_HYPERVISOR, "ends what is tested" },
	{ HVCALL_NOTIFY_PARTITION_EVENT, "stops all guests for a crash dump" },
	{ HVCALL_ADD_LOGICAL_PROCESSOR, "leaves a processor that no kernel starts" },
	{ HVCALL_MAP_DEVICE_INTERRUPT, "takes the interrupts of the kernel's devices" },
	{ HVCALL_UNMAP_DEVICE_INTERRUPT, "takes the interrupts of the kernel's devices" },
	{ HVCALL_RETARGET_INTERRUPT, "takes the interrupts of the kernel's devices" },
	{ HVCALL_CREATE_PORT, "interrupts the kernel's SynIC where no handler is" },
	{ HVCALL_CONNECT_PORT, "goes with ports" },
	{ HVCALL_DELETE_PORT, "takes the driver's doorbells" },
	{ HVCALL_DISCONNECT_PORT, "takes the driver's doorbells" },
	{ HVCALL_POST_MESSAGE, "reaches other connections" },
	{ HVCALL_SIGNAL_EVENT, "reaches other connections" },
	{ HVCALL_SEND_IPI, "interrupts the kernel with any vector" },
	{ HVCALL_SEND_IPI_EX, "interrupts the kernel with any vector" },
};

u64 hostile_random(struct hostile *h)
{
	u64 z = h->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static u64 odd_number(struct hostile *h)
{
	static const u64 odd[] = {
		0, 1, 2, 3, 7, 8, 0xff, 0x1000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000,
		0xffffffffffffffff,
	};

	return one_in(h, 4) ? hostile_random(h) : PICK(h, odd);
}

static u64 arena_pfn(const struct hostile *h, unsigned int page)
{
	return virt_to_phys(h->arena) / PAGE_SIZE + page;
}

static int arena_page(const struct hostile *h, u64 pfn)
{
	u64 page = pfn - arena_pfn(h, 0);

	return page < ARENA_PAGES ? (int)page : -1;
}

u64 hostile_pfn(struct hostile *h)
{
	switch (below(h, 8)) {
	case 0:
		return h->hv_first + below(h, h->hv_last - h->hv_first + 1);
	case 1:
		return (1ULL << (36 + below(h, 20))) | below(h, 4096);
	case 2:
		return arena_pfn(h, ARENA_FIRST) | 1ULL << (40 + below(h, 24));
	default:
		return arena_pfn(h, ARENA_FIRST + below(h, ARENA_PAGES - ARENA_FIRST));
	}
}

static u64 any_word(struct hostile *h)
{
	switch (below(h, 8)) {
	case 0:
		return odd_number(h);
	case 1:
		return hostile_pfn(h);
	case 2:
		return below(h, 64) | below(h, 4) << 32;
	case 3:		/* a register's name, and another one */
		return (0x20000 + below(h, 10) * 0x10000 + below(h, 24)) |
		       (0x20000 + below(h, 10) * 0x10000 + below(h, 24)) << 32;
	default:
		return below(h, 3);
	}
}

static u64 partition_for(struct hostile *h, const struct call *call)
{
	if (!one_in(h, 8))
		return h->target;
	if (call->reads && one_in(h, 2))
		return SELF;
	/* No partition, and not SELF. */
	return odd_number(h) >> 1 | NO_PARTITION;
}

/* An address that the hypervisor reads or writes: never memory of the kernel. */
static u64 any_place(struct hostile *h, unsigned int page)
{
	u64 right = arena_pfn(h, page) * PAGE_SIZE;

	switch (below(h, 24)) {
	case 0:
		return hostile_pfn(h) * PAGE_SIZE + below(h, 4) * 8;
	case 1:
		return right + below(h, PAGE_SIZE);
	case 2:
		return right + PAGE_SIZE - 8 * (1 + below(h, 4));
	case 3:
		return odd_number(h) | 1ULL << 50;
	default:
		return right;
	}
}

static void spoil(struct hostile *h, u64 *control)
{
	switch (below(h, 16)) {
	case 0:
		*control ^= 1ULL << (16 + below(h, 48));
		break;
	case 1:
		*control |= below(h, 4096) << HV_HYPERCALL_REP_START_OFFSET;
		break;
	case 2:
		*control |= below(h, 1024) << HV_HYPERCALL_VARHEAD_OFFSET;
		break;
	case 3:
		*control |= FAST;
	}
}

static void complain(struct hostile *h, const char *what, u64 pfn)
{
	pr_emerg("mshv_hostile: %s: page 0x%llx\n", what, pfn);
	h->failed = true;
}

/* Elements of a list of deposits that were done belong to the hypervisor now. */
static void check_deposited(struct hostile *h, const u64 *list, unsigned int done)
{
	unsigned int i;
	int page;

	for (i = 0; i < done; i++) {
		page = arena_page(h, list[i]);
		if (page < 0 || h->given[page])
			complain(h, "what is not the root's was taken", list[i]);
		else if (hostile_is_mapped(page))
			complain(h, "what devices reach was taken", list[i]);
		else
			h->given[page] = true;
	}
}

static void check_withdrawn(struct hostile *h, const u64 *list, unsigned int done)
{
	unsigned int i;
	int page;

	for (i = 0; i < done; i++) {
		page = arena_page(h, list[i]);
		if (page < 0 || !h->given[page])
			complain(h, "what was not deposited came back", list[i]);
		else
			h->given[page] = false;
	}
}

static void check_mapped(struct hostile *h, u32 flags, const u64 *list, unsigned int done)
{
	unsigned int i;
	int page;

	/* Then the list is not looked at. */
	if (flags & HV_MAP_GPA_NO_ACCESS)
		return;
	for (i = 0; i < done; i++) {
		page = arena_page(h, list[i]);
		if (page < 0 ? list[i] >= h->hv_first && list[i] <= h->hv_last : h->given[page])
			complain(h, "a page of the hypervisor was mapped", list[i]);
	}
}

static void check(struct hostile *h, u16 code, u32 flags, const u64 *list, u64 result)
{
	switch (code) {
	case HVCALL_DEPOSIT_MEMORY:
		check_deposited(h, list, DONE(result));
		break;
	case HVCALL_WITHDRAW_MEMORY:
		check_withdrawn(h, h->arena + ARENA_OUTPUT * PAGE_SIZE, DONE(result));
		break;
	case HVCALL_MAP_GPA_PAGES:
		check_mapped(h, flags, list, DONE(result));
		break;
	}
}

static bool is_about_stats(u16 code)
{
	return code == HVCALL_MAP_STATS_PAGE || code == HVCALL_UNMAP_STATS_PAGE;
}

/*
 * Do not corrupt what is needed afterwards: lists, and where they are returned.  And the
 * driver has pages of counters that are not of the target.
 */
static bool is_kept(u16 code)
{
	return is_about_stats(code) || code == HVCALL_DEPOSIT_MEMORY ||
	       code == HVCALL_WITHDRAW_MEMORY || code == HVCALL_MAP_GPA_PAGES ||
	       code == HVCALL_MAP_SPARSE_GPA_PAGES;
}

/* Input in an odd place begins with any number, and the witness has a small one. */
static bool names_witness(const struct hostile *h, u64 in)
{
	int page = arena_page(h, in / PAGE_SIZE);
	const u64 *words = h->arena + page * PAGE_SIZE;

	return page >= 0 && !h->given[page] && words[in % PAGE_SIZE / 8] == h->witness;
}

/**
 * hostile_call() - make a random call
 * @h: state
 */
void hostile_call(struct hostile *h)
{
	const struct call *call = &PICK(h, calls);
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE, list[LIST_MAX], control, in, out;
	unsigned int reps = call->is_list ? 1 + below(h, LIST_MAX) : 0, i;
	u64 result, flags;

	for (i = 0; i < PAGE_SIZE / 8; i++)
		input[i] = i >= call->head / 8 && call->pages ? hostile_pfn(h) : any_word(h);
	input[0] = partition_for(h, call);
	if (is_about_stats(call->code)) {
		input[1] = input[0];
		input[0] = HV_STATS_OBJECT_PARTITION + below(h, 2);
	}
	flags = input[2];
	for (i = 0; i < LIST_MAX; i++)
		list[i] = input[call->head / 8 + i];
	control = call->code | (u64)reps << HV_HYPERCALL_REP_COMP_OFFSET;
	in = arena_pfn(h, ARENA_INPUT) * PAGE_SIZE;
	out = arena_pfn(h, ARENA_OUTPUT) * PAGE_SIZE;
	if (!is_kept(call->code)) {
		spoil(h, &control);
		in = any_place(h, ARENA_INPUT);
		out = any_place(h, ARENA_OUTPUT);
	}
	if (names_witness(h, in))
		return;
	if (h->tell)
		pr_emerg("mshv_hostile: %lu: control 0x%llx in 0x%llx (%llx %llx %llx) out 0x%llx\n",
			 h->made, control, in, input[0], input[1], input[2], out);
	result = hostile_hypercall(control, in, out);
	h->made++;
	h->done += !(result & HV_HYPERCALL_RESULT_MASK);
	check(h, call->code, flags, list, result);
}

/**
 * hostile_deposit() - deposit some pages of the arena
 * @h: state
 * @partition: the partition
 * @nr: how many
 *
 * Return: the hypervisor's status.
 */
u16 hostile_deposit(struct hostile *h, u64 partition, unsigned int nr)
{
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE, result;
	unsigned int page, n = 0;

	input[0] = partition;
	for (page = ARENA_FIRST; page < ARENA_PAGES && n < nr; page++)
		if (!h->given[page])
			input[1 + n++] = arena_pfn(h, page);
	result = hostile_hypercall(HVCALL_DEPOSIT_MEMORY |
				   (u64)n << HV_HYPERCALL_REP_COMP_OFFSET,
				   virt_to_phys(input), 0);
	check_deposited(h, input + 1, DONE(result));
	return result;
}

/**
 * hostile_take_back() - withdraw everything from a partition
 * @h: state
 * @partition: the partition
 *
 * Return: true if a foreign page was withdrawn.
 */
bool hostile_take_back(struct hostile *h, u64 partition)
{
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE, result;
	u64 *output = h->arena + ARENA_OUTPUT * PAGE_SIZE;

	do {
		input[0] = partition;
		input[1] = 0;
		result = hostile_hypercall(HVCALL_WITHDRAW_MEMORY |
					   (u64)LIST_MAX << HV_HYPERCALL_REP_COMP_OFFSET,
					   virt_to_phys(input), virt_to_phys(output));
		check_withdrawn(h, output, DONE(result));
	} while (!(result & HV_HYPERCALL_RESULT_MASK) && !h->failed);
	return !h->failed;
}

/**
 * hostile_excluded() - check the table of excluded calls
 *
 * Return: true if the two tables agree.
 */
bool hostile_excluded(void)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		for (n = 0; n < ARRAY_SIZE(excluded); n++)
			if (calls[i].code == excluded[n].code) {
				pr_emerg("mshv_hostile: call 0x%x: %s\n",
					 calls[i].code, excluded[n].why);
				return false;
			}
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that a storm is about, and who writes to it: see storm.h.
 *
 * Each page is filled with its number, which is also what is written to it, so that pages can
 * be merged: each has as many equals as the kernel lets share one.
 */
#include <errno.h>
#include <string.h>

#include "storm.h"

#define AREA_GPA	0x10000000ULL

/* To @esi pages, @ebx apart, in a ring of @ebp + 1 bytes: the number of the page. */
static const __u8 code_writer[] = {
	0x89, 0xf1,				/* mov ecx, esi */
	0x31, 0xc0,				/* xor eax, eax */
	0x01, 0xd8,				/* next: add eax, ebx */
	0x21, 0xe8,				/* and eax, ebp */
	0x41, 0x89, 0xc0,			/* mov r8d, eax */
	0x41, 0xc1, 0xe8, 0x0c,			/* shr r8d, 12 */
	0x44, 0x88, 0x80, 0, 0, 0, 0x10,	/* mov [rax + AREA_GPA], r8b */
	0xff, 0xc9,				/* dec ecx */
	0x75, 0xea,				/* jnz next */
	OUT_AL,					/* out dx, al */
	0xeb, 0xe3,				/* again */
};

/**
 * storm_aim() - say which pages are written next
 * @w: the world
 * @nr: how many
 * @step: the step between them, in pages
 *
 * It is said beforehand, so that what that costs is no part of the writes.
 *
 * Return: 0 or -errno.
 */
int storm_aim(struct world *w, unsigned int nr, unsigned int step)
{
	struct area *a = area_of(w);
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RSI, nr),
		vmm_value(HV_X64_REGISTER_RBX, (__u64)step * VMM_PAGE),
		vmm_value(HV_X64_REGISTER_RBP, size_of(a) - 1),
		vmm_value(HV_X64_REGISTER_RDX, PROBE_PORT),
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
	};

	a->nr = nr;
	a->step = step;
	return a->guest ? vmm_set_registers(w->t.vp[0], 0, regs, ARRAY_SIZE(regs)) : 0;
}

static int guest_writes(struct world *w)
{
	int ret = tvm_run(&w->t, 0);

	if (ret || w->t.message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT)
		return ret;
	return vmm_fail(EPROTO, "the guest did not stop at the probe port");
}

static int process_writes(struct world *w)
{
	struct area *a = area_of(w);
	unsigned int i, page = 0;

	for (i = 0; i < a->nr; i++) {
		page = (page + a->step) % a->pages;
		*(volatile __u8 *)(a->memory + (size_t)page * VMM_PAGE) = page;
	}
	return 0;
}

/**
 * storm_write() - the guest writes to them, or the process if there is none
 * @w: the world
 *
 * Return: 0 or -errno.
 */
int storm_write(struct world *w)
{
	return area_of(w)->guest ? guest_writes(w) : process_writes(w);
}

/**
 * storm_prepare() - all of the area belongs to the process and is mapped to the guest
 * @w: the world
 *
 * It is mapped anew, because the kernel makes no large page where page tables are left.
 *
 * Return: 0 or -errno.
 */
int storm_prepare(struct world *w)
{
	struct area *a = area_of(w);
	unsigned int i;

	if (mmap(a->memory, size_of(a), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return -errno;
	madvise(a->memory, size_of(a), a->storm->advice);
	for (i = 0; i < a->pages; i++)
		memset(a->memory + (size_t)i * VMM_PAGE, i, VMM_PAGE);
	return storm_aim(w, a->pages, 1) ?: storm_write(w);
}

/**
 * storm_setup() - make the area, and a guest that has it if there is to be one
 * @w: the world
 *
 * Return: 0 or -errno.
 */
int storm_setup(struct world *w)
{
	struct area *a = area_of(w);
	size_t size = size_of(a) + STORM_BLOCK;
	int ret = a->storm->reset ? a->storm->reset() : 0;

	if (ret)
		return ret;
	a->raw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->raw == MAP_FAILED)
		return -errno;
	madvise(a->raw, size, a->storm->advice);
	a->memory = (void *)(((unsigned long)a->raw + STORM_BLOCK - 1) & ~(STORM_BLOCK - 1));
	if (!a->guest)
		return 0;
	ret = tvm_start_long(&w->t, code_writer, sizeof(code_writer));
	return ret ? ret : vmm_map(w->t.part, AREA_GPA, size_of(a), a->memory, MEM_RWX);
}


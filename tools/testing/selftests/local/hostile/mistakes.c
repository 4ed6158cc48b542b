// SPDX-License-Identifier: GPL-2.0
/*
 * Calls with mistakes: see mistakes.h.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <hyperv/hv_status.h>

#include "mistakes.h"

#define MAX_RETRIES	8

/**
 * call() - make a call
 * @h: state
 * @control: its code, with VARHEAD() and LIST()
 * @in: its input
 * @size: the input's size
 *
 * Return: the hypervisor's status.
 */
u16 call(struct hostile *h, u64 control, const void *in, size_t size)
{
	void *input = h->arena + ARENA_INPUT * PAGE_SIZE;
	void *output = h->arena + ARENA_OUTPUT * PAGE_SIZE;

	memcpy(input, in, size);
	/* What is not written is not zero. */
	memset(output, 0xff, PAGE_SIZE);
	return hostile_hypercall(control, virt_to_phys(input), virt_to_phys(output));
}

/**
 * answer() - what the last call has returned
 * @h: state
 *
 * Return: its output.
 */
void *answer(struct hostile *h)
{
	return h->arena + ARENA_OUTPUT * PAGE_SIZE;
}

/**
 * compare() - complain about a status that is not the one that is wanted
 * @h: state
 * @control: of the call
 * @what: what the call was about
 * @status: the status
 * @want: the one that is wanted
 */
void compare(struct hostile *h, u64 control, const char *what, u16 status, u16 want)
{
	if (status == want)
		return;
	pr_emerg("mshv_hostile: call 0x%x, %s: status 0x%x, not 0x%x\n", (u16)control, what,
		 status, want);
	h->failed = true;
}

/**
 * hostile_claim() - complain unless something is so
 * @h: state
 * @is_so: whether it is
 * @what: what
 */
void hostile_claim(struct hostile *h, bool is_so, const char *what)
{
	if (is_so)
		return;
	pr_emerg("mshv_hostile: not so: %s\n", what);
	h->failed = true;
}

/**
 * expect() - make a call, and compare its status
 * @h: state
 * @what: what the call is about
 * @control: as for call()
 * @in: its input
 * @size: the input's size
 * @want: the status that is wanted
 */
void expect(struct hostile *h, const char *what, u64 control, const void *in, size_t size,
	    u16 want)
{
	compare(h, control, what, call(h, control, in, size), want);
}

/**
 * expect_paid() - make a call for which the root's own pool pays
 * @h: state
 * @what: what the call is about
 * @control: as for call()
 * @in: its input
 * @size: the input's size
 *
 * Return: true if it is done.
 */
bool expect_paid(struct hostile *h, const char *what, u64 control, const void *in, size_t size)
{
	unsigned int retry;
	u16 status;

	for (retry = 0; retry < MAX_RETRIES; retry++) {
		status = call(h, control, in, size);
		if (status != HV_STATUS_INSUFFICIENT_MEMORY)
			break;
		hostile_give_to_self();
	}
	compare(h, control, what, status, HV_STATUS_SUCCESS);
	return !status;
}

/**
 * spoil_each() - make a call with one mistake after the other
 * @h: state
 * @control: as for call()
 * @good: input that is right
 * @size: its size
 * @mistakes: the mistakes
 * @n: how many
 */
void spoil_each(struct hostile *h, u64 control, const void *good, size_t size,
		const struct mistake *mistakes, unsigned int n)
{
	u8 bad[128];

	for (; n; n--, mistakes++) {
		memcpy(bad, good, size);
		memcpy(bad + mistakes->at, &mistakes->value, mistakes->size);
		expect(h, mistakes->what, control, bad, size, mistakes->status);
	}
}

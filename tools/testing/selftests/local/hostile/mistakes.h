/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls with mistakes, and what the hypervisor must answer.
 *
 * Model: a call that is right is spoiled in one field at a time.  What is answered in
 * another way than it must be is told to the kernel's log, and the test fails.
 */
#ifndef _MSHV_HOSTILE_MISTAKES_H
#define _MSHV_HOSTILE_MISTAKES_H

#include <linux/kernel.h>
#include <linux/stddef.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>

#include "hostile.h"

#define SELF		HV_PARTITION_ID_SELF
#define ROOT		1		/* SELF, by its id */
#define NO_PARTITION	BIT_ULL(40)
#define NO_VP		99

/* Added to a call's code: the size of its variable header, and the length of its list. */
#define VARHEAD(words)	((u64)(words) << HV_HYPERCALL_VARHEAD_OFFSET)
#define LIST(length)	((u64)(length) << HV_HYPERCALL_REP_COMP_OFFSET)

/**
 * struct mistake - a field of a call's input that makes it wrong
 * @what: what is wrong
 * @at: the field's offset
 * @size: its size
 * @value: its value
 * @status: what the hypervisor must answer
 */
struct mistake {
	const char *what;
	u16 at, size;
	u64 value;
	u16 status;
};

#define FIELD(type, field) offsetof(type, field), sizeof_field(type, field)

u16 call(struct hostile *h, u64 control, const void *in, size_t size);
void *answer(struct hostile *h);
void compare(struct hostile *h, u64 control, const char *what, u16 status, u16 want);
void expect(struct hostile *h, const char *what, u64 control, const void *in, size_t size,
	    u16 want);
bool expect_paid(struct hostile *h, const char *what, u64 control, const void *in, size_t size);
void spoil_each(struct hostile *h, u64 control, const void *good, size_t size,
		const struct mistake *mistakes, unsigned int n);

#define SPOIL_EACH(h, control, good, mistakes)				\
	spoil_each(h, control, good, sizeof(*(good)), mistakes, ARRAY_SIZE(mistakes))

void hostile_refused_memory(struct hostile *h, u64 finalized);
void hostile_refused_vps(struct hostile *h);

#endif

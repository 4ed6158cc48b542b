/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which writes of a guest an ioeventfd is for.  The hypercalls for a doorbell are in
 * mshv_call_create_doorbell(), which ioeventfd.c calls.
 *
 * A file that includes this must first define struct mshv_ioeventfd with at least
 * eventfd, addr, datamatch, len, wildcard and pio: the driver's has more fields, a
 * test's does not.
 */
#ifndef _MSHV_DOORBELL_RULES_H
#define _MSHV_DOORBELL_RULES_H

#include <linux/limits.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

/* How the hypervisor is told: HV_DOORBELL_FLAG_TRIGGER_*. */
static inline u64 doorbell_flags(const struct mshv_ioeventfd *p)
{
	u64 flags = p->wildcard ? HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE : 0;

	switch (p->len) {
	case 1:
		return flags | HV_DOORBELL_FLAG_TRIGGER_SIZE_BYTE;
	case 2:
		return flags | HV_DOORBELL_FLAG_TRIGGER_SIZE_WORD;
	case 4:
		return flags | HV_DOORBELL_FLAG_TRIGGER_SIZE_DWORD;
	case 8:
		return flags | HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD;
	}
	return flags | HV_DOORBELL_FLAG_TRIGGER_SIZE_ANY;
}

/* Would one write match both? */
static inline bool doorbell_collide(const struct mshv_ioeventfd *a,
				    const struct mshv_ioeventfd *b)
{
	return a->pio == b->pio && a->addr == b->addr && a->len == b->len &&
	       (a->wildcard || b->wildcard || a->datamatch == b->datamatch);
}

static inline bool doorbell_same(const struct mshv_ioeventfd *a,
				 const struct mshv_ioeventfd *b)
{
	return a->eventfd == b->eventfd && a->pio == b->pio &&
	       a->addr == b->addr && a->len == b->len && a->wildcard == b->wildcard &&
	       (a->wildcard || a->datamatch == b->datamatch);
}

/* Is it for a write of @size (1, 2 or 4) bytes to its I/O port? */
static inline bool doorbell_matches(const struct mshv_ioeventfd *p, u32 size, u32 value)
{
	u32 mask = U32_MAX >> (32 - 8 * size);

	if (p->len && p->len != size)
		return false;
	return p->wildcard || !((p->datamatch ^ value) & mask);
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vectors in a register page: a counter and a few places, in one word.
 */
#ifndef _MSHV_VECTOR_LIST_H
#define _MSHV_VECTOR_LIST_H

#include <linux/types.h>

#include <hyperv/hv_root.h>

/* Make @list, of @old, with @vector in it; false if there is no place. */
static inline bool vector_list_add(u64 old, u8 vector, u64 *list)
{
	union hv_vp_register_page_interrupt_vectors v = { .as_uint64 = old };
	unsigned int i;

	*list = old;
	if (v.vector_count >= HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT)
		return false;
	for (i = 0; i < v.vector_count; i++) {
		/* A local APIC cannot have a vector pending twice. */
		if (v.vector[i] == vector)
			return true;
	}
	v.vector[v.vector_count++] = vector;
	*list = v.as_uint64;
	return true;
}

#endif

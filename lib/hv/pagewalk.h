/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walk of a guest's x86 page tables: linear to guest physical address.
 *
 * Model: the caller provides the control registers and functions that read, and
 * optionally exchange, entries of the tables.  The result is in the hypervisor's
 * terms (HV_TRANSLATE_GVA_*) and, for a fault, in the processor's (vector and error
 * code).  Protection keys and shadow stacks are not checked.
 */
#ifndef _LIB_HV_PAGEWALK_H
#define _LIB_HV_PAGEWALK_H

#include <hyperv/hv_root.h>

/* Kind of access; a read of data by the supervisor is 0. */
#define HV_WALK_WRITE		HV_BIT(0)
#define HV_WALK_FETCH		HV_BIT(1)
#define HV_WALK_USER		HV_BIT(2)
/*
 * By the processor itself, for example to a descriptor table: EFLAGS.AC does not
 * apply.
 */
#define HV_WALK_IMPLICIT	HV_BIT(3)
/* Find the address without checking access rights. */
#define HV_WALK_EXEMPT		HV_BIT(4)
/* Set accessed and dirty bits; needs the exchange function. */
#define HV_WALK_SET_BITS	HV_BIT(5)
/* As if SMAP were off, or as if EFLAGS.AC were clear. */
#define HV_WALK_IGNORE_SMAP	HV_BIT(6)
#define HV_WALK_ENFORCE_SMAP	HV_BIT(7)

/* Returned by an exchange function: the entry has changed, walk again. */
#define HV_WALK_CHANGED		(-1)

/**
 * struct hv_walk - the processor whose tables are walked
 * @cr0: control register
 * @cr3: control register
 * @cr4: control register
 * @efer: EFER
 * @rflags: flags, of which only AC matters
 * @physical_bits: width of a guest physical address, 32 to 52
 * @read: read a table entry of @size (4 or 8) bytes, aligned, and extend it by
 *	zeros.  Returns 0 or an HV_TRANSLATE_GVA code, which ends the walk
 * @exchange: replace an entry if it still is @old.  Returns 0,
 *	%HV_WALK_CHANGED, or a code as @read; may be 0 without %HV_WALK_SET_BITS
 * @opaque: for both
 */
struct hv_walk {
	__u64 cr0;
	__u64 cr3;
	__u64 cr4;
	__u64 efer;
	__u64 rflags;
	unsigned int physical_bits;
	int (*read)(void *opaque, __u64 gpa, unsigned int size, __u64 *entry);
	int (*exchange)(void *opaque, __u64 gpa, unsigned int size, __u64 old,
			__u64 new);
	void *opaque;
};

/**
 * struct hv_walk_result - the result
 * @code: %HV_TRANSLATE_GVA_SUCCESS or the reason for the failure
 * @gpa: on success the guest physical address; when a table cannot be read,
 *	the address of its entry
 * @page_size: on success the size of the page that maps it
 * @writable: on success: all levels allow writes
 * @user: on success: all levels allow user mode
 * @executable: on success: no level forbids it
 * @cache_bits: on success PWT, PCD and PAT of the last entry as bits 0 to 2
 * @vector: of the exception: 14, or 13 for an address that is not canonical;
 *	0 if the guest has done nothing wrong
 * @error_code: of the exception
 */
struct hv_walk_result {
	__u32 code;
	__u64 gpa;
	__u64 page_size;
	__u8 writable;
	__u8 user;
	__u8 executable;
	__u8 cache_bits;
	__u8 vector;
	__u32 error_code;
};

/* Bits of a page fault's error code. */
#define HV_PF_PRESENT		HV_BIT(0)
#define HV_PF_WRITE		HV_BIT(1)
#define HV_PF_USER		HV_BIT(2)
#define HV_PF_RESERVED		HV_BIT(3)
#define HV_PF_FETCH		HV_BIT(4)

int hv_walk(const struct hv_walk *walk, __u64 gva, unsigned int access,
	    struct hv_walk_result *result);
unsigned int hv_walk_access_from_control(__u64 control_flags, unsigned int cpl);

#endif

// SPDX-License-Identifier: GPL-2.0
/* Walk of a guest's x86 page tables: see pagewalk.h. */
#include "pagewalk.h"

#define CR0_WP		HV_BIT64(16)
#define CR0_PG		HV_BIT64(31)
#define CR4_PSE		HV_BIT64(4)
#define CR4_PAE		HV_BIT64(5)
#define CR4_LA57	HV_BIT64(12)
#define CR4_SMEP	HV_BIT64(20)
#define CR4_SMAP	HV_BIT64(21)
#define EFER_LMA	HV_BIT64(10)
#define EFER_NXE	HV_BIT64(11)
#define RFLAGS_AC	HV_BIT64(18)

#define PTE_PRESENT	HV_BIT64(0)
#define PTE_WRITABLE	HV_BIT64(1)
#define PTE_USER	HV_BIT64(2)
#define PTE_PWT_SHIFT	3
#define PTE_PWT		HV_BIT64(3)
#define PTE_PCD		HV_BIT64(4)
#define PTE_ACCESSED	HV_BIT64(5)
#define PTE_DIRTY	HV_BIT64(6)
#define PTE_PS		HV_BIT64(7)
#define PTE_PAT_4K	HV_BIT64(7)
#define PTE_PAT_LARGE	HV_BIT64(12)
#define PTE_NX		HV_BIT64(63)
#define PTE_ADDRESS	0x000ffffffffff000ULL

/* Of a PAE page directory pointer entry: rights are in the lower levels. */
#define PDPTE_PAE_RESERVED	0x00000000000001e6ULL
/* Of a 4 MiB page's entry: bits 20:13 are address bits 39:32. */
#define PDE_4M_RESERVED		HV_BIT64(21)
#define PDE_4M_HIGH_SHIFT	13
#define PDE_4M_HIGH_MASK	0xffULL

#define VECTOR_GP	13
#define VECTOR_PF	14

#define LEVEL_PT	1
#define LEVEL_PD	2
#define LEVEL_PDPT	3
#define LEVEL_MAX	5

/* Give up on a guest that changes its tables all the time. */
#define MAX_RESTARTS	8

/* The format of the tables in the current mode. */
struct hv_walk_format {
	unsigned int levels;
	unsigned int entry_size;
	unsigned int index_bits;
	int pae;		/* 32-bit mode with 64-bit entries */
	__u64 root;
};

struct hv_walk_step {
	__u64 gpa;
	__u64 entry;
};

static int hv_walk_fault(struct hv_walk_result *result, __u32 code,
			 unsigned int vector, __u32 error_code)
{
	result->code = code;
	result->vector = vector;
	result->error_code = error_code;
	return 0;
}

/* Bits of the error code that describe the access. */
static __u32 hv_walk_access_bits(const struct hv_walk *walk,
				 unsigned int access)
{
	__u32 bits = 0;

	if (access & HV_WALK_WRITE)
		bits |= HV_PF_WRITE;
	if (access & HV_WALK_USER)
		bits |= HV_PF_USER;
	if (access & HV_WALK_FETCH &&
	    (walk->cr4 & CR4_SMEP ||
	     (walk->cr4 & CR4_PAE && walk->efer & EFER_NXE)))
		bits |= HV_PF_FETCH;
	return bits;
}

static void hv_walk_format(const struct hv_walk *walk,
			   struct hv_walk_format *format)
{
	format->pae = 0;
	if (walk->efer & EFER_LMA) {
		format->levels = walk->cr4 & CR4_LA57 ? 5 : 4;
		format->entry_size = 8;
		format->index_bits = 9;
		format->root = walk->cr3 & PTE_ADDRESS;
	} else if (walk->cr4 & CR4_PAE) {
		format->levels = 3;
		format->entry_size = 8;
		format->index_bits = 9;
		format->pae = 1;
		format->root = walk->cr3 & 0xffffffe0ULL;
	} else {
		format->levels = 2;
		format->entry_size = 4;
		format->index_bits = 10;
		format->root = walk->cr3 & 0xfffff000ULL;
	}
}

static unsigned int hv_walk_shift(const struct hv_walk_format *format,
				  unsigned int level)
{
	return HV_HYP_PAGE_SHIFT + (level - 1) * format->index_bits;
}

static int hv_walk_is_canonical(const struct hv_walk_format *format, __u64 gva)
{
	unsigned int top = HV_HYP_PAGE_SHIFT +
			   format->levels * format->index_bits - 1;
	__u64 high = gva >> top;

	return !high || high == ~0ULL >> top;
}

static int hv_walk_is_leaf(const struct hv_walk *walk,
			   const struct hv_walk_format *format,
			   unsigned int level, __u64 entry)
{
	if (level == LEVEL_PT)
		return 1;
	if (!(entry & PTE_PS))
		return 0;
	if (format->entry_size == 4)
		return !!(walk->cr4 & CR4_PSE);
	return level == LEVEL_PD || (level == LEVEL_PDPT && !format->pae);
}

/* Bits of an entry that must be zero. */
static __u64 hv_walk_reserved(const struct hv_walk *walk,
			      const struct hv_walk_format *format,
			      unsigned int level, __u64 entry)
{
	int leaf = hv_walk_is_leaf(walk, format, level, entry);
	__u64 beyond = PTE_ADDRESS & ~(HV_BIT64(walk->physical_bits) - 1);
	__u64 size_mask, reserved;

	if (format->entry_size == 4) {
		if (level == LEVEL_PT || !leaf)
			return 0;
		reserved = PDE_4M_RESERVED;
		if (walk->physical_bits < 40)
			reserved |= (PDE_4M_HIGH_MASK &
				     ~(HV_BIT64(walk->physical_bits - 32) - 1))
				    << PDE_4M_HIGH_SHIFT;
		return reserved;
	}

	if (format->pae && level == LEVEL_PDPT)
		return beyond | PDPTE_PAE_RESERVED | 0xfff0000000000000ULL;

	reserved = beyond;
	if (format->pae)
		reserved |= 0x7ff0000000000000ULL;
	if (!(walk->efer & EFER_NXE))
		reserved |= PTE_NX;
	if (!leaf) {
		/* These levels have no large pages. */
		if (level > LEVEL_PDPT)
			reserved |= PTE_PS;
	} else if (level > LEVEL_PT) {
		size_mask = HV_BIT64(hv_walk_shift(format, level)) - 1;
		reserved |= size_mask & PTE_ADDRESS & ~PTE_PAT_LARGE;
	}
	return reserved;
}

static __u64 hv_walk_leaf_address(const struct hv_walk_format *format,
				  unsigned int level, __u64 entry, __u64 gva)
{
	__u64 offset = HV_BIT64(hv_walk_shift(format, level)) - 1;
	__u64 base = entry & PTE_ADDRESS;

	if (format->entry_size == 4 && level == LEVEL_PD)
		base = (entry & 0xffc00000ULL) |
		       (entry >> PDE_4M_HIGH_SHIFT & PDE_4M_HIGH_MASK) << 32;
	return (base & ~offset) | (gva & offset);
}

static int hv_walk_smap_applies(const struct hv_walk *walk, unsigned int access)
{
	if (!(walk->cr4 & CR4_SMAP) || access & HV_WALK_IGNORE_SMAP)
		return 0;
	if (access & (HV_WALK_IMPLICIT | HV_WALK_ENFORCE_SMAP))
		return 1;
	return !(walk->rflags & RFLAGS_AC);
}

/* Do the combined rights of all levels allow the access? */
static int hv_walk_allowed(const struct hv_walk *walk, unsigned int access,
			   const struct hv_walk_result *result)
{
	if (access & HV_WALK_EXEMPT)
		return 1;

	if (access & HV_WALK_FETCH && !result->executable)
		return 0;
	if (access & HV_WALK_USER) {
		if (!result->user)
			return 0;
		return !(access & HV_WALK_WRITE) || result->writable;
	}

	if (result->user) {
		if (access & HV_WALK_FETCH) {
			if (walk->cr4 & CR4_SMEP)
				return 0;
		} else if (hv_walk_smap_applies(walk, access)) {
			return 0;
		}
	}
	return !(access & HV_WALK_WRITE) || result->writable ||
	       !(walk->cr0 & CR0_WP);
}

static int hv_walk_set_bits(const struct hv_walk *walk,
			    const struct hv_walk_format *format,
			    const struct hv_walk_step *steps,
			    unsigned int leaf_level, unsigned int access)
{
	unsigned int level;
	__u64 entry;
	int ret;

	for (level = format->levels; level >= leaf_level; level--) {
		/* A PAE directory pointer has no accessed bit. */
		if (format->pae && level == LEVEL_PDPT)
			continue;
		entry = steps[level].entry | PTE_ACCESSED;
		if (level == leaf_level && access & HV_WALK_WRITE)
			entry |= PTE_DIRTY;
		if (entry == steps[level].entry)
			continue;
		ret = walk->exchange(walk->opaque, steps[level].gpa,
				     format->entry_size, steps[level].entry,
				     entry);
		if (ret)
			return ret;
	}
	return 0;
}

static int hv_walk_once(const struct hv_walk *walk,
			const struct hv_walk_format *format, __u64 gva,
			unsigned int access, struct hv_walk_result *result)
{
	__u32 bits = hv_walk_access_bits(walk, access);
	struct hv_walk_step steps[LEVEL_MAX + 1];
	__u64 table = format->root, entry;
	unsigned int level, index;
	int ret;

	result->writable = 1;
	result->user = 1;
	result->executable = 1;

	for (level = format->levels;; level--) {
		index = gva >> hv_walk_shift(format, level) &
			(HV_BIT(format->index_bits) - 1);
		steps[level].gpa = table + index * format->entry_size;
		ret = walk->read(walk->opaque, steps[level].gpa,
				 format->entry_size, &entry);
		if (ret) {
			result->gpa = steps[level].gpa;
			return hv_walk_fault(result, ret, 0, 0);
		}
		steps[level].entry = entry;

		if (!(entry & PTE_PRESENT))
			return hv_walk_fault(result,
					     HV_TRANSLATE_GVA_PAGE_NOT_PRESENT,
					     VECTOR_PF, bits);
		if (entry & hv_walk_reserved(walk, format, level, entry))
			return hv_walk_fault(result,
					     HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS,
					     VECTOR_PF, bits | HV_PF_PRESENT |
					     HV_PF_RESERVED);

		if (!format->pae || level != LEVEL_PDPT) {
			result->writable &= !!(entry & PTE_WRITABLE);
			result->user &= !!(entry & PTE_USER);
			if (format->entry_size == 8 && entry & PTE_NX)
				result->executable = 0;
		}
		if (hv_walk_is_leaf(walk, format, level, entry))
			break;
		table = entry & PTE_ADDRESS;
	}

	if (!hv_walk_allowed(walk, access, result))
		return hv_walk_fault(result, HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION,
				     VECTOR_PF, bits | HV_PF_PRESENT);

	if (access & HV_WALK_SET_BITS) {
		ret = hv_walk_set_bits(walk, format, steps, level, access);
		if (ret == HV_WALK_CHANGED)
			return ret;
		if (ret) {
			result->gpa = steps[level].gpa;
			return hv_walk_fault(result, ret, 0, 0);
		}
	}

	result->code = HV_TRANSLATE_GVA_SUCCESS;
	result->gpa = hv_walk_leaf_address(format, level, entry, gva);
	result->page_size = HV_BIT64(hv_walk_shift(format, level));
	result->cache_bits = (entry & (PTE_PWT | PTE_PCD)) >> PTE_PWT_SHIFT;
	if (entry & (level == LEVEL_PT ? PTE_PAT_4K : PTE_PAT_LARGE))
		result->cache_bits |= 4;
	return 0;
}

/**
 * hv_walk() - translate a linear address
 * @walk: the processor
 * @gva: the linear address
 * @access: HV_WALK_* bits
 * @result: result
 *
 * Return: the result's code, %HV_TRANSLATE_GVA_SUCCESS being 0.
 */
int hv_walk(const struct hv_walk *walk, __u64 gva, unsigned int access,
	    struct hv_walk_result *result)
{
	struct hv_walk_format format;
	int tries;

	*result = (struct hv_walk_result){ 0 };

	if (!(walk->cr0 & CR0_PG)) {
		result->gpa = gva & 0xffffffffULL;
		result->page_size = HV_HYP_PAGE_SIZE;
		result->writable = 1;
		result->user = 1;
		result->executable = 1;
		return HV_TRANSLATE_GVA_SUCCESS;
	}

	hv_walk_format(walk, &format);
	if (!(walk->efer & EFER_LMA)) {
		gva &= 0xffffffffULL;
	} else if (!hv_walk_is_canonical(&format, gva)) {
		hv_walk_fault(result, HV_TRANSLATE_GVA_PAGE_NOT_PRESENT,
			      VECTOR_GP, 0);
		return result->code;
	}

	for (tries = 0; tries < MAX_RESTARTS; tries++)
		if (!hv_walk_once(walk, &format, gva, access, result))
			return result->code;

	/* The guest decides this race itself the next time it runs. */
	hv_walk_fault(result, HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, 0, 0);
	return result->code;
}

/**
 * hv_walk_access_from_control() - access bits of a translate hypercall
 * @control_flags: HV_TRANSLATE_GVA_* control flags
 * @cpl: privilege level of the processor, if the flags do not say whose
 *	access is meant
 *
 * Return: HV_WALK_* bits.
 */
unsigned int hv_walk_access_from_control(__u64 control_flags, unsigned int cpl)
{
	unsigned int access = 0;

	if (control_flags & HV_TRANSLATE_GVA_VALIDATE_WRITE)
		access |= HV_WALK_WRITE;
	if (control_flags & HV_TRANSLATE_GVA_VALIDATE_EXECUTE)
		access |= HV_WALK_FETCH;
	if (control_flags & HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT)
		access |= HV_WALK_EXEMPT;
	if (control_flags & HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS)
		access |= HV_WALK_SET_BITS;
	if (control_flags & HV_TRANSLATE_GVA_ENFORCE_SMAP)
		access |= HV_WALK_ENFORCE_SMAP;
	if (control_flags & HV_TRANSLATE_GVA_OVERRIDE_SMAP)
		access |= HV_WALK_IGNORE_SMAP;
	if (control_flags & HV_TRANSLATE_GVA_USER_ACCESS ||
	    (cpl == 3 && !(control_flags & HV_TRANSLATE_GVA_SUPERVISOR_ACCESS)))
		access |= HV_WALK_USER;
	return access;
}

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: basic types and identifiers that every other header uses.
 *
 * Model: these headers are shared by the kernel driver, user space and a
 * freestanding hypervisor.  They need <linux/types.h> and nothing else.  All
 * structures are packed, little-endian and of fixed width; fields of a few bits
 * are described by masks and not by C bitfields.  Every structure states its
 * size, and the offsets that matter, in a static assertion next to it.
 *
 * A structure with an array that the hypervisor writes while others read it says how
 * it is aligned as well: GCC forgets that an access to an element is marked if the
 * element may be unaligned, and KCSAN takes it for a plain one.
 *
 * Words: GPA is a guest physical address, GPN or PFN the same shifted right by
 * HV_HYP_PAGE_SHIFT.  The hypervisor's page is 4 KiB whatever the kernel's is.
 * "MBZ" means that the hypervisor rejects anything but zero.
 */
#ifndef _HYPERV_HV_TYPES_H
#define _HYPERV_HV_TYPES_H

#include <linux/types.h>

#ifndef __packed
#define __packed __attribute((packed))
#endif
#ifndef __aligned
#define __aligned(n) __attribute((aligned(n)))
#endif

/*
 * Layout assertions: the same declaration every time, of an array whose size is
 * negative when a layout is wrong.  This works in every environment of these
 * headers, and cannot be compiled out.
 */
#define HV_ABI_ASSERT(condition)					\
	extern char hv_abi_assert[(condition) ? 1 : -1]
#define HV_ABI_SIZE(type, size)						\
	HV_ABI_ASSERT(sizeof(type) == (size))
#define HV_ABI_OFFSET(type, field, offset)				\
	HV_ABI_ASSERT(__builtin_offsetof(type, field) == (offset))
#define HV_ABI_ALIGN(type, alignment)					\
	HV_ABI_ASSERT(__alignof__(type) == (alignment))

#define HV_BIT(n)			(1U << (n))
#define HV_BIT64(n)			(1ULL << (n))

#define HV_HYP_PAGE_SHIFT		12
#define HV_HYP_PAGE_SIZE		0x1000UL
#define HV_HYP_PAGE_MASK		(~(HV_HYP_PAGE_SIZE - 1))
#define HV_HYP_LARGE_PAGE_SHIFT		21
#define HV_HYP_PAGES_PER_LARGE_PAGE	512

#define HV_PARTITION_ID_INVALID		0x0ULL
#define HV_PARTITION_ID_SELF		0xffffffffffffffffULL

/* Special values of a virtual processor index. */
#define HV_VP_INDEX_SELF		0xfffffffeU
#define HV_ANY_VP			0xffffffffU
#define HV_MAX_VPS			2048
#define HV_MAX_VP_INDEX			(HV_MAX_VPS - 1)

#define HV_INTERRUPT_VECTOR_NONE	0xffffffffU

/* The unit of every time and timer value: 100 ns. */
#define HV_REFERENCE_TIME_HZ		10000000ULL
#define HV_NSEC_PER_REFERENCE_TICK	100

/*
 * An input VTL is one byte.  Zero is the caller's own level; other bits than
 * these MBZ.
 */
#define HV_INPUT_VTL_TARGET_MASK	0x0f
#define HV_INPUT_VTL_USE_TARGET		0x10
#define HV_INPUT_VTL_RESERVED		0xe0

/* All zero: no preference. */
struct hv_proximity_domain_info {
	__u32 domain_id;
	__u32 flags;
} __packed;
HV_ABI_SIZE(struct hv_proximity_domain_info, 8);

#define HV_PROXIMITY_DOMAIN_PREFERRED	HV_BIT(0)
#define HV_PROXIMITY_INFO_VALID		HV_BIT(31)

/*
 * A set of virtual processors: one bank of 64 for each bit that is set in the
 * mask, in ascending order and without gaps.
 */
struct hv_vpset {
	__u64 format;
	__u64 valid_bank_mask;
	__u64 bank_contents[];
} __packed;
HV_ABI_SIZE(struct hv_vpset, 16);

#define HV_GENERIC_SET_SPARSE_4K	0
#define HV_GENERIC_SET_ALL		1
#define HV_GENERIC_SET_SHIFT		6
#define HV_GENERIC_SET_MASK		0x3f
#define HV_VCPUS_PER_SPARSE_BANK	64
#define HV_MAX_SPARSE_VCPU_BANKS	64

/* Guest OS id.  Zero means that it has not been set. */
#define HV_GUEST_OS_OPEN_SOURCE		HV_BIT64(63)
#define HV_GUEST_OS_TYPE_SHIFT		56
#define HV_GUEST_OS_TYPE_MASK		0x7f00000000000000ULL
#define HV_GUEST_OS_TYPE_LINUX		1
#define HV_GUEST_OS_VERSION_SHIFT	16
#define HV_GUEST_OS_VERSION_MASK	0x0000ffffffff0000ULL
#define HV_GUEST_OS_BUILD_MASK		0x000000000000ffffULL
#define HV_LINUX_VENDOR_ID		0x8100

/* Access types, as bits in masks and as numbers in messages. */
#define HV_INTERCEPT_ACCESS_MASK_NONE	0x0
#define HV_INTERCEPT_ACCESS_MASK_READ	0x1
#define HV_INTERCEPT_ACCESS_MASK_WRITE	0x2
#define HV_INTERCEPT_ACCESS_MASK_EXECUTE 0x4

#define HV_INTERCEPT_ACCESS_READ	0
#define HV_INTERCEPT_ACCESS_WRITE	1
#define HV_INTERCEPT_ACCESS_EXECUTE	2

/* Cache types in messages and in the read and write GPA calls. */
#define HV_CACHE_TYPE_UNCACHED		0
#define HV_CACHE_TYPE_WRITE_COMBINING	1
#define HV_CACHE_TYPE_WRITE_THROUGH	4
#define HV_CACHE_TYPE_WRITE_PROTECTED	5
#define HV_CACHE_TYPE_WRITE_BACK	6

#endif

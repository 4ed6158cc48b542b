/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the entries of MSHV_SET_MSI_ROUTING to routes.
 *
 * An entry is the address and the data that a device would write for an MSI.
 */
#ifndef _MSHV_ROUTE_H
#define _MSHV_ROUTE_H

#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include <uapi/linux/mshv.h>

#include <hyperv/hv_root.h>

/* Routes in one table, and the numbers they may have. */
#define MSHV_MAX_ROUTES		4096

/* Fields of the MSI's address and data that have a meaning here. */
#define MSI_ADDRESS_LOGICAL	BIT(2)
#define MSI_ADDRESS_DEST	GENMASK(19, 12)
#define MSI_ADDRESS_HI_DEST	GENMASK(31, 8)
#define MSI_DATA_VECTOR		GENMASK(7, 0)
#define MSI_DATA_TYPE		GENMASK(10, 8)
#define MSI_DATA_LEVEL		BIT(15)

/* Lower vectors are exceptions and cannot be asserted. */
#define FIRST_VECTOR		16

/**
 * struct mshv_route - what to assert for a GSI
 * @valid: there is something to assert
 * @level: level triggered
 * @logical: the destination is a logical one
 * @type: delivery mode
 * @vector: vector
 * @destination: local APIC id, or a logical destination
 */
struct mshv_route {
	bool valid;
	bool level;
	bool logical;
	u8 type;
	u8 vector;
	u32 destination;
};

/* Returns 0 or -EINVAL. */
static inline int route_parse(const struct mshv_user_irq_entry *entry,
			      struct mshv_route *route)
{
	/* Destinations above 255 have their upper bits in the same place as in KVM. */
	if (entry->address_hi & ~MSI_ADDRESS_HI_DEST)
		return -EINVAL;
	route->vector = FIELD_GET(MSI_DATA_VECTOR, entry->data);
	route->type = FIELD_GET(MSI_DATA_TYPE, entry->data);
	route->level = entry->data & MSI_DATA_LEVEL;
	route->logical = entry->address_lo & MSI_ADDRESS_LOGICAL;
	route->destination = FIELD_GET(MSI_ADDRESS_DEST, entry->address_lo) |
			     (entry->address_hi & MSI_ADDRESS_HI_DEST);
	/* Programs reserve GSIs with entries of zeroes. */
	route->valid = route->vector >= FIRST_VECTOR ||
		       (route->type != HV_X64_INTERRUPT_TYPE_FIXED &&
			route->type != HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY);
	return 0;
}

/*
 * The highest GSI, if each is valid and occurs once, or -EINVAL.  @seen has
 * MSHV_MAX_ROUTES bits, all clear.
 */
static inline int route_check_gsis(const struct mshv_user_irq_entry *entries,
				   unsigned int nr, unsigned long *seen)
{
	unsigned int i, highest = 0;

	for (i = 0; i < nr; i++) {
		if (entries[i].gsi >= MSHV_MAX_ROUTES ||
		    __test_and_set_bit(entries[i].gsi, seen))
			return -EINVAL;
		highest = max(highest, entries[i].gsi);
	}
	return highest;
}

#endif

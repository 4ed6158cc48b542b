// SPDX-License-Identifier: GPL-2.0
/* Sets of virtual processors: see vpset.h. */
#include "vpset.h"

#define HV_VPSET_MAX_VP	(HV_MAX_SPARSE_VCPU_BANKS * HV_VCPUS_PER_SPARSE_BANK)

/*
 * Counted by hand: the compiler's builtin becomes a call of a library function on
 * processors without the instruction.
 */
static unsigned int hv_bits(__u64 mask)
{
	unsigned int n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

/* Index of the bank, or where it would be inserted. */
static unsigned int hv_vpset_position(const struct hv_vpset *set,
				      unsigned int bank)
{
	return hv_bits(set->valid_bank_mask & (HV_BIT64(bank) - 1));
}

static __u64 hv_vpset_bank(const struct hv_vpset *set, unsigned int bank)
{
	if (!(set->valid_bank_mask & HV_BIT64(bank)))
		return 0;
	return set->bank_contents[hv_vpset_position(set, bank)];
}

/**
 * hv_vpset_check() - check a set's format and size
 * @set: the set, of any alignment
 * @bytes: size of its memory
 *
 * Return: 1 if the format is known and the banks fit, else 0.
 */
int hv_vpset_check(const struct hv_vpset *set, unsigned long bytes)
{
	if (bytes < sizeof(*set))
		return 0;
	if (set->format == HV_GENERIC_SET_ALL)
		return 1;
	if (set->format != HV_GENERIC_SET_SPARSE_4K)
		return 0;
	return HV_VPSET_BYTES(hv_bits(set->valid_bank_mask)) <= bytes;
}

/**
 * hv_vpset_banks() - number of banks that follow the header
 * @set: a checked set
 *
 * Return: the number; a set of all processors has none.
 */
unsigned int hv_vpset_banks(const struct hv_vpset *set)
{
	if (set->format == HV_GENERIC_SET_ALL)
		return 0;
	return hv_bits(set->valid_bank_mask);
}

/**
 * hv_vpset_contains() - is a processor in the set?
 * @set: a checked set
 * @vp: its index
 *
 * Return: 1 or 0.
 */
int hv_vpset_contains(const struct hv_vpset *set, __u32 vp)
{
	if (set->format == HV_GENERIC_SET_ALL)
		return 1;
	if (vp >= HV_VPSET_MAX_VP)
		return 0;
	return hv_vpset_bank(set, vp >> HV_GENERIC_SET_SHIFT) >>
	       (vp & HV_GENERIC_SET_MASK) & 1;
}

/**
 * hv_vpset_next() - the next processor of a set
 * @set: a checked set
 * @from: the lowest index that may be returned
 * @limit: the lowest index that may not be returned
 *
 * Return: an index, or %HV_VPSET_END.
 */
__u32 hv_vpset_next(const struct hv_vpset *set, __u32 from, __u32 limit)
{
	unsigned int bank;
	__u64 bits;
	__u32 vp;

	if (set->format == HV_GENERIC_SET_ALL)
		return from < limit ? from : HV_VPSET_END;
	if (limit > HV_VPSET_MAX_VP)
		limit = HV_VPSET_MAX_VP;
	if (from >= limit)
		return HV_VPSET_END;

	bank = from >> HV_GENERIC_SET_SHIFT;
	bits = hv_vpset_bank(set, bank) & ~0ULL << (from & HV_GENERIC_SET_MASK);
	while (!bits) {
		if (++bank == HV_MAX_SPARSE_VCPU_BANKS)
			return HV_VPSET_END;
		bits = hv_vpset_bank(set, bank);
	}
	vp = (bank << HV_GENERIC_SET_SHIFT) + __builtin_ctzll(bits);
	return vp < limit ? vp : HV_VPSET_END;
}

/**
 * hv_vpset_count() - number of processors in a set
 * @set: a checked set
 * @limit: only indexes below this one count
 *
 * Return: the number.
 */
unsigned int hv_vpset_count(const struct hv_vpset *set, __u32 limit)
{
	unsigned int n = 0;
	__u32 vp;

	if (set->format == HV_GENERIC_SET_ALL)
		return limit;
	hv_vpset_for_each(vp, set, limit)
		n++;
	return n;
}

/**
 * hv_vpset_init() - make an empty set
 * @set: memory for it
 */
void hv_vpset_init(struct hv_vpset *set)
{
	set->format = HV_GENERIC_SET_SPARSE_4K;
	set->valid_bank_mask = 0;
}

/**
 * hv_vpset_add() - put a processor into a sparse set
 * @set: the set
 * @max_banks: banks that there is memory for
 * @vp: the processor's index, in any order
 *
 * Return: 1, or 0 if the index is too high or there is no room for its bank.
 */
int hv_vpset_add(struct hv_vpset *set, unsigned int max_banks, __u32 vp)
{
	unsigned int bank = vp >> HV_GENERIC_SET_SHIFT;
	unsigned int banks, position, i;

	if (vp >= HV_VPSET_MAX_VP || set->format != HV_GENERIC_SET_SPARSE_4K)
		return 0;

	position = hv_vpset_position(set, bank);
	if (!(set->valid_bank_mask & HV_BIT64(bank))) {
		banks = hv_bits(set->valid_bank_mask);
		if (banks >= max_banks)
			return 0;
		for (i = banks; i > position; i--)
			set->bank_contents[i] = set->bank_contents[i - 1];
		set->bank_contents[position] = 0;
		set->valid_bank_mask |= HV_BIT64(bank);
	}
	set->bank_contents[position] |= HV_BIT64(vp & HV_GENERIC_SET_MASK);
	return 1;
}

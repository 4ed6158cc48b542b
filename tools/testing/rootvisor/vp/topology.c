// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets, cores and threads in the CPUID of children.
 *
 * Model: a socket has the partition's PROCESSORS_PER_SOCKET, or all VPs if that is not
 * set; a core has two threads if the partition was created for that, else one.  Threads,
 * cores and sockets are consecutive fields of the APIC id, each as wide as it must be; it
 * is the VMM that chooses ids which agree with that.
 *
 * A VMM may register a topology of its own, and many can only set bits.  A value that
 * consists of bits of both would belong to neither, so a field of which the VMM sets a bit is
 * the VMM's, as is a leaf about nothing but the topology.
 */
#include <hyperv/hv_partition.h>
#include "child.h"
#include "cpuid.h"
#include "rules.h"
#include "topology.h"

#define AMD_ECX			0x444d4163	/* "cAMD" */
#define HYGON_ECX		0x656e6975	/* "uine" */

#define LEAF_TOPOLOGY		0xb
#define LEAF_TOPOLOGY_2		0x1f
#define LEAF_EXTENDED		0x80000000
#define LEAF_AMD_CACHES		0x8000001d
#define LEAF_AMD_TOPOLOGY	0x8000001e
#define LEAF_AMD_TOPOLOGY_2	0x80000026
/* Leaves 0xb and 0x1f: kinds of levels */
#define LEVEL_THREADS		BIT(8)
#define LEVEL_CORES		(2u << 8)
#define LEVEL_NUMBER_MASK	0xffu

#define L1_EBX_ID_SHIFT		24
#define L1_EBX_ID_MASK		0xff000000u
#define L1_EBX_COUNT_SHIFT	16
#define L1_EBX_COUNT_MASK	0x00ff0000u
#define L1_EBX_COUNT_MAX	0xffu
#define L1_EDX_HTT		BIT(28)
#define L81_ECX_CMP_LEGACY	BIT(1)
#define L81_ECX_TOPOEXT		BIT(22)
#define L88_ECX_COUNT_MASK	0xffu
#define L88_ECX_WIDTH_SHIFT	12
#define L88_ECX_WIDTH_MASK	0xf000u
#define L1E_EBX_THREADS_SHIFT	8
/* Leaves 4 and 0x8000001d, EAX */
#define CACHE_TYPE_MASK		0x1fu
#define CACHE_LEVEL_MASK	0xe0u
#define CACHE_LEVEL_SHIFT	5
#define CACHE_LEVEL_PACKAGE	3
#define CACHE_SHARED_MASK	0x03ffc000u
#define CACHE_SHARED_SHIFT	14
#define CACHE_SHARED_MAX	0xfffu
#define CACHE_CORES_MASK	0xfc000000u
#define CACHE_CORES_SHIFT	26
#define CACHE_CORES_MAX		0x3fu

static u32 per_socket(struct partition *p)
{
	return MAX(p->per_socket ? (u32)p->per_socket : p->nr_vps, 1u);
}

static u32 per_core(struct partition *p)
{
	u32 threads = p->flags & HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST ? 2 : 1;

	return MIN(threads, per_socket(p));
}

static u32 width_of(u32 count)
{
	u32 width = 0;

	while (BIT(width) < count)
		width++;
	return width;
}

static bool made_by_amd(void)
{
	struct cpuid_regs r = cpuid(0, 0);

	return r.ecx == AMD_ECX || r.ecx == HYGON_ECX;
}

/* AMD's processors with threads have leaves for that, for which there is a bit. */
static bool shows_amd_leaves(struct partition *p)
{
	return per_core(p) > 1 && made_by_amd();
}

static void levels_leaf(struct vp *vp, u32 sub, struct cpuid_regs *r)
{
	u32 threads = per_core(vp->partition), all = per_socket(vp->partition);

	*r = (struct cpuid_regs){ .ecx = sub & LEVEL_NUMBER_MASK,
				  .edx = child_of(vp)->vapic.id };
	if (sub == 0) {
		r->eax = width_of(threads);
		r->ebx = threads;
		r->ecx |= LEVEL_THREADS;
	} else if (sub == 1) {
		r->eax = width_of(all);
		r->ebx = all;
		r->ecx |= LEVEL_CORES;
	}
}

/* Which processors share a cache: those of a core, or from level 3 on of a socket. */
static void sharing(struct vp *vp, struct cpuid_regs *r)
{
	struct partition *p = vp->partition;
	u32 level = (r->eax & CACHE_LEVEL_MASK) >> CACHE_LEVEL_SHIFT;
	u32 others = (level >= CACHE_LEVEL_PACKAGE ? per_socket(p) : per_core(p)) - 1;

	r->eax &= ~CACHE_SHARED_MASK;
	r->eax |= MIN(others, CACHE_SHARED_MAX) << CACHE_SHARED_SHIFT;
}

static void cache_leaf(struct vp *vp, struct cpuid_regs *r)
{
	u32 cores = per_socket(vp->partition) / per_core(vp->partition);

	if (!(r->eax & CACHE_TYPE_MASK))
		return;
	sharing(vp, r);
	r->eax &= ~CACHE_CORES_MASK;
	r->eax |= MIN(cores - 1, CACHE_CORES_MAX) << CACHE_CORES_SHIFT;
}

static void amd_cache_leaf(struct vp *vp, u32 sub, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){};
	if (!shows_amd_leaves(vp->partition) ||
	    cpuid(LEAF_EXTENDED, 0).eax < LEAF_AMD_CACHES)
		return;
	*r = cpuid(LEAF_AMD_CACHES, sub);
	if (r->eax & CACHE_TYPE_MASK)
		sharing(vp, r);
}

/* Its cores are "compute units", and each socket is one node. */
static void amd_leaf(struct vp *vp, struct cpuid_regs *r)
{
	u32 threads = per_core(vp->partition), width = width_of(per_socket(vp->partition));
	u32 id = child_of(vp)->vapic.id;

	*r = (struct cpuid_regs){};
	if (!shows_amd_leaves(vp->partition))
		return;
	r->eax = id;
	r->ebx = ((id & (BIT(width) - 1)) >> width_of(threads) & 0xff) |
		 (threads - 1) << L1E_EBX_THREADS_SHIFT;
	r->ecx = id >> width & 0xff;
}

void topology_show(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	struct partition *p = vp->partition;
	u32 all = per_socket(p);

	switch (leaf) {
	case 1:
		r->ebx &= ~(L1_EBX_ID_MASK | L1_EBX_COUNT_MASK);
		r->ebx |= child_of(vp)->vapic.id << L1_EBX_ID_SHIFT |
			  MIN(all, L1_EBX_COUNT_MAX) << L1_EBX_COUNT_SHIFT;
		if (all > 1)
			r->edx |= L1_EDX_HTT;
		break;
	case 4:
		cache_leaf(vp, r);
		break;
	case LEAF_TOPOLOGY:
	case LEAF_TOPOLOGY_2:
		levels_leaf(vp, sub, r);
		break;
	case LEAF_EXTENDED:
		if (shows_amd_leaves(p))
			r->eax = MAX(r->eax, LEAF_AMD_TOPOLOGY);
		break;
	case 0x80000001:
		if (all > 1 && made_by_amd())
			r->ecx |= L81_ECX_CMP_LEGACY;
		if (shows_amd_leaves(p))
			r->ecx |= L81_ECX_TOPOEXT;
		break;
	case 0x80000008:
		r->ecx = MIN(all - 1, L88_ECX_COUNT_MASK) |
			 width_of(all) << L88_ECX_WIDTH_SHIFT;
		break;
	case LEAF_AMD_CACHES:
		amd_cache_leaf(vp, sub, r);
		break;
	case LEAF_AMD_TOPOLOGY:
		amd_leaf(vp, r);
		break;
	}
}

/* ---- the VMM's own ------------------------------------------------------------------- */

static bool only_topology(u32 leaf)
{
	return leaf == LEAF_TOPOLOGY || leaf == LEAF_TOPOLOGY_2 || leaf == LEAF_AMD_CACHES ||
	       leaf == LEAF_AMD_TOPOLOGY || leaf == LEAF_AMD_TOPOLOGY_2;
}

static void yield(u32 *reg, u32 given, u32 field)
{
	if (given & field)
		*reg &= ~field;
}

void topology_yield(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	u32 given[4];

	if (!only_topology(leaf) && leaf != 1 && leaf != 4 && leaf != 0x80000008)
		return;
	if (!rules_cpuid_mask(vp, leaf, sub, given))
		return;
	if (only_topology(leaf)) {
		if (given[0] | given[1] | given[2] | given[3])
			*r = (struct cpuid_regs){};
		return;
	}
	switch (leaf) {
	case 1:
		yield(&r->ebx, given[1], L1_EBX_ID_MASK);
		yield(&r->ebx, given[1], L1_EBX_COUNT_MASK);
		break;
	case 4:
		yield(&r->eax, given[0], CACHE_SHARED_MASK);
		yield(&r->eax, given[0], CACHE_CORES_MASK);
		break;
	default:
		yield(&r->ecx, given[2], L88_ECX_COUNT_MASK);
		yield(&r->ecx, given[2], L88_ECX_WIDTH_MASK);
	}
}

/*
 * AMD's leaves are shown with threads only.  There are VMMs that give one value for all
 * subleaves of the caches, of which a guest that looks for the last would find no end.
 */
void topology_limit(struct vp *vp, u32 leaf, struct cpuid_regs *r)
{
	if (leaf == 0x80000001 && !shows_amd_leaves(vp->partition))
		r->ecx &= ~L81_ECX_TOPOEXT;
}

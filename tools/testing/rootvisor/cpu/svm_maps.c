// SPDX-License-Identifier: GPL-2.0
/*
 * SVM's maps: which MSR and port accesses exit.
 *
 * Model: an MSR has a bit for reads and one for writes, a port one bit; if it is set, the
 * access exits.  There is one map of each kind for all root VPs.  All port accesses of
 * children exit; each child VP uses one of two MSR maps.  MSRs outside the map's three
 * ranges always exit.
 */
#include <rv/vp.h>
#include "svm.h"
#include "vmcb.h"

#define MSRS_PER_RANGE	0x2000u
#define RANGE_HIGH	0xc0000000u
#define RANGE_AMD	0xc0010000u

static u8 msr_maps[NR_MAPS][2 * PAGE_SIZE] __aligned(4096);
static u8 root_ports[3 * PAGE_SIZE] __aligned(4096);
static u8 child_ports[3 * PAGE_SIZE] __aligned(4096);

void svm_maps_start(void)
{
	memset(child_ports, 0xff, sizeof(child_ports));
	memset(msr_maps[MAP_CHILD], 0xff, sizeof(msr_maps[MAP_CHILD]));
	memset(msr_maps[MAP_CHILD_ALL], 0xff, sizeof(msr_maps[MAP_CHILD_ALL]));
}

void svm_use_map(struct vp *vp, enum cpu_map map)
{
	vmcb_of(vp->cpu)->msrpm_base = ptr_pa(msr_maps[map]);
}

void svm_use_maps(struct vp *vp)
{
	bool root = vp_is_root(vp);

	vmcb_of(vp->cpu)->iopm_base = ptr_pa(root ? root_ports : child_ports);
	svm_use_map(vp, root ? MAP_ROOT : MAP_CHILD);
}

static u32 bit_of(u32 msr)
{
	if (msr < MSRS_PER_RANGE)
		return msr * 2;
	if (msr - RANGE_HIGH < MSRS_PER_RANGE)
		return (MSRS_PER_RANGE + msr - RANGE_HIGH) * 2;
	return (2 * MSRS_PER_RANGE + msr - RANGE_AMD) * 2;
}

void svm_msr_exits(enum cpu_map map, u32 msr, bool read, bool write)
{
	u32 bit = bit_of(msr);
	u8 *at = &msr_maps[map][bit / 8];

	*at &= (u8)~(3u << (bit % 8));
	*at |= (u8)((read | write << 1) << (bit % 8));
}

void svm_port_exits(u16 port)
{
	root_ports[port / 8] |= BIT(port % 8);
}

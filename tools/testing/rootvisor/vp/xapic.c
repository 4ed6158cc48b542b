// SPDX-License-Identifier: GPL-2.0
/*
 * The page of the local APIC in xAPIC mode.
 *
 * Model: 32-bit registers at multiples of 16 bytes, numbered like the x2APIC's.
 * Smaller and larger accesses work on the aligned word, as far as firmware and
 * kernels use them; bytes between the registers read as zero.
 */
#include "child.h"
#include "mmio.h"
#include "xapic.h"

#define REGISTER(gpa)	((u32)((gpa) >> 4 & 0xff))

static bool apic_read(struct vp *vp, u64 gpa, u32 size, u64 *value)
{
	u32 shift = (gpa & 3) * 8;

	*value = 0;
	if ((gpa & 0xf) >= 4)
		return true;
	if (!vapic_read(vp, REGISTER(gpa), value))
		*value = 0;
	*value = (u32)*value >> shift;
	if (size < 4)
		*value &= BIT_ULL(8 * size) - 1;
	return true;
}

static bool apic_write(struct vp *vp, u64 gpa, u32 size, u64 value)
{
	/* Writes other than of aligned words are undefined, and ignored. */
	if ((gpa & 0xf) || size < 4)
		return true;
	vapic_write(vp, REGISTER(gpa), (u32)value);
	return true;
}

bool xapic_access(struct vp *vp, u64 gpa)
{
	struct mmio_device device = {
		.page = gpa & PAGE_MASK,
		.read = apic_read,
		.write = apic_write,
	};

	if (mmio_execute(vp, &device))
		return true;
	log_guest("child %llu VP %u: unsupported instruction at 0x%llx on the APIC page",
		  (unsigned long long)vp->partition->id, vp->index,
		  (unsigned long long)vp->cpu->rip);
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The control port without IN and OUT; rootvisor/control.h has the contract.
 *
 * Model: a VMMCALL of a program in the root stands for one access.  The program needs
 * the same permission as for the instruction: the bits of the port in its TSS are clear
 * (Linux: ioperm()).  They are read here as a processor does, so a program that may not
 * use the port cannot do so in this way either.
 */
#include <rootvisor/control.h>
#include <rv/control.h>
#include <rv/vp.h>
#include "../vp/gva.h"
#include "control.h"

#define VMMCALL_LEN	3
#define ACCESS_SIZE	4
#define ACCESS_BITS	0xf	/* a bit for each byte */
#define TSS_MAP		0x66	/* where the TSS says where its bitmap begins */

/* Two bytes of the TSS, which has to have them. */
static bool tss_read(struct vp *vp, u32 offset, u16 *value)
{
	const struct cpu_segment *tss = &vp->cpu->tr;

	return offset + sizeof(*value) - 1 <= tss->limit &&
	       gva_read(vp, tss->base + offset, value, sizeof(*value), GVA_SYSTEM) ==
	       sizeof(*value);
}

static bool is_permitted(struct vp *vp, u16 port)
{
	u16 map, bits;

	vp_state(vp);
	return tss_read(vp, TSS_MAP, &map) && tss_read(vp, map + port / 8u, &bits) &&
	       !(bits >> port % 8 & ACCESS_BITS);
}

bool control_call(struct vp *vp)
{
	u64 kind = vp->gpr[GPR_RCX];
	u16 port = (u16)vp->gpr[GPR_RDX];
	u32 value = (u32)vp->gpr[GPR_RAX];

	if (kind != RV_CALL_IN && kind != RV_CALL_OUT)
		return false;
	if (!is_permitted(vp, port))
		return false;
	if (kind == RV_CALL_IN ? !control_read(vp, port, ACCESS_SIZE, &value) :
				 !control_write(vp, port, ACCESS_SIZE, value))
		return false;
	vp->gpr[GPR_RAX] = value;
	vp_skip(vp, VMMCALL_LEN);
	return true;
}

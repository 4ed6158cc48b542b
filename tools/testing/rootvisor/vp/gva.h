/* SPDX-License-Identifier: GPL-2.0 */
/* Linear addresses of a VP. */
#ifndef _RV_VP_GVA_H
#define _RV_VP_GVA_H

#include <rv/base.h>

struct vp;

#define GVA_READ	BIT(0)
#define GVA_WRITE	BIT(1)
#define GVA_FETCH	BIT(2)
#define GVA_MARK	BIT(3)	/* set accessed and dirty bits */
#define GVA_SYSTEM	BIT(4)	/* by the processor itself, as of a TSS */

/* Translates in the VP's current mode; false if the access would fault. */
bool gva_to_gpa(struct vp *vp, u64 gva, u32 access, u64 *gpa);

/**
 * struct gva_fault - the exception of an access
 * @vector: #PF or #GP, 0 if there is none
 * @error: error code
 * @address: linear address
 */
struct gva_fault {
	u32 vector, error;
	u64 address;
};

/* The same, and says which exception it would be. */
bool gva_translate(struct vp *vp, u64 gva, u32 access, u64 *gpa, struct gva_fault *fault);
u32 gva_read(struct vp *vp, u64 gva, void *to, u32 len, u32 access);
#define MAX_INSN_BYTES	15

/* Reads instruction bytes at CS:RIP; returns how many. */
u32 insn_fetch(struct vp *vp, u8 *bytes);

#endif

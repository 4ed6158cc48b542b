/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts between VPs, and from outside. */
#ifndef _RV_VP_VAPIC_IPI_H
#define _RV_VP_VAPIC_IPI_H

#include <rv/base.h>

struct partition;
struct vp;

/* Sends what was written to the ICR; false: invalid vector. */
bool vapic_ipi(struct vp *vp, u64 icr);

/* Sends to VPs by destination, like an MSI; false if there is none. */
bool vapic_send(struct partition *p, struct vp *from, u32 mode, u32 vector,
		bool level, bool logical, u64 dest);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Doorbells: ports that are signalled when a guest writes to an address. */
#ifndef _RV_DOORBELL_H
#define _RV_DOORBELL_H

#include <rv/base.h>

struct partition;
struct vp;

bool doorbell_possible(struct partition *p, u64 gpa);
/* A write that may hit doorbells; true if it did, and is complete. */
bool doorbell_access(struct vp *vp, u64 gpa);
/* The event ring of a SINT has room again. */
void ports_retry(struct vp *vp, u32 sint);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The page of the local APIC. */
#ifndef _RV_VP_XAPIC_H
#define _RV_VP_XAPIC_H

#include <rv/base.h>

struct vp;

/* An access to the APIC page; true when handled. */
bool xapic_access(struct vp *vp, u64 gpa);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* MSRs of the root. */
#ifndef _RV_CPU_ROOT_MSR_H
#define _RV_CPU_ROOT_MSR_H

struct vp;

void root_msr(struct vp *vp);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* CPUID of the root. */
#ifndef _RV_CPU_ROOT_CPUID_H
#define _RV_CPU_ROOT_CPUID_H

struct vp;

void root_cpuid(struct vp *vp);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Registers of the SynIC. */
#ifndef _RV_VP_SYNIC_MSR_H
#define _RV_VP_SYNIC_MSR_H

#include <rv/base.h>

struct vp;

bool synic_set_page(struct vp *vp, u32 msr, u64 value);

#endif

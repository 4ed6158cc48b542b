/* SPDX-License-Identifier: GPL-2.0 */
/* The root's interrupt commands. */
#ifndef _RV_CPU_IPI_H
#define _RV_CPU_IPI_H

#include <rv/base.h>

struct vp;

bool root_icr_write(struct vp *vp, u64 value);

#endif

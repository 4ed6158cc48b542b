/* SPDX-License-Identifier: GPL-2.0 */
/* Return from a task that has handled an NMI. */
#ifndef _RV_VP_TASK_H
#define _RV_VP_TASK_H

#include <rv/base.h>

struct vp;

/* Does an IRET here switch to another task? */
bool task_nested(struct vp *vp);
/* Executes it; false: not done. */
bool task_return(struct vp *vp);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The control port by VMMCALL: test/control_call.c. */
#ifndef _RV_CONTROL_H
#define _RV_CONTROL_H

#include <rv/base.h>

struct vp;

/* The VMMCALL of a program in the root; false if it is not an access to the port. */
bool control_call(struct vp *vp);

#endif

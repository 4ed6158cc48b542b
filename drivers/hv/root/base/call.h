/* SPDX-License-Identifier: GPL-2.0 */
/* Within the base layer; <linux/hvr.h> has what its users may call. */
#ifndef _HVR_BASE_CALL_H
#define _HVR_BASE_CALL_H

struct hvr_call;

int hvr_call_attempt(struct hvr_call *call);

#endif

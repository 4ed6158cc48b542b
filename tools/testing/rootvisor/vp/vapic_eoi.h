/* SPDX-License-Identifier: GPL-2.0 */
/* The end of an interrupt. */
#ifndef _RV_VP_VAPIC_EOI_H
#define _RV_VP_VAPIC_EOI_H

#include <rv/base.h>

struct vp;

void vapic_eoi(struct vp *vp);
/* Is there an EOI to report?  Stops the VP and reports it, if so. */
bool vapic_eoi_pending(struct vp *vp);
bool vapic_report_eoi(struct vp *vp);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The register page. */
#ifndef _RV_VP_REGPAGE_H
#define _RV_VP_REGPAGE_H

#include <rv/base.h>

struct vp;

void regpage_load(struct vp *vp);	/* what the VMM has marked dirty */
void regpage_store(struct vp *vp);	/* after the VP has stopped */
void regpage_refresh(struct vp *vp);	/* what is not dirty, after registers were set */
bool regpage_scan(struct vp *vp);	/* pending vectors at offset 688 */

#endif

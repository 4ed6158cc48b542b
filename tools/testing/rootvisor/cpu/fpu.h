/* SPDX-License-Identifier: GPL-2.0 */
/* Extended state of all VPs. */
#ifndef _RV_CPU_FPU_H
#define _RV_CPU_FPU_H

#include <rv/base.h>

struct vp;

void fpu_init(void);
void fpu_cpu_init(void);		/* on each processor, after that */
void fpu_save(struct vp *vp);
bool fpu_restore(struct vp *vp);	/* false: the state cannot be loaded */
bool fpu_takes_xcr0(u64 value);	/* does the processor accept it? */
extern u64 host_xcr0;		/* features whose state fits one page */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files of SVM. */
#ifndef _RV_CPU_SVM_H
#define _RV_CPU_SVM_H

#include <rv/cpu.h>
#include <rv/vp.h>
#include "vmcb.h"

/* Intercepts for all VPs, and more for children. */
#define SVM_ROOT_EXITS							\
	(VMCB_I1_NMI | VMCB_I1_CPUID | VMCB_I1_IOIO | VMCB_I1_MSR |	\
	 VMCB_I1_SHUTDOWN | VMCB_I1_INVLPGA | VMCB_I1_INIT)
#define SVM_CHILD_EXITS							\
	(SVM_ROOT_EXITS | VMCB_I1_INTR | VMCB_I1_SMI | VMCB_I1_RDPMC |	\
	 VMCB_I1_INVD | VMCB_I1_HLT)

/* cpu/svm_enter.c */
void svm_enter_start(void);
void svm_prepare(struct vp *vp, bool flush);
void svm_run(struct vp *vp);

/* cpu/svm_debug.c */
#define DR7_ENABLED	0xffull		/* bits of DR7: of any breakpoint */

void svm_debug_prepare(struct vp *vp);
void svm_debug_touched(struct vp *vp);
void svm_debug_unload(struct vp *vp);

/* cpu/svm.c */
u8 svm_tlb_control(struct lp *lp);	/* to flush what @lp has of a VP */
void svm_tlb_flushed(struct lp *lp);

/* cpu/svm_maps.c */
void svm_maps_start(void);
void svm_use_maps(struct vp *vp);
void svm_use_map(struct vp *vp, enum cpu_map map);
void svm_msr_exits(enum cpu_map map, u32 msr, bool read, bool write);
void svm_port_exits(u16 port);

#endif

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
	 VMCB_I1_SHUTDOWN | VMCB_I1_INVLPGA)
#define SVM_CHILD_EXITS							\
	(SVM_ROOT_EXITS | VMCB_I1_INTR | VMCB_I1_SMI | VMCB_I1_INIT |	\
	 VMCB_I1_RDPMC | VMCB_I1_INVD | VMCB_I1_HLT)

/* cpu/svm_enter.c */
void svm_enter_start(void);
void svm_prepare(struct vp *vp, bool flush);
void svm_run(struct vp *vp);

/* cpu/svm_dr7.c */
void svm_dr7_start(void);
void svm_dr7_hide(struct vp *vp);
void svm_dr7_show(struct vp *vp);

/* cpu/svm_maps.c */
void svm_maps_start(void);
void svm_use_maps(struct vp *vp);
void svm_use_map(struct vp *vp, enum cpu_map map);
void svm_msr_exits(enum cpu_map map, u32 msr, bool read, bool write);
void svm_port_exits(u16 port);

#endif

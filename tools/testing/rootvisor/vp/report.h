/* SPDX-License-Identifier: GPL-2.0 */
/* Intercept messages to the root, by kind of exit. */
#ifndef _RV_VP_REPORT_H
#define _RV_VP_REPORT_H

#include <rv/base.h>

struct cpuid_regs;
struct vp;

void report_io(struct vp *vp);
void report_memory(struct vp *vp);
/* The same for an access that was made here for the guest, and failed. */
void report_access(struct vp *vp, u64 gpa, bool write);
void report_msr(struct vp *vp, u32 msr, bool write, u32 len);
void report_cpuid(struct vp *vp, const struct cpuid_regs *result, u32 len);
void report_hypercall(struct vp *vp, u32 len);
void report_exception(struct vp *vp, u32 vector);
void report_shutdown(struct vp *vp);
void report_halt(struct vp *vp);
void report_unsupported(struct vp *vp);
void report_invalid(struct vp *vp);

#endif

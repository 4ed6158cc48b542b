/* SPDX-License-Identifier: GPL-2.0 */
/* Intercept messages to the root, by kind of exit. */
#ifndef _RV_VP_TELL_H
#define _RV_VP_TELL_H

#include <rv/base.h>

struct cpuid_regs;
struct vp;

void tell_io(struct vp *vp);
void tell_memory(struct vp *vp);
void tell_msr(struct vp *vp, u32 msr, bool write, u32 len);
void tell_cpuid(struct vp *vp, const struct cpuid_regs *result, u32 len);
void tell_exception(struct vp *vp, u32 vector);
void tell_shutdown(struct vp *vp);
void tell_halt(struct vp *vp);
void tell_unsupported(struct vp *vp);
void tell_invalid(struct vp *vp);

#endif

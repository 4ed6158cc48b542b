/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel, in the form in which this driver uses them.
 */
#ifndef _HV_IOMMU_COMPAT_H
#define _HV_IOMMU_COMPAT_H

#include <linux/iommu.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>

/* Only the files compat.h look at the version. */
#define COMPAT_BEFORE(major, minor)	\
	(KERNEL_VERSION(major, minor, 0) > LINUX_VERSION_CODE)

#if COMPAT_BEFORE(6, 16)
#include <asm/cpuid.h>
#else
#include <asm/cpuid/api.h>
#endif

/* The namespace of <linux/hvr.h>. */
#if COMPAT_BEFORE(6, 13)
#define HVR_NS	HVR
#else
#define HVR_NS	"HVR"
#endif

/* The head of a function that attaches a domain to a device. */
#if COMPAT_BEFORE(6, 19)
#define COMPAT_ATTACH(name)	\
	int name(struct iommu_domain *domain, struct device *dev)
#else
#define COMPAT_ATTACH(name)	\
	int name(struct iommu_domain *domain, struct device *dev, \
		 struct iommu_domain *old)
#endif

/* Have a function called when devices are quiet, before a reboot or kexec. */
#if COMPAT_BEFORE(6, 19)
#define COMPAT_AT_END(end, function)			\
	static struct syscore_ops end = { .shutdown = function }
#define COMPAT_END_ARGS		void
static inline void hv_iommu_register_end(struct syscore_ops *end)
{
	register_syscore_ops(end);
}
#else
#define COMPAT_AT_END(end, function)			\
	static const struct syscore_ops end##_ops = { .shutdown = function }; \
	static struct syscore end = { .ops = &end##_ops }
#define COMPAT_END_ARGS		void *unused
static inline void hv_iommu_register_end(struct syscore *end)
{
	register_syscore(end);
}
#endif

#endif

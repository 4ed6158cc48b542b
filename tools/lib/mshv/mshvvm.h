/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thin library over /dev/mshv: partitions, memory, virtual processors and the
 * meaning of messages.  The selftests are built on it.
 *
 * Model: it has no state except the text of each thread's last error.  Objects are
 * file descriptors, as in the kernel; a function is one ioctl or a few.  Every
 * function returns a negative errno on failure, and vmm_error() then says what was
 * tried and which status the hypervisor returned.
 *
 * Words: "dev" is an open /dev/mshv, "part" a partition's descriptor, "vp" a
 * virtual processor's; "fd" may be more than one of them.
 *
 * Lock order: none.
 */
#ifndef _MSHVVM_H
#define _MSHVVM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include <hyperv/hv_types.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_vp.h>
#include <linux/mshv.h>

#include "util.h"

#define VMM_DEVICE	"/dev/mshv"
#define VMM_PAGE	4096ULL

/* Synthetic features of a guest by default. */
#define VMM_SYNTHETIC_FEATURES						\
	(0x6400ffbULL & ~(HV_BIT64(25) | HV_BIT64(26)))

/**
 * struct vmm_call - one MSHV_ROOT_HVCALL
 * @code: call code
 * @reps: elements, 0 for a simple call; afterwards those that are done
 * @in_size: bytes of input
 * @out_size: bytes of output
 * @in: input; the kernel fills in its first eight bytes
 * @out: output or NULL
 * @status: the hypervisor's status, valid if the ioctl reached it
 */
struct vmm_call {
	__u16 code;
	__u16 reps;
	__u16 in_size;
	__u16 out_size;
	const void *in;
	void *out;
	__u16 status;
};

/**
 * struct vmm_cpuid - values of a guest's CPUID
 * @leaf: EAX
 * @subleaf: ECX
 * @subleaf_specific: @subleaf counts
 * @value: EAX, EBX, ECX, EDX
 * @mask: the bits of @value that count
 */
struct vmm_cpuid {
	__u32 leaf;
	__u32 subleaf;
	bool subleaf_specific;
	__u32 value[4];
	__u32 mask[4];
};

/* error.c */
const char *vmm_error(void);
int vmm_fail(int err, const char *format, ...)
	__printf(2, 3);
const char *vmm_reason(int err);

/* partition.c */
int vmm_open(const char *path);
int vmm_hvcall(int fd, struct vmm_call *call);
int vmm_create_v1(int dev, __u64 flags);
int vmm_create_v2(int dev, const struct mshv_create_partition_v2 *args);
int vmm_initialize(int part);
int vmm_get_property(int fd, __u32 code, __u64 *value);
int vmm_set_property(int part, __u32 code, __u64 value);
int vmm_map(int part, __u64 gpa, __u64 size, const void *memory, __u8 flags);
int vmm_unmap(int part, __u64 gpa, __u64 size, const void *memory);
int vmm_route(int part, const struct mshv_user_irq_entry *entries,
	      unsigned int count);
int vmm_assert(int part, __u32 type, bool level, bool logical,
	       __u64 destination, __u32 vector);
int vmm_intercept(int part, __u32 type, __u32 access, __u64 parameter);

/* vp.c */
int vmm_create_vp(int part, __u32 index);
int vmm_run(int vp, struct hv_message *message);
void *vmm_map_page(int vp, unsigned int which);
int vmm_get_registers(int fd, __u32 index, struct hv_register_assoc *regs,
		      unsigned int count);
int vmm_set_registers(int fd, __u32 index,
		      const struct hv_register_assoc *regs,
		      unsigned int count);
int vmm_get_register(int fd, __u32 index, __u32 name, __u64 *value);
int vmm_set_register(int fd, __u32 index, __u32 name, __u64 value);
int vmm_translate(int fd, __u32 index, __u64 gva, __u64 flags, __u64 *gpa,
		  __u32 *result);
int vmm_cpuid(int fd, __u32 index, const struct vmm_cpuid *cpuid);
int vmm_get_state(int vp, __u8 type, void *buffer, __u32 *size);
int vmm_set_state(int vp, __u8 type, void *buffer, __u32 *size);
struct hv_register_assoc vmm_segment(__u32 name, __u16 selector, __u64 base,
				     __u32 limit, __u16 attributes);
struct hv_register_assoc vmm_table(__u32 name, __u64 base, __u16 limit);
struct hv_register_assoc vmm_value(__u32 name, __u64 value);

/* message.c */
const char *vmm_message_name(__u32 type);
int vmm_describe(const struct hv_message *message, char *text, size_t size);
int vmm_dump_registers(int fd, __u32 index, char *text, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Interface of /dev/mshv: guests of Microsoft's hypervisor, run by a root
 * partition.
 *
 * Model: the device creates partitions, a partition creates virtual processors
 * (VPs), and each of them is a file descriptor of its own.  A partition is
 * destroyed when the last descriptor, or mapping, of it and of its VPs is gone.
 *
 * Words: a GPA is a guest physical address, guest_pfn the same divided by the
 * hypervisor's page size, which is 4096 bytes whatever the kernel's is.
 *
 * Reserved fields must be zero.  Unknown flags and non-zero reserved fields are
 * answered with -EINVAL, an unknown ioctl with -ENOTTY.  The size that is
 * encoded in a command is the least that the kernel reads.
 */
#ifndef _UAPI_LINUX_MSHV_H
#define _UAPI_LINUX_MSHV_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MSHV_IOCTL		0xB8

/* Granularity of all addresses, sizes and page numbers below. */
#define MSHV_HV_PAGE_SIZE	0x1000
#define MSHV_HV_PAGE_SHIFT	12

/* ioctls of /dev/mshv */

#define MSHV_CREATE_PARTITION	_IOW(MSHV_IOCTL, 0x00, struct mshv_create_partition)
#define MSHV_CHECK_EXTENSION	_IOW(MSHV_IOCTL, 0x00, __u32)

/**
 * enum mshv_extension - argument of MSHV_CHECK_EXTENSION
 * @MSHV_EXTENSION_MAX_VPS: number of VPs in a partition, also the first index
 *	that is too large
 * @MSHV_EXTENSION_SCHEDULER: one of enum mshv_scheduler
 * @MSHV_EXTENSION_PARTIAL_UNMAP: a part of a region can be unmapped
 * @MSHV_EXTENSION_WIDE_DESTINATION: routes with destinations above 255
 * @MSHV_EXTENSION_CONTROL_PAGE: %MSHV_VP_MMAP_OFFSET_CONTROL
 * @MSHV_EXTENSION_KICK_VP: MSHV_KICK_VP; a kick before a run is kept for it
 * @MSHV_EXTENSION_EXACT_ACCESS_BITMAP: MSHV_GET_GPAP_ACCESS_BITMAP changes
 *	nothing unless asked to, and reports its progress
 * @MSHV_EXTENSION_PORT_EVENTFD: %MSHV_IOEVENTFD_BIT_PIO
 * @MSHV_EXTENSION_RESET_VP: MSHV_RESET_VP
 * @MSHV_EXTENSION_TRANSLATE_ADDRESS: MSHV_TRANSLATE_ADDRESS
 * @MSHV_EXTENSION_TRANSLATE_GVA: MSHV_TRANSLATE_GVA
 * @MSHV_EXTENSION_MOVABLE_MEMORY: guest memory is not pinned: what its process
 *	discards, a guest finds empty, and it costs memory only where it is touched
 *
 * The ioctl returns 0 for features that do not exist, and for unknown numbers, and
 * a positive value otherwise.
 */
enum mshv_extension {
	MSHV_EXTENSION_MAX_VPS = 0x100,
	MSHV_EXTENSION_SCHEDULER,
	MSHV_EXTENSION_PARTIAL_UNMAP,
	MSHV_EXTENSION_WIDE_DESTINATION,
	MSHV_EXTENSION_CONTROL_PAGE,
	MSHV_EXTENSION_KICK_VP,
	MSHV_EXTENSION_EXACT_ACCESS_BITMAP,
	MSHV_EXTENSION_PORT_EVENTFD,
	MSHV_EXTENSION_RESET_VP,
	MSHV_EXTENSION_TRANSLATE_ADDRESS,
	MSHV_EXTENSION_TRANSLATE_GVA,
	MSHV_EXTENSION_MOVABLE_MEMORY,
};

/**
 * enum mshv_scheduler - the scheduler of VPs
 * @MSHV_SCHEDULER_ROOT: this kernel
 * @MSHV_SCHEDULER_HYPERVISOR: the hypervisor
 */
enum mshv_scheduler {
	MSHV_SCHEDULER_ROOT = 1,
	MSHV_SCHEDULER_HYPERVISOR = 2,
};

/**
 * enum mshv_pt_bit - bits of pt_flags in struct mshv_create_partition
 * @MSHV_PT_BIT_LAPIC: the hypervisor emulates the local APIC
 * @MSHV_PT_BIT_X2APIC: the local APIC can be used in x2APIC mode
 * @MSHV_PT_BIT_GPA_SUPER_PAGES: guest memory may be mapped with large pages
 * @MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES: the argument is a
 *	struct mshv_create_partition_v2
 * @MSHV_PT_BIT_NESTED_VIRTUALIZATION: the guest may use virtualization
 * @MSHV_PT_BIT_SMT_ENABLED_GUEST: neighbouring VPs are threads of one core
 * @MSHV_PT_BIT_COUNT: number of bits
 */
enum mshv_pt_bit {
	MSHV_PT_BIT_LAPIC,
	MSHV_PT_BIT_X2APIC,
	MSHV_PT_BIT_GPA_SUPER_PAGES,
	MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES,
	MSHV_PT_BIT_NESTED_VIRTUALIZATION,
	MSHV_PT_BIT_SMT_ENABLED_GUEST,
	MSHV_PT_BIT_COUNT,
};

#define MSHV_PT_FLAGS_MASK	((1 << MSHV_PT_BIT_COUNT) - 1)

/**
 * enum mshv_pt_isolation - isolation of a partition from root
 * @MSHV_PT_ISOLATION_NONE: root sees all of its memory and registers
 * @MSHV_PT_ISOLATION_COUNT: number of values
 */
enum mshv_pt_isolation {
	MSHV_PT_ISOLATION_NONE,
	MSHV_PT_ISOLATION_COUNT,
};

/**
 * struct mshv_create_partition - argument of MSHV_CREATE_PARTITION
 * @pt_flags: bits of enum mshv_pt_bit
 * @pt_isolation: one of enum mshv_pt_isolation
 *
 * Every processor feature of the host is enabled.  The ioctl returns a
 * partition's file descriptor.
 */
struct mshv_create_partition {
	__u64 pt_flags;
	__u64 pt_isolation;
};

#define MSHV_NUM_CPU_FEATURES_BANKS	2

/**
 * struct mshv_create_partition_v2 - longer argument of MSHV_CREATE_PARTITION
 * @pt_flags: bits of enum mshv_pt_bit, %MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES set
 * @pt_isolation: one of enum mshv_pt_isolation
 * @pt_num_cpu_fbanks: %MSHV_NUM_CPU_FEATURES_BANKS
 * @pt_rsvd: zero
 * @pt_cpu_fbanks: processor features; a set bit disables the feature
 * @pt_rsvd1: zero
 * @pt_disabled_xsave: XSAVE features; a set bit disables the feature
 *
 * The command has the same number as with the short argument.
 */
struct mshv_create_partition_v2 {
	__u64 pt_flags;
	__u64 pt_isolation;
	__u16 pt_num_cpu_fbanks;
	__u8  pt_rsvd[6];
	__u64 pt_cpu_fbanks[MSHV_NUM_CPU_FEATURES_BANKS];
	__u64 pt_rsvd1[2];
	__u64 pt_disabled_xsave;
} __attribute__((packed));

/* ioctls of a partition */

#define MSHV_INITIALIZE_PARTITION	_IO(MSHV_IOCTL, 0x00)
#define MSHV_CREATE_VP		_IOW(MSHV_IOCTL, 0x01, struct mshv_create_vp)
#define MSHV_SET_GUEST_MEMORY	_IOW(MSHV_IOCTL, 0x02, struct mshv_user_mem_region)
#define MSHV_IRQFD		_IOW(MSHV_IOCTL, 0x03, struct mshv_user_irqfd)
#define MSHV_IOEVENTFD		_IOW(MSHV_IOCTL, 0x04, struct mshv_user_ioeventfd)
#define MSHV_SET_MSI_ROUTING	_IOW(MSHV_IOCTL, 0x05, struct mshv_user_irq_table)
#define MSHV_GET_GPAP_ACCESS_BITMAP \
	_IOWR(MSHV_IOCTL, 0x06, struct mshv_gpap_access_bitmap)
/* Of the device, of a partition and of a VP. */
#define MSHV_ROOT_HVCALL	_IOWR(MSHV_IOCTL, 0x07, struct mshv_root_hvcall)

/**
 * struct mshv_create_vp - argument of MSHV_CREATE_VP
 * @vp_index: index of the new VP; indexes need not be without gaps
 *
 * The ioctl returns the VP's file descriptor, or fails with -EEXIST.
 */
struct mshv_create_vp {
	__u32 vp_index;
};

/**
 * enum mshv_set_mem_bit - bits of flags in struct mshv_user_mem_region
 * @MSHV_SET_MEM_BIT_WRITABLE: the guest may write
 * @MSHV_SET_MEM_BIT_EXECUTABLE: the guest may execute
 * @MSHV_SET_MEM_BIT_UNMAP: remove the region; the other bits do not matter
 * @MSHV_SET_MEM_BIT_COUNT: number of bits
 */
enum mshv_set_mem_bit {
	MSHV_SET_MEM_BIT_WRITABLE,
	MSHV_SET_MEM_BIT_EXECUTABLE,
	MSHV_SET_MEM_BIT_UNMAP,
	MSHV_SET_MEM_BIT_COUNT,
};

#define MSHV_SET_MEM_FLAGS_MASK	((1 << MSHV_SET_MEM_BIT_COUNT) - 1)

/**
 * struct mshv_user_mem_region - argument of MSHV_SET_GUEST_MEMORY
 * @size: bytes, a multiple of MSHV_HV_PAGE_SIZE
 * @guest_pfn: first guest page
 * @userspace_addr: address of the memory, a multiple of MSHV_HV_PAGE_SIZE
 * @flags: bits of enum mshv_set_mem_bit
 * @rsvd: zero
 *
 * Regions do not overlap in the guest; the same memory may appear at several
 * GPAs.
 */
struct mshv_user_mem_region {
	__u64 size;
	__u64 guest_pfn;
	__u64 userspace_addr;
	__u8  flags;
	__u8  rsvd[7];
};

/**
 * enum mshv_irqfd_bit - bits of flags in struct mshv_user_irqfd
 * @MSHV_IRQFD_BIT_DEASSIGN: remove the eventfd from the interrupt
 * @MSHV_IRQFD_BIT_RESAMPLE: level triggered; signal resamplefd at the end of
 *	the interrupt
 * @MSHV_IRQFD_BIT_COUNT: number of bits
 */
enum mshv_irqfd_bit {
	MSHV_IRQFD_BIT_DEASSIGN,
	MSHV_IRQFD_BIT_RESAMPLE,
	MSHV_IRQFD_BIT_COUNT,
};

#define MSHV_IRQFD_FLAGS_MASK	((1 << MSHV_IRQFD_BIT_COUNT) - 1)

/**
 * struct mshv_user_irqfd - argument of MSHV_IRQFD
 * @fd: an eventfd; a signal on it asserts the interrupt
 * @resamplefd: an eventfd, with %MSHV_IRQFD_BIT_RESAMPLE only
 * @gsi: the interrupt, see struct mshv_user_irq_entry
 * @flags: bits of enum mshv_irqfd_bit
 */
struct mshv_user_irqfd {
	__s32 fd;
	__s32 resamplefd;
	__u32 gsi;
	__u32 flags;
};

/**
 * enum mshv_ioeventfd_bit - bits of flags in struct mshv_user_ioeventfd
 * @MSHV_IOEVENTFD_BIT_DATAMATCH: only writes of the value in datamatch count
 * @MSHV_IOEVENTFD_BIT_PIO: the address is an I/O port
 * @MSHV_IOEVENTFD_BIT_DEASSIGN: remove the eventfd from the address
 * @MSHV_IOEVENTFD_BIT_COUNT: number of bits
 */
enum mshv_ioeventfd_bit {
	MSHV_IOEVENTFD_BIT_DATAMATCH,
	MSHV_IOEVENTFD_BIT_PIO,
	MSHV_IOEVENTFD_BIT_DEASSIGN,
	MSHV_IOEVENTFD_BIT_COUNT,
};

#define MSHV_IOEVENTFD_FLAGS_MASK	((1 << MSHV_IOEVENTFD_BIT_COUNT) - 1)

/**
 * struct mshv_user_ioeventfd - argument of MSHV_IOEVENTFD
 * @datamatch: the value, with %MSHV_IOEVENTFD_BIT_DATAMATCH only
 * @addr: GPA, or port
 * @len: size of the write: 1, 2, 4, 8 (not of a port), or 0 for any
 * @fd: the eventfd to signal
 * @flags: bits of enum mshv_ioeventfd_bit
 * @rsvd: zero
 *
 * A write that matches does not end MSHV_RUN_VP.
 */
struct mshv_user_ioeventfd {
	__u64 datamatch;
	__u64 addr;
	__u32 len;
	__s32 fd;
	__u32 flags;
	__u8  rsvd[4];
};

/**
 * struct mshv_user_irq_entry - route of an interrupt
 * @gsi: the interrupt's number
 * @address_lo: address of the MSI, lower half
 * @address_hi: upper half
 * @data: data of the MSI
 */
struct mshv_user_irq_entry {
	__u32 gsi;
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
};

/**
 * struct mshv_user_irq_table - argument of MSHV_SET_MSI_ROUTING
 * @nr: number of entries; 0 clears the table
 * @rsvd: zero
 * @entries: the new table, which replaces the current one
 */
struct mshv_user_irq_table {
	__u32 nr;
	__u32 rsvd;
	struct mshv_user_irq_entry entries[];
};

/**
 * enum mshv_gpap_access_type - which state of a guest page
 * @MSHV_GPAP_ACCESS_TYPE_ACCESSED: read or written
 * @MSHV_GPAP_ACCESS_TYPE_DIRTY: written
 * @MSHV_GPAP_ACCESS_TYPE_COUNT: number of values
 */
enum mshv_gpap_access_type {
	MSHV_GPAP_ACCESS_TYPE_ACCESSED,
	MSHV_GPAP_ACCESS_TYPE_DIRTY,
	MSHV_GPAP_ACCESS_TYPE_COUNT,
};

/**
 * enum mshv_gpap_access_op - what to do after the state has been read
 * @MSHV_GPAP_ACCESS_OP_NOOP: nothing
 * @MSHV_GPAP_ACCESS_OP_CLEAR: clear it; clearing accessed clears dirty too
 * @MSHV_GPAP_ACCESS_OP_SET: set it; setting dirty sets accessed too
 * @MSHV_GPAP_ACCESS_OP_COUNT: number of values
 */
enum mshv_gpap_access_op {
	MSHV_GPAP_ACCESS_OP_NOOP,
	MSHV_GPAP_ACCESS_OP_CLEAR,
	MSHV_GPAP_ACCESS_OP_SET,
	MSHV_GPAP_ACCESS_OP_COUNT,
};

/**
 * struct mshv_gpap_access_bitmap - argument of MSHV_GET_GPAP_ACCESS_BITMAP
 * @access_type: one of enum mshv_gpap_access_type
 * @access_op: one of enum mshv_gpap_access_op
 * @rsvd: zero
 * @page_count: number of pages
 * @gpap_base: first guest page
 * @bitmap_ptr: address for the state before the operation, a bit for each page
 */
struct mshv_gpap_access_bitmap {
	__u8  access_type;
	__u8  access_op;
	__u8  rsvd[6];
	__u64 page_count;
	__u64 gpap_base;
	__u64 bitmap_ptr;
};

/**
 * struct mshv_root_hvcall - argument of MSHV_ROOT_HVCALL
 * @code: hypercall code; only a few are allowed
 * @reps: in: number of list elements, 0 if the call has no list; out: number
 *	that is done
 * @in_sz: bytes of input, at least 8
 * @out_sz: bytes of output, 0 without @out_ptr
 * @status: in: zero; out: the hypervisor's answer, also when the ioctl fails; what
 *	the kernel refuses has the status that the hypervisor would have for it
 * @rsvd: zero
 * @in_ptr: address of the input; the kernel fills in the first eight bytes, the
 *	partition id
 * @out_ptr: address of the output, or 0; written on success only
 */
struct mshv_root_hvcall {
	__u16 code;
	__u16 reps;
	__u16 in_sz;
	__u16 out_sz;
	__u16 status;
	__u8  rsvd[6];
	__u64 in_ptr;
	__u64 out_ptr;
};

/* ioctls and mmap of a VP */

#define MSHV_RUN_VP		_IOR(MSHV_IOCTL, 0x00, struct mshv_run_vp)
#define MSHV_GET_VP_STATE	_IOWR(MSHV_IOCTL, 0x01, struct mshv_get_set_vp_state)
#define MSHV_SET_VP_STATE	_IOWR(MSHV_IOCTL, 0x02, struct mshv_get_set_vp_state)

#define MSHV_TRANSLATE_GVA	_IOWR(MSHV_IOCTL, 0xF2, struct mshv_translate_gva)

/*
 * Extensions.  All other commands have the numbers and layouts that existing VMMs
 * use.  These have numbers of their own, 0xA0 to 0xA2, and so have the values of
 * enum mshv_extension and MSHV_VP_MMAP_OFFSET_CONTROL, from 0x100.  A VMM that
 * does without them works; one that wants to use one asks MSHV_CHECK_EXTENSION.
 */

/* Ends the current or the next MSHV_RUN_VP with -EINTR, from any thread. */
#define MSHV_KICK_VP		_IO(MSHV_IOCTL, 0xA0)

/* Resets a VP to the state that it had when it was created. */
#define MSHV_RESET_VP		_IO(MSHV_IOCTL, 0xA1)

#define MSHV_TRANSLATE_ADDRESS \
	_IOWR(MSHV_IOCTL, 0xA2, struct mshv_translate_address)

/**
 * enum mshv_translate_bit - bits of flags in struct mshv_translate_address
 * @MSHV_TRANSLATE_BIT_READ: may it be read?
 * @MSHV_TRANSLATE_BIT_WRITE: may it be written?
 * @MSHV_TRANSLATE_BIT_EXECUTE: may it be executed?
 * @MSHV_TRANSLATE_BIT_EXEMPT: ignore the rights in the guest's page tables
 * @MSHV_TRANSLATE_BIT_SET_ACCESSED: set accessed and dirty bits in the guest's page
 *	tables, as an access would
 * @MSHV_TRANSLATE_BIT_COUNT: number of bits
 */
enum mshv_translate_bit {
	MSHV_TRANSLATE_BIT_READ,
	MSHV_TRANSLATE_BIT_WRITE,
	MSHV_TRANSLATE_BIT_EXECUTE,
	MSHV_TRANSLATE_BIT_EXEMPT,
	MSHV_TRANSLATE_BIT_SET_ACCESSED,
	MSHV_TRANSLATE_BIT_COUNT,
};

#define MSHV_TRANSLATE_FLAGS_MASK	((1 << MSHV_TRANSLATE_BIT_COUNT) - 1)

/**
 * struct mshv_translate_address - argument of MSHV_TRANSLATE_ADDRESS
 * @gva: an address of the guest, as the VP would use it now
 * @flags: bits of enum mshv_translate_bit, one of the first three at least
 * @result: out: 0, or the hypervisor's code for the reason
 * @gpa: out: its GPA, if @result is 0
 * @rsvd: zero
 */
struct mshv_translate_address {
	__u64 gva;
	__u32 flags;
	__u32 result;
	__u64 gpa;
	__u64 rsvd;
};

/**
 * struct mshv_translate_gva - argument of MSHV_TRANSLATE_GVA
 * @gva: an address of the guest, as the VP would use it now
 * @flags: the hypervisor's control flags, without a VTL
 * @result: address for the hypervisor's answer, of 8 bytes: 0 or the code for
 *	the reason, and the kind of memory
 * @gpa: address for its GPA, of 8 bytes; 0 if there is none
 */
struct mshv_translate_gva {
	__u64 gva;
	__u64 flags;
	__u64 result;
	__u64 gpa;
};

#define MSHV_RUN_VP_BUF_SZ	256

/**
 * struct mshv_run_vp - argument of MSHV_RUN_VP
 * @msg_buf: on success the hypervisor's message that ended the run
 *
 * Nothing is written on failure.  A signal ends the run with -EINTR.
 */
struct mshv_run_vp {
	__u8 msg_buf[MSHV_RUN_VP_BUF_SZ];
};

/**
 * enum mshv_vp_state - parts of a VP's state
 * @MSHV_VP_STATE_LAPIC: local APIC, one page
 * @MSHV_VP_STATE_XSAVE: XSAVE area in the compacted format
 * @MSHV_VP_STATE_SIMP: synthetic interrupt controller, message page
 * @MSHV_VP_STATE_SIEFP: synthetic interrupt controller, event flags page
 * @MSHV_VP_STATE_SYNTHETIC_TIMERS: synthetic timers, 200 bytes
 * @MSHV_VP_STATE_COUNT: number of values
 */
enum mshv_vp_state {
	MSHV_VP_STATE_LAPIC,
	MSHV_VP_STATE_XSAVE,
	MSHV_VP_STATE_SIMP,
	MSHV_VP_STATE_SIEFP,
	MSHV_VP_STATE_SYNTHETIC_TIMERS,
	MSHV_VP_STATE_COUNT,
};

/**
 * struct mshv_get_set_vp_state - argument of MSHV_GET_VP_STATE and
 *	MSHV_SET_VP_STATE
 * @type: one of enum mshv_vp_state
 * @rsvd: zero
 * @buf_sz: in: size of the buffer, a multiple of MSHV_HV_PAGE_SIZE; out: size of
 *	the state, also when the buffer is too small
 * @buf_ptr: address of the buffer, a multiple of MSHV_HV_PAGE_SIZE
 */
struct mshv_get_set_vp_state {
	__u8  type;
	__u8  rsvd[3];
	__u32 buf_sz;
	__u64 buf_ptr;
};

/**
 * enum mshv_vp_mmap_offset - pages of a VP that can be mapped
 * @MSHV_VP_MMAP_OFFSET_REGISTERS: the register page
 * @MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE: the message of MSHV_RUN_VP
 * @MSHV_VP_MMAP_OFFSET_GHCB: of encrypted partitions only
 * @MSHV_VP_MMAP_OFFSET_COUNT: number of values, less those that follow
 * @MSHV_VP_MMAP_OFFSET_CONTROL: struct mshv_vp_control
 *
 * The offset for mmap is the value times the kernel's page size.
 */
enum mshv_vp_mmap_offset {
	MSHV_VP_MMAP_OFFSET_REGISTERS,
	MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
	MSHV_VP_MMAP_OFFSET_GHCB,
	MSHV_VP_MMAP_OFFSET_COUNT,
	MSHV_VP_MMAP_OFFSET_CONTROL = 0x100,
};

/**
 * struct mshv_vp_control - requests of a VMM to the kernel without a system call
 * @immediate_exit: while it is not 0, MSHV_RUN_VP ends with -EINTR as soon as it
 *	checks: each time before the VP is started, and whenever it stops
 * @rsvd: zero
 */
struct mshv_vp_control {
	__u8 immediate_exit;
	__u8 rsvd[4095];
};

#endif

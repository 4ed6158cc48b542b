/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control area of SVM's control block (AMD APM volume 2, appendix B): the unnamed
 * fields of struct cpu_state.
 */
#ifndef _RV_CPU_VMCB_H
#define _RV_CPU_VMCB_H

#include <rv/cpu_state.h>

struct vmcb {
	u16 intercept_cr_read;
	u16 intercept_cr_write;
	u16 intercept_dr_read;
	u16 intercept_dr_write;
	u32 intercept_exceptions;
	u32 intercept1;		/* VMCB_I1_* */
	u32 intercept2;		/* VMCB_I2_* */
	u8 reserved1[0x03c - 0x014];
	u16 pause_filter_threshold;
	u16 pause_filter_count;
	u64 iopm_base;
	u64 msrpm_base;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved2[3];
	u64 int_ctl;		/* VMCB_INT_* */
	u64 int_state;		/* bit 0: interrupt shadow */
	u64 exit_code;
	u64 exit_info1;
	u64 exit_info2;
	u64 exit_int_info;
	u64 np_enable;
	u64 avic_bar;
	u64 ghcb;
	u64 event_inj;
	u64 n_cr3;
	u64 lbr_ctl;
	u32 clean;
	u32 reserved3;
	u64 next_rip;
	u8 insn_len;
	u8 insn_bytes[15];
	u8 reserved4[0x400 - 0x0e0];
} __packed;

static_assert(sizeof(struct vmcb) == offsetof(struct cpu_state, es), "");
static_assert(offsetof(struct vmcb, iopm_base) == 0x040, "");
static_assert(offsetof(struct vmcb, int_ctl) == 0x060, "");
static_assert(offsetof(struct vmcb, exit_code) == 0x070, "");
static_assert(offsetof(struct vmcb, event_inj) == 0x0a8, "");
static_assert(offsetof(struct vmcb, n_cr3) == 0x0b0, "");
static_assert(offsetof(struct vmcb, next_rip) == 0x0c8, "");
static_assert(offsetof(struct vmcb, intercept_exceptions) ==
	      offsetof(struct cpu_state, exceptions), "");
static_assert(offsetof(struct vmcb, tsc_offset) ==
	      offsetof(struct cpu_state, tsc_offset), "");
static_assert(offsetof(struct vmcb, int_state) == offsetof(struct cpu_state, shadow), "");

static inline struct vmcb *vmcb_of(struct cpu_state *cpu)
{
	return (struct vmcb *)cpu;
}

#define VMCB_I1_INTR		BIT(0)
#define VMCB_I1_NMI		BIT(1)
#define VMCB_I1_SMI		BIT(2)
#define VMCB_I1_INIT		BIT(3)
#define VMCB_I1_VINTR		BIT(4)
#define VMCB_I1_CR0_SEL		BIT(5)
#define VMCB_I1_TR_WRITE	BIT(13)
#define VMCB_I1_RDPMC		BIT(15)
#define VMCB_I1_CPUID		BIT(18)
#define VMCB_I1_IRET		BIT(20)
#define VMCB_I1_INTN		BIT(21)
#define VMCB_I1_INVD		BIT(22)
#define VMCB_I1_PAUSE		BIT(23)
#define VMCB_I1_HLT		BIT(24)
#define VMCB_I1_INVLPGA		BIT(26)
#define VMCB_I1_IOIO		BIT(27)
#define VMCB_I1_MSR		BIT(28)
#define VMCB_I1_SHUTDOWN	BIT(31)

#define VMCB_I2_VMRUN		BIT(0)
#define VMCB_I2_VMMCALL		BIT(1)
#define VMCB_I2_VMLOAD		BIT(2)
#define VMCB_I2_VMSAVE		BIT(3)
#define VMCB_I2_STGI		BIT(4)
#define VMCB_I2_CLGI		BIT(5)
#define VMCB_I2_SKINIT		BIT(6)
#define VMCB_I2_WBINVD		BIT(9)
#define VMCB_I2_MONITOR		BIT(10)
#define VMCB_I2_MWAIT		BIT(11)
#define VMCB_I2_MWAIT_ARMED	BIT(12)
#define VMCB_I2_XSETBV		BIT(13)

#define VMCB_CR0		BIT(0)	/* of intercept_cr_* */
#define VMCB_CR4		BIT(4)
#define VMCB_CR8		BIT(8)
#define VMCB_DR7		BIT(7)	/* of intercept_dr_* */

#define VMCB_TLB_FLUSH_ALL	1	/* tlb_control */
#define VMCB_TLB_FLUSH_ASID	3

#define VMCB_INT_TPR_MASK	0xffull
#define VMCB_INT_VIRQ		BIT_ULL(8)
#define VMCB_INT_PRIO_SHIFT	16
#define VMCB_INT_IGN_TPR	BIT_ULL(20)
#define VMCB_INT_MASKING	BIT_ULL(24)
#define VMCB_INT_VECTOR_SHIFT	32

#define VMCB_EVENT_INTR		0ull
#define VMCB_EVENT_NMI		2ull
#define VMCB_EVENT_EXCEPTION	3ull
#define VMCB_EVENT_SOFT		4ull
#define VMCB_EVENT_TYPE_SHIFT	8
#define VMCB_EVENT_TYPE_MASK	(7ull << 8)
#define VMCB_EVENT_ERROR	BIT_ULL(11)
#define VMCB_EVENT_VALID	BIT_ULL(31)

#define VMEXIT_CR0_READ	0x000
#define VMEXIT_CR0_WRITE	0x010
#define VMEXIT_CR4_WRITE	0x014
#define VMEXIT_CR8_WRITE	0x018
#define VMEXIT_DR0_READ	0x020
#define VMEXIT_DR7_READ	0x027
#define VMEXIT_DR0_WRITE	0x030
#define VMEXIT_DR5_WRITE	0x035
#define VMEXIT_DR7_WRITE	0x037
#define VMEXIT_EXCEPTION	0x040	/* + vector */
#define VMEXIT_INTR	0x060
#define VMEXIT_NMI	0x061
#define VMEXIT_SMI	0x062
#define VMEXIT_INIT	0x063
#define VMEXIT_VINTR	0x064
#define VMEXIT_CR0_SEL	0x065
#define VMEXIT_TR_WRITE	0x06d
#define VMEXIT_RDPMC	0x06f
#define VMEXIT_CPUID	0x072
#define VMEXIT_IRET	0x074
#define VMEXIT_SWINT	0x075
#define VMEXIT_INVD	0x076
#define VMEXIT_PAUSE	0x077
#define VMEXIT_HLT	0x078
#define VMEXIT_INVLPGA	0x07a
#define VMEXIT_IOIO	0x07b
#define VMEXIT_MSR	0x07c
#define VMEXIT_SHUTDOWN	0x07f
#define VMEXIT_VMRUN	0x080
#define VMEXIT_VMMCALL	0x081
#define VMEXIT_VMLOAD	0x082
#define VMEXIT_VMSAVE	0x083
#define VMEXIT_STGI	0x084
#define VMEXIT_CLGI	0x085
#define VMEXIT_SKINIT	0x086
#define VMEXIT_WBINVD	0x089
#define VMEXIT_MONITOR	0x08a
#define VMEXIT_MWAIT	0x08b
#define VMEXIT_MWAIT_ARMED	0x08c
#define VMEXIT_XSETBV	0x08d
#define VMEXIT_NPF	0x400
#define VMEXIT_INVALID	0xffffffffu	/* low half: QEMU 10 writes 32 bits */

#define IOIO_IN			BIT(0)
#define IOIO_STRING		BIT(2)
#define IOIO_REP		BIT(3)
#define IOIO_SIZE(info)		(((info) >> 4) & 7)	/* bytes: 1, 2 or 4 */
#define IOIO_PORT(info)		((u16)((info) >> 16))

#define NPF_PRESENT		BIT_ULL(0)
#define NPF_WRITE		BIT_ULL(1)
#define NPF_USER		BIT_ULL(2)
#define NPF_FETCH		BIT_ULL(4)
#define NPF_FINAL		BIT_ULL(32)	/* the guest's own access ... */
#define NPF_TABLE		BIT_ULL(33)	/* ... or its page-table walk */

/* Nested page tables. */
#define NPT_PRESENT		BIT_ULL(0)
#define NPT_WRITE		BIT_ULL(1)
#define NPT_USER		BIT_ULL(2)	/* always set: nested walks are user */
#define NPT_ACCESSED		BIT_ULL(5)
#define NPT_DIRTY		BIT_ULL(6)
#define NPT_LARGE		BIT_ULL(7)
#define NPT_NX			BIT_ULL(63)

/* Runs the guest.  GIF is clear, and set again on return. */
void vmrun(u64 vmcb, u64 *gpr);
extern u8 vmrun_next[];	/* the instruction after VMRUN */
/* False if the processor refuses the state. */
bool vmload_safe(u64 vmcb);

#endif

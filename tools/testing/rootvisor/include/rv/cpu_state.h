/* SPDX-License-Identifier: GPL-2.0 */
/* The SVM control block (AMD APM volume 2, appendix B). */
#ifndef _RV_CPU_STATE_H
#define _RV_CPU_STATE_H

#include <rv/base.h>

struct cpu_segment {
	u16 selector;
	u16 attrib;		/* descriptor bits 47:40 and 55:52, packed to 12 */
	u32 limit;
	u64 base;
} __packed;

struct cpu_state {
	/* Control area. */
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

	/* State save area. */
	struct cpu_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved5[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved6;
	u64 efer;
	u8 reserved7[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved8[0x5d8 - 0x580];
	u64 rsp;
	u64 s_cet, ssp, isst;
	u64 rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved9[0x668 - 0x648];
	u64 g_pat, debugctl, br_from, br_to, last_excp_from, last_excp_to;
	u8 reserved10[0x1000 - 0x698];
} __packed;

static_assert(sizeof(struct cpu_state) == 4096, "VMCB is a page");
static_assert(offsetof(struct cpu_state, iopm_base) == 0x040, "");
static_assert(offsetof(struct cpu_state, int_ctl) == 0x060, "");
static_assert(offsetof(struct cpu_state, exit_code) == 0x070, "");
static_assert(offsetof(struct cpu_state, event_inj) == 0x0a8, "");
static_assert(offsetof(struct cpu_state, n_cr3) == 0x0b0, "");
static_assert(offsetof(struct cpu_state, next_rip) == 0x0c8, "");
static_assert(offsetof(struct cpu_state, es) == 0x400, "");
static_assert(offsetof(struct cpu_state, tr) == 0x490, "");
static_assert(offsetof(struct cpu_state, cpl) == 0x4cb, "");
static_assert(offsetof(struct cpu_state, efer) == 0x4d0, "");
static_assert(offsetof(struct cpu_state, cr4) == 0x548, "");
static_assert(offsetof(struct cpu_state, rip) == 0x578, "");
static_assert(offsetof(struct cpu_state, rsp) == 0x5d8, "");
static_assert(offsetof(struct cpu_state, rax) == 0x5f8, "");
static_assert(offsetof(struct cpu_state, cr2) == 0x640, "");
static_assert(offsetof(struct cpu_state, g_pat) == 0x668, "");

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

#define CS_LONG			0x200	/* of a segment's attrib */
#define VMCB_CR8		BIT(8)	/* of intercept_cr_* */

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

#define EXIT_CR0_READ		0x000
#define EXIT_CR0_WRITE		0x010
#define EXIT_CR8_WRITE		0x018
#define EXIT_EXCEPTION		0x040	/* + vector */
#define EXIT_INTR		0x060
#define EXIT_NMI		0x061
#define EXIT_SMI		0x062
#define EXIT_INIT		0x063
#define EXIT_VINTR		0x064
#define EXIT_CR0_SEL		0x065
#define EXIT_TR_WRITE		0x06d
#define EXIT_RDPMC		0x06f
#define EXIT_CPUID		0x072
#define EXIT_IRET		0x074
#define EXIT_SWINT		0x075
#define EXIT_INVD		0x076
#define EXIT_PAUSE		0x077
#define EXIT_HLT		0x078
#define EXIT_INVLPGA		0x07a
#define EXIT_IOIO		0x07b
#define EXIT_MSR		0x07c
#define EXIT_SHUTDOWN		0x07f
#define EXIT_VMRUN		0x080
#define EXIT_VMMCALL		0x081
#define EXIT_VMLOAD		0x082
#define EXIT_VMSAVE		0x083
#define EXIT_STGI		0x084
#define EXIT_CLGI		0x085
#define EXIT_SKINIT		0x086
#define EXIT_WBINVD		0x089
#define EXIT_MONITOR		0x08a
#define EXIT_MWAIT		0x08b
#define EXIT_MWAIT_ARMED	0x08c
#define EXIT_XSETBV		0x08d
#define EXIT_NPF		0x400
#define EXIT_INVALID		0xffffffffu	/* low half: QEMU 10 writes 32 bits */

/* Not the processor's: the VP was not entered because a kick was waiting. */
#define EXIT_KICKED		0xf0000000u

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

#endif

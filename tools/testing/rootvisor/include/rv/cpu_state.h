/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processor state of a VP while its guest does not run.
 *
 * Model: a page in memory, for all kinds of processor.  Its layout is that of SVM's
 * control block, which SVM hardware uses directly; a kind with another format copies
 * from it before an entry and back after the exit.  Fields without a name here belong to
 * the kind of processor.
 */
#ifndef _RV_CPU_STATE_H
#define _RV_CPU_STATE_H

#include <rv/base.h>

struct cpu_segment {
	u16 selector;
	u16 attrib;		/* descriptor bits 47:40 and 55:52, packed to 12 */
	u32 limit;
	u64 base;
} __packed;

#define CS_LONG		0x200	/* of a segment's attrib */

struct cpu_state {
	u8 own1[0x008];
	u32 exceptions;		/* bitmap of exceptions that exit */
	u8 own2[0x050 - 0x00c];
	u64 tsc_offset;
	u8 own3[0x068 - 0x058];
	u64 shadow;		/* interrupt shadow: 1 after STI or MOV SS */
	u8 own4[0x400 - 0x070];

	struct cpu_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved1[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved2;
	u64 efer;		/* the guest's */
	u8 reserved3[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved4[0x5d8 - 0x580];
	u64 rsp;		/* see struct vp for RSP and RAX */
	u64 s_cet, ssp, isst;
	u64 rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved5[0x668 - 0x648];
	u64 g_pat, debugctl, br_from, br_to, last_excp_from, last_excp_to;
	u8 reserved6[0x1000 - 0x698];
} __packed;

static_assert(sizeof(struct cpu_state) == 4096, "it is a page");
static_assert(offsetof(struct cpu_state, tsc_offset) == 0x050, "");
static_assert(offsetof(struct cpu_state, shadow) == 0x068, "");
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

#endif

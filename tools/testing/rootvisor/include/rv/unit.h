/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables gathered by the linker.
 *
 * Model: a unit (one .c file) registers what it handles by placing a descriptor
 * into a section; no central switch has to be edited.  Users walk the section
 * between its two symbols.
 */
#ifndef _RV_UNIT_H
#define _RV_UNIT_H

#include <rv/base.h>
#include <rv/x86.h>

struct vp;
struct partition;
struct hv_call;

#define RV_TABLE(name)	__attribute__((section(".rv." name), used, aligned(8)))

/* ---- hypercalls ------------------------------------------------------- */

#define CALL_REP	BIT(0)	/* list call */
#define CALL_VAR	BIT(1)	/* may carry a variable header */
#define CALL_CHILD	BIT(2)	/* may be made by a child, too (own privileges) */

/**
 * struct hypercall_desc - a hypercall
 * @name: for the log
 * @code: call code
 * @flags: CALL_*
 * @in: bytes of the fixed input header
 * @rep_in: bytes of one input list element (0: call has no input list)
 * @out: bytes of fixed output
 * @rep_out: bytes of one output list element
 * @privilege: bit of the partition privilege mask the caller needs, -1: none
 * @offered: is there such a call on this machine?  NULL: always
 * @fn: the handler; returns an HV_STATUS_*
 */
struct hypercall_desc {
	const char *name;
	u16 code, flags;
	u16 in, rep_in, out, rep_out;
	s16 privilege;
	bool (*offered)(void);
	u16 (*fn)(struct hv_call *call);
};

#define HYPERCALL(ident, ...)						\
	static const struct hypercall_desc call_##ident			\
	RV_TABLE("calls") = { .name = #ident, __VA_ARGS__ }

extern const struct hypercall_desc __calls_start[], __calls_end[];

/* ---- MSRs --------------------------------------------------------------- */

#define MSR_ROOT	BIT(0)
#define MSR_CHILD	BIT(1)

/**
 * struct msr_desc - MSRs of root or child VPs
 * @first: the first of these MSRs
 * @last: the last
 * @who: MSR_ROOT, MSR_CHILD
 * @privilege: bit of the privilege mask the partition needs, -1: none
 * @read: returns false for #GP, as does a missing function
 * @write: the same
 */
struct msr_desc {
	u32 first, last;
	u8 who;
	s8 privilege;
	bool (*read)(struct vp *vp, u32 msr, u64 *value);
	bool (*write)(struct vp *vp, u32 msr, u64 value);
};

#define MSR_UNIT(ident, ...)						\
	static const struct msr_desc msr_##ident			\
	RV_TABLE("msrs") = { __VA_ARGS__ }

extern const struct msr_desc __msrs_start[], __msrs_end[];

const struct msr_desc *msr_find(u32 msr, u8 who);

/* ---- CPUID of the 0x4000xxxx range -------------------------------------- */

struct cpuid_desc {
	u32 first, last;
	u8 who;			/* MSR_ROOT, MSR_CHILD */
	void (*fill)(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r);
};

#define CPUID_UNIT(ident, ...)						\
	static const struct cpuid_desc cpuid_##ident			\
	RV_TABLE("cpuids") = { __VA_ARGS__ }

extern const struct cpuid_desc __cpuids_start[], __cpuids_end[];

/* ---- I/O ports of the root ---------------------------------------------- */

/**
 * struct port_desc - ports of the root that are intercepted from the start
 * @first: the first of these ports
 * @count: number of ports; 0: those that ACPI names, see port_is_acpi()
 * @read: returns true if done, false to pass the access on to the machine
 * @write: the same
 */
struct port_desc {
	u16 first, count;
	bool (*read)(struct vp *vp, u16 port, u32 size, u32 *value);
	bool (*write)(struct vp *vp, u16 port, u32 size, u32 value);
};

#define PORT_UNIT(ident, ...)						\
	static const struct port_desc port_##ident			\
	RV_TABLE("ports") = { __VA_ARGS__ }

bool port_is_acpi(u16 port);

extern const struct port_desc __ports_start[], __ports_end[];

/* ---- start, audit --------------------------------------------------------- */

typedef void (*void_fn)(void);

/* Runs once on the boot processor before any VP does; in no defined order. */
#define INIT_UNIT(fn)							\
	static const void_fn init_##fn RV_TABLE("inits") = fn

/* Prints a unit's part of the books at shutdown. */
#define BOOKS_UNIT(fn)							\
	static const void_fn books_##fn RV_TABLE("books") = fn

extern const void_fn __inits_start[], __inits_end[];
extern const void_fn __books_start[], __books_end[];

#endif

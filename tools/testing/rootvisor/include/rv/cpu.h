/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kinds of processor: the interface to hardware virtualization.
 *
 * Model: each kind is a struct cpu_ops in cpu/; one is chosen at boot.  Nothing outside
 * cpu/ depends on which.  Registers, segments and flags of a VP are in struct cpu_state
 * for all kinds.  vp->entry and vp->leave_on describe the next entry; vp->exit describes
 * the last exit.
 *
 * Words: an exit is *optional* if it occurs only on demand (LEAVE_ON_*); exits for CPUID,
 * hypercalls and the like are always enabled.
 */
#ifndef _RV_CPU_H
#define _RV_CPU_H

#include <rv/base.h>
#include <rv/npt.h>

struct lp;
struct vp;

/* ---- events: interrupts and exceptions of a guest ---------------------------- */

enum cpu_event_type {
	EVENT_NONE,
	EVENT_INTERRUPT,	/* of the local APIC, or ExtINT */
	EVENT_NMI,
	EVENT_EXCEPTION,
	EVENT_SOFTWARE,		/* INT n; RIP is after it */
};

struct cpu_event {
	u8 type;		/* enum cpu_event_type */
	u8 vector;
	bool has_error;
	u32 error;
};

/* ---- entries ------------------------------------------------------------------ */

/* Leave the guest as soon as it can take an interrupt, before one is delivered. */
enum cpu_window {
	WINDOW_NONE,
	WINDOW_OPEN,		/* at any priority */
	WINDOW_PRIORITY,	/* at a priority above CR8 */
};

struct cpu_entry {
	struct cpu_event event;	/* delivered before the first instruction */
	u8 window;		/* enum cpu_window; children only */
	u8 priority;		/* for WINDOW_PRIORITY: 1 to 15 */
};

/* A VP's address space identifier on an LP: cpu/svm_asid.c. */
struct asid {
	const void *lp;
	u64 turn;
	u32 number;
};

/* Optional exits: bits of vp->leave_on. */
#define LEAVE_ON_INTERRUPT	BIT(0)	/* physical; a child always leaves */
#define LEAVE_ON_HLT		BIT(1)	/* likewise */
#define LEAVE_ON_IRET		BIT(2)
#define LEAVE_ON_LTR		BIT(3)
#define LEAVE_ON_INT		BIT(4)	/* INT n, and INT3 and INTO under QEMU */
#define LEAVE_ON_ALL		(BIT(5) - 1)

/* Which MSRs exit. */
enum cpu_map {
	MAP_ROOT,		/* initially none that the map covers */
	MAP_CHILD,		/* initially all */
	MAP_CHILD_ALL,		/* all */
	NR_MAPS,
};

/* ---- exits -------------------------------------------------------------------- */

enum cpu_exit_reason {
	EXIT_UNKNOWN,
	EXIT_KICKED,		/* not entered: a kick was pending */
	EXIT_AGAIN,		/* of no concern to others */
	EXIT_REFUSED,		/* not entered: invalid state */
	EXIT_INTERRUPT,		/* physical; still pending in the local APIC */
	EXIT_NMI,		/* physical; the host's gate has handled it */
	EXIT_SMI,
	EXIT_INIT,		/* physical; the host's gate takes it next */
	EXIT_WINDOW,
	EXIT_EXCEPTION,
	EXIT_MEMORY,		/* an access that the nested tables do not allow */
	EXIT_TRIPLE_FAULT,
	/* Exits before an instruction is executed: */
	EXIT_CPUID,
	EXIT_MSR,
	EXIT_PORT,
	EXIT_HYPERCALL,
	EXIT_HLT,
	EXIT_IRET,
	EXIT_LTR,
	EXIT_INT,
	EXIT_CR4_WRITE,
	EXIT_CR8_WRITE,
	EXIT_DR7_READ,
	EXIT_DR7_WRITE,
	EXIT_XSETBV,
	EXIT_RDPMC,
	EXIT_PAUSE,
	EXIT_CACHE,		/* INVD, WBINVD */
	EXIT_MWAIT,		/* MONITOR, MWAIT */
	EXIT_VIRTUALIZATION,	/* SVM or VMX instructions */
	NR_EXITS,
};

struct cpu_exit {
	u32 reason;		/* enum cpu_exit_reason */
	u32 number;		/* exit code of the hardware, for messages */
	struct cpu_event undelivered;	/* interrupted by the exit */
	union {
		struct {
			u8 vector;
			u32 error;
			u64 address;	/* for a page fault */
		} exception;
		struct {
			bool write;
		} msr;
		struct {
			u16 number;
			u8 size;	/* bytes */
			u8 length;	/* of the instruction */
			bool in, string, rep;
		} port;
		struct {
			u64 gpa;
			u8 wanted;	/* MAY_*, one of them */
			bool present;	/* mapped, but without this right */
			bool walk;	/* page walk of the processor */
		} memory;
	};
};

/* ---- kinds of processor --------------------------------------------------------- */

/**
 * struct cpu_ops - a kind of processor
 * @hypercall: the instruction that makes a hypercall, three bytes
 * @npt: format of nested page tables
 * @missing: why this processor cannot be used, as a line for the user, or NULL
 * @start: called once, before all other operations
 * @cpu_init: called on each processor before a VP runs on it
 * @park: halts the calling processor permanently, with NMIs blocked
 * @reset: initializes the part of a reset state that depends on the kind of processor
 * @load: loads state that is not switched at each entry, for vp->holder; false if it is
 *	invalid
 * @unload: saves this state to memory
 * @prepare: prepares an entry from the VP's state, entry and optional exits; @flush:
 *	flush the TLB, too
 * @run: enters the guest, unless a kick is pending, and returns after the next exit;
 *	adds to the time in guests; called without hv_lock
 * @use_map: selects the MSR map of the VP
 * @msr_exits: which accesses to an MSR exit, for all VPs that use this map
 * @port_exits: makes accesses of the root to a port exit
 */
struct cpu_ops {
	u8 hypercall[3];
	struct npt_format npt;
	const char *(*missing)(void);
	void (*start)(void);
	void (*cpu_init)(struct lp *lp);
	void (*park)(void) __noreturn;
	void (*reset)(struct vp *vp);
	bool (*load)(struct vp *vp);
	void (*unload)(struct vp *vp);
	void (*prepare)(struct vp *vp, bool flush);
	void (*run)(struct vp *vp);
	void (*use_map)(struct vp *vp, enum cpu_map map);
	void (*msr_exits)(enum cpu_map map, u32 msr, bool read, bool write);
	void (*port_exits)(u16 port);
};

extern const struct cpu_ops svm_ops;
extern const struct cpu_ops *cpu_ops;

/* Chooses the kind, first thing at boot; panics if no kind is supported. */
void cpu_choose(void);

/* The code of a hypercall page. */
#define HYPERCALL_CODE_SIZE	8u
void cpu_hypercall_code(u8 *code);

#endif

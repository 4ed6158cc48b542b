/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kind of processor: what its virtualization is asked for.
 *
 * Model: each kind is a struct cpu_ops in cpu/, of which one is chosen at start.  Nothing
 * outside cpu/ knows which.  Registers, segments and flags of a VP are in struct cpu_state
 * whatever runs it.  What it is to be entered with is in vp->entry and vp->leave_on; after
 * the exit vp->exit says why the guest was left.
 *
 * Words: an exit is *optional* when it is there only on demand (LEAVE_ON_*); exits for
 * CPUID, hypercalls and the like always are.
 */
#ifndef _RV_CPU_H
#define _RV_CPU_H

#include <rv/base.h>
#include <rv/npt.h>

struct lp;
struct vp;

/* ---- events: what a guest is interrupted by ---------------------------------- */

enum cpu_event_type {
	EVENT_NONE,
	EVENT_INTERRUPT,	/* of the local APIC, or ExtINT */
	EVENT_NMI,
	EVENT_EXCEPTION,
	EVENT_SOFTWARE,		/* INT n, with RIP behind it */
};

struct cpu_event {
	u8 type;		/* enum cpu_event_type */
	u8 vector;
	bool has_error;
	u32 error;
};

/* ---- entries ------------------------------------------------------------------ */

/* Leave the guest when it could take an interrupt, which is then still not delivered. */
enum cpu_window {
	WINDOW_NONE,
	WINDOW_OPEN,		/* of any priority */
	WINDOW_PRIORITY,	/* of a priority above CR8 */
};

struct cpu_entry {
	struct cpu_event event;	/* delivered before the first instruction */
	u8 window;		/* enum cpu_window; children only */
	u8 priority;		/* of WINDOW_PRIORITY: 1 to 15 */
};

/* Optional exits: bits of vp->leave_on. */
#define LEAVE_ON_INTERRUPT	BIT(0)	/* of the machine; a child always leaves */
#define LEAVE_ON_HLT		BIT(1)	/* likewise */
#define LEAVE_ON_IRET		BIT(2)
#define LEAVE_ON_LTR		BIT(3)
#define LEAVE_ON_INT		BIT(4)	/* INT n, and INT3 and INTO under QEMU */
#define LEAVE_ON_ALL		(BIT(5) - 1)

/* Which MSRs exit. */
enum cpu_map {
	MAP_ROOT,		/* at first none that the map has a place for */
	MAP_CHILD,		/* at first all */
	MAP_CHILD_ALL,		/* all */
	NR_MAPS,
};

/* ---- exits -------------------------------------------------------------------- */

enum cpu_exit_reason {
	EXIT_UNKNOWN,
	EXIT_KICKED,		/* was not entered because a kick was waiting */
	EXIT_REFUSED,		/* was not entered because its state is none */
	EXIT_INTERRUPT,		/* of the machine; waits in the local APIC */
	EXIT_NMI,		/* of the machine; the host's gate has had it */
	EXIT_SMI,
	EXIT_WINDOW,
	EXIT_EXCEPTION,
	EXIT_MEMORY,		/* an access that the nested page tables do not allow */
	EXIT_TRIPLE_FAULT,
	/* Before the instruction, which has not been executed: */
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
	EXIT_VIRTUALIZATION,	/* instructions of the processor's own virtualization */
	NR_EXITS,
};

struct cpu_exit {
	u32 reason;		/* enum cpu_exit_reason */
	u32 number;		/* what the processor calls it; for messages */
	struct cpu_event undelivered;	/* its delivery was cut short */
	union {
		struct {
			u8 vector;
			u32 error;
			u64 address;	/* of a page fault */
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
			bool present;	/* there is a page, without this right */
			bool walk;	/* by the processor, for a page table */
		} memory;
	};
};

/* ---- the kind ------------------------------------------------------------------ */

/**
 * struct cpu_ops - a kind of processor
 * @hypercall: the instruction that makes a hypercall, three bytes
 * @npt: the format of nested page tables
 * @missing: what this processor lacks to be used, or NULL
 * @start: once, before anything else is asked for
 * @cpu_init: on each processor, before a VP runs there
 * @park: halts the processor that calls for good, deaf to NMIs as well
 * @reset: what is the processor's own in a state that has just been reset
 * @load: the VP's state that is not exchanged at each entry; false: it is refused
 * @unload: likewise, into memory
 * @prepare: makes ready to enter by the VP's state, entry and optional exits; @flush
 *	translations as well
 * @run: enters, unless a kick waits, until the next exit, and adds up the time in the
 *	guest; without hv_lock
 * @use_map: which MSRs of the VP exit
 * @msr_exits: accesses to an MSR in a map, for all VPs that use it
 * @port_exits: accesses to a port of the root
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

/* Chooses the kind; panics when there is none.  The first thing at start. */
void cpu_choose(void);

/* The code of a hypercall page. */
#define HYPERCALL_CODE_SIZE	8u
void cpu_hypercall_code(u8 *code);

#endif

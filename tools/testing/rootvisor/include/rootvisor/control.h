/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The control port: the interface between tests in the root partition and rootvisor.
 *
 * Model: three dword I/O ports that rootvisor intercepts.  Each root VP has its own
 * argument and result queue, so a caller that stays on one processor needs no lock.  A
 * program uses the ports through ioperm(); neither a page nor a device node is
 * involved.  With "control=off" on rootvisor's command line the accesses go to the
 * machine, where the ports read as all ones.
 *
 * A call: write anything to RV_PORT_RESET, write the arguments dword by dword to
 * RV_PORT_DATA (a 64-bit argument is two dwords, low half first), write the command to
 * RV_PORT_COMMAND, read RV_PORT_COMMAND for its error (0 or one of RV_E_*), then read
 * the results dword by dword from RV_PORT_DATA.
 *
 * QEMU's software emulation can refuse IN and OUT to a program that has called ioperm()
 * when a VMM below has written the processor's registers.  VMMCALL does the same with
 * ECX = RV_CALL_IN or RV_CALL_OUT, EDX = the port, EAX = the value, for a program that may
 * use the port; otherwise it is #UD, as any VMMCALL of a program.
 */
#ifndef _ROOTVISOR_CONTROL_H
#define _ROOTVISOR_CONTROL_H

#define RV_PORT_COMMAND		0x0b00	/* W: run command, R: its error */
#define RV_PORT_DATA		0x0b04	/* W: next argument, R: next result */
#define RV_PORT_RESET		0x0b08	/* W: empty both queues, R: RV_MAGIC */
#define RV_PORT_COUNT		12

#define RV_CALL_IN		0x31495652u	/* "RVI1" */
#define RV_CALL_OUT		0x314f5652u	/* "RVO1" */

#define RV_MAGIC		0x31435652u	/* "RVC1" */
#define RV_MAX_ARGS		72		/* dwords */
#define RV_MAX_RESULTS		68

/* Errors of a command. */
#define RV_E_OK			0
#define RV_E_COMMAND		1	/* no such command */
#define RV_E_ARGUMENT		2	/* too few arguments, or one out of range */
#define RV_E_FULL		3	/* no free slot */
#define RV_E_NOENT		4	/* no such partition, VP, LP or rule */

/*
 * Commands.  "u32"/"u64" name the arguments, "->" the results.
 *
 * LOG		u32 length, then the bytes, four to a dword: a line in the hypervisor's
 *		log, prefixed "root: ".
 * EXIT		u32 status: "exit status=N" into the log; the last one counts.
 * MARK		resets all counters of the COUNT commands.
 * COUNT_CALL	u32 call code (RV_ANY_CODE: all) -> u64 calls since MARK
 *		(entries into the hypervisor: each continuation of a rep call counts).
 * COUNT	u32 RV_COUNT_* -> u64 since MARK
 * BOOKS	u32 RV_BOOKS_*, u64 partition id (0: all children)
 *		-> u64 the current value, not since MARK
 * FAIL		u32 call code, u32 status, u32 skip, u32 times (0: forever),
 *		u32 lp (RV_ANY_LP), u64 partition id (0: any): after "skip"
 *		matching calls the next "times" return "status" without effect.
 *		A matching rep call completes no element.
 *		-> u32 rule id
 * REP_STOP	u32 call code, u32 status, u32 reps, u32 times: matching rep calls
 *		complete "reps" elements, then return "status" (0 is allowed: a valid
 *		partial completion).  -> u32 rule id
 * RULE_HITS	u32 rule id -> u64 how often the rule has matched
 * RULES_CLEAR	removes all FAIL and REP_STOP rules
 * MESSAGE	u32 lp, u32 sint, u32 type, u64 sender, u32 payload bytes,
 *		then payload dwords: posts this message, even if malformed, to that
 *		root VP.
 * MESSAGE_DROP	u32 message type, u32 times: drops the next messages of a type.
 * MESSAGE_DUP	u32 message type, u32 times: sends each of the next ones twice.
 * MESSAGE_HOLD	u32 message type, u32 times: holds the next messages of a type until
 *		MESSAGE_RELEASE; RULES_CLEAR drops them.
 * MESSAGE_RELEASE sends the held messages in order, and removes all rules for
 *		messages.  -> u32 how many
 * DOORBELL	u32 lp, u32 port id: puts a port id into the doorbell ring.
 * VP_STALL	u64 partition id, u32 vp, u32 on: a stalled VP is never run.
 * MEMORY_STATUS u32 0x0b, 0x73, 0x75 or 0x83: the status for an empty pool, for
 *		hypercalls that only a module makes; 0 restores the default.
 * REP_SLICE	u32 reps: rep calls return for continuation after this many elements
 *		(0 restores the default).
 * ANSWER	u32 call code, u32 times (0: forever), u32 status, u32 lie,
 *		u64 value: matching calls without a list are executed, and then
 *		return "status"; if "lie" is not 0, one that succeeds and has output
 *		returns "value" in the first eight bytes of it.  RULES_CLEAR removes
 *		these rules, too.
 * LATE		u32 call code, u32 times, u32 microseconds: the next so many calls of this code
 *		take so long; meanwhile the processor takes interrupts.  RULES_CLEAR ends this,
 *		too.
 * DEVICE_INTERRUPTS u64 device id, as in MapDeviceInterrupt -> u64 interrupts
 *		of that device which a root VP has taken since boot; needs
 *		"interrupts=count" on the command line.  RV_E_NOENT: none of the
 *		device's was ever mapped, or they are not counted.
 * PAGE		u64 page number -> u32 nonzero if it is ordinary memory of the root,
 *		u32 how often children map it
 * DEPOSIT_WRITE u64 value: fills pages with this value while they are being deposited,
 *		like a processor of the root with a stale translation (0: off).
 *		RULES_CLEAR ends this, too.
 * TAKE		u64 page number: the root's next access to this page of its own is handled
 *		like one to a page of the hypervisor, but not counted; then the root
 *		owns the page again.
 * NO_ACCESS	u64 partition id, u64 guest page number: maps the page without access
 * DRY		u64 partition id, u32 on: its pool has no free pages, apart from those
 *		that are reserved
 * CLAIM	u32 n: row n of the table that says what is done with each request
 *		-> u32 RV_CLAIM_*, u32 first, u32 last, u32 RV_CLAIM_IS_*, u32 status;
 *		RV_E_NOENT: no such row
 * CREATE_FLAGS	u64 flags -> u32 status of CreatePartition for them; a driver sets some,
 *		and never others
 * HOST_TRAP	the hypervisor single-steps an instruction of its own: a #DB that it has to
 *		ignore, and counts (RV_COUNT_HOST_IGNORED)
 * LOG_READ	u64 position: lines of the hypervisor's log, which it keeps in memory, from
 *		this position on, or from the oldest one if that is gone
 *		-> u64 position of the first byte, u32 how many bytes, up to
 *		RV_LOG_BYTES, then these, four to a dword.  Positions count all bytes
 *		ever logged; the next one to ask for is position + bytes.
 * TIMES	u32 lp -> u64 ticks of the time stamp counter that the processor has spent in
 *		its root VP, u64 in others, up to the exit for this command (of another
 *		processor: up to its last exit); what remains is the hypervisor's.
 *		Each entry adds the few instructions around it.
 * DEVICE_DOMAIN u64 device id, as in AttachDeviceDomain -> u32 number of the domain that the
 *		device is in.  RV_E_NOENT: DMA is not remapped, or there is no such device.
 * DMA_FAULTS	u64 device id, likewise -> u64 how much DMA of the device was blocked since
 *		boot, at least
 * CRASH	the hypervisor crashes: the crash area becomes valid, every root VP gets
 *		an NMI, guests stop and hypercalls are not answered any more.
 * PANIC	u32 RV_PANIC_*: the hypervisor breaks down, and the machine ends.
 */
#define RV_CMD_LOG		1
#define RV_CMD_EXIT		2
#define RV_CMD_MARK		3
#define RV_CMD_COUNT_CALL	4
#define RV_CMD_COUNT		5
#define RV_CMD_BOOKS		6
#define RV_CMD_FAIL		7
#define RV_CMD_REP_STOP		8
#define RV_CMD_RULE_HITS	9
#define RV_CMD_RULES_CLEAR	10
#define RV_CMD_MESSAGE		11
#define RV_CMD_MESSAGE_DROP	12
#define RV_CMD_MESSAGE_DUP	13
#define RV_CMD_DOORBELL		14
#define RV_CMD_VP_STALL		15
#define RV_CMD_MEMORY_STATUS	16
#define RV_CMD_REP_SLICE	17
#define RV_CMD_MESSAGE_HOLD	18
#define RV_CMD_MESSAGE_RELEASE	19
#define RV_CMD_ANSWER		20
#define RV_CMD_DEVICE_INTERRUPTS 21
#define RV_CMD_CRASH		22
#define RV_CMD_PAGE		23
#define RV_CMD_DEPOSIT_WRITE	24
#define RV_CMD_TAKE		25
#define RV_CMD_NO_ACCESS	26
#define RV_CMD_DRY		27
#define RV_CMD_CLAIM		28
#define RV_CMD_CREATE_FLAGS	29
#define RV_CMD_LOG_READ		30
#define RV_CMD_PANIC		31
#define RV_CMD_HOST_TRAP	32
#define RV_CMD_TIMES		33
#define RV_CMD_DEVICE_DOMAIN	34
#define RV_CMD_DMA_FAULTS	35
#define RV_CMD_LATE		36

#define RV_ANY_CODE		0xffffffffu
#define RV_ANY_LP		0xffffffffu

/* COUNT: events since MARK, all processors together. */
#define RV_COUNT_ROOT_EXITS		0	/* VM exits of root VPs */
#define RV_COUNT_CHILD_EXITS		1	/* VM exits of child VPs */
#define RV_COUNT_CHILD_INTERCEPTS	2	/* of these, reported to the root */
#define RV_COUNT_MESSAGES		3	/* messages put into a root slot */
#define RV_COUNT_MESSAGES_QUEUED	4	/* of these, had to wait for a slot */
#define RV_COUNT_ROOT_INTERRUPTS	5	/* SynIC interrupts to the root */
#define RV_COUNT_EOM			6	/* root wrote EOM */
#define RV_COUNT_DOORBELLS		7	/* port ids put into a ring */
#define RV_COUNT_KICKS			8	/* NMIs between processors */
#define RV_COUNT_CHILD_INTERRUPTS	9	/* interrupts injected to children */
#define RV_COUNT_DISPATCHES		10	/* times a child VP started to run */
#define RV_COUNT_CHILD_MSR		11
#define RV_COUNT_CHILD_CPUID		12
#define RV_COUNT_CHILD_IO		13
#define RV_COUNT_CHILD_NPF		14
#define RV_COUNT_CHILD_HLT		15
#define RV_COUNT_CHILD_HYPERCALL	16
#define RV_COUNT_OVERTAKEN		17	/* most turns of others during one wait */
#define RV_COUNT_GUEST_LINES		18	/* lines in the log caused by guests */
#define RV_COUNT_GUEST_LINES_LEFT_OUT	19	/* those that were suppressed */
#define RV_COUNT_HOST_IGNORED		20	/* #DB and INIT that came to the hypervisor */
#define RV_COUNT_NR			21

/* PANIC: what breaks. */
#define RV_PANIC_ASSERTION	0
#define RV_PANIC_EXCEPTION	1
#define RV_PANIC_NR		2

/* LOG_READ: the most bytes at once. */
#define RV_LOG_BYTES		((RV_MAX_RESULTS - 3) * 4)

/* Lines in the log caused by guests: a burst, then one in so many ms. */
#define RV_GUEST_LINES_AT_ONCE	16
#define RV_GUEST_LINE_MS	250

/* CLAIM: the subject of the row, and the meaning of "first" and "last". */
#define RV_CLAIM_PROPERTY	0	/* codes */
#define RV_CLAIM_INTERCEPT	1	/* types of InstallIntercept */
#define RV_CLAIM_FLAG		2	/* numbers of CreatePartition's bits */
#define RV_CLAIM_REGISTER	3	/* names */
#define RV_CLAIM_MSR		4	/* synthetic ones of a guest */
#define RV_CLAIM_CPUID		5	/* leaves of a guest, from 0x40000000 */

/* CLAIM: what is done with it. */
#define RV_CLAIM_IS_DONE	0
#define RV_CLAIM_IS_ALWAYS	1	/* requested or not */
#define RV_CLAIM_IS_REFUSED	2	/* with this status */
#define RV_CLAIM_IS_KEPT	3	/* stored and returned, without effect */
#define RV_CLAIM_IS_UNKNOWN	4	/* like any undefined number */

/* BOOKS: what is outstanding. */
#define RV_BOOKS_PARTITIONS	0	/* child partitions that exist */
#define RV_BOOKS_DEPOSITED	1	/* pages in pools of children */
#define RV_BOOKS_DEPOSITED_SELF	2	/* pages in the root's own pool */
#define RV_BOOKS_IN_USE		3	/* pool pages in use (children) */
#define RV_BOOKS_VPS		4	/* child VPs */
#define RV_BOOKS_MAPPED		5	/* guest pages mapped (4 KiB units) */
#define RV_BOOKS_PORTS		6	/* ports and connections */
#define RV_BOOKS_STATE_PAGES	7	/* VP state and stats pages that are shared */
#define RV_BOOKS_FAULTS		8	/* root accesses to pages it may not touch */
#define RV_BOOKS_UNKNOWN_CALLS	9	/* calls with an unknown code */
#define RV_BOOKS_OVERFLOWS	10	/* messages lost to a full queue */
#define RV_BOOKS_CALLS		11	/* hypercalls since boot */
#define RV_BOOKS_SELF_IN_USE	12	/* root's own pool, pages in use */
#define RV_BOOKS_IRTE_FAULTS	13	/* blocked interrupts that were not mapped */
#define RV_BOOKS_IRTES		14	/* entries of remapping hardware in use */
#define RV_BOOKS_DOMAINS	15	/* device domains that the root has made */
#define RV_BOOKS_ATTACHMENTS	16	/* devices that are not in the default domain */
#define RV_BOOKS_DEVICE_PAGES	17	/* pages mapped in device domains */
#define RV_BOOKS_DMA_FAULTS	18	/* DMA that was blocked */
#define RV_BOOKS_NR		19

#endif

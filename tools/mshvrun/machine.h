/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine that mshvrun builds: processors, memory, serial port, clock,
 * IO-APIC, power registers.
 *
 * Model: one thread per virtual processor runs it and handles its exits; the main
 * thread feeds the console and waits for the end.  The end is an event with a
 * status and a text: the first one counts, every thread checks for it, and the main
 * thread signals the others until they have all seen it.
 *
 * To save the machine the main thread pauses it: the other threads park as soon as
 * their processors have returned and those exits have been handled.
 *
 * Words: an "exit" is one return of a virtual processor with a message.
 *
 * Lock order: machine.lock guards the devices and is never held while a
 * processor runs; machine.end_lock and machine.pause_lock are innermost.
 */
#ifndef _MSHVRUN_MACHINE_H
#define _MSHVRUN_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "decode.h"
#include "image.h"
#include "ioapic.h"
#include "mshvvm.h"
#include "uart.h"

#define MACHINE_MAX_CPUS	1024
#define MACHINE_IOAPIC_ID	0

/* Exit statuses of mshvrun; a guest's own status is in the carry port. */
#define STATUS_ERROR		1	/* nothing could be run */
#define STATUS_USAGE		2
#define STATUS_RESET		3	/* the guest asked for a restart */
#define STATUS_FAULT		4	/* triple fault or the like */
#define STATUS_SAVED		5	/* it continues when it is restored */
#define STATUS_TIMEOUT		124
#define STATUS_SIGNAL		128	/* plus the signal's number */

struct machine;

/**
 * struct cpu - a virtual processor
 * @machine: the machine it is in
 * @index: which one
 * @fd: its descriptor
 * @thread: runs it
 * @started: @thread exists
 * @page: its register page; NULL if there is none
 * @message: the last exit
 */
struct cpu {
	struct machine *machine;
	__u32 index;
	int fd;
	pthread_t thread;
	bool started;
	struct hv_vp_register_page *page;
	struct hv_message message;
};

/**
 * struct cpu_state - state to emulate an instruction of a processor
 * @insn: registers
 * @mode: HV_INSN_MODE_*
 */
struct cpu_state {
	struct hv_insn_state insn;
	unsigned int mode;
};

/**
 * struct device_state - saved state of the devices
 * @uart: COM1
 * @ioapic: the IO-APIC
 * @carry: see struct machine
 * @restores: see struct machine, before this time
 * @clock_index: see struct machine
 * @reserved: zero
 */
struct device_state {
	struct uart_state uart;
	struct ioapic_state ioapic;
	__u8 carry;
	__u8 restores;
	__u8 clock_index;
	__u8 reserved[5];
};

/**
 * struct machine - the machine
 * @part: the partition
 * @cpu_count: processors
 * @cpus: the processors
 * @low: memory from address 0
 * @low_size: its size
 * @high: memory from 4 GiB
 * @high_size: its size
 * @trace: describe each exit on stderr
 * @lock: guards the devices
 * @uart: COM1
 * @ioapic: the IO-APIC
 * @carry: value of the power block's carry register
 * @restores: how often the guest was restored, modulo 256
 * @clock_index: the register that the clock's data port reads
 * @features: features of the processors
 * @save: file to save the guest to, or NULL
 * @save_event: an eventfd, signalled when the guest requests to be saved
 * @paused: threads of processors should park
 * @pause_lock: guards @parked
 * @pause_change: @paused or @parked has changed
 * @parked: threads that have parked
 * @end_lock: guards @end_status and @end_text
 * @ended: the machine has ended
 * @end_event: an eventfd that is signalled then
 * @end_status: exit status
 * @end_text: text for stderr, may be empty
 */
struct machine {
	int part;
	unsigned int cpu_count;
	struct cpu *cpus;
	__u8 *low;
	__u64 low_size;
	__u8 *high;
	__u64 high_size;
	bool trace;

	pthread_mutex_t lock;
	struct uart uart;
	struct ioapic ioapic;
	__u8 carry;
	__u8 restores;
	__u8 clock_index;
	struct image_machine features;

	const char *save;
	int save_event;
	atomic_bool paused;
	pthread_mutex_t pause_lock;
	pthread_cond_t pause_change;
	unsigned int parked;

	pthread_mutex_t end_lock;
	atomic_bool ended;
	int end_event;
	int end_status;
	char end_text[4096];
};

/* machine.c */
int machine_create(struct machine *m, const struct image_machine *wanted,
		   bool trace);
void machine_destroy(struct machine *m);
void machine_end(struct machine *m, int status, const char *format, ...)
	__printf(3, 4);
void *machine_ram(struct machine *m, __u64 gpa, __u64 size);
void machine_note(struct machine *m, const char *format, ...)
	__printf(2, 3);

/* pause.c */
void machine_ask_save(struct machine *m);
void machine_pause(struct machine *m);
void machine_resume(struct machine *m);
void machine_park(struct machine *m);
void machine_unpark(struct machine *m);

/* save.c, restore.c */
int machine_save(struct machine *m, __u64 *size);
int machine_restore(struct machine *m, const struct image *image);

/* state.c */
int cpu_write_back(struct cpu *c);
int cpu_save(struct cpu *c, struct image_writer *w);
int cpu_restore(struct cpu *c, const struct image *image);
int cpu_restore_tsc(struct cpu *c, const struct image *image);

/* cpu.c */
int cpu_setup(struct machine *m, unsigned int index);
int cpu_boot(struct cpu *c, __u64 entry);
int cpu_start(struct cpu *c);
void cpu_kick(struct machine *m);
void cpu_join(struct machine *m);

/* ports.c */
__u32 port_in(struct machine *m, __u16 port, unsigned int size);
void port_out(struct machine *m, __u16 port, unsigned int size, __u32 value);

/* exit.c */
int exit_handle(struct cpu *c);
int cpu_finish(struct cpu *c, __u64 rip, const __u64 *rax);
int cpu_inject_page_fault(struct cpu *c, __u64 gva, __u32 error);

/* string.c */
int string_io(struct cpu *c);

/* mmio.c */
int mmio_handle(struct cpu *c);

/* insn.c */
int cpu_load_state(struct cpu *c, struct cpu_state *s);
int cpu_store_state(struct cpu *c, const struct cpu_state *s);
#define GUEST_FAULTED	1	/* the guest got a page fault instead */
int cpu_access(struct cpu *c, __u64 linear, bool write, __u64 *gpa);
int cpu_decode(struct cpu *c, const struct cpu_state *s, const __u8 *given,
	       unsigned int given_count, struct hv_insn *insn);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: a small virtual machine, and guests of a few bytes.
 *
 * Model: a test builds a machine with tvm_*(), runs a guest that is an array of
 * bytes, checks the message of the guest's exit, and closes the machine.  Books are
 * read before and after; they must agree.
 *
 * Words: a "probe port" is an unclaimed I/O port, which guests write to in order to
 * exit with a value.
 */
#ifndef _MSHV_TESTVM_H
#define _MSHV_TESTVM_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_status.h>

#include "mshvvm.h"
#include <rootvisor/rvctl.h>
#include "rvbooks.h"
#include "testroot.h"

#define PROBE_PORT		0x3f8
#define TVM_MAX_VPS		4
#define TVM_MEMORY		(1024 * 1024)
#define TVM_CODE		0x1000
#define TVM_HANDLER		0x3000	/* of tvm_handle() */
#define TVM_STACK		0xf000
#define TVM_TABLES		0x80000	/* of long mode: 3 pages */
#define TVM_HOLE		0x40000	/* not mapped by tvm_start_with_hole() */

#define TVM_FLAGS	(HV_BIT64(MSHV_PT_BIT_LAPIC) |			\
			 HV_BIT64(MSHV_PT_BIT_X2APIC) |			\
			 HV_BIT64(MSHV_PT_BIT_GPA_SUPER_PAGES))
#define MEM_WRITE	HV_BIT(MSHV_SET_MEM_BIT_WRITABLE)
#define MEM_EXEC	HV_BIT(MSHV_SET_MEM_BIT_EXECUTABLE)
#define MEM_UNMAP	HV_BIT(MSHV_SET_MEM_BIT_UNMAP)
#define MEM_RWX		(MEM_WRITE | MEM_EXEC)

/**
 * struct tvm - a small virtual machine
 * @dev: /dev/mshv
 * @part: partition
 * @vp: processors, by index
 * @memory: guest memory at address 0
 * @size: its size
 * @message: the last message
 */
struct tvm {
	int dev;
	int part;
	int vp[TVM_MAX_VPS];
	__u8 *memory;
	__u64 size;
	struct hv_message message;
};

int tvm_open(struct tvm *t);
int tvm_create(struct tvm *t, __u64 flags);
int tvm_partition(struct tvm *t);
int tvm_memory(struct tvm *t);
int tvm_vp(struct tvm *t, unsigned int index);
int tvm_start(struct tvm *t, const void *code, size_t size);
int tvm_start_long(struct tvm *t, const void *code, size_t size);
int tvm_start_with_hole(struct tvm *t, const void *code, size_t size);
void tvm_handle(struct tvm *t, __u8 vector);
void tvm_handle_by(struct tvm *t, __u8 vector, const void *code, size_t size);
int tvm_real_mode(struct tvm *t, unsigned int index, __u64 entry);
int tvm_long_mode(struct tvm *t, unsigned int index, __u64 entry);
int tvm_wake(struct tvm *t, unsigned int index, __u64 entry);
bool tvm_root_scheduler(const struct tvm *t);
int tvm_run(struct tvm *t, unsigned int index);
int tvm_skip(struct tvm *t, unsigned int index);
int tvm_next_out(struct tvm *t, unsigned int index, __u64 *value);
void tvm_close(struct tvm *t);
int tvm_life(void);

/* A VMM can get its partition id only from messages. */
static inline __u64 tvm_id(const struct tvm *t)
{
	return t->message.header.sender;
}

static inline const struct hv_x64_io_port_intercept_message *
tvm_io(const struct tvm *t)
{
	return (const void *)t->message.u.bytes;
}

static inline const struct hv_x64_memory_intercept_message *
tvm_mem(const struct tvm *t)
{
	return (const void *)t->message.u.bytes;
}

static inline bool tvm_is_mem(const struct tvm *t)
{
	return t->message.header.message_type == HVMSG_UNMAPPED_GPA ||
	       t->message.header.message_type == HVMSG_GPA_INTERCEPT;
}

static inline const struct hv_x64_intercept_message_header *
tvm_header(const struct tvm *t)
{
	return (const void *)t->message.u.bytes;
}

/*
 * Guests.  Each is real-mode code for TVM_CODE unless it says otherwise; all of
 * them use only the probe port.
 */
#define OUT_AL		0xee		/* out dx, al */
#define IN_AL		0xec		/* in al, dx */
#define HLT		0xf4

/* Enables its APIC, as an x2APIC. */
#define X2APIC_ON							\
	0x66, 0xb9, 0x1b, 0, 0, 0,	/* mov ecx, APIC base */	\
	0x0f, 0x32,			/* rdmsr */			\
	0x66, 0x0d, 0x00, 0x0c, 0, 0,	/* or eax, enabled, x2APIC */	\
	0x0f, 0x30,			/* wrmsr */			\
	0x66, 0xb9, 0x0f, 0x08, 0, 0,	/* mov ecx, spurious vector */	\
	0x66, 0xb8, 0xff, 0x01, 0, 0,	/* mov eax, 0x1ff */		\
	0x66, 0x31, 0xd2,		/* xor edx, edx */		\
	0x0f, 0x30			/* wrmsr */

extern const __u8 guest_say_a[20];	/* 'a' to the probe port, for ever */
extern const __u8 guest_count[11];	/* 0, 1, 2 ... to the probe port */
extern const __u8 guest_spin[2];	/* nothing, for ever */
extern const __u8 guest_halt[4];	/* sleeps for ever */
extern const __u8 guest_read_hole[13];	/* a byte at TVM_HOLE, to the probe port */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that tests its own processor, without an operating system.
 *
 * Model: a case is a function that returns OK, an error, or why it is skipped.  All
 * run one after the other in 32-bit protected mode on the first processor; the
 * results go to the serial port.  Nothing but an IBM PC with a local APIC is
 * needed, so the program runs under rootvisor, under QEMU alone and under Bochs,
 * and differences can be attributed to one of these.  Cases that need the
 * hypervisor's own interface are skipped without it.
 *
 * Words: a hook handles the exceptions that a case provokes.
 */
#ifndef _GUEST_CPU_H
#define _GUEST_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define BIT(n)		(1U << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum verdict { OK, FAILED, SKIPPED };

struct test {
	const char *name;
	enum verdict (*run)(void);
};

extern const struct test trap_tests[], feature_tests[], task_tests[], clock_tests[];

/* ---- main.c ------------------------------------------------------------------------ */

/* Prints the reason, and returns the verdict; %s, %u, %x (eight digits or less). */
enum verdict failed(const char *format, ...) __attribute__((format(printf, 1, 2)));
enum verdict skipped(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Do the synthetic MSRs exist? */
bool has_hypervisor(void);

/* A check of a case, which ends if it fails. */
#define EXPECT(condition) do {						\
	if (!(condition))						\
		return failed("line %u: %s", __LINE__, #condition);	\
} while (0)

#define EXPECT_EQ(wanted, seen) do {					\
	uint32_t _wanted = (wanted), _seen = (seen);			\
									\
	if (_wanted != _seen)						\
		return failed("line %u: %s is %x, not %x", __LINE__,	\
			      #seen, _seen, _wanted);			\
} while (0)

/* ---- trap.c ------------------------------------------------------------------------ */

struct frame {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags;
};

struct gate {
	uint16_t offset, selector, type, offset_high;
};

#define EFLAGS_TF	0x100
#define EFLAGS_IF	0x200
#define EFLAGS_NT	0x4000
#define GATE_INTERRUPT	0x8e00
#define GATE_TASK	0x8500
#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_UD	6
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_NP	11
#define VECTOR_SS	12
#define VECTOR_GP	13
#define VECTOR_PF	14
#define VECTOR_FREE	0x20		/* up to 0x2f: interrupts of cases */
#define VECTORS		0x30
#define DR6_BS		0x4000
#define DR6_BT		0x8000

extern struct gate idt[VECTORS];
/* Handles the next exceptions; without a hook they end the program. */
extern void (*trap_hook)(struct frame *frame);

void trap_init(void);
/* The end: an exception that no case expects. */
void die(const struct frame *frame) __attribute__((noreturn));
void gate_set(unsigned int vector, unsigned int selector, uint32_t offset, unsigned int type);

/* ---- apic.c ------------------------------------------------------------------------ */

bool apic_init(void);
uint32_t apic_read(uint32_t reg);
void apic_write(uint32_t reg, uint32_t value);
void apic_send(uint32_t icr);		/* to itself */
void apic_timer(unsigned int vector, uint32_t ticks);
unsigned int apic_start_others(void (*function)(void));	/* how many started */

#define APIC_EOI	0xb0
#define APIC_FIXED	0x000
#define APIC_NMI	0x400

/* ---- instructions ------------------------------------------------------------------- */

static inline void outb(uint8_t value, uint16_t port)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t value, uint16_t port)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid r;

	asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(sub));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint64_t value;

	asm volatile("rdmsr" : "=A"(value) : "c"(msr) : "memory");
	return value;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr" : : "c"(msr), "A"(value) : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint64_t value;

	asm volatile("lfence; rdtsc" : "=A"(value) : : "memory");
	return value;
}

static inline uint32_t read_cr0(void)
{
	uint32_t value;

	asm volatile("movl %%cr0, %0" : "=r"(value));
	return value;
}

static inline void write_cr0(uint32_t value)
{
	asm volatile("movl %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint32_t read_cr4(void)
{
	uint32_t value;

	asm volatile("movl %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint32_t value)
{
	asm volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

static inline void write_cr3(uint32_t value)
{
	asm volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint32_t read_cr3(void)
{
	uint32_t value;

	asm volatile("movl %%cr3, %0" : "=r"(value));
	return value;
}

static inline uint32_t read_dr6(void)
{
	uint32_t value;

	asm volatile("movl %%db6, %0" : "=r"(value));
	return value;
}

static inline void write_dr6(uint32_t value)
{
	asm volatile("movl %0, %%db6" : : "r"(value));
}

static inline uint32_t read_dr7(void)
{
	uint32_t value;

	asm volatile("movl %%db7, %0" : "=r"(value));
	return value;
}

static inline void write_dr7(uint32_t value)
{
	asm volatile("movl %0, %%db7" : : "r"(value));
}

#endif

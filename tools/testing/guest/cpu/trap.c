// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions and interrupts, and cases about where they are taken: traps of single
 * steps after instructions that a hypervisor executes, and events that wait for the
 * end of an instruction.
 */
#include "cpu.h"

#define STUB_SIZE	16
#define DR6_NONE	0xffff0ff0
#define PASSES		4
#define WAKE_AFTER	50000000	/* ticks of the APIC's timer */

struct gate idt[VECTORS];
void (*trap_hook)(struct frame *frame);

extern char stubs[];
void trap_entry(struct frame *frame);

void trap_entry(struct frame *frame)
{
	if (!trap_hook)
		die(frame);
	trap_hook(frame);
}

void gate_set(unsigned int vector, unsigned int selector, uint32_t offset, unsigned int type)
{
	idt[vector] = (struct gate){ offset, selector, type, offset >> 16 };
}

void trap_init(void)
{
	struct {
		uint16_t limit;
		void *base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, idt };
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		gate_set(i, SEL_CODE, (uint32_t)stubs + i * STUB_SIZE, GATE_INTERRUPT);
	asm volatile("lidt %0" : : "m"(idtr));
}

/* ---- single steps --------------------------------------------------------------------- */

/* A function that sets TF and executes an instruction; the place after that. */
#define STEP(name, before, instruction)					\
	void step_##name(void);						\
	extern char behind_##name[];					\
	asm(".globl step_" #name ", behind_" #name "\n"			\
	    "step_" #name ":\n"						\
	    "	pushal\n"						\
	    "	" before "\n"						\
	    "	pushfl\n"						\
	    "	orl $0x100, (%esp)\n"					\
	    "	popfl\n"						\
	    "	" instruction "\n"					\
	    "behind_" #name ":\n"					\
	    "	nop\n"							\
	    "	popal\n"						\
	    "	ret\n")

STEP(nop, "", "nop");
STEP(cpuid, "xorl %eax, %eax", "cpuid");
STEP(rdmsr, "movl $0x1b, %ecx", "rdmsr");
STEP(wrmsr, "movl $0x1b, %ecx; rdmsr", "wrmsr");
STEP(wbinvd, "", "wbinvd");
STEP(in, "movl $0x3fd, %edx", "inb %dx, %al");
STEP(out, "movl $0x3fb, %edx; movb $3, %al", "outb %al, %dx");
STEP(apic, "movl $0xfee00020, %edx", "movl (%edx), %eax");
STEP(hlt, "sti", "hlt");

static uint32_t stepped_to, stepped_dr6;
static unsigned int steps;

static void step_hook(struct frame *frame)
{
	if (frame->vector != VECTOR_DB)
		die(frame);
	stepped_to = frame->eip;
	stepped_dr6 = read_dr6();
	steps++;
	frame->eflags &= ~EFLAGS_TF;
}

static enum verdict step(void (*function)(void), char *behind)
{
	steps = 0;
	write_dr6(DR6_NONE);
	trap_hook = step_hook;
	function();
	EXPECT_EQ(1, steps);
	EXPECT_EQ((uint32_t)behind, stepped_to);
	EXPECT(stepped_dr6 & DR6_BS);
	return OK;
}

#define STEP_TEST(name) \
	static enum verdict step_test_##name(void) { return step(step_##name, behind_##name); }

STEP_TEST(nop)
STEP_TEST(cpuid)
STEP_TEST(rdmsr)
STEP_TEST(wrmsr)
STEP_TEST(wbinvd)
STEP_TEST(in)
STEP_TEST(out)

static enum verdict step_test_apic(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	return step(step_apic, behind_apic);
}

/* A processor that loses the trap is woken by a timer. */
static unsigned int woken;

static void hlt_hook(struct frame *frame)
{
	if (frame->vector != VECTOR_FREE) {
		step_hook(frame);
		return;
	}
	woken++;
	apic_write(APIC_EOI, 0);
}

static enum verdict step_test_hlt(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	steps = 0;
	woken = 0;
	write_dr6(DR6_NONE);
	trap_hook = hlt_hook;
	apic_timer(VECTOR_FREE, WAKE_AFTER);
	step_hlt();
	asm volatile("cli");
	apic_timer(0, 0);
	EXPECT_EQ(0, woken);
	EXPECT_EQ(1, steps);
	EXPECT_EQ((uint32_t)behind_hlt, stepped_to);
	return OK;
}

/* ---- what waits for the end of an instruction ------------------------------------------- */

void shadow_sti(void);
void shadow_sti_hlt(void);
extern char behind_sti[], behind_sti_hlt[];

static uint32_t places[PASSES];
static unsigned int passes;

static void place_hook(struct frame *frame)
{
	if (passes < PASSES)
		places[passes] = frame->eip;
	passes++;
	apic_write(APIC_EOI, 0);
}

static enum verdict behind_shadow(void (*function)(void), char *behind)
{
	if (!apic_init())
		return skipped("no local APIC");
	passes = 0;
	trap_hook = place_hook;
	apic_send(APIC_FIXED | VECTOR_FREE);
	function();
	EXPECT_EQ(1, passes);
	EXPECT_EQ((uint32_t)behind, places[0]);
	return OK;
}

static enum verdict interrupt_behind_sti(void)
{
	return behind_shadow(shadow_sti, behind_sti);
}

static enum verdict interrupt_behind_sti_hlt(void)
{
	return behind_shadow(shadow_sti_hlt, behind_sti_hlt);
}

/* The first NMI's handler sends another, which comes before the next instruction. */
static void nmi_hook(struct frame *frame)
{
	if (frame->vector != VECTOR_NMI)
		die(frame);
	if (passes < PASSES)
		places[passes] = frame->eip;
	if (++passes == 1)
		apic_send(APIC_NMI);
}

static enum verdict nmi_behind_nmi(void)
{
	volatile unsigned int *seen = &passes;

	if (!apic_init())
		return skipped("no local APIC");
	passes = 0;
	trap_hook = nmi_hook;
	apic_send(APIC_NMI);
	while (*seen < 2)
		;
	EXPECT_EQ(2, passes);
	EXPECT_EQ(places[0], places[1]);
	return OK;
}

/*
 * An interrupt that waits for a software interrupt's handler, which must not run
 * twice.
 */
static unsigned int soft;

static void soft_hook(struct frame *frame)
{
	if (frame->vector == VECTOR_FREE + 1)
		soft++;
	else
		place_hook(frame);
}

static enum verdict software_interrupt_once(void)
{
	unsigned int i;

	if (!apic_init())
		return skipped("no local APIC");
	soft = 0;
	passes = 0;
	trap_hook = soft_hook;
	for (i = 0; i < 100; i++) {
		apic_send(APIC_FIXED | VECTOR_FREE);
		asm volatile("sti; int %0; nop; cli" : : "i"(VECTOR_FREE + 1) : "memory");
		EXPECT_EQ(i + 1, soft);
		EXPECT_EQ(i + 1, passes);
	}
	return OK;
}

const struct test trap_tests[] = {
	{ "step behind NOP", step_test_nop },
	{ "step behind CPUID", step_test_cpuid },
	{ "step behind RDMSR", step_test_rdmsr },
	{ "step behind WRMSR", step_test_wrmsr },
	{ "step behind WBINVD", step_test_wbinvd },
	{ "step behind IN", step_test_in },
	{ "step behind OUT", step_test_out },
	{ "step behind a read of the APIC", step_test_apic },
	{ "step behind HLT", step_test_hlt },
	{ "interrupt behind STI", interrupt_behind_sti },
	{ "interrupt behind STI, HLT", interrupt_behind_sti_hlt },
	{ "NMI behind an NMI", nmi_behind_nmi },
	{ "INT is executed once", software_interrupt_once },
	{ }
};

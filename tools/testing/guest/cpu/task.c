// SPDX-License-Identifier: GPL-2.0
/*
 * Cases about task switches, which a hypervisor executes for its guest.
 *
 * Model: there are three tasks.  The main one runs the cases; the second is the one
 * that they switch to, and returns by IRET or JMP; the third catches errors after
 * the point of no return, which are exceptions of the new task.
 */
#include "cpu.h"

#define TSS_LIMIT	0x67
#define TSS_AVAILABLE	0x89		/* bits 40 to 47 of a descriptor */
#define TSS_BUSY	0x02
#define ACCESSED	0x01
#define TASK_GATE	0x85
#define PRESENT		0x80
#define CR0_TS		BIT(3)
#define CR0_PG		BIT(31)
#define CR4_PSE		BIT(4)
#define DR7_LOCAL	0x55
#define EFLAGS_ONE	2
#define LARGE_PAGE	0x400000
#define PDE_LARGE	0x83
#define WINDOW		0x40000000	/* where the two page tables differ */

struct tss {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, iomap;
};

struct descriptor {
	uint16_t limit, base;
	uint8_t base_middle, type, flags, base_high;
};

static struct tss main_tss, task_tss, catch_tss, wrong_tss;
static struct descriptor gdt[16], ldt[2];
static uint32_t directories[2][1024] __attribute__((aligned(4096)));

extern uint32_t seen_esp, seen_top, seen_eflags, seen_tr, seen_cr0, seen_dr7;
extern char task_stack_top[], catch_stack_top[];
extern char task_begin[], task_leave[], jump_begin[], catch_begin[];
extern char behind_iret_nested[], behind_bad_selector[];
void call_task(void);
void call_gate(void);
void call_absent(void);
void call_short(void);
void jump_task(void);
void int_task(void);
void iret_nested(void);
void bad_selector(void);
void task_seen(void);
void task_caught(void);

/* What the task found, besides what its code has recorded. */
static unsigned int switches, caught;
static uint32_t busy_main, busy_task, link_seen, window_seen, resume_main;
static bool send_nmi;
/* What the main task gets while the first NMI is handled, and what it had then. */
static struct segments {
	uint32_t cs, ss, fs, ldt;
} given, had;
/* And the link that the handler returns by. */
static uint32_t given_link, caught_in_task;
/* The second NMI is not handled by a task but where it comes; what was found there. */
static bool plain_nmi;
static struct gate nmi_gate;
static uint32_t nmi_cr3;
static uint32_t main_at[2];
/* The exception that a hook has seen. */
static uint32_t vector, error;

static uint32_t busy(unsigned int selector)
{
	return gdt[selector / 8].type & TSS_BUSY;
}

static uint32_t task_register(void)
{
	uint32_t value = 0;

	asm volatile("str %w0" : "+r"(value));
	return value;
}

static const struct segments usual = { SEL_CODE, SEL_DATA, SEL_DATA, 0 };

static void main_segments(const struct segments *to)
{
	main_tss.cs = to->cs;
	main_tss.ss = to->ss;
	main_tss.fs = to->fs;
	main_tss.ldt = to->ldt;
}

void task_seen(void)
{
	if (switches < ARRAY_SIZE(main_at))
		main_at[switches] = main_tss.eip;
	switches++;
	if (send_nmi && switches == 1) {
		main_segments(&given);
		task_tss.link = given_link;
		if (plain_nmi)
			idt[VECTOR_NMI] = nmi_gate;
		resume_main = main_tss.eip;
		apic_send(APIC_NMI);
	} else if (send_nmi && switches == 2) {
		had = (struct segments){ main_tss.cs, main_tss.ss, main_tss.fs, main_tss.ldt };
		main_segments(&usual);
	}
	busy_main = busy(SEL_MAIN);
	busy_task = busy(SEL_TASK);
	link_seen = (seen_tr == SEL_CATCH ? catch_tss : task_tss).link;
	if (read_cr0() & CR0_PG)
		window_seen = *(volatile uint32_t *)WINDOW;
}

/* Continue in the main task, to which some chain of links leads. */
void task_caught(void)
{
	caught++;
	caught_in_task = task_register();
	if (send_nmi) {
		main_segments(&usual);
		task_tss.eip = (uint32_t)task_begin;
	}
	gdt[SEL_MAIN / 8].type &= ~TSS_BUSY;
	gdt[SEL_TASK / 8].type &= ~TSS_BUSY;
	if (resume_main)
		main_tss.eip = resume_main;
}

static void hook(struct frame *frame)
{
	if (frame->vector == VECTOR_NMI) {
		switches++;
		main_at[1] = frame->eip;
		nmi_cr3 = read_cr3();
		return;
	}
	vector = frame->vector;
	error = frame->error;
	frame->eip = resume_main;
}

/* ---- tables ------------------------------------------------------------------------------ */

static void describe(unsigned int selector, const void *base, uint32_t limit, uint8_t type)
{
	uint32_t at = (uint32_t)base;

	gdt[selector / 8] = (struct descriptor){
		limit, at, at >> 16, type, limit >> 16, at >> 24,
	};
}

static void describe_flat(struct descriptor *d, uint8_t type)
{
	*d = (struct descriptor){ .limit = 0xffff, .type = type, .flags = 0xcf };
}

static void make_task(struct tss *t, const char *eip, const char *stack)
{
	*t = (struct tss){
		.cr3 = (uint32_t)directories[0],
		.eip = (uint32_t)eip, .eflags = EFLAGS_ONE,
		.eax = 0xa0, .ecx = 0xa1, .edx = 0xa2, .ebx = 0xa3,
		.esp = (uint32_t)stack, .ebp = 0xa5, .esi = 0xa6, .edi = 0xa7,
		.es = SEL_DATA, .cs = SEL_CODE, .ss = SEL_DATA, .ds = SEL_DATA,
		.fs = SEL_DATA, .gs = SEL_DATA, .iomap = sizeof(*t),
	};
}

static void make_directories(void)
{
	unsigned int i, which;

	for (which = 0; which < 2; which++) {
		for (i = 0; i < 1024; i++)
			directories[which][i] = i * LARGE_PAGE | PDE_LARGE;
		/* The program's own memory in one, the memory behind it in the other. */
		directories[which][WINDOW / LARGE_PAGE] = which * LARGE_PAGE | PDE_LARGE;
	}
}

static void make_tables(void)
{
	const struct {
		uint16_t limit;
		const void *base;
	} __attribute__((packed)) gdtr = { sizeof(gdt) - 1, gdt };
	static const uint64_t flat[] = { 0, GDT_CODE, GDT_DATA };

	__builtin_memcpy(gdt, flat, sizeof(flat));
	describe(SEL_MAIN, &main_tss, TSS_LIMIT, TSS_AVAILABLE);
	describe(SEL_TASK, &task_tss, TSS_LIMIT, TSS_AVAILABLE);
	describe(SEL_CATCH, &catch_tss, TSS_LIMIT, TSS_AVAILABLE);
	describe(SEL_WRONG, &wrong_tss, TSS_LIMIT, TSS_AVAILABLE);
	describe(SEL_ABSENT, &task_tss, TSS_LIMIT, TSS_AVAILABLE & ~PRESENT);
	describe(SEL_SHORT, &task_tss, TSS_LIMIT - 1, TSS_AVAILABLE);
	describe(SEL_NO_DATA, NULL, 0xfffff, 0x13);
	describe(SEL_LDT, ldt, sizeof(ldt) - 1, 0x82);
	describe_flat(&gdt[SEL_CONFORMING / 8], 0x9f);
	describe_flat(&gdt[SEL_USER / 8], 0xf3);
	describe_flat(&gdt[SEL_FRESH / 8], 0x92);
	describe_flat(&gdt[SEL_EXECUTE / 8], 0x99);
	describe_flat(&ldt[SEL_LOCAL / 8], 0x93);
	gdt[SEL_GATE / 8] = (struct descriptor){ .base = SEL_TASK, .type = TASK_GATE };
	make_task(&task_tss, task_begin, task_stack_top);
	make_task(&catch_tss, catch_begin, catch_stack_top);
	make_task(&wrong_tss, catch_begin, catch_stack_top);
	main_tss = (struct tss){ .cr3 = (uint32_t)directories[0], .iomap = sizeof(main_tss) };
	make_directories();
	asm volatile("lgdt %0; ltr %w1" : : "m"(gdtr), "r"(SEL_MAIN) : "memory");
	switches = 0;
	caught = 0;
	vector = 0;
	error = 0;
	resume_main = 0;
	send_nmi = false;
	given = usual;
	given_link = SEL_MAIN;
	plain_nmi = false;
	trap_hook = hook;
	trap_init();
}

/* ---- the ways there and back ------------------------------------------------------------ */

static enum verdict nested(void (*go)(void))
{
	make_tables();
	asm volatile("clts");
	go();
	EXPECT_EQ(1, switches);
	EXPECT_EQ(SEL_TASK, seen_tr);
	EXPECT_EQ(SEL_MAIN, link_seen);
	EXPECT_EQ(EFLAGS_NT | EFLAGS_ONE, seen_eflags);
	EXPECT_EQ((uint32_t)task_stack_top, seen_esp);
	EXPECT_EQ(CR0_TS, seen_cr0 & CR0_TS);
	EXPECT_EQ(TSS_BUSY, busy_main);
	EXPECT_EQ(TSS_BUSY, busy_task);
	EXPECT_EQ(SEL_MAIN, task_register());
	EXPECT_EQ(TSS_BUSY, busy(SEL_MAIN));
	EXPECT_EQ(0, busy(SEL_TASK));
	EXPECT_EQ((uint32_t)task_leave + 1, task_tss.eip);
	/* IRET leaves without NT. */
	EXPECT_EQ(EFLAGS_ONE, task_tss.eflags & (EFLAGS_NT | EFLAGS_ONE));
	EXPECT_EQ(SEL_DATA, task_tss.ds);
	/* And again, from where the task was. */
	go();
	EXPECT_EQ(2, switches);
	return OK;
}

static enum verdict by_call(void)
{
	return nested(call_task);
}

static enum verdict by_gate(void)
{
	return nested(call_gate);
}

static void int_by_gate(void)
{
	gate_set(INT_TASK, SEL_TASK, 0, GATE_TASK);
	int_task();
}

static enum verdict by_int(void)
{
	return nested(int_by_gate);
}

static void interrupt_by_gate(void)
{
	gate_set(INT_TASK, SEL_TASK, 0, GATE_TASK);
	apic_send(APIC_FIXED | INT_TASK);
	asm volatile("sti; nop; cli" : : : "memory");
	apic_write(APIC_EOI, 0);
}

static enum verdict by_interrupt(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	return nested(interrupt_by_gate);
}

/* The handler's IRET is a task switch, and ends the blocking of NMIs. */
static void nmi_by_gate(void)
{
	unsigned int before = switches;

	gate_set(VECTOR_NMI, SEL_TASK, 0, GATE_TASK);
	apic_send(APIC_NMI);
	while (*(volatile unsigned int *)&switches == before)
		;
}

static enum verdict by_nmi(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	return nested(nmi_by_gate);
}

/* An IRET that faults may leave NMIs blocked. */
static void iret_here(void)
{
	asm volatile("pushfl; pushl %%cs; pushl $1f; iretl; 1:" : : : "memory", "cc");
}

/* The handler sends another, and returns to a main task with these segments. */
static void nmi_behind_nmi(const struct segments *segments)
{
	volatile unsigned int *seen = &switches, *others = &caught;

	nmi_gate = idt[VECTOR_NMI];
	gate_set(VECTOR_NMI, SEL_TASK, 0, GATE_TASK);
	send_nmi = true;
	given = *segments;
	apic_send(APIC_NMI);
	/* Both NMIs, besides the task that has caught something. */
	while (*seen < 2 + *others)
		iret_here();
}

/* It comes after the handler's IRET, before the next instruction. */
static enum verdict by_nmi_behind_nmi(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	make_tables();
	nmi_behind_nmi(&usual);
	EXPECT_EQ(main_at[0], main_at[1]);
	return OK;
}

/* The same with page tables, which CR3 is loaded for. */
static enum verdict by_nmi_with_paging(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	make_tables();
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((uint32_t)directories[0]);
	write_cr0(read_cr0() | CR0_PG);
	task_tss.cr3 = (uint32_t)directories[1];
	plain_nmi = true;
	nmi_behind_nmi(&usual);
	write_cr0(read_cr0() & ~CR0_PG);
	write_cr4(read_cr4() & ~CR4_PSE);
	EXPECT_EQ(main_at[0], main_at[1]);
	EXPECT_EQ((uint32_t)directories[0], nmi_cr3);
	return OK;
}

/* All kinds of segments that a task may have. */
static enum verdict by_nmi_to_segments(void)
{
	static const struct segments rows[] = {
		{ SEL_CODE, SEL_DATA, 0, 0 },
		{ SEL_CODE, SEL_DATA, 3, 0 },
		{ SEL_CODE, SEL_DATA, SEL_DATA, SEL_LDT },
		{ SEL_CODE, SEL_DATA, SEL_LOCAL, SEL_LDT },
		{ SEL_CODE, SEL_LOCAL, SEL_DATA, SEL_LDT },
		{ SEL_CONFORMING, SEL_DATA, SEL_CONFORMING, 0 },
		{ SEL_CODE, SEL_DATA, SEL_CONFORMING | 3, 0 },
		{ SEL_CODE, SEL_DATA, SEL_USER, 0 },
		{ SEL_CODE, SEL_DATA, SEL_USER | 3, 0 },
	};
	unsigned int i;

	if (!apic_init())
		return skipped("no local APIC");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make_tables();
		nmi_behind_nmi(&rows[i]);
		EXPECT_EQ(main_at[0], main_at[1]);
		EXPECT_EQ(rows[i].cs, had.cs & 0xffff);
		EXPECT_EQ(rows[i].ss, had.ss & 0xffff);
		EXPECT_EQ(rows[i].fs, had.fs & 0xffff);
		EXPECT_EQ(0, caught);
	}
	return OK;
}

static enum verdict by_nmi_to_fresh_segment(void)
{
	static const struct segments segments = { SEL_CODE, SEL_DATA, SEL_FRESH, 0 };

	if (!apic_init())
		return skipped("no local APIC");
	make_tables();
	nmi_behind_nmi(&segments);
	EXPECT_EQ(main_at[0], main_at[1]);
	EXPECT_EQ(ACCESSED, gdt[SEL_FRESH / 8].type & ACCESSED);
	return OK;
}

static enum verdict by_jump(void)
{
	unsigned int i;

	make_tables();
	task_tss.eip = (uint32_t)jump_begin;
	for (i = 1; i <= 2; i++) {
		jump_task();
		EXPECT_EQ(i, switches);
		EXPECT_EQ(SEL_TASK, seen_tr);
		EXPECT_EQ(0, link_seen);
		EXPECT_EQ(EFLAGS_ONE, seen_eflags & (EFLAGS_NT | EFLAGS_ONE));
		EXPECT_EQ(0, busy_main);
		EXPECT_EQ(TSS_BUSY, busy_task);
		EXPECT_EQ(SEL_MAIN, task_register());
		EXPECT_EQ(TSS_BUSY, busy(SEL_MAIN));
		EXPECT_EQ(0, busy(SEL_TASK));
	}
	return OK;
}

static enum verdict other_page_table(void)
{
	uint32_t *second = (uint32_t *)LARGE_PAGE, own;

	make_tables();
	*second = 0x600d;
	task_tss.cr3 = (uint32_t)directories[1];
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((uint32_t)directories[0]);
	write_cr0(read_cr0() | CR0_PG);
	own = *(volatile uint32_t *)WINDOW;
	call_task();
	EXPECT_EQ(own, *(volatile uint32_t *)WINDOW);
	EXPECT_EQ((uint32_t)directories[0], read_cr3());
	write_cr0(read_cr0() & ~CR0_PG);
	write_cr4(read_cr4() & ~CR4_PSE);
	EXPECT_EQ(1, switches);
	EXPECT_EQ(0x600d, window_seen);
	return OK;
}

static enum verdict local_breakpoints(void)
{
	make_tables();
	write_dr7(read_dr7() | DR7_LOCAL);
	call_task();
	write_dr7(read_dr7() & ~DR7_LOCAL);
	EXPECT_EQ(1, switches);
	EXPECT_EQ(0, seen_dr7 & DR7_LOCAL);
	return OK;
}

/* The new task's debug trap comes before its first instruction. */
static uint32_t trap_at, trap_dr6;

static void debug_hook(struct frame *frame)
{
	trap_at = frame->eip;
	trap_dr6 = read_dr6();
}

static enum verdict trap_bit(void)
{
	make_tables();
	trap_at = 0;
	task_tss.trap = 1;
	write_dr6(0xffff0ff0);
	trap_hook = debug_hook;
	call_task();
	EXPECT_EQ(1, switches);
	EXPECT_EQ((uint32_t)task_begin, trap_at);
	EXPECT_EQ(DR6_BT, trap_dr6 & (DR6_BT | DR6_BS));
	return OK;
}

/* ---- what is refused, and where ------------------------------------------------------- */

/* In the old task, which goes on with the hook. */
static enum verdict refused(void (*go)(void), const char *behind, uint32_t with, uint32_t code)
{
	resume_main = (uint32_t)behind;
	go();
	EXPECT_EQ(with, vector);
	EXPECT_EQ(code, error);
	EXPECT_EQ(0, switches);
	EXPECT_EQ(SEL_MAIN, task_register());
	EXPECT_EQ(TSS_BUSY, busy(SEL_MAIN));
	return OK;
}

/* Behind PUSHAL and a far CALL. */
#define BEHIND_CALL(go)	((const char *)(go) + 1 + 7)

static enum verdict not_present(void)
{
	make_tables();
	return refused(call_absent, BEHIND_CALL(call_absent), VECTOR_NP, SEL_ABSENT);
}

static enum verdict too_short(void)
{
	make_tables();
	return refused(call_short, BEHIND_CALL(call_short), VECTOR_TS, SEL_SHORT);
}

static enum verdict is_busy(void)
{
	make_tables();
	gdt[SEL_TASK / 8].type |= TSS_BUSY;
	return refused(call_task, BEHIND_CALL(call_task), VECTOR_GP, SEL_TASK);
}

static enum verdict link_not_busy(void)
{
	enum verdict verdict;

	make_tables();
	main_tss.link = SEL_TASK;
	verdict = refused(iret_nested, behind_iret_nested, VECTOR_TS, SEL_TASK);
	asm volatile("pushfl; andl $0xffffbfff, (%%esp); popfl" : : : "memory", "cc");
	return verdict;
}

/* Exceptions by gates to tasks: this one is expected. */
static void catch_only(unsigned int with)
{
	unsigned int i;

	for (i = VECTOR_DF; i <= VECTOR_PF; i++)
		gate_set(i, i == with ? SEL_CATCH : SEL_WRONG, 0, GATE_TASK);
}

/* In the new task, by a gate to the third. */
static enum verdict caught_in(void (*go)(void), const char *behind, unsigned int with,
			      uint32_t code)
{
	catch_only(with);
	resume_main = (uint32_t)behind;
	go();
	EXPECT_EQ(1, caught);
	EXPECT_EQ(SEL_CATCH, seen_tr);
	EXPECT_EQ((uint32_t)catch_stack_top - 4, seen_esp);
	EXPECT_EQ(code, seen_top);
	EXPECT_EQ(SEL_MAIN, task_register());
	return OK;
}

static enum verdict error_code(void)
{
	make_tables();
	return caught_in(bad_selector, behind_bad_selector, VECTOR_GP, SEL_BEYOND) ?:
		link_seen == SEL_MAIN ? OK : failed("the link is %x", link_seen);
}

/* The IRET of an NMI's handler, behind which another one waits, raises it in the main task. */
static enum verdict by_nmi_to_no_segments(void)
{
	static const struct {
		struct segments segments;
		unsigned int vector;
	} rows[] = {
		{ { SEL_CODE, SEL_DATA, SEL_BEYOND, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_DATA, SEL_NO_DATA, 0 }, VECTOR_NP },
		{ { SEL_CODE, SEL_DATA, SEL_TASK, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_DATA, SEL_DATA | 3, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_DATA, SEL_EXECUTE, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_DATA, SEL_LOCAL, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_DATA, SEL_DATA, SEL_DATA }, VECTOR_TS },
		{ { SEL_CODE, SEL_USER, SEL_DATA, 0 }, VECTOR_TS },
		{ { SEL_CODE, SEL_CODE, SEL_DATA, 0 }, VECTOR_TS },
		{ { SEL_CODE, 0, SEL_DATA, 0 }, VECTOR_TS },
		{ { SEL_DATA, SEL_DATA, SEL_DATA, 0 }, VECTOR_TS },
		{ { 0, SEL_DATA, SEL_DATA, 0 }, VECTOR_TS },
	};
	unsigned int i;

	if (!apic_init())
		return skipped("no local APIC");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make_tables();
		catch_only(rows[i].vector);
		nmi_behind_nmi(&rows[i].segments);
		EXPECT_EQ(1, caught);
		EXPECT_EQ(SEL_CATCH, caught_in_task);
		EXPECT_EQ(SEL_MAIN, task_register());
	}
	return OK;
}

/* Or in the handler, if it has no task to return to. */
static enum verdict returns_nowhere(uint32_t link, unsigned int with)
{
	make_tables();
	/* The one that is not busy is SEL_WRONG. */
	gdt[SEL_SHORT / 8].type |= TSS_BUSY;
	gdt[SEL_ABSENT / 8].type |= TSS_BUSY;
	catch_only(with);
	given_link = link;
	/* Without a return the handler's task stays busy. */
	plain_nmi = true;
	nmi_behind_nmi(&usual);
	EXPECT_EQ(1, caught);
	EXPECT_EQ(SEL_CATCH, caught_in_task);
	EXPECT_EQ(SEL_MAIN, task_register());
	return OK;
}

static enum verdict by_nmi_to_no_task(void)
{
	static const struct {
		uint32_t link;
		unsigned int vector;
	} rows[] = {
		{ SEL_LOCAL, VECTOR_TS }, { SEL_DATA, VECTOR_TS }, { SEL_WRONG, VECTOR_TS },
		{ SEL_SHORT, VECTOR_TS }, { SEL_ABSENT, VECTOR_NP }, { SEL_BEYOND, VECTOR_TS },
	};
	enum verdict verdict = OK;
	unsigned int i;

	if (!apic_init())
		return skipped("no local APIC");
	for (i = 0; i < ARRAY_SIZE(rows) && verdict == OK; i++)
		verdict = returns_nowhere(rows[i].link, rows[i].vector);
	return verdict;
}

static enum verdict by_nmi_to_null(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	return returns_nowhere(0, VECTOR_TS);
}

static enum verdict segment_of_task(uint32_t *segment, uint32_t selector, unsigned int with)
{
	*segment = selector;
	return caught_in(call_task, NULL, with, selector) ?:
		link_seen == SEL_TASK ? OK : failed("the link is %x", link_seen);
}

static enum verdict data_beyond(void)
{
	make_tables();
	return segment_of_task(&task_tss.fs, SEL_BEYOND, VECTOR_TS);
}

static enum verdict data_not_present(void)
{
	make_tables();
	return segment_of_task(&task_tss.gs, SEL_NO_DATA, VECTOR_NP);
}

static enum verdict stack_not_present(void)
{
	make_tables();
	return segment_of_task(&task_tss.ss, SEL_NO_DATA, VECTOR_SS);
}

static enum verdict code_is_data(void)
{
	make_tables();
	return segment_of_task(&task_tss.cs, SEL_DATA, VECTOR_TS);
}

static enum verdict ldt_is_no_ldt(void)
{
	make_tables();
	return segment_of_task(&task_tss.ldt, SEL_DATA, VECTOR_TS);
}

const struct test task_tests[] = {
	{ "task by CALL", by_call },
	{ "task by CALL of a gate", by_gate },
	{ "task by INT", by_int },
	{ "task by an interrupt", by_interrupt },
	{ "task by an NMI", by_nmi },
	{ "task by an NMI behind an NMI", by_nmi_behind_nmi },
	{ "task by an NMI behind an NMI, with paging", by_nmi_with_paging },
	{ "task by an NMI behind an NMI, back to other segments", by_nmi_to_segments },
	{ "task by an NMI behind an NMI, back to a fresh segment", by_nmi_to_fresh_segment },
	{ "task by an NMI behind an NMI, back to bad segments", by_nmi_to_no_segments },
	{ "task by an NMI behind an NMI, back to no task", by_nmi_to_no_task },
	{ "task by an NMI behind an NMI, back to null", by_nmi_to_null },
	{ "task by JMP", by_jump },
	{ "task with another page table", other_page_table },
	{ "task without local breakpoints", local_breakpoints },
	{ "task with a trap bit", trap_bit },
	{ "task that is not present", not_present },
	{ "task whose segment is too short", too_short },
	{ "task that is busy", is_busy },
	{ "IRET to a task that is not busy", link_not_busy },
	{ "exception with an error code by a task", error_code },
	{ "task whose FS is beyond the table", data_beyond },
	{ "task whose GS is not present", data_not_present },
	{ "task whose SS is not present", stack_not_present },
	{ "task whose CS is data", code_is_data },
	{ "task whose LDT is none", ldt_is_no_ldt },
	{ }
};

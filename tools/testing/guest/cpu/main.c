// SPDX-License-Identifier: GPL-2.0
/* Runs all cases, prints the results, and ends the machine. */
#include <stdarg.h>

#include "cpu.h"

#define COM1		0x3f8
#define COM1_LCR	(COM1 + 3)
#define COM1_LSR	(COM1 + 5)
#define LCR_DIVISOR	0x80
#define LCR_8_BITS	3
#define LSR_EMPTY	0x20
#define HYPERVISOR	0x40000000

#define PIC_MASK_1	0x21
#define PIC_MASK_2	0xa1

/* Ways to end a machine: mshvrun's, QEMU's, Bochs'. */
#define MSHVRUN_STATUS	0x603
#define MSHVRUN_SLEEP	0x600
#define MSHVRUN_OFF	(0x20 | 5 << 2)
#define QEMU_PM1	0x604
#define QEMU_OFF	0x2000
#define BOCHS_SHUTDOWN	0x8900

static unsigned int count[3];

/* ---- the serial port ----------------------------------------------------------------- */

static void put_init(void)
{
	outb(LCR_DIVISOR, COM1_LCR);
	outb(1, COM1);
	outb(0, COM1 + 1);
	outb(LCR_8_BITS, COM1_LCR);
}

static void put(char c)
{
	while (!(inb(COM1_LSR) & LSR_EMPTY))
		;
	outb(c, COM1);
}

static void put_text(const char *text)
{
	for (; *text; text++)
		put(*text);
}

static void put_number(uint32_t value, unsigned int base)
{
	char digits[12];
	unsigned int n = sizeof(digits);

	digits[--n] = 0;
	do {
		digits[--n] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_text(digits + n);
}

static void put_args(const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_text(va_arg(args, const char *));
			break;
		case 'u':
			put_number(va_arg(args, uint32_t), 10);
			break;
		case 'x':
			put_text("0x");
			put_number(va_arg(args, uint32_t), 16);
			break;
		}
	}
}

static const char *running;

static enum verdict say(enum verdict verdict, const char *what, const char *format,
			va_list args)
{
	put_text(what);
	put_text(running);
	put_text(": ");
	put_args(format, args);
	put_text("\r\n");
	return verdict;
}

enum verdict failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(FAILED, "CPU not ok ", format, args);
	va_end(args);
	return FAILED;
}

enum verdict skipped(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(SKIPPED, "CPU skipped ", format, args);
	va_end(args);
	return SKIPPED;
}

/* ---- all cases ----------------------------------------------------------------------- */

bool has_hypervisor(void)
{
	struct cpuid r;

	if (!(cpuid(1, 0).ecx & BIT(31)))
		return false;
	r = cpuid(HYPERVISOR, 0);
	/* "Microsoft Hv" */
	return r.ebx == 0x7263694d && r.ecx == 0x666f736f && r.edx == 0x76482074;
}

static void run(const struct test *test)
{
	for (; test->name; test++) {
		enum verdict verdict;

		running = test->name;
		verdict = test->run();
		trap_hook = NULL;
		/* Task switches set CR0.TS, and the compiler uses the FPU. */
		asm volatile("clts");
		count[verdict]++;
		if (verdict != OK)
			continue;
		put_text("CPU ok ");
		put_text(test->name);
		put_text("\r\n");
	}
}

static void __attribute__((noreturn)) end(void)
{
	static const char shutdown[] = "Shutdown";
	unsigned int i;

	put_text("CPU end: ");
	put_number(count[OK], 10);
	put_text(" passed, ");
	put_number(count[FAILED], 10);
	put_text(" failed, ");
	put_number(count[SKIPPED], 10);
	put_text(" skipped\r\n");
	outb(count[FAILED] || !count[OK], MSHVRUN_STATUS);
	outb(MSHVRUN_OFF, MSHVRUN_SLEEP);
	for (i = 0; i < sizeof(shutdown) - 1; i++)
		outb(shutdown[i], BOCHS_SHUTDOWN);
	outw(QEMU_OFF, QEMU_PM1);
	for (;;)
		asm volatile("cli; hlt");
}

void die(const struct frame *frame)
{
	failed("exception %u (%x) at %x", frame->vector, frame->error, frame->eip);
	count[FAILED]++;
	end();
}

void main(void);

void main(void)
{
	/* Interrupts that the firmware has left enabled. */
	outb(0xff, PIC_MASK_1);
	outb(0xff, PIC_MASK_2);
	trap_init();
	put_init();
	put_text("CPU begins\r\n");
	run(trap_tests);
	run(feature_tests);
	run(task_tests);
	run(clock_tests);
	end();
}

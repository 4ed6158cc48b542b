// SPDX-License-Identifier: GPL-2.0
/* The local APIC, through memory, and the other processors. */
#include "cpu.h"

#define APIC_BASE_MSR	0x1b
#define APIC_BASE_ON	0x800
#define APIC_AT		0xfee00000
#define APIC_ID		0x20
#define APIC_SVR	0xf0
#define APIC_ICR	0x300
#define APIC_ICR_HIGH	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_INITIAL	0x380
#define APIC_DIVIDE	0x3e0
#define DIVIDE_BY_1	0xb
#define LVT_MASKED	BIT(16)
#define SVR_ON		0x1ff
#define ICR_PENDING	0x1000
#define ICR_ASSERT	0x4000
#define ICR_OTHERS	0xc0000
#define ICR_INIT	0x500
#define ICR_STARTUP	0x600
#define INIT_LOOPS	100000		/* between INIT and SIPI; no more than usual */
#define MAX_OTHERS	7

#define ACPI_FROM	0xe0000
#define ACPI_TO		0x100000
#define RSDP_XSDT	15		/* revision in front of the RSDT's address */
#define TABLE_HEADER	36
#define MADT_ENTRIES	44
#define MADT_APIC	0
#define MADT_X2APIC	9

static volatile unsigned int arrived;
static void (*others_do)(void);
static uint8_t stacks[MAX_OTHERS][STACK_SIZE] __attribute__((aligned(16)));
/* Of the next one that starts. */
uint8_t *other_stack = stacks[0] + STACK_SIZE;

extern char trampoline[], trampoline_end[];
void other_main(void);

uint32_t apic_read(uint32_t reg)
{
	return *(volatile uint32_t *)(APIC_AT + reg);
}

void apic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(APIC_AT + reg) = value;
}

bool apic_init(void)
{
	if (!(cpuid(1, 0).edx & BIT(9)) || !(rdmsr(APIC_BASE_MSR) & APIC_BASE_ON))
		return false;
	apic_write(APIC_SVR, SVR_ON);
	return true;
}

void apic_send(uint32_t icr)
{
	apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
	apic_write(APIC_ICR, icr | ICR_ASSERT);
	while (apic_read(APIC_ICR) & ICR_PENDING)
		;
}

/* One interrupt after this number of ticks; none after 0. */
void apic_timer(unsigned int vector, uint32_t ticks)
{
	apic_write(APIC_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, ticks ? vector : LVT_MASKED);
	apic_write(APIC_INITIAL, ticks);
}

/* ---- other processors ----------------------------------------------------------------- */

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

static bool same(const uint8_t *at, const char *text, unsigned int length)
{
	while (length--)
		if (*at++ != (uint8_t)*text++)
			return false;
	return true;
}

/* The ACPI table of that name, found from what the firmware has left below 1 MiB. */
static const uint8_t *find_table(const char *name)
{
	const uint8_t *rsdp = (const uint8_t *)ACPI_FROM, *root, *at;
	unsigned int size = 4;

	while (!same(rsdp, "RSD PTR ", 8)) {
		rsdp += 16;
		if (rsdp >= (const uint8_t *)ACPI_TO)
			return NULL;
	}
	root = (const uint8_t *)get32(rsdp + 16);
	if (rsdp[RSDP_XSDT] >= 2 && get32(rsdp + 24)) {
		root = (const uint8_t *)get32(rsdp + 24);
		size = 8;
	}
	for (at = root + TABLE_HEADER; at < root + get32(root + 4); at += size)
		if (same((const uint8_t *)get32(at), name, 4))
			return (const uint8_t *)get32(at);
	return NULL;
}

static unsigned int count_processors(void)
{
	const uint8_t *madt = find_table("APIC"), *at;
	unsigned int count = 0;

	if (!madt)
		return 1;
	for (at = madt + MADT_ENTRIES; at < madt + get32(madt + 4); at += at[1]) {
		if (at[0] == MADT_APIC)
			count += get32(at + 4) & 1;
		else if (at[0] == MADT_X2APIC)
			count += get32(at + 8) & 1;
	}
	return count;
}

void other_main(void)
{
	__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	others_do();
	for (;;)
		asm volatile("cli; hlt");
}

unsigned int apic_start_others(void (*function)(void))
{
	unsigned int others = count_processors() - 1;
	volatile unsigned int i;

	if (!others || others > MAX_OTHERS)
		return 0;
	others_do = function;
	__builtin_memcpy((void *)TRAMPOLINE, trampoline, trampoline_end - trampoline);
	apic_write(APIC_ICR, ICR_OTHERS | ICR_ASSERT | ICR_INIT);
	for (i = 0; i < INIT_LOOPS; i++)
		;
	apic_write(APIC_ICR, ICR_OTHERS | ICR_ASSERT | ICR_STARTUP | TRAMPOLINE >> 12);
	while (arrived < others)
		asm volatile("pause");
	return others;
}

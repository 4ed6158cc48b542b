// SPDX-License-Identifier: GPL-2.0
/*
 * Prints a processor's CPUID as rows of C: leaf, subleaf, EAX, EBX, ECX, EDX.  Rows that
 * are all zero are left out.
 *
 * As init it powers the machine off at its end.
 */
#include <cpuid.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

#define EXTENDED	0x80000000U
#define MAX_LEAF	0x30U		/* more than any processor has */
#define MAX_SUB		20U

static void row(unsigned int leaf, unsigned int sub)
{
	unsigned int a, b, c, d;

	__cpuid_count(leaf, sub, a, b, c, d);
	if (a | b | c | d)
		printf("CPUID { 0x%x, %u, { 0x%x, 0x%x, 0x%x, 0x%x } },\n",
		       leaf, sub, a, b, c, d);
}

static int has_subleaves(unsigned int leaf)
{
	switch (leaf) {
	case 0x4:
	case 0x7:
	case 0xb:
	case 0xd:
	case 0xf:
	case 0x10:
	case 0x12:
	case 0x14:
	case 0x1f:
	case EXTENDED | 0x1d:
		return 1;
	}
	return 0;
}

static void range(unsigned int first)
{
	unsigned int last, b, c, d;

	__cpuid_count(first, 0, last, b, c, d);
	if (last < first || last - first > MAX_LEAF)
		return;
	for (unsigned int leaf = first; leaf <= last; leaf++)
		for (unsigned int sub = 0; sub < (has_subleaves(leaf) ? MAX_SUB : 1); sub++)
			row(leaf, sub);
}

int main(void)
{
	range(0);
	range(EXTENDED);
	printf("CPUID end\n");
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}

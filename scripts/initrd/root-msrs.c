// SPDX-License-Identifier: GPL-2.0
/*
 * Which MSRs rootvisor keeps a root from: those by which it would take the machine from the
 * hypervisor.  Results are TAP.  It needs /dev/cpu/0/msr.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/types.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	__u32 msr;
	int read, write;	/* may be done; the value is what was read, or 0 */
} rows[] = {
	{ "PAT", 0x277, 1, 1 },
	{ "STAR", 0xc0000081, 1, 1 },
	{ "SYSCFG, as it is", 0xc0010010, 1, 1 },
	{ "VM_CR", 0xc0010114, 0, 0 },
	{ "VM_HSAVE_PA", 0xc0010117, 0, 0 },
	{ "SVM_KEY", 0xc0010118, 0, 0 },
	{ "the doorbell of AVIC", 0xc001011b, 0, 0 },
	{ "GHCB", 0xc0010130, 0, 0 },
	{ "SEV_STATUS", 0xc0010131, 0, 0 },
	{ "RMP_BASE", 0xc0010132, 0, 0 },
	{ "the ratio of the TSC", 0xc0000104, 0, 0 },
};

/* What must not be written. */
static const struct {
	const char *name;
	__u32 msr;
	__u64 value;
} refused[] = {
	{ "SME by SYSCFG", 0xc0010010, 1ull << 23 },
	{ "SNP by SYSCFG", 0xc0010010, 1ull << 24 },
	{ "SMM_BASE", 0xc0010111, 0x30000 },
	{ "SMM_MASK", 0xc0010113, 0 },
	{ "supervisor state by XSS", 0xda0, 0x1800 },
	{ "automatic IBRS by EFER", 0xc0000080, 0x200d01 },
};

static unsigned int lines;

static void ok(int good, const char *what, const char *name)
{
	printf("%sok %u - %s %s\n", good ? "" : "not ", ++lines, what, name);
}

int main(void)
{
	int fd = open("/dev/cpu/0/msr", O_RDWR);
	__u64 value;
	unsigned int i;

	if (fd < 0)
		err(1, "/dev/cpu/0/msr");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = pread(fd, &value, sizeof(value), rows[i].msr) == sizeof(value);

		ok(got == rows[i].read, "read", rows[i].name);
		value = got ? value : 0;
		got = pwrite(fd, &value, sizeof(value), rows[i].msr) == sizeof(value);
		ok(got == rows[i].write, "write", rows[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		value = refused[i].value;
		ok(pwrite(fd, &value, sizeof(value), refused[i].msr) < 0, "no",
		   refused[i].name);
	}
	printf("1..%u\n", lines);
	return 0;
}

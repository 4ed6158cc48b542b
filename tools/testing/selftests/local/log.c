// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's log, read by the control port, and what does not end the machine.
 *
 * Model: bytes of the log have positions.  A reader gets a piece and its position, and
 * asks for what is behind it next.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/io.h>

#include "harness.h"
#include "rvlog.h"
#include "testvm.h"

#define ACPI_FADT	"/sys/firmware/acpi/tables/FACP"
#define FADT_PM1A_CONTROL 64
#define PCI_RESET_PORT	0xcf9
#define SLEEP_ENABLE	0x20		/* in the register's second byte */
#define SLEEP_TYPE(n)	((n) << 2)
#define QEMU_S3		1		/* power-off is type 0 there */
#define TEXT		200
#define LINES		700		/* more than are kept */

FIXTURE(log) {
	__u64 end;
};

static int write_line(const char *text)
{
	__u32 args[1 + TEXT / 4] = { strnlen(text, TEXT) };

	memcpy(args + 1, text, args[0]);
	return rv_call(RV_CMD_LOG, args, 1 + (args[0] + 3) / 4, NULL, 0);
}

FIXTURE_SETUP(log)
{
	char text[RV_LOG_BYTES];

	if (rv_open())
		SKIP(return, "no rootvisor below");
	self->end = ~0ULL;
	ASSERT_EQ(0, rvlog_piece(&self->end, text));
}

FIXTURE_TEARDOWN(log)
{
}

TEST_F(log, pieces_follow_each_other)
{
	char text[RV_LOG_BYTES];
	__u64 at = 0, next;
	int n;

	do {
		next = at;
		n = rvlog_piece(&next, text);
		ASSERT_LE(0, n);
		ASSERT_GE(RV_LOG_BYTES, n);
		if (at)
			ASSERT_EQ(at, next);
		at = next + n;
	} while (n);
	EXPECT_LE(self->end, at);
}

TEST_F(log, a_line_of_the_root_is_there)
{
	ASSERT_EQ(0, write_line("a line of the root"));
	EXPECT_TRUE(rvlog_has(self->end, "root: a line of the root\n"));
}

TEST_F(log, the_oldest_lines_are_dropped)
{
	char text[RV_LOG_BYTES], line[TEXT + 1];
	__u64 at = self->end;
	unsigned int i;

	memset(line, 'x', TEXT);
	line[TEXT] = 0;
	for (i = 0; i < LINES; i++)
		ASSERT_EQ(0, write_line(line));
	ASSERT_EQ(RV_LOG_BYTES, rvlog_piece(&at, text));
	EXPECT_LT(self->end, at);
	/* A line begins there, with its time. */
	EXPECT_EQ('[', text[0]);
}

/* The port of a register of ACPI that powers the machine off; 0 without one. */
static __u32 pm1a_control(void)
{
	__u32 port = 0;
	int fadt = open(ACPI_FADT, O_RDONLY | O_CLOEXEC);

	if (fadt < 0)
		return 0;
	if (pread(fadt, &port, sizeof(port), FADT_PM1A_CONTROL) != sizeof(port))
		port = 0;
	close(fadt);
	return port;
}

/* Bytes that do not end the machine, to the ports that do. */
TEST_F(log, the_machine_runs_on)
{
	__u32 pm1a = pm1a_control();

	if (!pm1a)
		SKIP(return, "no table of ACPI to find ports in");
	ASSERT_EQ(0, iopl(3));
	/* Sleep type 0, which is not entered. */
	outb(0, pm1a + 1);
	EXPECT_EQ(0, inb(pm1a + 1));
	outb(0, PCI_RESET_PORT);
	EXPECT_EQ(0, inb(PCI_RESET_PORT));
	ASSERT_EQ(0, iopl(0));
}

/* Another sleep state than power-off is refused. */
TEST_F(log, only_power_off_is_done)
{
	__u32 pm1a = pm1a_control();

	if (!pm1a)
		SKIP(return, "no table of ACPI to find ports in");
	ASSERT_EQ(0, iopl(3));
	outb(SLEEP_ENABLE | SLEEP_TYPE(QEMU_S3), pm1a + 1);
	ASSERT_EQ(0, iopl(0));
	EXPECT_TRUE(rvlog_has(self->end, "sleep type 1 refused, there is only power-off\n"));
}

TEST_F(log, arguments_are_checked)
{
	const __u32 kind = RV_PANIC_NR;

	EXPECT_EQ(-EINVAL, rv_call(RV_CMD_PANIC, &kind, 1, NULL, 0));
	EXPECT_EQ(-EINVAL, rv_call(RV_CMD_PANIC, &kind, 0, NULL, 0));
	EXPECT_EQ(-EINVAL, rv_call(RV_CMD_LOG_READ, &kind, 1, NULL, 0));
}

TEST_HARNESS_MAIN

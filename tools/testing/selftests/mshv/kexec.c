// SPDX-License-Identifier: GPL-2.0
/*
 * Another kernel must not start while the hypervisor owns memory of this one.
 *
 * For a kernel with the platform layer: a stock kernel does not refuse.
 */
#include <errno.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define HYPERVISOR_TYPE	"/sys/hypervisor/partition"

/* An address in memory; it is only written to by the kexec itself. */
#define SEGMENT_ADDRESS	0x8000000UL
#define SEGMENT_SIZE	4096

static long load(unsigned long nr, struct kexec_segment *segment)
{
	return syscall(SYS_kexec_load, SEGMENT_ADDRESS, nr, segment,
		       KEXEC_ARCH_DEFAULT);
}

static long leave(void)
{
	return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		       LINUX_REBOOT_CMD_KEXEC, NULL);
}

TEST(refused_while_a_partition_lives)
{
	static char code[SEGMENT_SIZE];
	struct kexec_segment segment = {
		.buf = code,
		.bufsz = sizeof(code),
		.mem = (void *)SEGMENT_ADDRESS,
		.memsz = SEGMENT_SIZE,
	};
	struct tvm t;

	if (access(HYPERVISOR_TYPE, F_OK))
		SKIP(return, "no platform layer for root partitions");
	if (load(0, NULL))
		SKIP(return, "no kexec (%d)", errno);

	ASSERT_OK(tvm_open(&t));
	ASSERT_OK(tvm_partition(&t));
	ASSERT_EQ(0, load(1, &segment));
	EXPECT_EQ(-1, leave());
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(0, load(0, NULL));
	tvm_close(&t);
}

TEST_HARNESS_MAIN

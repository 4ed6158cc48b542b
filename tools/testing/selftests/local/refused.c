// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of a root's kernel that the hypervisor must refuse.
 *
 * Model: the module mshv_hostile makes them, and tells the kernel's log what was not
 * refused, or in another way.
 */
#include <fcntl.h>
#include <sys/syscall.h>

#include "harness.h"

#define MODULE		"mshv_hostile"
#define FILE_NAME	"/selftests/" MODULE ".ko"

TEST(calls_are_refused_with_the_right_status)
{
	struct books before;
	int fd, ret;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "the module " MODULE " is not there");
	/* The root's own objects have been allocated then. */
	tvm_life();
	ASSERT_EQ(0, books_read(&before));
	ret = syscall(SYS_finit_module, fd, "calls=0 refused=1", 0) ? errno : 0;
	close(fd);
	if (ret == ENOEXEC)
		SKIP(return, "the module " MODULE " is for another kernel");
	ASSERT_EQ(0, ret) {
		TH_LOG("the kernel's log says which call is answered in another way");
	}
	EXPECT_EQ(0, syscall(SYS_delete_module, MODULE, O_NONBLOCK));
	ASSERT_BOOKS(&before);
}

TEST_HARNESS_MAIN

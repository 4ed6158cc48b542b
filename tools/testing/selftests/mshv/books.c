// SPDX-License-Identifier: GPL-2.0
/*
 * The fault sweep: every hypercall in a machine's life fails once, with every
 * plausible status, at its first and later occurrences.
 *
 * Model: a life is create, map, run, unmap, destroy.  It may fail, but not hang;
 * and when it is over the books are what they were.  The sweep of a code ends when
 * a life does not reach the faulty occurrence any more.
 */
#include <stdlib.h>

#include "harness.h"
#include "probe.h"

#define MAX_SKIP	4	/* occurrences that are made to fail */

FIXTURE(sweep) {
	struct books before;
	int pinned;
};

FIXTURE_SETUP(sweep)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	/* Then mapping and unmapping are calls of their own. */
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(sweep)
{
	rv_rules_clear();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	ASSERT_BOOKS(&self->before);
}

FIXTURE_VARIANT(sweep) {
	__u16 code;
	__u16 statuses[6];
};

/* A teardown call that fails once succeeds when it is retried. */
FIXTURE_VARIANT_ADD(sweep, create_partition) {
	.code = HVCALL_CREATE_PARTITION,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_NO_RESOURCES,
		HV_STATUS_ACCESS_DENIED,
	},
};

FIXTURE_VARIANT_ADD(sweep, deposit_memory) {
	.code = HVCALL_DEPOSIT_MEMORY,
	.statuses = {
		HV_STATUS_OPERATION_DENIED,
		HV_STATUS_INVALID_PARTITION_STATE,
		HV_STATUS_OBJECT_IN_USE,
	},
};

FIXTURE_VARIANT_ADD(sweep, set_property) {
	.code = HVCALL_SET_PARTITION_PROPERTY,
	.statuses = {
		HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		HV_STATUS_INSUFFICIENT_MEMORY,
	},
};

FIXTURE_VARIANT_ADD(sweep, initialize) {
	.code = HVCALL_INITIALIZE_PARTITION,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INSUFFICIENT_ROOT_MEMORY,
		HV_STATUS_INVALID_PARTITION_STATE,
		HV_STATUS_NO_RESOURCES,
	},
};

FIXTURE_VARIANT_ADD(sweep, create_vp) {
	.code = HVCALL_CREATE_VP,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_NO_RESOURCES,
		HV_STATUS_INVALID_VP_INDEX,
	},
};

FIXTURE_VARIANT_ADD(sweep, map_state_page) {
	.code = HVCALL_MAP_VP_STATE_PAGE,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_VP_INDEX,
		HV_STATUS_OPERATION_FAILED,
	},
};

FIXTURE_VARIANT_ADD(sweep, map_stats_page) {
	.code = HVCALL_MAP_STATS_PAGE,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_NO_RESOURCES,
	},
};

FIXTURE_VARIANT_ADD(sweep, map_gpa_pages) {
	.code = HVCALL_MAP_GPA_PAGES,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INSUFFICIENT_ROOT_MEMORY,
		HV_STATUS_OPERATION_DENIED,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_OBJECT_IN_USE,
	},
};

FIXTURE_VARIANT_ADD(sweep, set_registers) {
	.code = HVCALL_SET_VP_REGISTERS,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_INVALID_VP_STATE,
	},
};

FIXTURE_VARIANT_ADD(sweep, get_registers) {
	.code = HVCALL_GET_VP_REGISTERS,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_PARAMETER,
	},
};

FIXTURE_VARIANT_ADD(sweep, dispatch_vp) {
	.code = HVCALL_DISPATCH_VP,
	.statuses = {
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_VP_STATE,
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_OPERATION_FAILED,
	},
};

FIXTURE_VARIANT_ADD(sweep, assert_interrupt) {
	.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
	.statuses = {
		HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_INSUFFICIENT_MEMORY,
	},
};

FIXTURE_VARIANT_ADD(sweep, unmap_gpa_pages) {
	.code = HVCALL_UNMAP_GPA_PAGES,
	.statuses = {
		HV_STATUS_OBJECT_IN_USE,
		HV_STATUS_OPERATION_FAILED,
		HV_STATUS_INSUFFICIENT_MEMORY,
	},
};

FIXTURE_VARIANT_ADD(sweep, unmap_state_page) {
	.code = HVCALL_UNMAP_VP_STATE_PAGE,
	.statuses = {
		HV_STATUS_OBJECT_IN_USE,
		HV_STATUS_OPERATION_FAILED,
	},
};

FIXTURE_VARIANT_ADD(sweep, unmap_stats_page) {
	.code = HVCALL_UNMAP_STATS_PAGE,
	.statuses = {
		HV_STATUS_OBJECT_IN_USE,
		HV_STATUS_OPERATION_FAILED,
	},
};

FIXTURE_VARIANT_ADD(sweep, delete_vp) {
	.code = HVCALL_DELETE_VP,
	.statuses = {
		HV_STATUS_OBJECT_IN_USE,
		HV_STATUS_INVALID_VP_STATE,
	},
};

FIXTURE_VARIANT_ADD(sweep, finalize) {
	.code = HVCALL_FINALIZE_PARTITION,
	.statuses = {
		HV_STATUS_OPERATION_DENIED,
		HV_STATUS_OPERATION_FAILED,
		HV_STATUS_OBJECT_IN_USE,
	},
};

FIXTURE_VARIANT_ADD(sweep, withdraw_memory) {
	.code = HVCALL_WITHDRAW_MEMORY,
	.statuses = {
		HV_STATUS_OBJECT_IN_USE,
		HV_STATUS_OPERATION_FAILED,
		HV_STATUS_INVALID_PARTITION_STATE,
	},
};

FIXTURE_VARIANT_ADD(sweep, delete) {
	.code = HVCALL_DELETE_PARTITION,
	.statuses = {
		HV_STATUS_OPERATION_DENIED,
		HV_STATUS_OPERATION_FAILED,
		HV_STATUS_OBJECT_IN_USE,
	},
};

/* A second processor, an interrupt, memory that is mapped and unmapped. */
static int life(void)
{
	struct tvm t;
	__u64 value;
	__u8 *spare;
	int ret;

	ret = tvm_start(&t, guest_count, sizeof(guest_count));
	if (ret)
		goto out;
	spare = mmap(NULL, 4 * VMM_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ret = vmm_map(t.part, 0x400000, 4 * VMM_PAGE, spare, MEM_RWX);
	if (!ret)
		ret = tvm_vp(&t, 1);
	if (ret >= 0)
		ret = vmm_assert(t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
				 false, 0, 0x40);
	if (!ret)
		ret = tvm_next_out(&t, 0, &value);
	if (!ret)
		ret = tvm_next_out(&t, 0, &value);
	if (!ret)
		ret = vmm_unmap(t.part, 0x400000, 4 * VMM_PAGE, spare);
	munmap(spare, 4 * VMM_PAGE);
out:
	tvm_close(&t);
	return ret;
}

/* All of them with one processor; nothing here runs at the same time as another. */
static unsigned int some_statuses(unsigned int all)
{
	return sysconf(_SC_NPROCESSORS_ONLN) == 1 || getenv("MSHV_HEAVY") ? all : 1;
}

TEST_F(sweep, fails_once)
{
	unsigned int i, skip, struck = 0;
	__u32 rule;
	__u64 hits;

	for (i = 0; i < some_statuses(ARRAY_SIZE(variant->statuses)); i++) {
		if (!variant->statuses[i])
			break;
		for (skip = 0; skip < MAX_SKIP; skip++) {
			int ret;

			ASSERT_EQ(0, rv_fail(variant->code,
					     variant->statuses[i], skip, 1,
					     &rule));
			/* A run that nothing ends shows as -EINTR. */
			patience_begin();
			ret = life();
			patience_end();
			hits = 0;
			ASSERT_EQ(0, rv_rule_hits(rule, &hits));
			ASSERT_EQ(0, rv_rules_clear());
			EXPECT_NE(-EINTR, ret);
			if (!hits) {
				EXPECT_EQ(0, ret) {
					TH_LOG("nothing failed: %s",
					       vmm_error());
				}
				break;
			}
			struck++;
			ASSERT_BOOKS(&self->before);
		}
		/* And the next machine is not affected. */
		EXPECT_EQ(0, life()) {
			TH_LOG("status %#x: %s", variant->statuses[i],
			       vmm_error());
		}
	}
	if (!struck)
		SKIP(return, "no machine's life has this call");
}

/* Large guests use every path of mapping; the k-th call fails. */
TEST(pitfall_U9_map_fails_in_the_middle)
{
	static const __u64 size = 8 << 20;
	struct mshv_user_mem_region region = {
		.size = size,
		.guest_pfn = 0x1000,
		.flags = MEM_RWX,
	};
	struct books before;
	unsigned int reps;
	__u64 mapped;
	struct tvm t;
	__u8 *area;
	__u32 rule;
	int pinned;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	/* Movable memory is mapped when the guest touches it. */
	pinned = pin_memory(true);
	ASSERT_LE(0, pinned);
	ASSERT_EQ(0, books_read(&before));
	area = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	madvise(area, size, MADV_HUGEPAGE);
	region.userspace_addr = (unsigned long)area;
	ASSERT_OK(tvm_partition(&t));
	for (reps = 0; reps < 4; reps++) {
		ASSERT_EQ(0, rv_rep_stop(HVCALL_MAP_GPA_PAGES,
					 HV_STATUS_OPERATION_DENIED, reps, 1,
					 &rule));
		/* Pitfall U10: this failure must not be reported as success. */
		EXPECT_EQ(-1, ioctl(t.part, MSHV_SET_GUEST_MEMORY, &region));
		EXPECT_EQ(EACCES, errno);
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &mapped));
		EXPECT_EQ(before.value[RV_BOOKS_MAPPED], mapped);
	}
	EXPECT_EQ(0, ioctl(t.part, MSHV_SET_GUEST_MEMORY, &region));
	pin_memory(pinned);
	tvm_close(&t);
	munmap(area, size);
	ASSERT_BOOKS(&before);
}

TEST_HARNESS_MAIN

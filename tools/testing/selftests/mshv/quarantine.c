// SPDX-License-Identifier: GPL-2.0
/*
 * The fault sweep, third part: what the hypervisor refuses for good.
 *
 * What remains is quarantined.  That pins the module, so this needs a root of its
 * own, and a request: MSHV_QUARANTINE in the environment.
 */
#include <stdlib.h>

#include "harness.h"
#include "driverbook.h"
#include "life.h"
#include "probe.h"

#define PARTITIONS	"quarantined_partitions"

FIXTURE(quarantine) {
	int pinned;
};

FIXTURE_SETUP(quarantine)
{
	if (!getenv("MSHV_QUARANTINE"))
		SKIP(return, "set MSHV_QUARANTINE");
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(quarantine)
{
	rv_rules_clear();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
}

/* Refused for good: kept, reported, and no other partition is affected. */
TEST_F(quarantine, refused_for_good)
{
	static const __u16 last[] = {
		HVCALL_FINALIZE_PARTITION, HVCALL_WITHDRAW_MEMORY,
		HVCALL_DELETE_PARTITION,
	};
	__u64 kept, partitions;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(last); i++) {
		partitions = driver_book(PARTITIONS);
		EXPECT_EQ(i, partitions);
		ASSERT_EQ(0, rv_fail(last[i], HV_STATUS_OPERATION_FAILED, 0, 0,
				     &rule));
		EXPECT_EQ(0, life(NULL));
		EXPECT_TRUE(wait_until(driver_book(PARTITIONS) > i));
		EXPECT_EQ(i + 1, driver_book(PARTITIONS));
		ASSERT_EQ(0, rv_rules_clear());
		kept = driver_book("quarantined_pages");
		EXPECT_EQ(kept, books_value(RV_BOOKS_DEPOSITED));
		EXPECT_EQ(i + 1, books_value(RV_BOOKS_PARTITIONS));
		/* Others are created and destroyed as usual. */
		EXPECT_EQ(0, life(NULL));
		EXPECT_EQ(kept, books_value(RV_BOOKS_DEPOSITED));
		EXPECT_EQ(i + 1, books_value(RV_BOOKS_PARTITIONS));
	}
	EXPECT_EQ(0, books_value(RV_BOOKS_FAULTS));
}

TEST_HARNESS_MAIN

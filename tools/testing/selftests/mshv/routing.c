// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_SET_MSI_ROUTING: which tables are refused.
 */
#include <stdlib.h>

#include "harness.h"

#define MAX_GSI		4096

FIXTURE(routing) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(routing)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_partition(&self->t));
}

FIXTURE_TEARDOWN(routing)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int route(int part, const struct mshv_user_irq_entry *entries,
		 unsigned int count)
{
	return vmm_route(part, entries, count);
}

static struct mshv_user_irq_entry msi(__u32 gsi, __u32 vector)
{
	return (struct mshv_user_irq_entry){
		.gsi = gsi,
		.address_lo = 0xfee00000,
		.data = vector,
	};
}

/* What QEMU sends at its start: 24 pins of an IO-APIC, not yet routed. */
TEST_F(routing, twenty_four_empty_routes)
{
	struct mshv_user_irq_entry entries[24] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		entries[i].gsi = i;
	ASSERT_OK(route(self->t.part, entries, ARRAY_SIZE(entries)));
	ASSERT_OK(route(self->t.part, entries, ARRAY_SIZE(entries)));
	ASSERT_OK(route(self->t.part, NULL, 0));
}

TEST_F(routing, clear_nothing)
{
	ASSERT_OK(route(self->t.part, NULL, 0));
	ASSERT_OK(route(self->t.part, NULL, 0));
}

TEST_F(routing, pitfall_A26_duplicate_gsi0)
{
	const struct mshv_user_irq_entry entries[] = {
		msi(0, 0x30), msi(1, 0x31), msi(0, 0x32),
	};

	EXPECT_EQ(-EINVAL, route(self->t.part, entries, 3));
	ASSERT_OK(route(self->t.part, entries, 2));
}

TEST_F(routing, duplicate_gsi)
{
	const struct mshv_user_irq_entry entries[] = {
		msi(5, 0x30), msi(4095, 0x31), msi(4095, 0x31),
	};

	EXPECT_EQ(-EINVAL, route(self->t.part, entries, 3));
	ASSERT_OK(route(self->t.part, entries, 2));
}

TEST_F(routing, gsi_out_of_range)
{
	static const __u32 list[] = { MAX_GSI, MAX_GSI + 1, 0x80000000, ~0U };
	struct mshv_user_irq_entry entry = msi(MAX_GSI - 1, 0x30);
	unsigned int i;

	ASSERT_OK(route(self->t.part, &entry, 1));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		entry = msi(list[i], 0x30);
		EXPECT_EQ(-EINVAL, route(self->t.part, &entry, 1));
	}
}

TEST_F(routing, full_table)
{
	struct mshv_user_irq_entry *entries =
		calloc(MAX_GSI, sizeof(*entries));
	unsigned int i;

	ASSERT_NE(NULL, entries);
	for (i = 0; i < MAX_GSI; i++)
		entries[i] = msi(MAX_GSI - 1 - i, 0x30 + i % 64);
	ASSERT_OK(route(self->t.part, entries, MAX_GSI));
	entries[0].gsi = entries[MAX_GSI - 1].gsi;
	EXPECT_EQ(-EINVAL, route(self->t.part, entries, MAX_GSI));
	free(entries);
}

TEST_F(routing, too_many)
{
	static const __u32 counts[] = {
		MAX_GSI + 1, 0x10000, 0x0fffffff, 0x10000000, ~0U,
	};
	struct mshv_user_irq_table table = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		table.nr = counts[i];
		EXPECT_EQ(-1, ioctl(self->t.part, MSHV_SET_MSI_ROUTING,
				    &table));
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_F(routing, reserved)
{
	struct mshv_user_irq_table table = { .rsvd = 1 };

	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_SET_MSI_ROUTING, &table));
	EXPECT_EQ(EINVAL, errno);
}

/* Destinations above 255 may be refused; the low byte is never used. */
TEST_F(routing, address_hi)
{
	struct mshv_user_irq_entry entry = msi(3, 0x30);

	entry.address_hi = 1;
	EXPECT_EQ(-EINVAL, route(self->t.part, &entry, 1));
	entry.address_hi = 0xff;
	EXPECT_EQ(-EINVAL, route(self->t.part, &entry, 1));
}

TEST_F(routing, bad_pointers)
{
	__u8 *pages = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mshv_user_irq_table *table;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + VMM_PAGE, VMM_PAGE));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_SET_MSI_ROUTING, NULL));
	EXPECT_EQ(EFAULT, errno);
	/* The header is mapped, the second of two entries is not. */
	table = (void *)(pages + VMM_PAGE - 8 - 16);
	table->nr = 2;
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_SET_MSI_ROUTING, table));
	EXPECT_EQ(EFAULT, errno);
	table->nr = 1;
	EXPECT_EQ(0, ioctl(self->t.part, MSHV_SET_MSI_ROUTING, table));
	munmap(pages, VMM_PAGE);
}

/* A refused table leaves the old one as it is, and the partition usable. */
TEST_F(routing, refused_then_used)
{
	struct mshv_user_irq_entry entries[2] = { msi(0, 0x30), msi(0, 0x31) };

	EXPECT_EQ(-EINVAL, route(self->t.part, entries, 2));
	entries[1].gsi = 1;
	ASSERT_OK(route(self->t.part, entries, 2));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * CR8 while an interrupt waits for the task priority, with all ways to write it.
 */
#include "harness.h"

#define VECTOR		0x40

#define SELF_IPI							\
	0x66, 0xb9, 0x3f, 0x08, 0, 0,	/* mov ecx, self IPI */		\
	0x66, 0xb8, VECTOR, 0, 0, 0,	/* mov eax, vector */		\
	0x66, 0x31, 0xd2, 0x0f, 0x30	/* xor edx, edx; wrmsr */
#define SAY(c)	0xba, 0xf8, 0x03, 0xb0, c, OUT_AL

FIXTURE(cr8) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(cr8)
{
	self->books = !rv_open() && !books_read(&self->before);
}

FIXTURE_TEARDOWN(cr8)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static void expect_out(struct __test_metadata *_metadata, struct tvm *t, __u64 expected)
{
	__u64 value = ~0ULL;

	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(expected, value);
}

/* The interrupt comes when the priority allows it, and not before. */
TEST_F(cr8, interrupt_waits)
{
	static const __u8 guest[] = {
		X2APIC_ON,
		0x66, 0xb8, 15, 0, 0, 0,	/* mov eax, 15 */
		0xf0, 0x0f, 0x22, 0xc0,		/* mov cr8, eax */
		0xfb, SELF_IPI, SAY('a'),	/* sti */
		0x66, 0xb8, 4, 0, 0, 0,		/* mov eax, 4: the vector's class */
		0xf0, 0x0f, 0x22, 0xc0, SAY('b'),
		0x66, 0x31, 0xc0,		/* xor eax, eax */
		0xf0, 0x0f, 0x22, 0xc0, SAY('c'),
	};
	static const __u8 handler[] = {
		SAY('i'),
		0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, EOI */
		0x66, 0x31, 0xc0, 0x66, 0x31, 0xd2, 0x0f, 0x30,
		0xcf,				/* iret */
	};

	ASSERT_OK(tvm_start(&self->t, guest, sizeof(guest)));
	tvm_handle_by(&self->t, VECTOR, handler, sizeof(handler));
	expect_out(_metadata, &self->t, 'a');
	expect_out(_metadata, &self->t, 'b');
	expect_out(_metadata, &self->t, 'i');
	expect_out(_metadata, &self->t, 'c');
}

#define LONG_X2APIC_ON							\
	0xb9, 0x1b, 0, 0, 0, 0x0f, 0x32, 0x0d, 0, 0x0c, 0, 0, 0x0f, 0x30, \
	0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30
#define LONG_SELF_IPI							\
	0xb9, 0x3f, 0x08, 0, 0, 0xb8, VECTOR, 0, 0, 0, 0x31, 0xd2, 0x0f, 0x30

/* Interrupts are off, so that none is taken whatever CR8 is. */
TEST_F(cr8, every_way_to_write)
{
	static const __u8 guest[] = {
		LONG_X2APIC_ON, LONG_SELF_IPI,
		0x66, 0xba, 0xf8, 0x03,			/* mov dx, 0x3f8 */
		0xb8, 9, 0, 0, 0, 0x44, 0x0f, 0x22, 0xc0,	/* mov cr8, rax */
		0x44, 0x0f, 0x20, 0xc0, OUT_AL,		/* mov rax, cr8; out */
		0x41, 0xb9, 3, 0, 0, 0, 0x45, 0x0f, 0x22, 0xc1,	/* mov cr8, r9 */
		0x44, 0x0f, 0x20, 0xc0, OUT_AL,
		0xbb, 7, 0, 0, 0, 0xf0, 0x0f, 0x22, 0xc3,	/* lock mov cr0, rbx */
		0x44, 0x0f, 0x20, 0xc0, OUT_AL,
		0xb8, 16, 0, 0, 0, 0x44, 0x0f, 0x22, 0xc0,	/* more than there is */
		HLT,
	};

	ASSERT_OK(tvm_start_long(&self->t, guest, sizeof(guest)));
	expect_out(_metadata, &self->t, 9);
	expect_out(_metadata, &self->t, 3);
	expect_out(_metadata, &self->t, 7);
	/* #GP without an IDT. */
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION, self->t.message.header.message_type);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's ACPI tables.
 *
 * Model: a hardware-reduced platform (no PIC, no PIT, no fixed power hardware):
 * RSDP -> XSDT -> FADT (-> DSDT) and MADT.  The DSDT has two things: a serial port,
 * and sleep type 5 for S5.  Its byte code is generated here, so that no ACPI
 * compiler is needed to build.
 *
 * Words: AML is the byte code, a "package length" its variable-length size
 * prefix, GAS a generic address structure.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "acpi.h"
#include "ioapic.h"
#include "layout.h"

#define OEM_ID			"MSHVRN"
#define OEM_TABLE_ID		"MSHVRUN "
#define HEADER_SIZE		36
#define FADT_SIZE		276
#define FADT_REVISION		6
#define RSDP_SIZE		36

#define FADT_NO_VGA		HV_BIT(2)
#define FADT_NO_CMOS_RTC	HV_BIT(5)
#define FADT_WBINVD		HV_BIT(0)
#define FADT_NO_POWER_BUTTON	HV_BIT(4)
#define FADT_NO_SLEEP_BUTTON	HV_BIT(5)
#define FADT_RESET_REGISTER	HV_BIT(10)
#define FADT_HW_REDUCED		HV_BIT(20)

#define MADT_LAPIC		0
#define MADT_IOAPIC		1
#define MADT_X2APIC		9
#define MADT_XAPIC_LIMIT	255

/* A growing piece of table or byte code; "full" is sticky. */
struct blob {
	__u8 *data;
	size_t size;
	size_t used;
	bool full;
};

static void put(struct blob *b, const void *data, size_t size)
{
	if (size > b->size - b->used) {
		b->full = true;
		return;
	}
	memcpy(b->data + b->used, data, size);
	b->used += size;
}

static void put8(struct blob *b, __u8 value)
{
	put(b, &value, sizeof(value));
}

static void put16(struct blob *b, __u16 value)
{
	put(b, &value, sizeof(value));
}

static void put32(struct blob *b, __u32 value)
{
	put(b, &value, sizeof(value));
}

static void put64(struct blob *b, __u64 value)
{
	put(b, &value, sizeof(value));
}

static void put_zeros(struct blob *b, size_t count)
{
	while (count--)
		put8(b, 0);
}

static void align(struct blob *b)
{
	while (!b->full && (b->used & 15))
		put8(b, 0);
}

static __u8 checksum(const __u8 *data, size_t size)
{
	__u8 sum = 0;

	while (size--)
		sum += *data++;
	return -sum;
}

/* Begins a table; end_table() fills in length and checksum. */
static size_t begin_table(struct blob *b, const char *signature, __u8 revision)
{
	size_t start;

	align(b);
	start = b->used;
	put(b, signature, 4);
	put32(b, 0);
	put8(b, revision);
	put8(b, 0);
	put(b, OEM_ID, 6);
	put(b, OEM_TABLE_ID, 8);
	put32(b, 1);
	put(b, "MSHV", 4);
	put32(b, 1);
	return start;
}

static void end_table(struct blob *b, size_t start)
{
	__u32 length = b->used - start;

	if (b->full)
		return;
	memcpy(b->data + start + 4, &length, sizeof(length));
	b->data[start + 9] = checksum(b->data + start, length);
}

/* AML: opcode, package length, body.  Bodies here are below 4 KiB. */
static void put_package(struct blob *b, const void *opcode, size_t opcode_size,
			const struct blob *body)
{
	size_t length = body->used + 1;

	if (body->full || length + 1 > 0xfff) {
		b->full = true;
		return;
	}
	put(b, opcode, opcode_size);
	if (length <= 0x3f) {
		put8(b, length);
	} else {
		length++;
		put8(b, 0x40 | (length & 0xf));
		put8(b, length >> 4);
	}
	put(b, body->data, body->used);
}

/* Name (_CRS, ResourceTemplate () { IO, Interrupt }) for COM1. */
static void put_com1_resources(struct blob *b)
{
	static const __u8 buffer_op[] = { 0x11 };
	__u8 space[64];
	struct blob body = { .data = space, .size = sizeof(space) };
	const __u8 length = 8 + 9 + 2;

	put(b, "\x08_CRS", 5);
	put8(&body, 0x0a);		/* byte constant: the buffer's size */
	put8(&body, length);
	put8(&body, 0x47);		/* IO */
	put8(&body, 1);			/* decodes 16 bits */
	put16(&body, COM1_PORT);
	put16(&body, COM1_PORT);
	put8(&body, 1);
	put8(&body, 8);
	put8(&body, 0x89);		/* Interrupt */
	put16(&body, 6);
	put8(&body, 0x03);		/* consumer, edge, high, exclusive */
	put8(&body, 1);
	put32(&body, COM1_IRQ);
	put8(&body, 0x79);		/* end */
	put8(&body, 0);
	put_package(b, buffer_op, sizeof(buffer_op), &body);
}

/* Device (COM1) with _HID, _UID and _CRS. */
static void put_com1(struct blob *b)
{
	static const __u8 device_op[] = { 0x5b, 0x82 };
	__u8 space[128];
	struct blob body = { .data = space, .size = sizeof(space) };

	put(&body, "COM1", 4);
	put(&body, "\x08_HID\x0c\x41\xd0\x05\x01", 10);	/* PNP0501 */
	put(&body, "\x08_UID\x01", 6);
	put_com1_resources(&body);
	put_package(b, device_op, sizeof(device_op), &body);
}

static size_t put_dsdt(struct blob *b)
{
	static const __u8 scope_op[] = { 0x10 };
	static const __u8 package_op[] = { 0x12 };
	__u8 space[256];
	struct blob body = { .data = space, .size = sizeof(space) };
	struct blob s5;
	size_t start = begin_table(b, "DSDT", 2);

	put(&body, "\\_SB_", 5);
	put_com1(&body);
	put_package(b, scope_op, sizeof(scope_op), &body);

	/* Name (\_S5, Package () { type, 0, 0, 0 }) */
	put(b, "\x08\\_S5_", 6);
	s5 = (struct blob){ .data = space, .size = sizeof(space) };
	put8(&s5, 4);
	put8(&s5, 0x0a);
	put8(&s5, POWER_SLEEP_TYPE_OFF);
	put_zeros(&s5, 3);
	put_package(b, package_op, sizeof(package_op), &s5);
	if (body.full || s5.full)
		b->full = true;
	end_table(b, start);
	return start;
}

static void put_gas_port(struct blob *b, __u16 port)
{
	put8(b, 1);	/* system I/O */
	put8(b, 8);	/* bits */
	put8(b, 0);
	put8(b, 1);	/* byte access */
	put64(b, port);
}

static size_t put_fadt(struct blob *b, __u64 dsdt)
{
	size_t start = begin_table(b, "FACP", FADT_REVISION);

	put32(b, 0);			/* no FACS */
	put32(b, dsdt);
	put_zeros(b, 109 - 44);		/* fixed hardware: none */
	put16(b, FADT_NO_VGA | FADT_NO_CMOS_RTC);
	put8(b, 0);
	put32(b, FADT_WBINVD | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON |
	      FADT_RESET_REGISTER | FADT_HW_REDUCED);
	put_gas_port(b, POWER_RESET);
	put8(b, POWER_RESET_VALUE);
	put16(b, 0);
	put8(b, 0);			/* minor revision */
	put64(b, 0);
	put64(b, dsdt);
	put_zeros(b, 244 - 148);
	put_gas_port(b, POWER_SLEEP_CONTROL);
	put_gas_port(b, POWER_SLEEP_STATUS);
	put64(b, 0);			/* hypervisor vendor */
	if (b->used - start != FADT_SIZE)
		b->full = true;
	end_table(b, start);
	return start;
}

static size_t put_madt(struct blob *b, unsigned int cpus, __u8 ioapic_id)
{
	size_t start = begin_table(b, "APIC", 5);
	unsigned int i;

	put32(b, LAPIC_BASE);
	put32(b, 0);			/* no 8259 */
	for (i = 0; i < cpus; i++) {
		if (i < MADT_XAPIC_LIMIT) {
			put8(b, MADT_LAPIC);
			put8(b, 8);
			put8(b, i);
			put8(b, i);
			put32(b, 1);
		} else {
			put8(b, MADT_X2APIC);
			put8(b, 16);
			put16(b, 0);
			put32(b, i);
			put32(b, 1);
			put32(b, i);
		}
	}
	put8(b, MADT_IOAPIC);
	put8(b, 12);
	put8(b, ioapic_id);
	put8(b, 0);
	put32(b, IOAPIC_BASE);
	put32(b, 0);
	end_table(b, start);
	return start;
}

static size_t put_xsdt(struct blob *b, __u64 fadt, __u64 madt)
{
	size_t start = begin_table(b, "XSDT", 1);

	put64(b, fadt);
	put64(b, madt);
	end_table(b, start);
	return start;
}

static size_t put_rsdp(struct blob *b, __u64 xsdt)
{
	size_t start;

	align(b);
	start = b->used;
	put(b, "RSD PTR ", 8);
	put8(b, 0);
	put(b, OEM_ID, 6);
	put8(b, 2);
	put32(b, 0);
	put32(b, RSDP_SIZE);
	put64(b, xsdt);
	put32(b, 0);
	if (b->full)
		return start;
	b->data[start + 8] = checksum(b->data + start, 20);
	b->data[start + 32] = checksum(b->data + start, RSDP_SIZE);
	return start;
}

/**
 * acpi_build() - write the tables
 * @buffer: buffer
 * @size: its size
 * @gpa: the buffer's address in the guest, below 4 GiB
 * @cpus: virtual processors; their APIC ids are their indexes
 * @ioapic_id: identifier of the one IO-APIC
 * @rsdp: the guest physical address of the root pointer
 *
 * Return: 0, or -ENOSPC if the buffer is too small.
 */
int acpi_build(void *buffer, size_t size, __u64 gpa, unsigned int cpus,
	       __u8 ioapic_id, __u64 *rsdp)
{
	struct blob b = { .data = buffer, .size = size };
	size_t dsdt, fadt, madt, xsdt;

	dsdt = put_dsdt(&b);
	fadt = put_fadt(&b, gpa + dsdt);
	madt = put_madt(&b, cpus, ioapic_id);
	xsdt = put_xsdt(&b, gpa + fadt, gpa + madt);
	*rsdp = gpa + put_rsdp(&b, gpa + xsdt);
	return b.full ? -ENOSPC : 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * An IO-APIC with 24 pins: see ioapic.h.
 *
 * Words: RTE is a redirection table entry, remote IRR its bit for a level interrupt
 * that has been sent and has not ended.
 */
#include <string.h>

#include "ioapic.h"

#define REG_SELECT	0x00
#define REG_WINDOW	0x10
#define REG_EOI		0x40
#define INDEX_ID	0x00
#define INDEX_VERSION	0x01
#define INDEX_ARBITER	0x02
#define INDEX_RTE	0x10
#define VERSION		0x20	/* the first one with an EOI register */
#define RTE_VECTOR	0xffULL
#define RTE_MODE_SHIFT	8
#define RTE_LOGICAL	HV_BIT64(11)
#define RTE_STATUS	HV_BIT64(12)
#define RTE_REMOTE_IRR	HV_BIT64(14)
#define RTE_LEVEL	HV_BIT64(15)
#define RTE_MASKED	HV_BIT64(16)
#define RTE_DEST_SHIFT	56
#define RTE_WRITABLE	(0xff0000000001ffffULL & \
			 ~(RTE_STATUS | RTE_REMOTE_IRR))

/**
 * ioapic_init() - an IO-APIC after reset: all pins masked
 * @a: the IO-APIC
 * @id: its identifier
 * @send: delivers an interrupt
 * @opaque: handed to @send
 */
void ioapic_init(struct ioapic *a, __u8 id,
		 void (*send)(void *opaque,
			      const struct ioapic_message *message),
		 void *opaque)
{
	unsigned int i;

	memset(a, 0, sizeof(*a));
	a->id = id;
	a->send = send;
	a->opaque = opaque;
	for (i = 0; i < IOAPIC_PINS; i++)
		a->entries[i] = RTE_MASKED;
}

static void ioapic_send(struct ioapic *a, __u64 rte)
{
	struct ioapic_message m = {
		.destination = rte >> RTE_DEST_SHIFT,
		.vector = rte & RTE_VECTOR,
		.mode = (rte >> RTE_MODE_SHIFT) & 7,
		.logical = rte & RTE_LOGICAL,
		.level = rte & RTE_LEVEL,
	};

	a->send(a->opaque, &m);
}

static void ioapic_service(struct ioapic *a, unsigned int pin)
{
	__u64 *rte = &a->entries[pin];
	__u32 bit = 1U << pin;

	if (*rte & RTE_MASKED)
		return;
	if (*rte & RTE_LEVEL) {
		if (!(a->lines & bit) || (*rte & RTE_REMOTE_IRR))
			return;
		*rte |= RTE_REMOTE_IRR;
	} else {
		if (!(a->pending & bit))
			return;
	}
	a->pending &= ~bit;
	ioapic_send(a, *rte);
}

/**
 * ioapic_line() - change an input
 * @a: the IO-APIC
 * @pin: which input
 * @level: its new level; no change is no event
 */
void ioapic_line(struct ioapic *a, unsigned int pin, bool level)
{
	__u32 bit = 1U << pin;

	if (pin >= IOAPIC_PINS || !!(a->lines & bit) == level)
		return;
	if (level) {
		a->lines |= bit;
		a->pending |= bit;
		ioapic_service(a, pin);
	} else {
		a->lines &= ~bit;
		a->pending &= ~bit;
	}
}

/**
 * ioapic_eoi() - a level interrupt has ended
 * @a: the IO-APIC
 * @vector: its vector
 */
void ioapic_eoi(struct ioapic *a, __u8 vector)
{
	unsigned int pin;

	for (pin = 0; pin < IOAPIC_PINS; pin++) {
		__u64 *rte = &a->entries[pin];

		if (!(*rte & RTE_LEVEL) || (*rte & RTE_VECTOR) != vector)
			continue;
		*rte &= ~RTE_REMOTE_IRR;
		ioapic_service(a, pin);
	}
}

static __u32 ioapic_read_index(const struct ioapic *a)
{
	unsigned int n = a->select - INDEX_RTE;

	switch (a->select) {
	case INDEX_ID:
	case INDEX_ARBITER:
		return (__u32)a->id << 24;
	case INDEX_VERSION:
		return VERSION | (IOAPIC_PINS - 1) << 16;
	}
	if (a->select < INDEX_RTE || n >= 2 * IOAPIC_PINS)
		return 0xffffffff;
	return n & 1 ? a->entries[n / 2] >> 32 : (__u32)a->entries[n / 2];
}

static void ioapic_write_rte(struct ioapic *a, unsigned int n, __u32 value)
{
	__u64 *rte = &a->entries[n / 2];
	__u64 wanted;

	if (n & 1)
		wanted = (*rte & 0xffffffffULL) | (__u64)value << 32;
	else
		wanted = (*rte & ~0xffffffffULL) | value;
	*rte = (wanted & RTE_WRITABLE) | (*rte & RTE_REMOTE_IRR);
	/* Guests clear a stuck remote IRR by switching to edge mode and back. */
	if (!(*rte & RTE_LEVEL))
		*rte &= ~RTE_REMOTE_IRR;
	ioapic_service(a, n / 2);
}

static void ioapic_write_index(struct ioapic *a, __u32 value)
{
	unsigned int n = a->select - INDEX_RTE;

	if (a->select == INDEX_ID)
		a->id = (value >> 24) & 0xf;
	else if (a->select >= INDEX_RTE && n < 2 * IOAPIC_PINS)
		ioapic_write_rte(a, n, value);
}

/**
 * ioapic_read() - read a register
 * @a: the IO-APIC
 * @offset: from its base
 *
 * Return: the value; all ones where there is no register.
 */
__u32 ioapic_read(struct ioapic *a, __u64 offset)
{
	switch (offset) {
	case REG_SELECT:
		return a->select;
	case REG_WINDOW:
		return ioapic_read_index(a);
	}
	return 0xffffffff;
}

/**
 * ioapic_write() - write a register
 * @a: the IO-APIC
 * @offset: from its base
 * @value: value
 */
void ioapic_write(struct ioapic *a, __u64 offset, __u32 value)
{
	switch (offset) {
	case REG_SELECT:
		a->select = value;
		break;
	case REG_WINDOW:
		ioapic_write_index(a, value);
		break;
	case REG_EOI:
		ioapic_eoi(a, value);
		break;
	}
}

/**
 * ioapic_save() - save the IO-APIC's registers
 * @a: the IO-APIC
 * @s: result
 */
void ioapic_save(const struct ioapic *a, struct ioapic_state *s)
{
	memset(s, 0, sizeof(*s));
	s->id = a->id;
	s->select = a->select;
	memcpy(s->entries, a->entries, sizeof(s->entries));
	s->lines = a->lines;
	s->pending = a->pending;
}

/**
 * ioapic_restore() - restore the IO-APIC's registers
 * @a: the IO-APIC, after ioapic_init()
 * @s: from ioapic_save()
 *
 * Interrupts sent before are in the local APICs; nothing is sent again.
 */
void ioapic_restore(struct ioapic *a, const struct ioapic_state *s)
{
	a->id = s->id;
	a->select = s->select;
	memcpy(a->entries, s->entries, sizeof(a->entries));
	a->lines = s->lines;
	a->pending = s->pending;
}

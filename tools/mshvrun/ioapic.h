/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IO-APIC with 24 pins.
 *
 * Model: the local APICs are the hypervisor's, so an interrupt is delivered by one
 * call of the owner's send().  Edges that arrive while a pin is masked are kept
 * until it is unmasked or the line falls.  A level pin waits for ioapic_eoi()
 * before it sends again.
 *
 * Lock order: none; the owner calls with its device lock held.
 */
#ifndef _MSHVRUN_IOAPIC_H
#define _MSHVRUN_IOAPIC_H

#include <stdbool.h>
#include <hyperv/hv_types.h>

#define IOAPIC_BASE	0xfec00000ULL
#define IOAPIC_SIZE	0x1000ULL
#define IOAPIC_PINS	24

/**
 * struct ioapic_message - an interrupt to local APICs
 * @destination: APIC id, or a logical destination
 * @vector: vector
 * @mode: delivery mode, in the APIC's numbers
 * @logical: @destination is logical
 * @level: level triggered
 */
struct ioapic_message {
	__u32 destination;
	__u8 vector;
	__u8 mode;
	bool logical;
	bool level;
};

/**
 * struct ioapic - the IO-APIC
 * @send: delivers an interrupt
 * @opaque: handed to @send
 * @id: identifier as written by the guest
 * @select: IOREGSEL
 * @entries: redirection entries as the guest sees them
 * @lines: input levels, one bit per pin
 * @pending: edges not yet delivered, one bit per pin
 */
struct ioapic {
	void (*send)(void *opaque, const struct ioapic_message *message);
	void *opaque;
	__u8 id;
	__u8 select;
	__u64 entries[IOAPIC_PINS];
	__u32 lines;
	__u32 pending;
};

/* The saved state of an IO-APIC; see struct ioapic. */
struct ioapic_state {
	__u8 id;
	__u8 select;
	__u8 reserved[6];
	__u64 entries[IOAPIC_PINS];
	__u32 lines;
	__u32 pending;
};

void ioapic_init(struct ioapic *a, __u8 id,
		 void (*send)(void *opaque,
			      const struct ioapic_message *message),
		 void *opaque);
__u32 ioapic_read(struct ioapic *a, __u64 offset);
void ioapic_write(struct ioapic *a, __u64 offset, __u32 value);
void ioapic_line(struct ioapic *a, unsigned int pin, bool level);
void ioapic_eoi(struct ioapic *a, __u8 vector);
void ioapic_save(const struct ioapic *a, struct ioapic_state *s);
void ioapic_restore(struct ioapic *a, const struct ioapic_state *s);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The IO-APIC: registers, edges, levels, masking.
 */
#include <string.h>

#include "tap.h"
#include "ioapic.h"

struct seen {
	unsigned int count;
	struct ioapic_message last;
};

static void on_send(void *opaque, const struct ioapic_message *message)
{
	struct seen *s = opaque;

	s->count++;
	s->last = *message;
}

static __u32 get(struct ioapic *a, __u8 index)
{
	ioapic_write(a, 0x00, index);
	return ioapic_read(a, 0x10);
}

static void set(struct ioapic *a, __u8 index, __u32 value)
{
	ioapic_write(a, 0x00, index);
	ioapic_write(a, 0x10, value);
}

static void test_registers(struct ioapic *a)
{
	tap_ok(get(a, 0) == 0x05000000, "identifier");
	set(a, 0, 0x0a000000);
	tap_ok(get(a, 0) == 0x0a000000, "identifier is writable");
	tap_ok(get(a, 1) == 0x00170020, "version and pin count");
	tap_ok(ioapic_read(a, 0x00) == 1, "select reads back");
	tap_ok(get(a, 0x10) == 0x10000, "pins are masked after reset");
	set(a, 0x3f, 0xff000000);
	tap_ok(get(a, 0x3f) == 0xff000000, "last entry, upper half");
	set(a, 0x3f, 0x00ffffff);
	tap_ok(get(a, 0x3f) == 0, "reserved bits stay zero");
	set(a, 0x3e, 0xffffffff);
	tap_ok(get(a, 0x3e) == 0x0001afff, "status and remote IRR are read only");
	set(a, 0x40, 1);
	tap_ok(get(a, 0x40) == 0xffffffff, "no entry beyond the last pin");
	tap_ok(ioapic_read(a, 0x20) == 0xffffffff, "no register there");
	set(a, 0x3e, 0x10000);
}

static void test_edge(struct ioapic *a, struct seen *s)
{
	memset(s, 0, sizeof(*s));
	set(a, 0x18 + 1, 0x03000000);
	set(a, 0x18, 0x00000831);
	ioapic_line(a, 4, true);
	tap_ok(s->count == 1 && s->last.vector == 0x31 && !s->last.level,
	       "edge delivered");
	tap_ok(s->last.destination == 3 && s->last.logical && s->last.mode == 0,
	       "destination");
	ioapic_line(a, 4, true);
	tap_ok(s->count == 1, "a line that stays high is one edge");
	ioapic_line(a, 4, false);
	tap_ok(s->count == 1, "falling is nothing");
	ioapic_line(a, 4, true);
	tap_ok(s->count == 2, "next edge");
	ioapic_line(a, 4, false);
	set(a, 0x18, 0x00010131);
	ioapic_line(a, 4, true);
	tap_ok(s->count == 2, "masked");
	set(a, 0x18, 0x00000131);
	tap_ok(s->count == 3 && s->last.mode == 1, "kept until unmasked");
	set(a, 0x18, 0x00010131);
	set(a, 0x18, 0x00000131);
	tap_ok(s->count == 3, "and delivered once");
	ioapic_line(a, 4, false);
	ioapic_line(a, IOAPIC_PINS, true);
	tap_ok(s->count == 3, "no such pin");
}

static void test_level(struct ioapic *a, struct seen *s)
{
	memset(s, 0, sizeof(*s));
	set(a, 0x20 + 1, 0);
	set(a, 0x20, 0x00008040);
	ioapic_line(a, 8, true);
	tap_ok(s->count == 1 && s->last.level, "level delivered");
	tap_ok(get(a, 0x20) == 0x0000c040, "remote IRR is set");
	ioapic_line(a, 8, false);
	ioapic_line(a, 8, true);
	tap_ok(s->count == 1, "not again before its end");
	ioapic_eoi(a, 0x41);
	tap_ok(s->count == 1, "another vector's end");
	ioapic_write(a, 0x40, 0x40);
	tap_ok(s->count == 2, "end with the line high: again");
	ioapic_line(a, 8, false);
	ioapic_eoi(a, 0x40);
	tap_ok(s->count == 2 && get(a, 0x20) == 0x00008040, "end with it low");
	ioapic_line(a, 8, true);
	set(a, 0x20, 0x00010040);
	set(a, 0x20, 0x00008040);
	tap_ok(s->count == 4, "a detour over edge mode clears remote IRR");
}

int main(void)
{
	struct ioapic a;
	struct seen s = { 0 };

	ioapic_init(&a, 5, on_send, &s);
	test_registers(&a);
	test_edge(&a, &s);
	test_level(&a, &s);
	return tap_end();
}

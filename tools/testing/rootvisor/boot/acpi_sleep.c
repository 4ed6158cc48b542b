// SPDX-License-Identifier: GPL-2.0
/*
 * Sleep states: which type powers the machine off, and that there are no others.
 *
 * Model: a machine that wakes from S3 starts the root without the hypervisor, and one
 * that wakes from S4 gives a new hypervisor a root which knows the old one.  So there is
 * power-off, S5, and no other state.  The types that a root writes for a state are in the
 * bytecode of the DSDT or of an SSDT, in a package of a fixed name:
 *
 *	Name (_S5_, Package () { 5, 5, 0, 0 })
 *
 * No bytecode is executed for that; the bytes of the definition are looked for.  A name
 * that is changed to another one, of the same length, is not found by the root.
 */
#include <rv/acpi.h>
#include <rv/log.h>
#include <rv/sleep_type.h>

#define TABLE_HEADER	36
#define NAME_OP		0x08
#define ROOT_PREFIX	0x5c	/* "\" */
#define PACKAGE_OP	0x12
#define ZERO_OP		0x00
#define ONE_OP		0x01
#define BYTE_OP		0x0a
#define WORD_OP		0x0b
#define TYPE_MASK	7
#define HIDDEN_INITIAL	'X'	/* "_S3_" becomes "XS3_" */
#define STATE_OFF	5

struct sleep_off sleep_off;

/* Where the name is in this definition of a package, or 0. */
static u32 name_at(const u8 *table, u32 at, u32 end, u8 state)
{
	if (table[at++] != NAME_OP)
		return 0;
	if (at < end && table[at] == ROOT_PREFIX)
		at++;
	if (at + 5 > end || table[at] != '_' || table[at + 1] != 'S' ||
	    table[at + 2] != '0' + state || table[at + 3] != '_' ||
	    table[at + 4] != PACKAGE_OP)
		return 0;
	return at;
}

static u32 find(const u8 *table, u8 state)
{
	u32 at, name, end = get32(table, ACPI_LENGTH);

	for (at = TABLE_HEADER; at < end; at++) {
		name = name_at(table, at, end, state);
		if (name)
			return name;
	}
	return 0;
}

/* An integer constant; false if it is anything else. */
static bool integer(const u8 *table, u32 *at, u32 end, u32 *value)
{
	u32 op = *at < end ? table[*at] : ~0u;
	u32 size = op == BYTE_OP ? 1 : op == WORD_OP ? 2 : 0;

	if (!size && op != ZERO_OP && op != ONE_OP)
		return false;
	if (*at + 1 + size > end)
		return false;
	*value = size == 2 ? get16(table, *at + 1) : size ? table[*at + 1] : op;
	*at += 1 + size;
	return true;
}

void sleep_find_off(const u8 *table, struct sleep_off *off)
{
	u32 end = get32(table, ACPI_LENGTH), at = find(table, STATE_OFF), n, a, b;

	if (!at || at + 6 > end)
		return;
	at += 5;
	/* The length has up to three more bytes, which its first one counts. */
	at += 1 + (table[at] >> 6);
	n = at < end ? table[at++] : 0;
	if (!n || !integer(table, &at, end, &a))
		return;
	/* A single number has both types, one in each byte. */
	if (n == 1)
		b = a >> 8;
	else if (!integer(table, &at, end, &b))
		return;
	*off = (struct sleep_off){ true, a & TYPE_MASK, b & TYPE_MASK };
}

u32 sleep_hide(u8 *table)
{
	u32 at, hidden = 0;
	u8 state;

	for (state = 1; state < STATE_OFF; state++)
		while ((at = find(table, state))) {
			WRITE_ONCE(table[at], HIDDEN_INITIAL);
			/* Tables may be in memory that is only to be read. */
			if (READ_ONCE(table[at]) != HIDDEN_INITIAL)
				break;
			hidden |= BIT(state);
		}
	return hidden;
}

void sleep_table(u64 pa)
{
	u32 hidden = sleep_hide(pa_ptr(pa)), state;

	if (hidden)
		acpi_checksum(pa_ptr(pa));
	for (state = 1; state < STATE_OFF; state++)
		if (hidden & BIT(state))
			log_info("sleep state S%u is hidden from the root", state);
	if (!sleep_off.known)
		sleep_find_off(pa_ptr(pa), &sleep_off);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The IVRS table: AMD's remapping hardware, which is not used.
 *
 * Model: blocks of three types describe the same units, newer ones with more details;
 * all have the address of the registers at the same place.
 */
#include <rv/acpi.h>
#include "ivrs.h"

#define IVRS_BLOCKS		48

#define TYPE_UNIT_10		0x10
#define TYPE_UNIT_11		0x11
#define TYPE_UNIT_40		0x40
#define BLOCK_LENGTH		2
#define UNIT_BASE		8
#define UNIT_SIZE		24	/* at least */

#define REG_CONTROL		0x18
#define CONTROL_ENABLE		BIT(0)
#define CONTROL_NONE		(~0u)	/* there is no unit */

static bool is_unit(const u8 *block)
{
	return block[0] == TYPE_UNIT_10 || block[0] == TYPE_UNIT_11 ||
	       block[0] == TYPE_UNIT_40;
}

static bool is_enabled(u64 base)
{
	u32 control = CONTROL_NONE;

	if (base < PA_LIMIT)
		control = *(const volatile u32 *)pa_ptr(base + REG_CONTROL);
	return control != CONTROL_NONE && (control & CONTROL_ENABLE);
}

u64 ivrs_enabled(void)
{
	const u8 *table = pa_ptr(acpi.ivrs);
	u32 at, end, length;

	if (!acpi.ivrs)
		return 0;
	end = get32(table, ACPI_LENGTH);
	for (at = IVRS_BLOCKS; at + 4 <= end; at += length) {
		length = get16(table, at + BLOCK_LENGTH);
		if (length < 4 || at + length > end)
			break;
		if (is_unit(table + at) && length >= UNIT_SIZE &&
		    is_enabled(get64(table, at + UNIT_BASE)))
			return get64(table, at + UNIT_BASE);
	}
	return 0;
}

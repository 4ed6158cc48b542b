// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the hypervisor's functions, for stack traces.
 *
 * Model: the image is linked twice.  From the first one a list of its functions in order
 * of their addresses is made (symbols.awk), which is put behind all code and data of the
 * second one, so that it moves none of them.
 */
#include <rv/base.h>
#include "symbols.h"

struct symbol {
	u32 address;
	u32 name;		/* address, too */
};

extern const struct symbol __symbols_start[], __symbols_end[];
extern const u8 _image_start[], _text_end[];

const char *symbol_name(u64 address, u64 *offset)
{
	const struct symbol *low = __symbols_start, *high = __symbols_end, *middle;

	if (address < ptr_pa(_image_start) || address >= ptr_pa(_text_end) || low == high)
		return NULL;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (middle->address <= address)
			low = middle;
		else
			high = middle;
	}
	if (address < low->address)
		return NULL;
	*offset = address - low->address;
	return pa_ptr(low->name);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The callback vector on a kernel with a slot for root partitions.
 */
#include <linux/export.h>

#include <asm/mshyperv.h>

#include "glue.h"

void glue_set_handler(void (*handler)(void))
{
	hv_setup_mshv_handler(handler);
}
EXPORT_SYMBOL_GPL(glue_set_handler);

void glue_clear_handler(void)
{
	hv_remove_mshv_handler();
}
EXPORT_SYMBOL_GPL(glue_clear_handler);

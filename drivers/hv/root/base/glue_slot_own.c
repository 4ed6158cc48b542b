// SPDX-License-Identifier: GPL-2.0
/*
 * The callback vector on a kernel with a slot for root partitions.
 */
#include <linux/hvr_glue.h>

#include <asm/mshyperv.h>

#include "compat.h"
#include "glue.h"

int hvr_set_handler(void (*handler)(void))
{
	return hv_setup_mshv_handler(handler);
}
EXPORT_SYMBOL_NS_GPL(hvr_set_handler, HVR_NS);

void hvr_clear_handler(void)
{
	hv_setup_mshv_handler(NULL);
}
EXPORT_SYMBOL_NS_GPL(hvr_clear_handler, HVR_NS);

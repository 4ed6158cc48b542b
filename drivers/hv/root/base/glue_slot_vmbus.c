// SPDX-License-Identifier: GPL-2.0
/*
 * The callback vector on a stock kernel, which has one slot: that of VMBus.
 *
 * On a root partition that is not nested VMBus does not use it.
 */
#include <linux/hvr_glue.h>
#include <asm/mshyperv.h>

#include "glue.h"

void hvr_set_handler(void (*handler)(void))
{
	hv_setup_vmbus_handler(handler);
}

void hvr_clear_handler(void)
{
	hv_remove_vmbus_handler();
}

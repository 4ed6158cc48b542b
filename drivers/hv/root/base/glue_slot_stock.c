// SPDX-License-Identifier: GPL-2.0
/*
 * The callback vector on a kernel without the platform layer.
 *
 * Newer ones have a slot for root partitions; in older ones the only slot is that of
 * VMBus, which does not use it on a root partition that is not nested.
 */
#include <linux/hvr_glue.h>
#include <asm/mshyperv.h>

#include "compat.h"
#include "glue.h"

void hvr_set_handler(void (*handler)(void))
{
	compat_set_handler(handler);
}

void hvr_clear_handler(void)
{
	compat_clear_handler();
}

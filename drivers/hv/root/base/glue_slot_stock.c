// SPDX-License-Identifier: GPL-2.0
/*
 * The callback vector on a kernel without the platform layer.
 *
 * Newer ones have a slot for root partitions; in older ones the only slot is that of
 * VMBus, which does not use it on a root partition that is not nested.
 */
#include <linux/cpu.h>
#include <linux/hvr_glue.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <asm/mshyperv.h>

#include "compat.h"
#include "glue.h"

int hvr_set_handler(void (*handler)(void))
{
	compat_set_handler(handler);
	return 0;
}

static long slot_pass_through(void *unused)
{
	return 0;
}

/*
 * The entry code reads the pointer twice.  But all sources are masked: an interrupt that
 * was raised before that is taken before a thread runs on that processor.
 */
void hvr_clear_handler(void)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, slot_pass_through, NULL);
	cpus_read_unlock();
	compat_clear_handler();
	/* It may have read the pointer; interrupts are RCU readers. */
	synchronize_rcu();
}

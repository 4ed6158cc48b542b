// SPDX-License-Identifier: GPL-2.0
/*
 * The SynIC of every processor, and its interrupt.
 *
 * See synic.h for the model.
 *
 * Order of setup: tables and the handler first, then on each processor the pages,
 * the SINTs, and the SynIC as a whole.  Order of teardown: mask the SINTs on every
 * processor, and remove the handler last, which waits until each of them has handled
 * what was pending.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/workqueue.h>
#include <asm/processor.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "counters.h"
#include "event.h"
#include "log.h"
#include "sched.h"
#include "stats.h"
#include "synic.h"
#include "trace.h"

/*
 * Messages per interrupt.  The limit protects against a hypervisor that floods
 * root; there is another interrupt if there is another message.
 */
#define SYNIC_BUDGET	64

/**
 * struct synic_cpu - the SynIC of one processor
 * @messages: message page, NULL while it is off
 * @rings: event ring page
 * @doorbells: consumer of the doorbell ring
 * @rest: drains the rest of a ring that was too much for one interrupt
 * @counters: counters
 */
struct synic_cpu {
	struct hv_message_page *messages;
	struct hv_synic_event_ring_page *rings;
	struct synic_ring doorbells;
	struct work_struct rest;
	struct synic_counters counters;
};

static DEFINE_PER_CPU(struct synic_cpu, synic_cpus);
static struct workqueue_struct *synic_wq;
static int synic_hotplug_state;
/* Does the hypervisor remap DMA for this partition, and tell of what it blocks? */
static bool synic_has_faults __ro_after_init;

/*
 * The handler of a message type returns false if the message was malformed or
 * unclaimed.
 */
struct synic_message_type {
	u32 type;
	u8 min_payload;
	bool (*handle)(struct synic_cpu *synic, const struct hv_message *msg);
};

static void synic_drain_doorbells(struct synic_cpu *synic)
{
	if (mshv_port_drain_ring(&synic->doorbells, &synic->counters))
		queue_work_on(smp_processor_id(), synic_wq, &synic->rest);
}

/*
 * A guest that never stops gets a worker's share of the processor.  No signal
 * arrives meanwhile, see port.c.
 */
static void synic_drain_rest(struct work_struct *work)
{
	struct synic_cpu *synic = container_of(work, struct synic_cpu, rest);

	local_irq_disable();
	rcu_read_lock();
	/* If its processor is offline, synic_offline() has done it. */
	if (synic == this_cpu_ptr(&synic_cpus) && READ_ONCE(synic->messages))
		synic_drain_doorbells(synic);
	rcu_read_unlock();
	local_irq_enable();
}

static bool synic_handle_sint_intercept(struct synic_cpu *synic,
					const struct hv_message *msg)
{
	const struct hv_synic_sint_intercept_message *m = (const void *)msg->u.payload;

	if (READ_ONCE(m->sint_index) != SYNIC_SINT_DOORBELL)
		return false;
	synic_drain_doorbells(synic);
	return true;
}

static bool synic_kick_vp(u64 partition_id, u32 vp_index, bool signal)
{
	struct mshv_partition *partition = mshv_partition_find(partition_id);
	struct mshv_vp *vp;

	if (!partition)
		return false;
	vp = mshv_vp_find(partition, vp_index);
	if (!vp)
		return false;
	if (signal)
		atomic64_inc(&vp->signals);
	mshv_vp_kick(vp);
	return true;
}

static bool synic_handle_opaque_intercept(struct synic_cpu *synic,
					  const struct hv_message *msg)
{
	const struct hv_opaque_intercept_message *m = (const void *)msg->u.payload;

	return synic_kick_vp(msg->header.sender, READ_ONCE(m->vp_index), false);
}

static bool synic_handle_signal_pair(struct synic_cpu *synic,
				     const struct hv_message *msg)
{
	const struct hv_vp_signal_pair_scheduler_message *m =
		(const void *)msg->u.payload;
	unsigned int i, count = READ_ONCE(m->vp_count);
	bool claimed = true;

	if (count > ARRAY_SIZE(m->vp_indexes))
		return false;
	for (i = 0; i < count; i++)
		claimed &= synic_kick_vp(m->partition_ids[i], m->vp_indexes[i], true);
	return claimed;
}

static bool synic_handle_signal_bitset(struct synic_cpu *synic,
				       const struct hv_message *msg)
{
	const struct hv_vp_signal_bitset_scheduler_message *m =
		(const void *)msg->u.payload;
	const u64 *set = hv_signal_bitset(m);
	u64 mask = set[1];
	u64 partition_id = m->partition_id;
	unsigned int bank, n = 0;
	bool claimed = true;

	if (set[0] != HV_GENERIC_SET_SPARSE_4K)
		return false;
	for (; mask; mask &= mask - 1, n++) {
		unsigned long banks;

		/* Contents are packed: one word for each bit of the mask. */
		if (n >= HV_SCHEDULER_SIGNAL_MAX_BANKS)
			return false;
		bank = __ffs64(mask);
		banks = READ_ONCE(set[2 + n]);
		for (; banks; banks &= banks - 1)
			claimed &= synic_kick_vp(partition_id,
						 bank * HV_VCPUS_PER_SPARSE_BANK +
						 __ffs(banks), true);
	}
	return claimed;
}

static bool synic_handle_async_completion(struct synic_cpu *synic,
					  const struct hv_message *msg)
{
	const struct hv_async_completion_message_payload *m = (const void *)msg->u.payload;

	return mshv_async_complete(m->partition_id, m->status);
}

static bool synic_handle_apic_eoi(struct synic_cpu *synic,
				  const struct hv_message *msg)
{
	const struct hv_x64_apic_eoi_message *m = (const void *)msg->u.payload;
	struct mshv_partition *partition =
		mshv_partition_find(msg->header.sender);

	if (!partition)
		return false;
	/* If there is no resampler, the VMM gets it from RUN_VP. */
	mshv_irq_acknowledged(partition, READ_ONCE(m->vp_index),
			      READ_ONCE(m->interrupt_vector));
	return true;
}

static bool synic_handle_dma_fault(struct synic_cpu *synic, const struct hv_message *msg)
{
	return hvr_dma_fault((const void *)msg->u.payload);
}

/* The most frequent ones come first. */
static const struct synic_message_type message_types[] = {
	{ HVMSG_SYNIC_SINT_INTERCEPT, 4, synic_handle_sint_intercept },
	{ HVMSG_OPAQUE_INTERCEPT, 4, synic_handle_opaque_intercept },
	{ HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 236, synic_handle_signal_pair },
	{ HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 32, synic_handle_signal_bitset },
	{ HVMSG_X64_APIC_EOI, 8, synic_handle_apic_eoi },
	{ HVMSG_ASYNC_CALL_COMPLETION, 12, synic_handle_async_completion },
	{ HVMSG_IOMMU_FAULT, 32, synic_handle_dma_fault },
};

static void synic_handle_message(struct synic_cpu *synic,
				 const struct hv_message *msg, u32 type)
{
	const struct synic_message_type *t;

	synic_count(&synic->counters.messages);
	for (t = message_types; t < message_types + ARRAY_SIZE(message_types);
	     t++) {
		if (t->type != type)
			continue;
		if (READ_ONCE(msg->header.payload_size) < t->min_payload)
			synic_count(&synic->counters.malformed);
		else if (!t->handle(synic, msg))
			synic_count(&synic->counters.unclaimed);
		return;
	}
	synic_count(&synic->counters.unclaimed);
}

/* Free the slot; the next message, if one is queued, arrives only after that. */
static void synic_acknowledge(struct hv_message *msg)
{
	WRITE_ONCE(msg->header.message_type, HVMSG_NONE);
	/*
	 * The hypervisor checks the slot and then sets the pending flag; the slot
	 * is freed here before the flag is checked: one side sees the other.
	 */
	mb();
	if (READ_ONCE(*hv_message_flags(msg)) & HV_MESSAGE_FLAG_PENDING)
		wrmsrq(HV_X64_MSR_EOM, 0);
}

/* Take the messages of a SINT, which come one after the other. */
static void synic_take_messages(struct synic_cpu *synic, struct hv_message *msg)
{
	unsigned int budget;

	for (budget = SYNIC_BUDGET; budget; budget--) {
		u32 type;

		/* The message is complete when its type is set. */
		type = smp_load_acquire(&msg->header.message_type);

		if (type == HVMSG_NONE)
			break;
		trace_mshv_message(type, msg->header.sender);
		synic_handle_message(synic, msg, type);
		synic_acknowledge(msg);
	}
}

static void synic_isr(void)
{
	struct synic_cpu *synic = this_cpu_ptr(&synic_cpus);
	struct hv_message_page *messages;

	/* It may interrupt code that switches the page on or off. */
	messages = READ_ONCE(synic->messages);
	if (!messages)
		return;

	rcu_read_lock();
	synic_take_messages(synic, &messages->sint_message[SYNIC_SINT_INTERCEPT]);
	/* Without a handler they are for someone else, a test. */
	if (synic_has_faults && hvr_has_dma_fault_handler())
		synic_take_messages(synic, &messages->sint_message[SYNIC_SINT_DMA_FAULT]);
	rcu_read_unlock();
}

/**
 * mshv_synic_sum_counters() - sum up the counters of all processors
 * @sum: result
 */
void mshv_synic_sum_counters(struct synic_counters *sum)
{
	unsigned int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct synic_counters *c =
			&per_cpu_ptr(&synic_cpus, cpu)->counters;

		sum->messages += READ_ONCE(c->messages);
		sum->unclaimed += READ_ONCE(c->unclaimed);
		sum->malformed += READ_ONCE(c->malformed);
		sum->doorbells += READ_ONCE(c->doorbells);
		sum->unknown_ports += READ_ONCE(c->unknown_ports);
		sum->rings_full += READ_ONCE(c->rings_full);
	}
}

/**
 * mshv_synic_doorbells_on() - number of doorbells that a processor was notified of
 * @cpu: the processor
 *
 * Return: their number since the beginning.
 */
u64 mshv_synic_doorbells_on(unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(&synic_cpus, cpu)->counters.doorbells);
}

/*
 * Enable a page that the hypervisor provides.  Its address is in the MSR already
 * and must not be changed.
 */
static void *synic_enable_page(u32 msr, bool map)
{
	void *page = NULL;
	u64 value;

	if (rdmsrq_safe(msr, &value) || !(value & HV_MSR_PAGE_ADDRESS_MASK))
		return NULL;
	if (map) {
		page = memremap(value & HV_MSR_PAGE_ADDRESS_MASK,
				HV_HYP_PAGE_SIZE, MEMREMAP_WB);
		if (!page)
			return NULL;
	}
	wrmsrq(msr, value | HV_MSR_PAGE_ENABLE);
	return page;
}

static void synic_disable_page(u32 msr, void *page)
{
	u64 value;

	rdmsrq(msr, value);
	wrmsrq(msr, value & ~HV_MSR_PAGE_ENABLE);
	if (page)
		memunmap(page);
}

static void synic_set_sint(unsigned int sint, u64 flags)
{
	wrmsrq(HV_X64_MSR_SINT(sint), hvr_callback_vector() | flags);
}

static int synic_online(unsigned int cpu)
{
	struct synic_cpu *synic = this_cpu_ptr(&synic_cpus);
	struct hv_message_page *messages;

	messages = synic_enable_page(HV_X64_MSR_SIMP, true);
	if (!messages)
		goto err;
	/* Event flags are not used, but the page is required. */
	synic_enable_page(HV_X64_MSR_SIEFP, false);
	synic->rings = synic_enable_page(HV_X64_MSR_SIRBP, true);
	if (!synic->rings)
		goto err_messages;
	synic->doorbells.ring =
		&synic->rings->sint_event_ring[SYNIC_SINT_DOORBELL];
	INIT_WORK(&synic->rest, synic_drain_rest);
	/* The handler may use it from now on. */
	WRITE_ONCE(synic->messages, messages);

	/* The kernel's entry code ends the interrupt, hence no automatic end. */
	synic_set_sint(SYNIC_SINT_INTERCEPT, 0);
	synic_set_sint(SYNIC_SINT_DOORBELL, HV_SYNIC_SINT_AS_INTERCEPT);
	if (synic_has_faults)
		synic_set_sint(SYNIC_SINT_DMA_FAULT, 0);
	wrmsrq(HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE);
	mshv_port_cpu_online(cpu);
	mshv_stats_cpu(cpu);
	return 0;

err_messages:
	synic_disable_page(HV_X64_MSR_SIEFP, NULL);
	synic_disable_page(HV_X64_MSR_SIMP, messages);
err:
	pr_err("mshv: CPU %u has no usable pages for synthetic interrupts\n",
	       cpu);
	return -ENODEV;
}

static void synic_mask_sints(void)
{
	synic_set_sint(SYNIC_SINT_DOORBELL,
		       HV_SYNIC_SINT_AS_INTERCEPT | HV_SYNIC_SINT_MASKED);
	synic_set_sint(SYNIC_SINT_INTERCEPT, HV_SYNIC_SINT_MASKED);
	if (synic_has_faults)
		synic_set_sint(SYNIC_SINT_DMA_FAULT, HV_SYNIC_SINT_MASKED);
}

static int synic_offline(unsigned int cpu)
{
	struct synic_cpu *synic = this_cpu_ptr(&synic_cpus);
	struct hv_message_page *messages = synic->messages;
	unsigned long flags;
	int ret;

	if (!messages)
		return 0;
	ret = mshv_port_cpu_offline(cpu);
	if (ret)
		return ret;
	synic_mask_sints();

	/* What has arrived already may wake a thread. */
	local_irq_save(flags);
	synic_isr();
	rcu_read_lock();
	mshv_port_drain_ring(&synic->doorbells, &synic->counters);
	rcu_read_unlock();
	WRITE_ONCE(synic->messages, NULL);
	local_irq_restore(flags);
	cancel_work_sync(&synic->rest);

	wrmsrq(HV_X64_MSR_SCONTROL, 0);
	synic_disable_page(HV_X64_MSR_SIRBP, synic->rings);
	synic_disable_page(HV_X64_MSR_SIEFP, NULL);
	synic_disable_page(HV_X64_MSR_SIMP, messages);
	synic->rings = NULL;
	/* What was queued for this processor in the hypervisor is lost. */
	mshv_partition_kick_all();
	return 0;
}

static void synic_stop_cpu(void *unused)
{
	struct synic_cpu *synic = this_cpu_ptr(&synic_cpus);

	if (!synic->messages)
		return;
	synic_mask_sints();
	/* From here on the ring is not read. */
	WRITE_ONCE(synic->messages, NULL);
	synic_disable_page(HV_X64_MSR_SIRBP, NULL);
}

/*
 * The next kernel does not know what these interrupts are, nor that the hypervisor
 * writes to pages that it shares with this one.
 */
static int synic_reboot(struct notifier_block *nb, unsigned long action,
			void *data)
{
	mshv_counters_stop();
	mshv_partition_stop_all();
	on_each_cpu(synic_stop_cpu, NULL, 1);
	return NOTIFY_DONE;
}

static struct notifier_block synic_reboot_nb = {
	.notifier_call = synic_reboot,
};

/* All are masked after power-up, and again when a driver for them has been removed. */
static bool synic_in_use(void)
{
	u64 sint;

	rdmsrq(HV_X64_MSR_SINT(SYNIC_SINT_INTERCEPT), sint);
	return !(sint & HV_SYNIC_SINT_MASKED);
}

/**
 * mshv_synic_init() - set up the SynICs
 *
 * Return: 0 or a negative errno.
 */
int mshv_synic_init(void)
{
	int ret;

	if (synic_in_use()) {
		pr_err("mshv: another driver for root partitions is loaded\n");
		return -EBUSY;
	}
	synic_wq = alloc_workqueue("mshv_doorbells", WQ_PERCPU, 0);
	if (!synic_wq)
		return -ENOMEM;
	synic_has_faults = cpuid_edx(HYPERV_CPUID_FEATURES) & HV_DEVICE_DOMAIN_AVAILABLE;
	ret = hvr_set_handler(synic_isr);
	if (ret)
		goto err;
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hyperv/mshv:online",
				synic_online, synic_offline);
	if (ret < 0) {
		hvr_clear_handler();
		goto err;
	}
	synic_hotplug_state = ret;
	register_reboot_notifier(&synic_reboot_nb);
	return 0;
err:
	destroy_workqueue(synic_wq);
	return ret;
}

/**
 * mshv_synic_exit() - shut down the SynICs
 */
void mshv_synic_exit(void)
{
	unregister_reboot_notifier(&synic_reboot_nb);
	cpuhp_remove_state(synic_hotplug_state);
	hvr_clear_handler();
	destroy_workqueue(synic_wq);
	mshv_port_exit();
}

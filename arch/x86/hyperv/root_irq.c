// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices into a root partition.
 *
 * Model: the hypervisor owns interrupt remapping.  An interrupt of a device is
 * "mapped" to a (VP, vector), which gives an "entry": what the device or the IO-APIC
 * has to be programmed with (root_map.c).  This is one irq domain between the vectors
 * and all sources of interrupts: IO-APICs, MSI and MSI-X:
 *
 *	PCI device, IO-APIC pin		writes the entry
 *	  this domain			(VP, vector) <-> entry, by hypercall
 *	    vectors of the processors	chooses processor and vector
 *
 * An affinity change maps the new (VP, vector) first and keeps the old mapping
 * until an interrupt has arrived at the new place: until then one may be in flight
 * to the old one, where the kernel still expects it.  A device that cannot mask its
 * MSI may send one while address and data are half written; to make up for a lost
 * one, the interrupt is raised once more after both are written.
 *
 * If the new mapping is refused, the interrupt stays where it was, while the vector
 * domain, which cannot go back, waits for it at the new place.  The next affinity
 * change retries the refused mapping first: once that is made and the device
 * programmed, the next interrupt completes the first move and begins the second.
 *
 * Several MSIs of a device without MSI-X are a block: the device is programmed with
 * the first one's entry and adds the number of each to the data.  The hypervisor is
 * not told that they belong together.  They are mapped one after the other when
 * they are allocated; if the entries are not consecutive, or cannot be retargeted
 * as they are, the device gets one.  They stay mapped, and are retargeted, so that
 * there are never two mappings.
 *
 * Before a kexec all mappings are removed, since the next kernel would find its
 * vectors taken.
 *
 * Words: current and previous map, the two mappings that an interrupt may have;
 * place, the (processor, vector) that the vector domain has chosen for an interrupt.
 *
 * Lock order: irqs_lock > the descriptor's lock, which protects an interrupt's
 * mappings.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>
#include <asm/apic.h>
#include <asm/hv_root.h>
#include <asm/hw_irq.h>
#include <asm/io_apic.h>
#include <asm/irqdomain.h>
#include <asm/msi.h>
#include <asm/processor.h>

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_interrupt.h>

#include "root.h"
#include "root_map.h"

/**
 * struct root_irq - an interrupt
 * @node: in the list of all
 * @data: irq_data at the level of this domain
 * @device_id: device id
 * @level: level-triggered
 * @torn: it may be sent while address and data are half written
 * @block: one of several MSIs that the device knows by one entry
 * @refused: the hypervisor has refused to map its place
 * @cpu: processor of its place
 * @current_map: where it goes
 * @previous_map: where it went before it was moved, until it has arrived
 */
struct root_irq {
	struct list_head node;
	struct irq_data *data;
	u64 device_id;
	bool level;
	bool torn;
	bool block;
	bool refused;
	unsigned int cpu;
	struct root_mapping current_map;
	struct root_mapping previous_map;
};

static struct irq_domain *ir_domain;

static DEFINE_RAW_SPINLOCK(irqs_lock);
static LIST_HEAD(irqs);

static void root_ir_unmap(const struct root_irq *irq, struct root_mapping *mapping)
{
	hv_root_unmap(mapping, irq->device_id);
}

static void root_ir_unmap_both(struct root_irq *irq)
{
	root_ir_unmap(irq, &irq->previous_map);
	root_ir_unmap(irq, &irq->current_map);
}

/* --- the chip ------------------------------------------------------------------------ */

/* No vector: allocated, but not requested yet. */
static bool root_ir_has_vector(const struct irq_cfg *cfg)
{
	return cfg->vector && cfg->vector != MANAGED_IRQ_SHUTDOWN_VECTOR;
}

/* The vector domain has chosen; the vector itself is in its own data. */
static int root_ir_note_place(struct irq_data *data, struct root_irq *irq)
{
	irq->cpu = cpumask_first(irq_data_get_effective_affinity_mask(data));
	return irq->cpu < nr_cpu_ids ? 0 : -EINVAL;
}

/* Map it to its place; the current map becomes the previous one. */
static int root_ir_follow_vector(struct root_irq *irq, u32 vector)
{
	struct root_mapping mapping;
	int ret;

	if (irq->block) {
		if (irq->current_map.cpu == irq->cpu && irq->current_map.vector == vector)
			return 0;
		ret = hv_root_retarget(&irq->current_map, irq->device_id, irq->cpu, vector);
		if (ret)
			pr_err_ratelimited("retargeting an interrupt of device %#llx to processor %u vector %#x failed (%d)\n",
					   irq->device_id, irq->cpu, vector, ret);
		return ret;
	}
	/*
	 * When a processor goes offline, the kernel frees the old vector without
	 * waiting for an interrupt at the new place, and may assign it to the same
	 * interrupt.
	 */
	if (hv_root_mapped(&irq->previous_map) && irq->previous_map.cpu == irq->cpu &&
	    irq->previous_map.vector == vector) {
		swap(irq->current_map, irq->previous_map);
	} else {
		ret = hv_root_map(&mapping, irq->device_id, irq->level, irq->cpu, vector);
		if (ret)
			return ret;
		root_ir_unmap(irq, &irq->previous_map);
		irq->previous_map = irq->current_map;
		irq->current_map = mapping;
	}
	/* What was pending on an offline processor has been raised again elsewhere. */
	if (hv_root_mapped(&irq->previous_map) && !cpu_online(irq->previous_map.cpu))
		root_ir_unmap(irq, &irq->previous_map);
	return 0;
}

/*
 * On the new processor the old vector may be unassigned or another interrupt's:
 * that is expected, see the model.
 */
static void root_ir_expect_stray(const struct root_irq *irq, unsigned int vector)
{
	struct irq_desc **where = &per_cpu(vector_irq, irq->current_map.cpu)[vector];

	lock_vector_lock();
	if (IS_ERR_OR_NULL(*where))
		*where = VECTOR_RETRIGGERED;
	unlock_vector_lock();
}

/*
 * A mapping was refused before, and the vector domain cannot choose again until
 * something has arrived at the place that it has chosen.
 */
static int root_ir_retry_refused(struct irq_data *data, const struct root_irq *irq)
{
	struct irq_data *top = irq_get_irq_data(data->irq);
	int ret;

	/* Calls this domain again, and programs the device. */
	ret = top->chip->irq_set_affinity(top, cpumask_of(irq->cpu), false);
	return ret < 0 ? ret : -EBUSY;
}

static int root_ir_set_affinity(struct irq_data *data, const struct cpumask *mask,
				bool force)
{
	struct irq_data *parent = data->parent_data;
	struct irq_cfg *cfg = irqd_cfg(data), old = *cfg;
	struct root_irq *irq = data->chip_data;
	bool moved;
	int ret;

	ret = parent->chip->irq_set_affinity(parent, mask, force);
	if (ret == -EBUSY && irq->refused && cpu_online(irq->cpu))
		return root_ir_retry_refused(data, irq);
	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	moved = cfg->vector != old.vector || cfg->dest_apicid != old.dest_apicid;
	if ((!moved && !irq->refused) || !root_ir_has_vector(cfg))
		return ret;
	if (moved && root_ir_note_place(data, irq))
		return -EINVAL;
	/*
	 * If there is no mapping for the new place, the old one still works: the
	 * kernel waits there until something arrives at the new one.
	 */
	irq->refused = root_ir_follow_vector(irq, cfg->vector);
	if (hv_root_mapped(&irq->current_map))
		irq_data_update_effective_affinity(data, cpumask_of(irq->current_map.cpu));
	if (irq->refused)
		return -EIO;
	if (irq->torn && irq->previous_map.vector)
		root_ir_expect_stray(irq, irq->previous_map.vector);
	/* Nothing of a block is sent to the old place any more. */
	if (irq->block) {
		vector_schedule_cleanup(cfg);
		return IRQ_SET_MASK_OK_DONE;
	}
	/* It is moved while it is in service and masked, and is not acked. */
	if (irq->level) {
		root_ir_unmap(irq, &irq->previous_map);
		vector_schedule_cleanup(cfg);
	}
	return ret;
}

/* Called under the descriptor's lock, on the processor that got the interrupt. */
static void root_ir_ack(struct irq_data *data)
{
	struct root_irq *irq = data->chip_data;

	if (unlikely(hv_root_mapped(&irq->previous_map)) &&
	    smp_processor_id() == irq->current_map.cpu)
		root_ir_unmap(irq, &irq->previous_map);
	irq_chip_ack_parent(data);
}

static void root_ir_compose_msi_msg(struct irq_data *data, struct msi_msg *msg)
{
	struct root_irq *irq = data->chip_data;
	const struct hv_interrupt_entry *entry = &irq->current_map.entry;

	memset(msg, 0, sizeof(*msg));
	switch (entry->source) {
	case HV_INTERRUPT_SOURCE_MSI:
		msg->address_lo = entry->msi_entry.address;
		msg->data = entry->msi_entry.data;
		break;
	case HV_INTERRUPT_SOURCE_IOAPIC: {
		struct IO_APIC_route_entry rte;

		/* The IO-APIC's driver extracts its entry from the message. */
		rte.w1 = lower_32_bits(entry->ioapic_rte);
		rte.w2 = upper_32_bits(entry->ioapic_rte);
		msg->arch_data.vector = rte.vector;
		msg->arch_data.delivery_mode = rte.delivery_mode;
		msg->arch_addr_lo.dest_mode_logical = rte.dest_mode_logical;
		msg->arch_addr_lo.dmar_format = rte.ir_format;
		msg->arch_addr_lo.dmar_index_0_14 = rte.ir_index_0_14;
		break;
	}
	default:
		/* Not mapped: an address that is for interrupts only. */
		msg->address_lo = HV_MSI_ADDRESS_BASE;
	}
}

static struct irq_chip root_ir_chip = {
	.name			= "HV-ROOT-IR",
	.irq_ack		= root_ir_ack,
	.irq_set_affinity	= root_ir_set_affinity,
	.irq_compose_msi_msg	= root_ir_compose_msi_msg,
};

/* The chip of a device: the usual one, but for half-written MSIs, see the model. */
static int root_ir_msi_set_affinity(struct irq_data *data, const struct cpumask *mask,
				    bool force)
{
	struct root_irq *irq = data->parent_data->chip_data;
	struct root_mapping old = irq->current_map;
	int ret;

	ret = msi_domain_set_affinity(data, mask, force);
	if (ret < 0 || !irq->torn)
		return ret;
	if (irqd_is_started(data) &&
	    (irq->current_map.vector != old.vector || irq->current_map.cpu != old.cpu))
		irq_chip_retrigger_hierarchy(data);
	return ret;
}

/* --- the domain ---------------------------------------------------------------------- */

static int root_ir_select(struct irq_domain *domain, struct irq_fwspec *fwspec,
			  enum irq_domain_bus_token bus_token)
{
	return x86_fwspec_is_ioapic(fwspec);
}

static struct root_irq *root_ir_of(struct irq_domain *domain, unsigned int virq)
{
	struct irq_data *data = irq_domain_get_irq_data(domain, virq);

	return data ? data->chip_data : NULL;
}

static struct root_irq *root_ir_new(const struct irq_alloc_info *info)
{
	struct root_irq *irq = kzalloc(sizeof(*irq), GFP_KERNEL);

	if (!irq)
		return NULL;
	if (info->type == X86_IRQ_ALLOC_TYPE_IOAPIC)
		irq->device_id = hv_root_ioapic_device(info->devid);
	else
		irq->device_id = hv_root_pci_device(msi_desc_to_pci_dev(info->desc));
	return irq;
}

/* Remove what has been set up; the vector domain still has the rest. */
static void root_ir_forget(struct irq_domain *domain, unsigned int virq, unsigned int nr)
{
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct root_irq *irq = root_ir_of(domain, virq + i);

		if (!irq)
			continue;
		raw_spin_lock_irqsave(&irqs_lock, flags);
		list_del(&irq->node);
		raw_spin_unlock_irqrestore(&irqs_lock, flags);
		root_ir_unmap_both(irq);
		irq->data->chip_data = NULL;
		kfree(irq);
	}
}

static int root_ir_set_up(struct irq_data *data, const struct irq_alloc_info *info)
{
	struct root_irq *irq = root_ir_new(info);
	unsigned long flags;

	if (!irq)
		return -ENOMEM;
	data->chip = &root_ir_chip;
	data->chip_data = irq;
	data->hwirq = data->irq;
	irq->data = data;
	irq->torn = info->type == X86_IRQ_ALLOC_TYPE_PCI_MSI &&
		    !info->desc->pci.msi_attrib.can_mask;
	raw_spin_lock_irqsave(&irqs_lock, flags);
	list_add(&irq->node, &irqs);
	raw_spin_unlock_irqrestore(&irqs_lock, flags);
	/* An IO-APIC's entry can only be changed while its interrupt is in service. */
	if (info->type != X86_IRQ_ALLOC_TYPE_IOAPIC)
		irq_set_status_flags(data->irq, IRQ_MOVE_PCNTXT);
	return 0;
}

/* Is this what the device sends as its MSI number @nr? */
static bool root_ir_follows(const struct root_irq *irq, const struct root_irq *first,
			    unsigned int nr)
{
	const union hv_msi_entry *entry = &irq->current_map.entry.msi_entry;
	const union hv_msi_entry *base = &first->current_map.entry.msi_entry;

	return entry->address == base->address && entry->data == base->data + nr;
}

/* The vectors have been assigned: a block is mapped from now on. */
static int root_ir_map_block(struct irq_domain *domain, unsigned int virq, unsigned int nr)
{
	struct root_irq *first = root_ir_of(domain, virq);
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		struct irq_data *data = irq_domain_get_irq_data(domain, virq + i);
		struct root_irq *irq = data->chip_data;
		u32 vector = irqd_cfg(data)->vector;

		ret = root_ir_note_place(data, irq) ?: root_ir_follow_vector(irq, vector);
		if (ret)
			return ret;
		if (!root_ir_follows(irq, first, i) ||
		    hv_root_retarget(&irq->current_map, irq->device_id, irq->cpu, vector))
			return -EOPNOTSUPP;
		irq->torn = false;
		irq->block = true;
	}
	/* The device puts its number into the low bits. */
	if (first->current_map.entry.msi_entry.data & (roundup_pow_of_two(nr) - 1))
		return -EOPNOTSUPP;
	return 0;
}

static int root_ir_alloc(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr, void *arg)
{
	struct irq_alloc_info *info = arg;
	unsigned int i;
	int ret;

	if (!info)
		return -EINVAL;
	switch (info->type) {
	case X86_IRQ_ALLOC_TYPE_IOAPIC:
	case X86_IRQ_ALLOC_TYPE_PCI_MSIX:
		if (nr != 1)
			return -EINVAL;
		break;
	case X86_IRQ_ALLOC_TYPE_PCI_MSI:
		/* Managed ones have no vector before they are activated. */
		if (nr > 1 && irqd_affinity_is_managed(irq_get_irq_data(virq)))
			return -EOPNOTSUPP;
		break;
	default:
		return -EINVAL;
	}
	hv_root_map_prepare();

	/* With a mask they get their vectors at once. */
	if (nr > 1)
		info->mask = cpu_online_mask;
	ret = irq_domain_alloc_irqs_parent(domain, virq, nr, arg);
	if (ret < 0)
		return ret;
	for (i = 0; i < nr && !ret; i++)
		ret = root_ir_set_up(irq_domain_get_irq_data(domain, virq + i), info);
	if (!ret && nr > 1) {
		ret = root_ir_map_block(domain, virq, nr);
		if (ret)
			pr_info("%u MSIs of device %#llx cannot be consecutive: it gets one\n",
				nr, root_ir_of(domain, virq)->device_id);
	}
	if (ret) {
		root_ir_forget(domain, virq, nr);
		irq_domain_free_irqs_parent(domain, virq, nr);
	}
	return ret;
}

static void root_ir_free(struct irq_domain *domain, unsigned int virq, unsigned int nr)
{
	root_ir_forget(domain, virq, nr);
	irq_domain_free_irqs_common(domain, virq, nr);
}

static int root_ir_activate(struct irq_domain *domain, struct irq_data *data,
			    bool reserve)
{
	struct root_irq *irq = data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data);
	int ret;

	/* Activated again without having been deactivated: the vector is new. */
	if (!irq->block)
		root_ir_unmap_both(irq);
	irq->refused = false;
	/* Only known now: firmware describes a legacy pin's trigger late. */
	irq->level = irqd_is_level_type(data);
	if (!root_ir_has_vector(cfg))
		return 0;
	ret = root_ir_note_place(data, irq);
	return ret ?: root_ir_follow_vector(irq, cfg->vector);
}

static void root_ir_deactivate(struct irq_domain *domain, struct irq_data *data)
{
	struct root_irq *irq = data->chip_data;

	if (!irq->block)
		root_ir_unmap_both(irq);
}

static const struct irq_domain_ops root_ir_domain_ops = {
	.select		= root_ir_select,
	.alloc		= root_ir_alloc,
	.free		= root_ir_free,
	.activate	= root_ir_activate,
	.deactivate	= root_ir_deactivate,
};

static bool root_ir_init_dev_msi_info(struct device *dev, struct irq_domain *domain,
				      struct irq_domain *real_parent,
				      struct msi_domain_info *info)
{
	if (!msi_parent_init_dev_msi_info(dev, domain, real_parent, info))
		return false;
	info->chip->irq_set_affinity = root_ir_msi_set_affinity;
	return true;
}

static const struct msi_parent_ops root_msi_parent_ops = {
	.supported_flags	= X86_VECTOR_MSI_FLAGS_SUPPORTED | MSI_FLAG_MULTI_PCI_MSI,
	.prefix			= "HV-",
	.init_dev_msi_info	= root_ir_init_dev_msi_info,
};

/* --- the end ------------------------------------------------------------------------- */

/* Devices are quiesced, and this kernel wants no interrupt of theirs any more. */
static void root_ir_unmap_all(void)
{
	struct root_irq *irq;
	unsigned long flags;

	raw_spin_lock_irqsave(&irqs_lock, flags);
	list_for_each_entry(irq, &irqs, node) {
		struct irq_desc *desc = irq_data_to_desc(irq->data);

		raw_spin_lock(&desc->lock);
		root_ir_unmap_both(irq);
		raw_spin_unlock(&desc->lock);
	}
	raw_spin_unlock_irqrestore(&irqs_lock, flags);
}

static struct syscore_ops root_ir_syscore_ops = {
	.shutdown	= root_ir_unmap_all,
};

/**
 * hv_root_ir_crash() - unmap all interrupts of a kernel that has crashed
 *
 * Context: the only processor that still runs; takes no lock, as it would never be
 * released.
 */
void hv_root_ir_crash(void)
{
	struct root_irq *irq;

	list_for_each_entry(irq, &irqs, node) {
		root_ir_unmap_both(irq);
	}
}

/**
 * hv_root_ir_domain() - the domain of all device interrupts
 *
 * Return: the domain, made at the first call; NULL when there is no memory.
 */
struct irq_domain *__init hv_root_ir_domain(void)
{
	struct fwnode_handle *fwnode;

	if (ir_domain)
		return ir_domain;
	hv_root_map_init();
	fwnode = irq_domain_alloc_named_fwnode("HV-ROOT-IR");
	if (!fwnode)
		return NULL;
	ir_domain = irq_domain_create_hierarchy(x86_vector_domain, 0, 0, fwnode,
						&root_ir_domain_ops, NULL);
	if (!ir_domain) {
		irq_domain_free_fwnode(fwnode);
		return NULL;
	}
	/* x86 device setup looks for a domain that remaps. */
	irq_domain_update_bus_token(ir_domain, DOMAIN_BUS_DMAR);
	ir_domain->flags |= IRQ_DOMAIN_FLAG_MSI_PARENT;
	/* Without hardware for it, a device can send any interrupt. */
	if (cpuid_eax(HYPERV_CPUID_HARDWARE_FEATURES) & HV_HW_INTERRUPT_REMAPPING)
		ir_domain->flags |= IRQ_DOMAIN_FLAG_ISOLATED_MSI;
	ir_domain->msi_parent_ops = &root_msi_parent_ops;
	register_syscore_ops(&root_ir_syscore_ops);
	return ir_domain;
}

/**
 * hv_root_create_pci_msi_domain() - the domain of PCI devices' MSIs
 *
 * Return: the domain, or NULL.
 */
struct irq_domain *__init hv_root_create_pci_msi_domain(void)
{
	if (!native_create_pci_msi_domain())
		return NULL;
	return hv_root_ir_domain();
}

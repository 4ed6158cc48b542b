// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices into a root partition.
 *
 * Model: the hypervisor owns interrupt remapping.  An interrupt of a device is
 * "mapped" to a (VP, vector) by a hypercall, which gives back an "entry": what
 * the device or the IO-APIC has to be programmed with.  This is one irq domain
 * between the vectors and whatever has interrupts, IO-APICs, MSI and MSI-X:
 *
 *	PCI device, IO-APIC pin		writes the entry
 *	  this domain			(VP, vector) <-> entry, by hypercall
 *	    vectors of the processors	chooses processor and vector
 *
 * An affinity change maps the new (VP, vector) first and keeps the old mapping
 * until an interrupt has arrived at the new place: until then one may be on its
 * way to the old one, where the kernel still waits for it as well.  A device that
 * cannot mask its MSI may send one while address and data are half written; it is
 * made up for by raising the interrupt once more when both stand.
 *
 * Mapping happens where nothing may sleep or be allocated.  If the hypervisor asks
 * for memory there, it gets a block from a stock that is filled when interrupts
 * are allocated, and by a worker.
 *
 * A kernel that gives way to another one takes all its mappings away, since the
 * next one would find its vectors taken.
 *
 * Words: current and previous map, the two mappings that an interrupt may have.
 *
 * Lock order: irqs_lock > the descriptor's lock, which protects an interrupt's
 * mappings, > stock_lock.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>
#include <linux/workqueue.h>
#include <asm/apic.h>
#include <asm/hv_root.h>
#include <asm/hw_irq.h>
#include <asm/io_apic.h>
#include <asm/irqdomain.h>
#include <asm/msi.h>

#include <hyperv/hv_interrupt.h>

#include "../../../drivers/hv/root/glue.h"
#include "root.h"

/* Blocks of eight pages, since the hypervisor may want them to follow each other. */
#define STOCK_ORDER	3
#define STOCK_BLOCKS	4
#define BLOCK_PAGES	HVR_PAGES_CONTIGUOUS

static_assert(BLOCK_PAGES == 1 << STOCK_ORDER);

/* How often one mapping may be answered "more memory". */
#define MAP_TRIES	STOCK_BLOCKS

/* The largest input of the map call: a root VP is in one of the banks. */
struct map_input {
	struct hv_input_map_device_interrupt map;
	u64 bank;
} __packed;

/**
 * struct root_mapping - one mapping
 * @entry: what the hypervisor gave; not mapped if its source is 0
 * @cpu: where it leads
 * @vector: where it leads
 */
struct root_mapping {
	struct hv_interrupt_entry entry;
	unsigned int cpu;
	u32 vector;
};

/**
 * struct root_irq - an interrupt
 * @node: in the list of all
 * @data: what the kernel knows it by, at this domain's level
 * @device_id: whose, in the hypervisor's words
 * @level: level-triggered
 * @torn: it may come while what it is sent by is half written
 * @current_map: where it goes
 * @previous_map: where it went before it was moved, until it has arrived
 */
struct root_irq {
	struct list_head node;
	struct irq_data *data;
	u64 device_id;
	bool level;
	bool torn;
	struct root_mapping current_map;
	struct root_mapping previous_map;
};

static struct irq_domain *ir_domain;

static DEFINE_RAW_SPINLOCK(irqs_lock);
static LIST_HEAD(irqs);

/* --- the stock ----------------------------------------------------------------- */

static DEFINE_RAW_SPINLOCK(stock_lock);
static struct page *stock[STOCK_BLOCKS];
static unsigned int nr_stock;

static void fill_stock(struct work_struct *work)
{
	unsigned long flags;
	struct page *page;

	while (READ_ONCE(nr_stock) < STOCK_BLOCKS) {
		page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, STOCK_ORDER);
		if (!page)
			return;
		split_page(page, STOCK_ORDER);
		raw_spin_lock_irqsave(&stock_lock, flags);
		if (nr_stock < STOCK_BLOCKS) {
			stock[nr_stock++] = page;
			page = NULL;
		}
		raw_spin_unlock_irqrestore(&stock_lock, flags);
		if (page) {
			unsigned int i;

			for (i = 0; i < BLOCK_PAGES; i++)
				__free_page(page + i);
		}
	}
}

static DECLARE_WORK(stock_work, fill_stock);

static struct page *take_from_stock(void)
{
	struct page *page = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&stock_lock, flags);
	if (nr_stock)
		page = stock[--nr_stock];
	raw_spin_unlock_irqrestore(&stock_lock, flags);
	schedule_work(&stock_work);
	return page;
}

static bool deposit_from_stock(void)
{
	struct page *page;

	if (!hvr_self_pool)
		return false;
	page = take_from_stock();
	if (!page)
		return false;
	return !hvr_deposit_now(hvr_self_pool, page, BLOCK_PAGES);
}

/* --- hypercalls ------------------------------------------------------------------ */

static int map_interrupt(const struct root_irq *irq, unsigned int cpu, u32 vector,
			 struct root_mapping *mapping)
{
	u32 vp = glue_vp_index(cpu);
	struct map_input in = {
		.map = {
			.partition_id = HV_PARTITION_ID_SELF,
			.device_id = irq->device_id,
			.interrupt_descriptor = {
				.interrupt_type = HV_X64_INTERRUPT_TYPE_FIXED,
				.trigger_mode = irq->level ?
						HV_INTERRUPT_TRIGGER_MODE_LEVEL :
						HV_INTERRUPT_TRIGGER_MODE_EDGE,
				.vector_count = 1,
				.target = {
					.vector = vector,
					.flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET,
				},
			},
		},
		.bank = BIT_ULL(vp & HV_GENERIC_SET_MASK),
	};
	struct hv_output_map_device_interrupt out;
	unsigned int tries = 0;
	u64 result;

	in.map.interrupt_descriptor.target.vp_set.format = HV_GENERIC_SET_SPARSE_4K;
	in.map.interrupt_descriptor.target.vp_set.valid_bank_mask =
		BIT_ULL(vp >> HV_GENERIC_SET_SHIFT);
	/* Variable header: the mask of banks and one bank. */
	do {
		result = hvr_small_var(HVCALL_MAP_DEVICE_INTERRUPT, 2, &in,
				       sizeof(in), &out, sizeof(out));
	} while (hvr_wants_memory(result) && tries++ < MAP_TRIES &&
		 deposit_from_stock());
	if (hvr_status(result) != HV_STATUS_SUCCESS ||
	    result == HV_RESULT_NO_HYPERCALL_PAGE) {
		pr_err_ratelimited("mapping an interrupt of device %#llx to processor %u vector %#x failed (%s)\n",
				   irq->device_id, cpu, vector,
				   hvr_status_name(hvr_status(result)));
		return hvr_errno(result);
	}
	mapping->entry = out.interrupt_entry;
	mapping->cpu = cpu;
	mapping->vector = vector;
	return 0;
}

static void unmap_interrupt(const struct root_irq *irq, struct root_mapping *mapping)
{
	struct hv_input_unmap_device_interrupt in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.device_id = irq->device_id,
		.interrupt_entry = mapping->entry,
	};
	u64 result;

	if (!mapping->entry.source)
		return;
	result = hvr_small(HVCALL_UNMAP_DEVICE_INTERRUPT, 0, &in, sizeof(in), NULL, 0);
	if (hvr_status(result) != HV_STATUS_SUCCESS)
		pr_err_ratelimited("unmapping an interrupt of device %#llx failed (%s)\n",
				   irq->device_id,
				   hvr_status_name(hvr_status(result)));
	mapping->entry = (struct hv_interrupt_entry){};
}

/* --- the chip ------------------------------------------------------------------------ */

/* Map where the vectors' domain wants it; what was mapped becomes the previous. */
static int follow_vector(struct irq_data *data)
{
	struct root_irq *irq = data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data);
	struct root_mapping mapping;
	unsigned int cpu;
	int ret;

	/* Allocated, but nobody has asked for it yet. */
	if (!cfg->vector || cfg->vector == MANAGED_IRQ_SHUTDOWN_VECTOR)
		return 0;
	cpu = cpumask_first(irq_data_get_effective_affinity_mask(data));
	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	/*
	 * When a processor goes the kernel does not wait for an interrupt at the new
	 * place before it gives the old one away, maybe to the same interrupt.
	 */
	if (irq->previous_map.entry.source && irq->previous_map.cpu == cpu &&
	    irq->previous_map.vector == cfg->vector) {
		swap(irq->current_map, irq->previous_map);
	} else {
		ret = map_interrupt(irq, cpu, cfg->vector, &mapping);
		if (ret)
			return ret;
		unmap_interrupt(irq, &irq->previous_map);
		irq->previous_map = irq->current_map;
		irq->current_map = mapping;
	}
	/* What a processor that has gone still had is raised again elsewhere. */
	if (irq->previous_map.entry.source && !cpu_online(irq->previous_map.cpu))
		unmap_interrupt(irq, &irq->previous_map);
	return 0;
}

/*
 * The new processor may get the old vector, which is nobody's there or somebody
 * else's: nothing to complain of, see the model.
 */
static void expect_stray(const struct root_irq *irq, unsigned int vector)
{
	struct irq_desc **where = &per_cpu(vector_irq, irq->current_map.cpu)[vector];

	lock_vector_lock();
	if (IS_ERR_OR_NULL(*where))
		*where = VECTOR_RETRIGGERED;
	unlock_vector_lock();
}

static int root_ir_set_affinity(struct irq_data *data, const struct cpumask *mask,
				bool force)
{
	struct irq_data *parent = data->parent_data;
	struct irq_cfg *cfg = irqd_cfg(data), old = *cfg;
	struct root_irq *irq = data->chip_data;
	int ret;

	ret = parent->chip->irq_set_affinity(parent, mask, force);
	if (ret < 0 || ret == IRQ_SET_MASK_OK_DONE)
		return ret;
	if (cfg->vector == old.vector && cfg->dest_apicid == old.dest_apicid)
		return ret;
	/*
	 * If there is no mapping for the new place, the old one still works: the
	 * kernel waits there until something arrives at the new one.
	 */
	if (follow_vector(data))
		return -EIO;
	if (irq->torn)
		expect_stray(irq, old.vector);
	/* It is moved while it is being served and masked, and is not acked. */
	if (irq->level) {
		unmap_interrupt(irq, &irq->previous_map);
		vector_schedule_cleanup(cfg);
	}
	return ret;
}

/* Called with the descriptor's lock, at the place that the interrupt came to. */
static void root_ir_ack(struct irq_data *data)
{
	struct root_irq *irq = data->chip_data;

	if (unlikely(irq->previous_map.entry.source) &&
	    smp_processor_id() == irq->current_map.cpu)
		unmap_interrupt(irq, &irq->previous_map);
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

		/* The IO-APIC's driver takes its entry out of a message again. */
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
		/* Not mapped: an address at which nothing but interrupts is. */
		msg->address_lo = HV_MSI_ADDRESS_BASE;
	}
}

static struct irq_chip root_ir_chip = {
	.name			= "HV-ROOT-IR",
	.irq_ack		= root_ir_ack,
	.irq_set_affinity	= root_ir_set_affinity,
	.irq_compose_msi_msg	= root_ir_compose_msi_msg,
};

/* The chip of a device: as everywhere, but see the model about half-written MSIs. */
static int root_msi_set_affinity(struct irq_data *data, const struct cpumask *mask,
				 bool force)
{
	struct root_irq *irq = data->parent_data->chip_data;
	struct irq_cfg *cfg = irqd_cfg(data), old = *cfg;
	int ret;

	ret = msi_domain_set_affinity(data, mask, force);
	if (ret < 0 || !irq->torn)
		return ret;
	if (irqd_is_started(data) &&
	    (cfg->vector != old.vector || cfg->dest_apicid != old.dest_apicid))
		irq_chip_retrigger_hierarchy(data);
	return ret;
}

/* --- the domain ---------------------------------------------------------------------- */

static int root_ir_select(struct irq_domain *domain, struct irq_fwspec *fwspec,
			  enum irq_domain_bus_token bus_token)
{
	return x86_fwspec_is_ioapic(fwspec);
}

static int root_ir_alloc(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr, void *arg)
{
	struct irq_alloc_info *info = arg;
	struct irq_data *data;
	struct root_irq *irq;
	unsigned long flags;
	int ret;

	/* Several MSIs of one device would need vectors that follow each other. */
	if (!info || nr != 1)
		return -EINVAL;
	irq = kzalloc(sizeof(*irq), GFP_KERNEL);
	if (!irq)
		return -ENOMEM;
	switch (info->type) {
	case X86_IRQ_ALLOC_TYPE_IOAPIC:
		irq->device_id = hv_root_ioapic_device(info->devid);
		break;
	case X86_IRQ_ALLOC_TYPE_PCI_MSI:
		irq->torn = !info->desc->pci.msi_attrib.can_mask;
		fallthrough;
	case X86_IRQ_ALLOC_TYPE_PCI_MSIX:
		irq->device_id = hv_root_pci_device(msi_desc_to_pci_dev(info->desc));
		break;
	default:
		kfree(irq);
		return -EINVAL;
	}
	fill_stock(NULL);

	ret = irq_domain_alloc_irqs_parent(domain, virq, nr, arg);
	if (ret < 0) {
		kfree(irq);
		return ret;
	}
	data = irq_domain_get_irq_data(domain, virq);
	data->chip = &root_ir_chip;
	data->chip_data = irq;
	data->hwirq = virq;
	irq->data = data;
	raw_spin_lock_irqsave(&irqs_lock, flags);
	list_add(&irq->node, &irqs);
	raw_spin_unlock_irqrestore(&irqs_lock, flags);
	/* An IO-APIC's entry can only be changed while its interrupt is served. */
	if (info->type != X86_IRQ_ALLOC_TYPE_IOAPIC)
		irq_set_status_flags(virq, IRQ_MOVE_PCNTXT);
	return 0;
}

static void root_ir_free(struct irq_domain *domain, unsigned int virq, unsigned int nr)
{
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct irq_data *data = irq_domain_get_irq_data(domain, virq + i);
		struct root_irq *irq = data ? data->chip_data : NULL;

		if (!irq)
			continue;
		raw_spin_lock_irqsave(&irqs_lock, flags);
		list_del(&irq->node);
		raw_spin_unlock_irqrestore(&irqs_lock, flags);
		unmap_interrupt(irq, &irq->previous_map);
		unmap_interrupt(irq, &irq->current_map);
		data->chip_data = NULL;
		kfree(irq);
	}
	irq_domain_free_irqs_common(domain, virq, nr);
}

static int root_ir_activate(struct irq_domain *domain, struct irq_data *data,
			    bool reserve)
{
	struct root_irq *irq = data->chip_data;

	/* Activated again without having been deactivated: the vector is new. */
	unmap_interrupt(irq, &irq->previous_map);
	unmap_interrupt(irq, &irq->current_map);
	/* Not known for good before: firmware tells of a legacy pin's trigger late. */
	irq->level = irqd_is_level_type(data);
	return follow_vector(data);
}

static void root_ir_deactivate(struct irq_domain *domain, struct irq_data *data)
{
	struct root_irq *irq = data->chip_data;

	unmap_interrupt(irq, &irq->previous_map);
	unmap_interrupt(irq, &irq->current_map);
}

static const struct irq_domain_ops root_ir_domain_ops = {
	.select		= root_ir_select,
	.alloc		= root_ir_alloc,
	.free		= root_ir_free,
	.activate	= root_ir_activate,
	.deactivate	= root_ir_deactivate,
};

static bool root_init_dev_msi_info(struct device *dev, struct irq_domain *domain,
				   struct irq_domain *real_parent,
				   struct msi_domain_info *info)
{
	if (!msi_parent_init_dev_msi_info(dev, domain, real_parent, info))
		return false;
	info->chip->irq_set_affinity = root_msi_set_affinity;
	return true;
}

static const struct msi_parent_ops root_msi_parent_ops = {
	.supported_flags	= X86_VECTOR_MSI_FLAGS_SUPPORTED,
	.prefix			= "HV-",
	.init_dev_msi_info	= root_init_dev_msi_info,
};

/* --- the end ------------------------------------------------------------------------- */

/* Devices are quiet, and this kernel wants no interrupt of theirs any more. */
static void unmap_all(void)
{
	struct root_irq *irq;
	unsigned long flags;

	raw_spin_lock_irqsave(&irqs_lock, flags);
	list_for_each_entry(irq, &irqs, node) {
		struct irq_desc *desc = irq_data_to_desc(irq->data);

		raw_spin_lock(&desc->lock);
		unmap_interrupt(irq, &irq->previous_map);
		unmap_interrupt(irq, &irq->current_map);
		raw_spin_unlock(&desc->lock);
	}
	raw_spin_unlock_irqrestore(&irqs_lock, flags);
}

static struct syscore_ops root_ir_syscore_ops = {
	.shutdown	= unmap_all,
};

/**
 * hv_root_ir_crash() - the same for a kernel that has crashed
 *
 * Context: the only processor that still runs; takes no lock, for nobody would
 * let go of it.
 */
void hv_root_ir_crash(void)
{
	struct root_irq *irq;

	list_for_each_entry(irq, &irqs, node) {
		unmap_interrupt(irq, &irq->previous_map);
		unmap_interrupt(irq, &irq->current_map);
	}
}

/**
 * hv_root_ir_domain() - the domain through which all interrupts of devices go
 *
 * Return: the domain, made at the first call; NULL when there is no memory.
 */
struct irq_domain *__init hv_root_ir_domain(void)
{
	struct fwnode_handle *fwnode;

	if (ir_domain)
		return ir_domain;
	fwnode = irq_domain_alloc_named_fwnode("HV-ROOT-IR");
	if (!fwnode)
		return NULL;
	ir_domain = irq_domain_create_hierarchy(x86_vector_domain, 0, 0, fwnode,
						&root_ir_domain_ops, NULL);
	if (!ir_domain) {
		irq_domain_free_fwnode(fwnode);
		return NULL;
	}
	/* For x86's part of setting up a device: a domain that remaps. */
	irq_domain_update_bus_token(ir_domain, DOMAIN_BUS_DMAR);
	ir_domain->flags |= IRQ_DOMAIN_FLAG_MSI_PARENT | IRQ_DOMAIN_FLAG_ISOLATED_MSI;
	ir_domain->msi_parent_ops = &root_msi_parent_ops;
	register_syscore_ops(&root_ir_syscore_ops);
	return ir_domain;
}

/**
 * hv_root_create_pci_msi_domain() - what the MSIs of PCI devices go through
 *
 * Return: the domain, or NULL.
 */
struct irq_domain *__init hv_root_create_pci_msi_domain(void)
{
	if (!native_create_pci_msi_domain())
		return NULL;
	return hv_root_ir_domain();
}

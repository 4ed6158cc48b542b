// SPDX-License-Identifier: GPL-2.0
/*
 * Faults: what devices have tried.
 *
 * Model: each is counted, for its device, too.  A device has a *bucket* of reports: a
 * report, which is a line in the log and a message to the root, takes one; one is added
 * after each interval until the bucket is full.  So a device that does nothing else costs
 * a bounded amount of the log, of the root's time, and of its queue of messages, and
 * others do not notice.
 *
 * The root gets messages when it has said that it is ready for them, by a system
 * property, and has opened SINT 1 on some processor.  If one still waits there, the next
 * is not sent.
 */
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_message.h>
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/synic.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "dma.h"
#include "dma_fault.h"
#include "domain.h"

#define DEVICES			32	/* others share one */
#define BUCKET			16
#define INTERVAL		(250 * 10000ull)	/* in 100 ns */
#define INTERRUPTS_LOGGED	32

struct sender {
	bool used;
	u16 rid;
	u32 reports;		/* in the bucket */
	u64 filled;		/* time up to which they were added */
	u64 faults, left_out;
};

bool dma_fault_ready;
static struct sender senders[DEVICES + 1];
static u64 messages;

/* The device's place, which may be free yet; the last one is that of all others. */
static u32 place_of(u16 rid)
{
	u32 i;

	for (i = 0; i < DEVICES && senders[i].used; i++)
		if (senders[i].rid == rid)
			break;
	return i;
}

static struct sender *sender_of(u16 rid)
{
	struct sender *s = &senders[place_of(rid)];

	if (!s->used)
		*s = (struct sender){ .used = true, .rid = rid, .reports = BUCKET };
	return s;
}

static bool take_report(struct sender *s, u64 now)
{
	u64 fresh = (now - s->filled) / INTERVAL;

	if (fresh >= BUCKET - s->reports) {
		s->reports = BUCKET;
		s->filled = now;
	} else {
		s->reports += (u32)fresh;
		s->filled += fresh * INTERVAL;
	}
	if (!s->reports)
		return false;
	s->reports--;
	return true;
}

static bool post(const struct hv_iommu_fault_message *message)
{
	u32 i;

	for (i = 0; i < nr_lps; i++) {
		struct vp *root = lps[i]->root;

		if (!root || !(root->synic.scontrol & 1))
			continue;
		if (synic_last_queued(root, HV_SYNIC_IOMMU_FAULT_SINT_INDEX, HVMSG_IOMMU_FAULT))
			return false;
		if (!synic_post(root, HV_SYNIC_IOMMU_FAULT_SINT_INDEX, HVMSG_IOMMU_FAULT,
				ROOT_PARTITION_ID, message, sizeof(*message)))
			return true;
	}
	return false;
}

static void send(const struct dma_fault *f)
{
	u64 type = options.domains & DOMAINS_FAULT_ID ? HV_DEVICE_TYPE_PCI :
							HV_DEVICE_TYPE_LOGICAL;
	struct hv_iommu_fault_message message = {
		.type = f->interrupt ? HV_IOMMU_FAULT_INTERRUPT :
			domain_of(f->rid) == HV_DEVICE_DOMAIN_ID_S2_NULL ?
			HV_IOMMU_FAULT_BLOCKED : HV_IOMMU_FAULT_TRANSLATION,
		.access_type = f->write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ,
		.flags = HV_IOMMU_FAULT_DEVICE_VALID |
			 (f->interrupt ? 0 : HV_IOMMU_FAULT_ADDRESS_VALID),
		.logical_device_id = type << HV_DEVICE_ID_TYPE_SHIFT |
			(u64)(dma_hw ? dma_hw->segment : 0) << HV_LOGICAL_DEVICE_SEGMENT_SHIFT |
			f->rid,
		.address = f->interrupt ? 0 : f->address,
	};

	if (!dma_hw || (!dma_fault_ready && !(options.domains & DOMAINS_REPORT)))
		return;
	messages += post(&message);
}

static void interrupt_fault(const struct dma_fault *f)
{
	book_irte_faults++;
	if (book_irte_faults <= INTERRUPTS_LOGGED)
		log_error("interrupt blocked: device %02x:%02x.%u, entry %llu, reason 0x%x",
			  f->rid >> 8, f->rid >> 3 & 31, f->rid & 7, f->address, f->reason);
}

static void dma_line(struct sender *s, const struct dma_fault *f)
{
	if (s->left_out)
		log_error("DMA blocked: %llu faults of device %02x:%02x.%u were left out",
			  s->left_out, s->rid >> 8, s->rid >> 3 & 31, s->rid & 7);
	s->left_out = 0;
	log_error("DMA blocked: device %02x:%02x.%u, %s 0x%llx, domain 0x%x, reason 0x%x",
		  f->rid >> 8, f->rid >> 3 & 31, f->rid & 7, f->write ? "write to" : "read of",
		  f->address, domain_of(f->rid), f->reason);
}

void dma_fault(const struct dma_fault *fault)
{
	struct sender *s = sender_of(fault->rid);
	bool may = take_report(s, tsc_to_ref(tsc_now()));

	if (fault->interrupt) {
		interrupt_fault(fault);
	} else {
		book_dma_faults++;
		s->faults++;
		if (may)
			dma_line(s, fault);
		else
			s->left_out++;
	}
	if (may)
		send(fault);
}

u64 dma_faults_of(u16 rid)
{
	u32 place = place_of(rid);

	return place < DEVICES ? senders[place].faults : 0;
}

static void books(void)
{
	u32 i;

	if (!dma_hw)
		return;
	identity_books();
	log_info("DMA: %llu faults, %llu messages about faults", book_dma_faults, messages);
	for (i = 0; i < DEVICES && senders[i].used; i++)
		log_info("device %02x:%02x.%u: %llu DMA faults", senders[i].rid >> 8,
			 senders[i].rid >> 3 & 31, senders[i].rid & 7, senders[i].faults);
}

BOOKS_UNIT(books);

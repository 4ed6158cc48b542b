// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of the driver.
 *
 * Model: any of these calls may ask for memory, and most are made where nothing may
 * sleep.  Then it comes from a stock.  Pages are mapped by a caller that says how memory
 * may be allocated: if that is in any way, there is no limit to what is deposited for it.
 *
 * A call that is cut short is followed by one for the rest, with a list and an IOVA of its
 * own: that is what is known to work.
 */
#include <linux/gfp.h>

#include <hyperv/hv_root.h>

#include "calls.h"
#include "iommu.h"
#include "record.h"

static struct hvr_stock stock;

static int stock_more(void)
{
	return hvr_stock_deposit(&stock);
}

/**
 * hv_iommu_call_init() - before any call that may ask for memory
 */
void hv_iommu_call_init(void)
{
	hvr_stock_init(&stock);
	hvr_stock_fill(&stock);
}

/**
 * hv_iommu_call_prepare() - fill the stock
 *
 * Context: process context; sleeps.
 */
void hv_iommu_call_prepare(void)
{
	hvr_stock_fill(&stock);
}

static struct hv_input_device_domain call_header(u32 number)
{
	return (struct hv_input_device_domain){
		.partition_id = HV_PARTITION_ID_SELF,
		.domain_id = (u64)number << HV_DEVICE_DOMAIN_ID_SHIFT |
			     HV_DEVICE_DOMAIN_TYPE_S2,
	};
}

/* The result is of interest, rather than its errno. */
static u64 call_simple(u16 code, const void *in, size_t size)
{
	struct hvr_call call = { .code = code, .in = in, .in_size = size };

	hvr_call_atomic(&call, stock_more);
	return call.result;
}

/**
 * hv_iommu_call_create() - make a domain
 * @number: its number
 *
 * Return: result word.
 */
u64 hv_iommu_call_create(u32 number)
{
	struct hv_input_create_device_domain in = {
		.device_domain = call_header(number),
		.create_device_domain_flags = HV_CREATE_DEVICE_DOMAIN_FORWARD_PROGRESS,
	};

	return call_simple(HVCALL_CREATE_DEVICE_DOMAIN, &in, sizeof(in));
}

/**
 * hv_iommu_call_delete() - delete a domain, and all that is mapped in it
 * @number: its number
 *
 * Return: result word.
 */
u64 hv_iommu_call_delete(u32 number)
{
	struct hv_input_delete_device_domain in = { .device_domain = call_header(number) };

	return call_simple(HVCALL_DELETE_DEVICE_DOMAIN, &in, sizeof(in));
}

/**
 * hv_iommu_call_attach() - move a device to a domain
 * @number: the domain's number
 * @device_id: the device
 *
 * Return: result word.
 */
u64 hv_iommu_call_attach(u32 number, u64 device_id)
{
	struct hv_input_attach_device_domain in = {
		.device_domain = call_header(number),
		.device_id = device_id,
	};

	return call_simple(HVCALL_ATTACH_DEVICE_DOMAIN, &in, sizeof(in));
}

/**
 * hv_iommu_call_detach() - take a device out of its domain
 * @device_id: the device
 *
 * Where it is then is not known.
 *
 * Return: result word.
 */
u64 hv_iommu_call_detach(u64 device_id)
{
	struct hv_input_detach_device_domain in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.device_id = device_id,
	};

	return call_simple(HVCALL_DETACH_DEVICE_DOMAIN, &in, sizeof(in));
}

/**
 * hv_iommu_call_width() - how many bits has an IOVA?
 *
 * Return: their number; 0 if the hypervisor does not say.
 */
unsigned int hv_iommu_call_width(void)
{
	struct hv_input_get_iommu_capabilities in = { .partition_id = HV_PARTITION_ID_SELF };
	struct hv_output_get_iommu_capabilities out = {};
	u64 result = hvr_small(HVCALL_GET_IOMMU_CAPABILITIES, 0, &in, sizeof(in), &out,
			       sizeof(out));

	return hvr_status(result) == HV_STATUS_SUCCESS ? out.max_iova_width : 0;
}

/**
 * hv_iommu_call_report_faults() - ask for messages about DMA that is blocked
 *
 * Return: 0 or a negative errno.
 */
int hv_iommu_call_report_faults(void)
{
	struct hv_input_set_system_property in = {
		.property_id = HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY,
	};

	*(u8 *)&in.set_sleep_state_info = 1;
	return hvr_errno(call_simple(HVCALL_SET_SYSTEM_PROPERTY, &in, sizeof(in)));
}

/* --- pages ---------------------------------------------------------------------- */

/* What fits into a call that needs no page. */
#define SMALL_PAGES	\
	((HVR_SMALL_MAX - sizeof(struct hv_input_map_device_gpa_pages)) / sizeof(u64))

struct small_map {
	struct hv_input_map_device_gpa_pages map;
	u64 pages[SMALL_PAGES];
} __packed;

struct map_call {
	struct hvr_call call;
	const struct hv_iommu_range *range;
};

static void map_fill(struct hv_input_map_device_gpa_pages *in,
		     const struct hv_iommu_range *range, unsigned int first, unsigned int nr)
{
	*in = (struct hv_input_map_device_gpa_pages){
		.device_domain = call_header(range->number),
		.map_flags = range->flags,
		.target_device_va_base = (range->index + first) << HV_IOMMU_PAGE_SHIFT,
	};
	hv_iommu_record_list(range->record, range->index + first, nr, (u64 *)(in + 1));
}

static u64 map_small(const struct hv_iommu_range *range, unsigned int first)
{
	unsigned int nr = min_t(unsigned int, range->nr - first, SMALL_PAGES);
	struct small_map in;

	map_fill(&in.map, range, first, nr);
	return hvr_small(HVCALL_MAP_DEVICE_GPA_PAGES, nr, &in,
			 sizeof(in.map) + nr * sizeof(u64), NULL, 0);
}

/* As much as one call takes, from there on; returns its result. */
static u64 map_once(const struct hv_iommu_range *range, unsigned int first)
{
	unsigned int nr = min_t(unsigned int, range->nr - first, HV_MAP_DEVICE_GPA_MAX_PAGES);

	if (!range->page)
		return map_small(range, first);
	map_fill(range->page, range, first, nr);
	return hvr_list(HVCALL_MAP_DEVICE_GPA_PAGES, nr, 0, range->page, NULL);
}

/* Go on while there is success and progress. */
static void call_progress(struct hvr_call *call, u64 result, unsigned int *idle)
{
	unsigned int done = result == HV_RESULT_NO_HYPERCALL_PAGE ? 0 : hvr_reps(result);

	call->result = result;
	call->done += min(done, call->reps - call->done);
	*idle = done ? 0 : *idle + 1;
}

static bool call_goes_on(const struct hvr_call *call, unsigned int idle)
{
	return hvr_status(call->result) == HV_STATUS_SUCCESS && call->done < call->reps &&
	       idle <= HVR_IDLE_MAX;
}

static int map_enter(struct hvr_call *call)
{
	const struct hv_iommu_range *range = container_of(call, struct map_call, call)->range;
	unsigned int idle = 0;

	do {
		call_progress(call, map_once(range, call->done), &idle);
	} while (call_goes_on(call, idle));
	return 0;
}

/* A deposit allocates in any way there is. */
static bool may_deposit(gfp_t gfp)
{
	return (gfp & GFP_KERNEL) == GFP_KERNEL;
}

/**
 * hv_iommu_call_map() - map pages
 * @range: the pages
 * @done: how many are mapped
 *
 * Context: any that the range's gfp allows, but NMI.
 * Return: 0 if all are mapped, or a negative errno.
 */
int hv_iommu_call_map(struct hv_iommu_range *range, unsigned int *done)
{
	struct map_call map = {
		.call = {
			.code = HVCALL_MAP_DEVICE_GPA_PAGES,
			.reps = range->nr,
			.enter = map_enter,
			.pool = hvr_self_pool,
			.retry.pages = range->pages,
		},
		.range = range,
	};
	int ret;

	ret = may_deposit(range->gfp) ? hvr_call(&map.call) :
					hvr_call_atomic(&map.call, stock_more);
	/* Where much is mapped, more is needed soon. */
	range->pages = map.call.retry.pages;
	*done = map.call.done;
	return ret;
}

struct unmap_call {
	struct hvr_call call;
	u32 number;
	u64 index;
};

static int unmap_enter(struct hvr_call *call)
{
	const struct unmap_call *unmap = container_of(call, struct unmap_call, call);
	struct hv_input_unmap_device_gpa_pages in = {
		.device_domain = call_header(unmap->number),
	};
	unsigned int idle = 0;

	do {
		in.target_device_va_base = (unmap->index + call->done) << HV_IOMMU_PAGE_SHIFT;
		call_progress(call, hvr_small(call->code, call->reps - call->done, &in,
					      sizeof(in), NULL, 0), &idle);
	} while (call_goes_on(call, idle));
	return 0;
}

/**
 * hv_iommu_call_unmap() - unmap pages
 * @number: of the domain
 * @index: number of the first page of IOVAs
 * @nr: how many, at most %HV_UNMAP_DEVICE_GPA_MAX_PAGES
 * @done: how many have been unmapped
 *
 * Context: any but NMI.
 * Return: 0 if all have been unmapped, or a negative errno.
 */
int hv_iommu_call_unmap(u32 number, u64 index, unsigned int nr, unsigned int *done)
{
	struct unmap_call unmap = {
		.call = {
			.code = HVCALL_UNMAP_DEVICE_GPA_PAGES,
			.reps = nr,
			.enter = unmap_enter,
		},
		.number = number,
		.index = index,
	};
	int ret = hvr_call_atomic(&unmap.call, stock_more);

	*done = unmap.call.done;
	return ret;
}

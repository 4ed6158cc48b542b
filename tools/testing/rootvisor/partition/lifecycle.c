// SPDX-License-Identifier: GPL-2.0
/*
 * Life cycle of a child partition.
 *
 *   uninitialized --initialize--> active --finalize--> finalized --delete--> gone
 *                 \--------------------delete---------------------------/
 *
 * The descriptor is allocated from the creator's pool; all the rest from the child's
 * own.  Finalizing frees VPs, mappings, ports; deleting requires an empty pool.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/unit.h>
#include "../vp/child.h"
#include "pool.h"
#include "port.h"

#define PRIVILEGE_CREATE	32
#define FIRST_CHILD_ID		2
#define PARTITION_BUCKETS	1024
#define DEFAULT_APIC_HZ		200000000ull
#define INITIAL_PAGES		8	/* in the pool, required by initialize */
/* How much one call of finalize frees. */
#define SLICE_VPS		64
#define SLICE_PAGES		16384
#define SLICE_POOL_PAGES	512

struct partition *partitions;
u64 nr_partitions = 1, nr_vps;
static struct partition **last = &root_partition.next;	/* link for the next one */
static u64 next_id = FIRST_CHILD_ID;
static struct partition *by_id[PARTITION_BUCKETS];	/* children */

static_assert(sizeof(struct partition) <= PAGE_SIZE, "one page");

struct partition *partition_find(u64 id)
{
	struct partition *p;

	rv_assert_locked();
	if (id == ROOT_PARTITION_ID)
		return &root_partition;
	for (p = by_id[id % PARTITION_BUCKETS]; p; p = p->next_by_id)
		if (p->id == id)
			return p;
	return NULL;
}

struct partition *partition_target(struct vp *caller, u64 id, bool self_allowed,
				   u16 *status)
{
	struct partition *self = caller->partition, *p;

	if (id == HV_PARTITION_ID_SELF || id == self->id) {
		if (self_allowed)
			return self;
		*status = HV_STATUS_ACCESS_DENIED;
		return NULL;
	}
	p = partition_find(id);
	if (!p) {
		*status = HV_STATUS_INVALID_PARTITION_ID;
		return NULL;
	}
	if (p->parent != self) {
		*status = HV_STATUS_ACCESS_DENIED;
		return NULL;
	}
	return p;
}

struct vp *vp_find(struct partition *p, u32 index)
{
	struct vp **dir;

	if (index >= MAX_VPS)
		return NULL;
	dir = p->vp_dir[index / VPS_PER_DIR];
	if (p->is_root)
		return index < MAX_LPS ? dir[index] : NULL;
	return dir ? dir[index % VPS_PER_DIR] : NULL;
}

/*
 * A flag for anything else is refused, as a guest would not have it.  The flag for
 * nested virtualization is accepted because clients set it unasked.
 */
#define FLAGS_KNOWN							\
	(HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST |			\
	 HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE |	\
	 HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED |		\
	 HV_PARTITION_CREATION_FLAG_EXO_PARTITION |			\
	 HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED |			\
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED |	\
	 HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)

u16 create_flags_status(u64 flags)
{
	/* Not in the TLFS, but every root sets it. */
	if (!(flags & HV_PARTITION_CREATION_FLAG_EXO_PARTITION))
		return HV_STATUS_INVALID_PARAMETER;
	return flags & ~FLAGS_KNOWN ? HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
}

static u16 create(struct hv_call *call)
{
	const struct hv_input_create_partition *in = call->in;
	struct hv_output_create_partition *out = call->out;
	struct partition *self = call->vp->partition, *p;
	u16 status = create_flags_status(in->flags);

	if (status)
		return status;
	if (in->isolation_properties)
		return HV_STATUS_FEATURE_UNAVAILABLE;
	p = pool_alloc(self);
	if (!p)
		return pool_empty_status(self);
	p->id = next_id++;
	p->parent = self;
	p->flags = in->flags;
	p->compat_version = in->compatibility_version;
	p->apic_hz = DEFAULT_APIC_HZ;
	p->cpu_reserve = HV_CPU_RESERVE_DEFAULT;
	p->cpu_cap = HV_CPU_CAP_DEFAULT;
	p->cpu_weight = HV_CPU_WEIGHT_DEFAULT;
	p->disabled_features[0] = in->disabled_processor_features[0];
	p->disabled_features[1] = in->disabled_processor_features[1];
	p->disabled_xsave = in->disabled_processor_xsave_features;
	p->at = last;
	*last = p;
	last = &p->next;
	nr_partitions++;
	p->next_by_id = by_id[p->id % PARTITION_BUCKETS];
	by_id[p->id % PARTITION_BUCKETS] = p;
	out->partition_id = p->id;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(create_partition, .code = HVCALL_CREATE_PARTITION,
	  .in = sizeof(struct hv_input_create_partition),
	  .out = sizeof(struct hv_output_create_partition),
	  .privilege = PRIVILEGE_CREATE, .fn = create);

static u16 initialize(struct hv_call *call)
{
	const struct hv_input_initialize_partition *in = call->in;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, false, &status);

	if (!p)
		return status;
	if (p->state != PT_UNINITIALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (p->pool.nr_free < INITIAL_PAGES)
		return pool_empty_status(p);
	p->npt = pool_alloc(p);
	p->npt_pages = 1;
	partition_time_set(p, 0);
	p->state = PT_ACTIVE;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(initialize_partition, .code = HVCALL_INITIALIZE_PARTITION,
	  .in = sizeof(struct hv_input_initialize_partition),
	  .privilege = PRIVILEGE_CREATE, .fn = initialize);

static void leaf_gone(struct partition *p, u64 gpn, u64 entry, int level)
{
	u64 pages = 1ull << (9 * level), pfn = (entry & NPT_ADDR) >> PAGE_SHIFT, i;

	if (!(entry & NPT_SOFT_MAPPED))
		return;
	p->nr_mapped -= pages;
	if (!npt_present(entry) || (entry & NPT_SOFT_MMIO))
		return;
	for (i = 0; i < pages; i++)
		page_map_put(pfn + i);
}

/* False if there are more. */
static bool destroy_vps(struct partition *p)
{
	u32 i, n = 0;

	page_unshare_begin();
	for (i = 0; p->nr_vps && i < p->max_vp_index && n < SLICE_VPS; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp)
			continue;
		child_destroy(vp);
		n++;
	}
	page_unshare_end();
	if (p->nr_vps)
		return false;
	for (i = 0; i < ARRAY_SIZE(p->vp_dir); i++) {
		pool_free(p, p->vp_dir[i]);
		p->vp_dir[i] = NULL;
	}
	return true;
}

/* Frees a part; false if there is more. */
static bool tear_down(struct partition *p)
{
	if (!destroy_vps(p))
		return false;
	if (!ports_destroy(p, SLICE_POOL_PAGES))
		return false;
	partition_objects_destroy(p);
	return npt_free(p, leaf_gone, SLICE_PAGES);
}

/*
 * Executed repeatedly until all is freed, so that the root's processors can take
 * interrupts in between.  From the first time on its VPs do not run, and only
 * hypercalls that take its memory away accept it.
 */
static u16 finalize(struct hv_call *call)
{
	const struct hv_input_finalize_partition *in = call->in;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, false, &status);

	if (!p)
		return status;
	if (p->state == PT_ACTIVE) {
		p->state = PT_FINALIZED;
		p->ending = true;
		lp_flush(p);
	}
	if (!p->ending)
		return HV_STATUS_INVALID_PARTITION_STATE;
	call->again = !tear_down(p);
	if (call->again)
		return HV_STATUS_SUCCESS;
	p->ending = false;
	if (p->nr_mapped)
		panic("partition %llu: %llu mappings unaccounted for", p->id, p->nr_mapped);
	if (p->pool.nr_reserved)
		panic("partition %llu: %u pages are still reserved", p->id,
		      p->pool.nr_reserved);
	if (p->pool.nr_free != p->pool.nr_pages)
		log_error("partition %llu: %u pool pages are still in use at the end",
			  p->id, p->pool.nr_pages - p->pool.nr_free);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(finalize_partition, .code = HVCALL_FINALIZE_PARTITION,
	  .in = sizeof(struct hv_input_finalize_partition),
	  .privilege = PRIVILEGE_CREATE, .fn = finalize);

static u16 delete(struct hv_call *call)
{
	const struct hv_input_delete_partition *in = call->in;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, false, &status);
	struct partition **at;

	if (!p)
		return status;
	if (p->state == PT_ACTIVE || p->ending)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (p->pool.nr_pages)
		return HV_STATUS_OPERATION_DENIED;
	nr_partitions--;
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
	else
		last = p->at;
	for (at = &by_id[p->id % PARTITION_BUCKETS]; *at != p; at = &(*at)->next_by_id)
		;
	*at = p->next_by_id;
	pool_free(p->parent, p);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(delete_partition, .code = HVCALL_DELETE_PARTITION,
	  .in = sizeof(struct hv_input_delete_partition),
	  .privilege = PRIVILEGE_CREATE, .fn = delete);

static u16 next_child(struct hv_call *call)
{
	const struct hv_input_get_next_child_partition *in = call->in;
	struct hv_output_get_next_child_partition *out = call->out;
	struct partition *p = partitions;

	if (in->parent_id != call->vp->partition->id &&
	    in->parent_id != HV_PARTITION_ID_SELF)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (in->previous_child_id) {
		p = partition_find(in->previous_child_id);
		if (!p || p->parent != call->vp->partition)
			return HV_STATUS_INVALID_PARTITION_ID;
		p = p->next;
	}
	while (p && p->parent != call->vp->partition)
		p = p->next;
	out->next_child_id = p ? p->id : 0;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_next_child_partition, .code = HVCALL_GET_NEXT_CHILD_PARTITION,
	  .in = sizeof(struct hv_input_get_next_child_partition),
	  .out = sizeof(struct hv_output_get_next_child_partition),
	  .privilege = PRIVILEGE_CREATE, .fn = next_child);

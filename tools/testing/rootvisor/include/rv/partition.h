/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Partitions and their memory pools.
 *
 * Model: a partition is a pool of deposited pages and everything allocated from it:
 * nested tables, VPs.  The descriptor of a child comes from its creator's pool; all the
 * rest from the child's own.
 *
 * Words: *deposit* takes a page from the caller into a pool, *withdraw* returns a free
 * pool page (zeroed), *share* maps a pool page in the root, too.
 */
#ifndef _RV_PARTITION_H
#define _RV_PARTITION_H

#include <hyperv/hv_partition.h>
#include <rv/base.h>
#include <rv/hash.h>
#include <rv/slab.h>

#define MAX_PARTITIONS		4096
#define MAX_VPS			1024	/* of a child: what a scheduler bitset can hold */
#define VPS_PER_DIR		512
#define MAX_PORTS		131072	/* and connections, of one partition */
#define ROOT_PARTITION_ID	1ull
#define GPN_LIMIT		BIT_ULL(36)

enum partition_state {
	PT_UNINITIALIZED,
	PT_ACTIVE,
	PT_FINALIZED,
};

struct vp;

struct pool {
	u64 free;		/* page number, see page_next(); 0: none */
	u32 nr_free;
	u32 nr_reserved;	/* of these, reserved for what a guest does */
	u32 nr_pages;		/* deposited and not withdrawn */
	bool is_dry;		/* control port: pretend that it is empty */
};

/*
 * A page of the hypervisor that an MSR of the guest places over its memory, hiding what
 * is mapped there.  Overlays at the same GPN are stacked.
 */
struct overlay {
	void *page;
	bool is_set;
	u64 gpn;
	u64 hidden;			/* the entry that it hides */
	struct hash_node by_gpn;	/* linked if this is the lowest one */
	struct overlay *above, *below;	/* in a ring */
};

struct partition {
	struct partition *next;		/* all partitions, root first */
	struct partition **at;		/* the pointer to it */
	struct partition *next_by_id;
	u64 id;
	bool is_root;
	enum partition_state state;
	bool ending;			/* finalized, but not freed completely */
	struct partition *parent;
	struct pool pool;

	u64 flags;			/* HV_PARTITION_CREATION_FLAG_* */
	u64 disabled_features[2];
	u64 disabled_xsave;
	u32 compat_version;

	u64 privileges;			/* CPUID 0x40000003 EBX:EAX */
	u64 synthetic;			/* property 0x10001 */
	u64 msr_action;			/* property 0x50017 */
	u64 access_tracking;		/* property 0x50005 */
	bool time_frozen;		/* property 0x30003 */
	u64 time_frozen_at;
	u64 clock_tsc, clock_ref;	/* partition/clock.c */
	u64 apic_hz;			/* property 0x30004 */
	u64 cpu_reserve, cpu_cap, cpu_weight;	/* properties 0x20001, 2, 3 */
	u64 per_socket;			/* property 0x50003, 0: not set */

	u64 *npt;
	u32 npt_pages;
	u64 flushes;			/* of the TLBs, see lp_flush() */
	u64 nr_mapped;			/* GPA pages, 4 KiB units */
	u64 gpa_changes;		/* entries mapped and unmapped, for statistics */
	struct hash overlays;		/* by GPN: partition/overlay.c */

	struct vp **vp_dir[MAX_VPS / VPS_PER_DIR];
	u32 nr_vps;
	u32 max_vp_index;		/* highest created, +1; 0 none */
	u32 nr_apic_ids;		/* VPs whose APIC id is not their index */

	u64 guest_os_id, hypercall_msr, ref_tsc_msr;
	struct overlay hypercall, ref_tsc;	/* children: vp/hvmsr.c */
	u32 ref_tsc_sequence;
	u64 crash[6];
	struct slab rules;		/* vp/rules.c */
	struct hash rules_by_key;
	u32 nr_rules;
	struct slab slots;		/* ports and connections: partition/port.c */
	struct hash slots_by_id;
	struct hash doorbells, doorbell_pages;		/* partition/doorbell.c */
	u32 nr_doorbells[2][2];		/* by: of any size, of any value */
	u32 nr_ports;
	u64 intercepts[8];		/* INSTALL_INTERCEPT, by type: access mask */
	u64 stats[64];
};

/* If it has none, the VMM emulates an interrupt controller. */
static inline bool partition_has_apic(const struct partition *p)
{
	return p->flags & HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED;
}

extern struct partition *partitions;	/* list, the root partition first */
extern struct partition root_partition;
extern u64 nr_partitions, nr_vps;	/* all, including the root's */

struct partition *partition_find(u64 id);

/* The status of CreatePartition for these flags, apart from memory. */
u16 create_flags_status(u64 flags);

/*
 * The partition if @caller may act on it: HV_PARTITION_ID_SELF, or its child.  NULL and
 * *status otherwise.
 */
struct partition *partition_target(struct vp *caller, u64 id, bool self_allowed,
				   u16 *status);

/* A zeroed page of the partition's pool, or NULL if that is empty. */
void *pool_alloc(struct partition *p);
/* The same, with what its last user has left there. */
void *pool_alloc_dirty(struct partition *p);
void pool_free(struct partition *p, void *page);

/*
 * Pages for what a guest does, which cannot wait for memory: reserved when the object
 * that will need them is created.  False if too few are free.
 */
bool pool_reserve(struct partition *p, u32 pages);
void pool_unreserve(struct partition *p, u32 pages);
/* Allocate a reserved page, which must exist; free it to the reserve. */
void *pool_alloc_reserved(struct partition *p);
void pool_free_reserved(struct partition *p, void *page);

/* The status for an empty pool, which the control port can change. */
u16 pool_empty_status(struct partition *p);

/* Map a pool page in the root, readable and writable; unmap it. */
bool page_share(struct partition *p, void *page);
void page_unshare(struct partition *p, void *page);
/* In between, page_unshare() defers its flush to the end; no page may be allocated. */
void page_unshare_begin(void);
void page_unshare_end(void);

struct vp *vp_find(struct partition *p, u32 index);

/*
 * Guest memory by GPA, for the hypervisor itself.  False if a byte is not mapped (or not
 * writable); a part may have been copied then.
 */
bool gpa_read(struct partition *p, u64 gpa, void *to, u32 len);
bool gpa_write(struct partition *p, u64 gpa, const void *from, u32 len);
/* Pointer to a mapped guest page, or NULL. */
void *gpa_page(struct partition *p, u64 gpn, bool write);

/* For tests: maps a page without access.  Returns an HV_STATUS_*. */
u16 gpa_map_no_access(struct partition *p, u64 gpn);

/*
 * Overlays.  overlay_create() allocates the page and reserves what it may ever need to be
 * placed anywhere; false if the pool has too little.  After that overlay_set() cannot
 * fail for a valid GPN; it moves an overlay that is set already.
 */
bool overlay_create(struct partition *p, struct overlay *o);
void overlay_destroy(struct partition *p, struct overlay *o);
void overlay_set(struct partition *p, struct overlay *o, u64 gpn, bool writable);
void overlay_clear(struct partition *p, struct overlay *o);

/* Partition time in 100 ns: reference time minus freezes; now, and at @tsc. */
u64 partition_time(struct partition *p);
u64 partition_time_at(struct partition *p, u64 tsc);
void partition_time_set(struct partition *p, u64 time);
void partition_time_freeze(struct partition *p, bool on);
/* The clock follows a TSC that is @tsc_offset ahead of the host's; no time is lost. */
void partition_time_follow(struct partition *p, u64 tsc_offset);

/* The time was stopped, continued or set: update copies and deadlines. */
void partition_time_changed(struct partition *p);

#endif

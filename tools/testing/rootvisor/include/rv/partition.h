/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Partitions and their memory pools.
 *
 * Model: a partition is a pool of deposited pages and everything made of them:
 * its own descriptor, nested tables, VPs.  The descriptor of a child is paid
 * for by its creator; all the rest by the child itself.
 *
 * Words: *deposit* takes a page from the caller into a pool, *withdraw* gives a
 * free pool page back (zeroed), *lend* maps a pool page back to the root.
 */
#ifndef _RV_PARTITION_H
#define _RV_PARTITION_H

#include <hyperv/hv_partition.h>
#include <rv/base.h>
#include <rv/hash.h>
#include <rv/slab.h>

#define MAX_PARTITIONS		4096
#define MAX_VPS			1024	/* of a child: a scheduler bitset's reach */
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
	u32 nr_reserved;	/* of these, for what a guest does */
	u32 nr_pages;		/* deposited and not withdrawn */
	bool is_dry;		/* control port: says that it is empty */
};

/*
 * A page of the hypervisor's that a guest's MSR lays over its memory, and hides what is
 * mapped there.  Several at one GPN lie on each other.
 */
struct overlay {
	void *page;
	bool is_set;
	u64 gpn;
	u64 hidden;			/* the entry below */
	struct hash_node by_gpn;	/* of the lowest */
	struct overlay *above, *below;	/* in a ring */
};

struct partition {
	struct partition *next;		/* all partitions, root first */
	struct partition **at;		/* what points to it there */
	struct partition *next_by_id;
	u64 id;
	bool is_root;
	enum partition_state state;
	bool ending;			/* finalized, but not all of it has been freed */
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

	u64 *npt;
	u32 npt_pages;
	u64 nr_mapped;			/* GPA pages, 4 KiB units */
	struct hash overlays;		/* by GPN: partition/overlay.c */

	struct vp **vp_dir[MAX_VPS / VPS_PER_DIR];
	u32 nr_vps;
	u32 max_vp_index;		/* highest created, +1; 0 none */

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
	u32 nr_ports;
	u64 intercepts[8];		/* INSTALL_INTERCEPT, by type: access mask */
	u64 stats[64];
};

/* Without one the VMM has an interrupt controller of its own. */
static inline bool partition_has_apic(const struct partition *p)
{
	return p->flags & HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED;
}

extern struct partition *partitions;	/* list, the root partition first */
extern struct partition root_partition;
extern u64 nr_partitions, nr_vps;	/* of all, the root's too */

struct partition *partition_find(u64 id);

/* What CreatePartition answers to these flags, memory apart. */
u16 create_flags_status(u64 flags);

/*
 * A partition a caller may act on: SELF or a child of the caller's.
 * NULL and *status otherwise.
 */
struct partition *partition_target(struct vp *caller, u64 id, bool self_allowed,
				   u16 *status);

/* A zeroed page of the partition's pool (reserve for the root), or NULL. */
void *pool_alloc(struct partition *p);
void pool_free(struct partition *p, void *page);

/*
 * Pages for what a guest does, who cannot be told to wait for memory: they are set
 * aside when the object is created that will need them.  False: too few are free.
 */
bool pool_reserve(struct partition *p, u32 pages);
void pool_unreserve(struct partition *p, u32 pages);
/* One of these, which must be there, and back. */
void *pool_alloc_reserved(struct partition *p);
void pool_free_reserved(struct partition *p, void *page);

/* The status for "the pool is empty", as the control port may have set it. */
u16 pool_empty_status(struct partition *p);

/* Lend: a pool page the root may read and write too, and back again. */
bool page_share(struct partition *p, void *page);
void page_unshare(struct partition *p, void *page);
/* Between these page_unshare() leaves the flush to the end; no page is taken meanwhile. */
void page_unshare_begin(void);
void page_unshare_end(void);

struct vp *vp_find(struct partition *p, u32 index);

/*
 * Guest memory by GPA for the hypervisor itself.  A false return means that
 * some byte is not mapped (or not writable).  Pages may be partly done then.
 */
bool gpa_read(struct partition *p, u64 gpa, void *to, u32 len);
bool gpa_write(struct partition *p, u64 gpa, const void *from, u32 len);
/* Host pointer to one mapped guest page, or NULL. */
void *gpa_page(struct partition *p, u64 gpn, bool write);

/* For tests: a page is mapped, and nobody has access.  Returns an HV_STATUS_*. */
u16 gpa_map_no_access(struct partition *p, u64 gpn);

/*
 * Overlays.  overlay_create() takes the page and all that it will ever need to be laid
 * somewhere; false: the pool has too little.  overlay_set() then cannot fail, for a GPN
 * that there can be; one that is set is taken away first.
 */
bool overlay_create(struct partition *p, struct overlay *o);
void overlay_destroy(struct partition *p, struct overlay *o);
void overlay_set(struct partition *p, struct overlay *o, u64 gpn, bool writable);
void overlay_clear(struct partition *p, struct overlay *o);

/* Partition time in 100 ns: reference time less the freezes; and when the TSC is @tsc. */
u64 partition_time(struct partition *p);
u64 partition_time_at(struct partition *p, u64 tsc);
void partition_time_set(struct partition *p, u64 time);
void partition_time_freeze(struct partition *p, bool on);
/* Its clock counts by a TSC that is @tsc_offset before the host's; no time is lost. */
void partition_time_follow(struct partition *p, u64 tsc_offset);

/* It has stopped, gone on, or jumped: for whoever keeps a copy or a deadline. */
void partition_time_changed(struct partition *p);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device domains of the root, and which device is in which.
 *
 * Words: a domain's *number* is the root's, its *slot* the hardware's, see dma.h.
 */
#ifndef _RV_DOMAIN_H
#define _RV_DOMAIN_H

#include <rv/base.h>
#include "iopt.h"

/*
 * What is not known of the real hypervisor: option "domains=N", the sum of the bits for
 * which the second answer is given.
 */
#define DOMAINS_IN_USE		BIT(0)	/* a number in use: INVALID_PARAMETER, OBJECT_IN_USE */
#define DOMAINS_DELETE		BIT(1)	/* with devices: refused, they are in the null domain */
#define DOMAINS_LEAVE_FIRST	BIT(2)	/* from one's own to another: moved, refused */
#define DOMAINS_SAME_AGAIN	BIT(3)	/* into the same: DEVICE_ALREADY_IN_DOMAIN, success */
#define DOMAINS_DETACH_NULL	BIT(4)	/* detached: in the default domain, the null domain */
#define DOMAINS_MAP_OVER	BIT(5)	/* map over map: refused, replaced */
#define DOMAINS_HOLES		BIT(6)	/* unmap of a hole: done, refused */
#define DOMAINS_FOREIGN		BIT(7)	/* foreign page: ACCESS_DENIED, OPERATION_DENIED */
#define DOMAINS_REPORT		BIT(8)	/* faults: when the root is ready, always */
#define DOMAINS_END		BIT(9)	/* the next kernel: finds the old domains, none */
#define DOMAINS_ASK		BIT(10)	/* creation: needs no memory of the root, a page */
#define DOMAINS_FAULT_ID	BIT(11)	/* id in a fault: logical, of type PCI */
#define DOMAINS_NO_CALL		BIT(12)	/* GetIommuCapabilities: there, not there */
#define DOMAINS_ALL		(BIT(13) - 1)

struct domain;

/* NULL: there is none of this number. */
struct domain *domain_find(u32 number);

/* The default or the null domain, which cannot be changed. */
bool domain_is_fixed(u32 number);

/* These return an HV_STATUS_*. */
u16 domain_create(u32 number);
/* *again: not complete, call it again. */
u16 domain_delete(u32 number, bool *again);
u16 domain_attach(u32 number, u16 rid);
u16 domain_detach(u16 rid);

/* Pages by number; in effect after domain_settle(). */
u16 domain_map(struct domain *d, u64 at, u64 pfn, u64 rights);
u16 domain_unmap(struct domain *d, u64 at);
void domain_settle(struct domain *d);

/* The number of the domain of a device. */
u32 domain_of(u16 rid);

/* Domains that the root has made; devices that are not in the default domain. */
u64 domain_count(void);
u64 domain_attachments(void);
u64 domain_pages(void);

/* Another kernel takes over, see DOMAINS_END. */
void domain_next_kernel(void);

/* The tables of the default domain, once DMA is remapped. */
const u64 *identity_top(void);
void identity_books(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls about device domains; those without another comment return the status. */
#ifndef _DOMAINCALLS_H
#define _DOMAINCALLS_H

#include "dmatest.h"

#define DOMAIN_ID(number)	((__u64)(number) << 32)

int domain_create(struct dmatest *t, __u32 number);
int domain_delete(struct dmatest *t, __u32 number);
int domain_attach(struct dmatest *t, __u32 number, __u64 device);
int domain_detach(struct dmatest *t, __u64 device);

/* Maps pages of a list from @iova on; *done: how many are mapped. */
int domain_map(struct dmatest *t, __u32 number, __u64 iova, __u32 flags, const __u64 *addresses,
	       unsigned int nr, unsigned int *done);
int domain_map_one(struct dmatest *t, __u32 number, __u64 iova, __u64 address);
int domain_unmap(struct dmatest *t, __u32 number, __u64 iova, unsigned int nr);

/* The number of the device's domain, as the control port knows it. */
__u32 domain_of(struct dmatest *t);

/*
 * Starts a test with a domain, and enough memory for its tables: NULL, or the reason to
 * skip it.  Its end, with the device in the default domain again: 0, or a status.
 */
const char *domaintest_start(struct dmatest *t, __u32 number);
int domaintest_end(struct dmatest *t, __u32 number);

#endif

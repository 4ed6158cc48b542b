/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of DMA remapping share: a device, hypercalls, pages, and the hypervisor's log.
 *
 * Model: the "edu" device is filled with a pattern while its domain lets it read memory, and
 * told then to write somewhere.  Whether it was blocked is seen in the memory, in the
 * hypervisor's count of faults, and in its log, which has the address.
 */
#ifndef _DMATEST_H
#define _DMATEST_H

#include "edu.h"
#include "raw/raw.h"
#include "rvbooks.h"

#define DMA_PAGE	4096ul
#define DMA_WORDS	(DMA_PAGE / 8)
#define PATTERN		0x600dda7a600dda7aULL
#define OTHER		0x0123456789abcdefULL

/**
 * struct dmatest - a machine with DMA remapping
 * @edu: the device
 * @raw: for hypercalls
 * @page: a page of memory that stays in its place
 * @address: its physical address
 * @faults: what the hypervisor has counted so far
 * @log: position in its log
 */
struct dmatest {
	struct edu edu;
	int raw;
	__u64 *page;
	__u64 address;
	__u64 faults, log;
};

/* NULL, or the reason to skip the tests; there is a control port. */
const char *dmatest_start(struct dmatest *t);
void dmatest_end(struct dmatest *t);

/* A page of memory that stays in its place; its physical address. */
__u64 *dmatest_page(__u64 *address);
void dmatest_page_free(__u64 *page);

/* A call with a list of @reps elements, 0: without.  The status; *done: elements. */
int dmatest_call(struct dmatest *t, unsigned int code, const void *in, unsigned int bytes,
		 unsigned int reps, unsigned int *done, void *out);

/* Puts this word into the device's buffer, and everywhere in it. */
void dmatest_fill(struct dmatest *t, __u64 word);

/* Now is the point in time after which faults and lines in the log count. */
void dmatest_mark(struct dmatest *t);

/* Faults since the mark. */
__u64 dmatest_faults(struct dmatest *t);

/*
 * Was there a fault since the mark, and a line about the device and this address?  A disk
 * writes a page in pieces: each is a fault, if the hypervisor has collected the one before.
 */
int dmatest_reported(struct dmatest *t, __u64 address, int write);

/* The same where the device tries once: was there exactly this fault? */
int dmatest_blocked(struct dmatest *t, __u64 address, int write);

/* Are there as many domains, devices in them, and pages as before? */
int dmatest_is_back(const struct books *before);

/* Deposits a page for the root's own use; withdraws one.  Both return the status. */
int dmatest_deposit(struct dmatest *t, __u64 address);
int dmatest_withdraw(struct dmatest *t, __u64 *address);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QEMU's "edu" device, which copies memory when it is told to.
 *
 * Model: it has a buffer of its own.  A copy goes from memory to the buffer or back, by
 * addresses of the bus; the device does not tell whether it was blocked.
 */
#ifndef _EDU_H
#define _EDU_H

#include <linux/types.h>

/**
 * struct edu - the device
 * @registers: mapped
 * @id: device id in hypercalls
 * @name: as in the hypervisor's log, 00:02.0
 */
struct edu {
	volatile __u8 *registers;
	__u64 id;
	char name[8];
};

/* 0 or a negative errno; -ENODEV: there is none. */
int edu_open(struct edu *edu);

/* Copies bytes between memory at @address and the device's buffer, and waits. */
void edu_load(struct edu *edu, __u64 address, unsigned int bytes);
void edu_store(struct edu *edu, __u64 address, unsigned int bytes);

/* The physical address of something that stays where it is, 0: not known. */
__u64 edu_physical(const void *p);

#endif

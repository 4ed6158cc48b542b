/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that touches memory on request: one byte is read, written, or called, and
 * the result says whether the guest could.
 *
 * Model: the guest is 64-bit, has its first GiB mapped one to one, and its code and
 * tables in the machine's own memory.  Each probe sets the processor's registers
 * and runs it to the next message.
 */
#ifndef _MSHV_PROBE_H
#define _MSHV_PROBE_H

#include "testvm.h"

/* Address of the regions of tests, well above the machine's memory. */
#define PROBE_GPA	0x10000000ULL
#define PROBE_PFN	(PROBE_GPA / VMM_PAGE)
#define PROBE_REFUSED	1	/* the access became a message */
#define BLOCK		0x200000ULL

#define RET		0xc3	/* first byte of a page to be called */

int probe_start(struct tvm *t);
int probe_read(struct tvm *t, unsigned int index, __u64 gpa, __u8 *value);
int probe_write(struct tvm *t, unsigned int index, __u64 gpa, __u8 value);
int probe_call(struct tvm *t, unsigned int index, __u64 gpa);

/* For a fixture with a machine "t". */
#define EXPECT_BYTE(expected, gpa) do {					\
	__u8 byte_ = 0xbd;						\
									\
	EXPECT_EQ(0, probe_read(&self->t, 0, gpa, &byte_)) {		\
		TH_LOG("%s", vmm_error());				\
	}								\
	EXPECT_EQ(expected, byte_);					\
} while (0)

#define EXPECT_REFUSED(gpa) do {					\
	__u8 byte_;							\
									\
	EXPECT_EQ(PROBE_REFUSED, probe_read(&self->t, 0, gpa, &byte_)) {\
		TH_LOG("%s", vmm_error());				\
	}								\
} while (0)

int pin_memory(bool on);
__u8 *probe_area(__u64 size);
__u64 probe_frame(const __u8 *address);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* For tests: hypercalls of the root as a program makes them, by /dev/mshv_raw. */
#ifndef _MSHV_RAW_H
#define _MSHV_RAW_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RAW_PAGE	4096

/**
 * struct raw_call - a hypercall
 * @control: the control word
 * @result: the result word
 * @in: input, of which a call reads as much as it needs
 * @out: output
 */
struct raw_call {
	__u64 control;
	__u64 result;
	__u8 in[RAW_PAGE];
	__u8 out[RAW_PAGE];
};

#define RAW_CALL	_IOWR(0xb9, 0x40, struct raw_call)

#endif

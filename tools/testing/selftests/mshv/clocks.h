/* SPDX-License-Identifier: GPL-2.0 */
/* Definitions for clocks.c and its guest. */
#ifndef _MSHV_CLOCKS_H
#define _MSHV_CLOCKS_H

#define CLOCKS_PORT	0x3f8		/* the probe port */
#define CLOCKS_PAGE	0x4000		/* the reference TSC page */
#define CLOCKS_LATEST	0x5000		/* the latest time that was read */
#define CLOCKS_COUNTER	0x5008		/* the latest time stamp counter */
#define CLOCKS_MSR	0x40000020	/* TIME_REF_COUNT */
#define CLOCKS_READINGS	2000

#define CLOCKS_FORWARDS	1
#define CLOCKS_BACKWARDS 2
#define CLOCKS_NO_PAGE	3

#endif

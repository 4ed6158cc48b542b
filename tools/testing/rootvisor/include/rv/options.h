/* SPDX-License-Identifier: GPL-2.0 */
/* rootvisor's command line: space-separated name=value. */
#ifndef _RV_OPTIONS_H
#define _RV_OPTIONS_H

#include <rv/base.h>

enum tcg_option { TCG_AUTO, TCG_ON, TCG_OFF, TCG_SOME };

/**
 * struct options - what the command line asked for
 * @cpus: maximum number of processors to use
 * @control: answer on the control port
 * @strict: refuse what the real hypervisor refuses a root ("root_compat=strict");
 *          if false, a kernel that does not support being the root boots, too
 * @strict_vectors: refuse device interrupts on vectors 1F, 2F, D2
 * @count_interrupts: take each interrupt of the root and count it for its device
 * @icount: virtual time; clocks are the fixed ones of QEMU's -icount shift=0
 * @park: the firmware's first processor runs no guest
 * @tick: period in microseconds of a hypervisor timer on each
 *        processor, 0: none; keeps the shared APIC timer busy, for tests
 * @lp_pages: pages that the root must deposit to add a processor, and again
 *	      to create its root VP
 * @touch_mc: a root that touches a page of the hypervisor gets #MC, not #GP
 * @poison: free pages are filled with a pattern, which is checked when they are allocated
 * @rules_off: a guest's XCR0 and XSTATE_BV go to the processor unchecked,
 *	       for tests
 * @tcg: whether to work around defects of QEMU's software emulation
 * @tcg_some: TCG_SOME: which ones
 * @log_port: serial port for the log, 0: none
 * @log_no_serial: not even that of the SPCR
 * @dma_off: remapping hardware remaps interrupts only
 * @domains_off: the root cannot make device domains
 * @domains: DOMAINS_* of device/domain.h
 * @dmar_visible: the root sees the tables of remapping hardware
 * @lag: delay in microseconds before a timer is taken over, for tests
 */
struct options {
	u32 cpus;
	bool control;
	bool strict;
	bool strict_vectors;
	bool count_interrupts;
	bool icount;
	bool park;
	bool touch_mc;
	bool poison;
	bool rules_off;
	enum tcg_option tcg;
	u32 tcg_some;
	u32 tick;
	u32 lag;
	u32 lp_pages;
	u16 log_port;
	bool log_no_serial;
	bool dma_off;
	bool domains_off;
	u32 domains;
	bool dmar_visible;
};

extern struct options options;
void options_parse(const char *text);

#endif

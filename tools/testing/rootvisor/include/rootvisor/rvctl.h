/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client of rootvisor's control port: count events, inject faults, read the
 * books.  See <rootvisor/control.h> for the commands.
 *
 * Model: a call uses the ports of the current processor, so it pins its thread
 * while it lasts, and holds a lock that other programs in the same root
 * respect.
 *
 * Functions return 0 or a negative errno: -ENODEV without rootvisor, -EPERM
 * without access to the ports, -ENOENT and -EINVAL for what rootvisor rejects.
 */
#ifndef _MSHVRUN_RVCTL_H
#define _MSHVRUN_RVCTL_H

#include <linux/types.h>

#include <rootvisor/control.h>

/* A lock shared by all programs needs a file that always exists. */
#define RV_LOCK_FILE	"/"

int rv_open(void);
int rv_call(__u32 command, const __u32 *args, unsigned int arg_count,
	    __u32 *results, unsigned int result_count);

int rv_mark(void);
int rv_count_call(__u32 code, __u64 *count);
int rv_count(__u32 what, __u64 *count);
int rv_books(__u32 what, __u64 partition, __u64 *value);
int rv_fail(__u32 code, __u32 status, __u32 skip, __u32 times, __u32 *rule);
int rv_rep_stop(__u32 code, __u32 status, __u32 reps, __u32 times,
		__u32 *rule);
int rv_rule_hits(__u32 rule, __u64 *hits);
int rv_rules_clear(void);
int rv_message(__u32 lp, __u32 sint, __u32 type, __u64 sender,
	       const void *payload, __u32 size);
int rv_message_drop(__u32 type, __u32 times);
int rv_message_dup(__u32 type, __u32 times);
int rv_message_hold(__u32 type, __u32 times);
int rv_message_release(__u32 *count);
int rv_doorbell(__u32 lp, __u32 port);
int rv_vp_stall(__u64 partition, __u32 vp, __u32 on);
int rv_memory_status(__u32 status);
int rv_rep_slice(__u32 reps);
int rv_deposit_write(__u64 value);
int rv_take(__u64 number);
int rv_no_access(__u64 partition, __u64 gpn);
int rv_dry(__u64 partition, __u32 on);
int rv_page(__u64 number, __u32 *of_root, __u32 *mappings);
int rv_answer_status(__u32 code, __u32 times, __u32 status);
int rv_answer_value(__u32 code, __u32 times, __u64 value);

#endif

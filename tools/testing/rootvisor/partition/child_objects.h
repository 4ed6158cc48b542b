/* SPDX-License-Identifier: GPL-2.0 */
/* What finalizing a partition takes down, by the rooms that own it. */
#ifndef _RV_CHILD_OBJECTS_H
#define _RV_CHILD_OBJECTS_H

struct partition;
struct vp;

void child_destroy(struct vp *vp);			/* vp/child.c */
bool ports_destroy(struct partition *p, u32 pages);	/* partition/port.c; false: more */
void partition_objects_destroy(struct partition *p);	/* registered CPUID results ... */

#endif

// SPDX-License-Identifier: GPL-2.0
/* Stands in, weakly, for the rooms of child VPs until they are built. */
#include <rv/vp.h>
#include <rv/sched.h>
#include <rv/page.h>
#include "../cpu/root.h"
#define W __attribute__((weak))
bool W sched_is_root = true;
W void sched_pick(struct lp *lp) {}
W void sched_stop(struct vp *vp, enum stop_reason why) {}
W void sched_wake(struct vp *vp) {}
W void sched_root_halt(struct lp *lp) {}
W bool sched_wants_root_halt(struct lp *lp) { return false; }
W void sched_root_awake(struct lp *lp) {}
W void sched_remove(struct vp *vp) {}
W void child_stall(struct vp *vp, bool on) {}
W void child_exit(struct vp *vp) {}
W void child_prepare(struct vp *vp) {}
W void child_destroy(struct vp *vp) {}
W void ports_destroy(struct partition *p) {}
W void partition_objects_destroy(struct partition *p) {}
W void synic_reset(struct vp *vp) {}
W u16 synic_post(struct vp *vp, u32 sint, u32 type, u64 sender, const void *payload, u32 len) { return 0; }
W u16 synic_ring(struct vp *vp, u32 sint, u32 port_id) { return 0; }
W bool gpa_read(struct partition *p, u64 gpa, void *to, u32 len) { return 0; }
W bool gpa_write(struct partition *p, u64 gpa, const void *from, u32 len) { return 0; }
W void *gpa_page(struct partition *p, u64 gpn, bool write) { return 0; }
#include <rv/call.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_vp.h>
HYPERCALL(zz_create_vp, .code = HVCALL_CREATE_VP, .in = sizeof(struct hv_input_create_vp), .privilege = 44, .fn = root_create_vp);

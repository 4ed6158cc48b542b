/* SPDX-License-Identifier: GPL-2.0 */
/* A device that iommufd gives to this program, see vfiofd.c. */
#ifndef _VFIOFD_H
#define _VFIOFD_H

#include "vfiodev.h"

int vfiofd_open(struct vfiodev *v);
int vfiofd_map(struct vfiodev *v, void *p, __u64 iova, __u64 bytes, __u32 flags);
long long vfiofd_unmap(struct vfiodev *v, __u64 iova, __u64 bytes);

#endif

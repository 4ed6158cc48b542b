/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes opening files for direct access, O_DIRECT, fail with EINVAL, as on a file system
 * without direct access.  This applies to the caller and all its future children.
 *
 * A virtiofs server writes what is read in that way to a process' pages without QEMU
 * noticing.  If QEMU has translated code of such a page, it would continue to run that.
 * Pages of the page cache are cleared when they are allocated, which QEMU notices.
 */
#ifndef HOSTROOT_DIRECT_H
#define HOSTROOT_DIRECT_H

#include <stdbool.h>

/* Returns false, and sets errno, on failure. */
bool refuse_direct_access(void);

#endif

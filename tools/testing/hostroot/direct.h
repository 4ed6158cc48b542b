/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Refuses to open files for direct access, O_DIRECT, with the error of a file system that
 * has none, EINVAL.  It holds for the caller and for all processes to come from it.
 *
 * A server of virtiofs writes what is read in that way to a process' pages, without the
 * knowledge of QEMU.  Where QEMU has translated code of such a page it would go on to run
 * that.  Pages of the page cache are cleared when they are taken, which QEMU sees.
 */
#ifndef HOSTROOT_DIRECT_H
#define HOSTROOT_DIRECT_H

#include <stdbool.h>

/* Returns false, and errno, when it cannot be done. */
bool refuse_direct_access(void);

#endif

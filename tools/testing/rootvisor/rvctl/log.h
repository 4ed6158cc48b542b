/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RVCTL_LOG_H
#define _RVCTL_LOG_H

/* Prints the hypervisor's log; @follow: and what comes.  A negative errno, or 0. */
int log_print(int follow);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What rootvisor takes of the machine's memory. */
#ifndef _RV_BOOT_MEMORY_H
#define _RV_BOOT_MEMORY_H

/* The memory map becomes the root's; panics if there is too little memory. */
void memory_init(void);

#endif

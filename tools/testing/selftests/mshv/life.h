/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A life is everything that a VMM does with a small machine, from creation to
 * destruction.  If a step fails, the later ones are done all the same.
 */
#ifndef _MSHV_LIFE_H
#define _MSHV_LIFE_H

#include <linux/types.h>

int life(__u64 *pages);

#endif

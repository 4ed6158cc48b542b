/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A life is everything that a VMM does with a small machine, from birth to death.  A
 * step that fails does not keep the later ones from being done.
 */
#ifndef _MSHV_LIFE_H
#define _MSHV_LIFE_H

#include <linux/types.h>

int life(__u64 *pages);

#endif

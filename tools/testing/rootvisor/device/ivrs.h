/* SPDX-License-Identifier: GPL-2.0 */
/* AMD's remapping hardware, which is not used. */
#ifndef _RV_IVRS_H
#define _RV_IVRS_H

#include <rv/base.h>

/* The registers of a unit that firmware has left on, or 0. */
u64 ivrs_enabled(void);

#endif

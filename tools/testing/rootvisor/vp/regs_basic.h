/* SPDX-License-Identifier: GPL-2.0 */
/* Rules for the basic registers of a VP. */
#ifndef _RV_VP_REGS_BASIC_H
#define _RV_VP_REGS_BASIC_H

#include <rv/base.h>

bool cr0_valid(u64 value);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the hypervisor's functions. */
#ifndef _RV_TEST_SYMBOLS_H
#define _RV_TEST_SYMBOLS_H

#include <rv/base.h>

/* The function at @address and the offset in it, or NULL if it is in none. */
const char *symbol_name(u64 address, u64 *offset);

#endif

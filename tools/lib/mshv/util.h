/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros that the kernel's headers would provide.
 */
#ifndef _MSHV_UTIL_H
#define _MSHV_UTIL_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

#ifndef __printf
#define __printf(format_at, args_from)	\
	__attribute__((__format__(__printf__, format_at, args_from)))
#endif

#endif

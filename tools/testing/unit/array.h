/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_ARRAY_H
#define _UNIT_ARRAY_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif

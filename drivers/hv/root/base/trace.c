// SPDX-License-Identifier: GPL-2.0
/*
 * The one file in which the base layer's tracepoints are instantiated.
 */
#include <linux/types.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

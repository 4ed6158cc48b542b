// SPDX-License-Identifier: GPL-2.0
/*
 * The one file in which the tracepoints are instantiated.
 */
#include <linux/types.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/* SPDX-License-Identifier: GPL-2.0 */
/* The XSAVE area in standard format (AMD APM volume 2, 11.5). */
#ifndef _RV_VP_XSAVE_H
#define _RV_VP_XSAVE_H

#include <rv/base.h>

#define XSAVE_FCW	0
#define XSAVE_RDP	16
#define XSAVE_MXCSR	24
#define XSAVE_ST	32
#define XSAVE_XMM	160
#define XSAVE_BV	512
#define XSAVE_COMP_BV	520
#define XSAVE_EXTENDED	576
#define XSAVE_COMPACT	BIT_ULL(63)

#define XFEATURE_X87	1ull
#define XFEATURE_SSE	2ull
#define XFEATURE_AVX	4ull

#define FCW_INIT	0x037f
#define MXCSR_INIT	0x1f80
#define MXCSR_MASK	0xffffu

#endif

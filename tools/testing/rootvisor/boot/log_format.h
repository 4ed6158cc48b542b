/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of the log, and how they are built; rv/log.h says what is understood. */
#ifndef _RV_LOG_FORMAT_H
#define _RV_LOG_FORMAT_H

#include <rv/base.h>

#define LINE_MAX	400

struct line {
	char text[LINE_MAX];
	u32 len;
};

void line_put(struct line *l, char c);
void line_format(struct line *l, const char *fmt, ...) __printf(2, 3);
void line_vformat(struct line *l, const char *fmt, va_list args);

#endif

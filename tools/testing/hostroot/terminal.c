// SPDX-License-Identifier: GPL-2.0
#include "terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static bool is_raw;
/* The last key was the escape key. */
static bool escaped;

void terminal_make_raw(void)
{
	struct termios raw;

	if (is_raw || tcgetattr(STDIN_FILENO, &saved))
		return;
	raw = saved;
	cfmakeraw(&raw);
	/* Keeps what has been typed already. */
	is_raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void terminal_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	is_raw = false;
}

bool terminal_size(unsigned int *rows, unsigned int *columns)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		return false;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return true;
}

size_t terminal_filter(unsigned char *keys, size_t count, bool *quit)
{
	size_t i, left = 0;

	for (i = 0; i < count; i++) {
		unsigned char key = keys[i];

		if (!escaped) {
			escaped = key == ESCAPE_KEY;
			if (!escaped)
				keys[left++] = key;
			continue;
		}
		escaped = false;
		if (key == 'x') {
			*quit = true;
			return left;
		}
		if (key == 'a' || key == ESCAPE_KEY) {
			keys[left++] = ESCAPE_KEY;
			continue;
		}
		/*
		 * Not ours.  It grows only if the escape key came with an earlier read.
		 */
		if (left == i) {
			memmove(keys + i + 1, keys + i, count - i);
			count++;
			i++;
		}
		keys[left++] = ESCAPE_KEY;
		keys[left++] = key;
	}
	return left;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of the running kernel: see knobs.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "knobs.h"

#define WORD	128

/**
 * struct knob - a setting that was changed
 * @next: the one that was changed before it
 * @path: its file
 * @before: what it said
 */
struct knob {
	struct knob *next;
	char *path;
	char before[WORD];
};

static struct knob *changed;

/* One of several words has brackets, if the file shows all that there are. */
static int read_word(const char *path, char *word)
{
	FILE *file = fopen(path, "re");
	char line[WORD] = "", *from, *to;

	if (!file)
		return -errno;
	fgets(line, sizeof(line), file);
	fclose(file);
	from = strchr(line, '[');
	to = from ? strchr(from, ']') : strchr(line, '\n');
	if (to)
		*to = '\0';
	strcpy(word, from ? from + 1 : line);
	return *word ? 0 : -EIO;
}

static bool is_known(const char *path)
{
	const struct knob *k = changed;

	while (k && strcmp(k->path, path))
		k = k->next;
	return k;
}

static int remember(const char *path)
{
	struct knob *k;
	int ret;

	if (is_known(path))
		return 0;
	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	ret = read_word(path, k->before);
	k->path = strdup(path);
	if (ret || !k->path) {
		free(k->path);
		free(k);
		return ret ? ret : -ENOMEM;
	}
	k->next = changed;
	changed = k;
	return 0;
}

/**
 * knob_set() - change a setting until knobs_restore()
 * @path: its file
 * @value: the word that is written
 *
 * Return: 0 or -errno.
 */
int knob_set(const char *path, const char *value)
{
	int ret = remember(path);

	return ret ? ret : write_file(path, value);
}

/**
 * knob_add() - add to a number until knobs_restore()
 * @path: its file
 * @more: how much
 *
 * Return: 0 or -errno.
 */
int knob_add(const char *path, unsigned long more)
{
	char text[WORD];
	int ret = read_word(path, text);

	if (ret)
		return ret;
	snprintf(text, sizeof(text), "%lu", strtoul(text, NULL, 10) + more);
	return knob_set(path, text);
}

/**
 * knobs_restore() - write all that was changed back
 */
void knobs_restore(void)
{
	struct knob *k;
	int ret;

	while (changed) {
		k = changed;
		changed = k->next;
		ret = write_file(k->path, k->before);
		if (ret && ret != -ENOENT)
			fprintf(stderr, "# %s: not %s again: %s\n", k->path, k->before,
				strerror(-ret));
		free(k->path);
		free(k);
	}
}

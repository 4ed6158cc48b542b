// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of the running kernel: see knobs.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "knobs.h"

#define WORD	64
#define PATH	128
#define KNOBS	512

/**
 * struct knob - a setting that was changed
 * @path: its file
 * @before: what it said
 */
struct knob {
	char path[PATH];
	char before[WORD];
};

/* Shared by all processes of the program. */
static struct changed {
	unsigned int nr;
	struct knob knob[KNOBS];
} *changed;

static pid_t program;

static void at_the_end(void)
{
	/* Children end, too. */
	if (getpid() == program)
		knobs_restore();
}

static void __attribute__((constructor)) knobs_begin(void)
{
	void *place = mmap(NULL, sizeof(*changed), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		return;
	changed = place;
	program = getpid();
	atexit(at_the_end);
}

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
	snprintf(word, WORD, "%s", from ? from + 1 : line);
	return *word ? 0 : -EIO;
}

static bool is_known(const char *path)
{
	unsigned int i;

	for (i = 0; i < changed->nr; i++)
		if (!strcmp(changed->knob[i].path, path))
			return true;
	return false;
}

static int remember(const char *path)
{
	struct knob *k;
	int ret;

	if (!changed)
		return -ENOMEM;
	if (is_known(path))
		return 0;
	if (changed->nr == KNOBS || strlen(path) >= PATH)
		return -ENOSPC;
	k = &changed->knob[changed->nr];
	ret = read_word(path, k->before);
	if (ret)
		return ret;
	snprintf(k->path, sizeof(k->path), "%s", path);
	changed->nr++;
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
	const struct knob *k;
	int ret;

	while (changed && changed->nr) {
		k = &changed->knob[changed->nr - 1];
		ret = write_file(k->path, k->before);
		if (ret && ret != -ENOENT)
			fprintf(stderr, "# %s: not %s again: %s\n", k->path, k->before,
				strerror(-ret));
		changed->nr--;
	}
}

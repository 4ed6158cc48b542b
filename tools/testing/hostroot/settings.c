// SPDX-License-Identifier: GPL-2.0
#include "settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Limits that matter to programs, by their names in /proc/PID/limits. */
static const struct {
	const char *name;
	int resource;
} limit_names[MAX_LIMITS] = {
	{ "Max open files", RLIMIT_NOFILE },
	{ "Max locked memory", RLIMIT_MEMLOCK },
	{ "Max stack size", RLIMIT_STACK },
	{ "Max core file size", RLIMIT_CORE },
};

/* A file's contents, terminated by NUL, or NULL. */
static char *read_file(int folder, const char *name, size_t *size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	n = text ? read(fd, text, (size_t)st.st_size) : -1;
	close(fd);
	if (n < 0)
		return NULL;
	text[n] = '\0';
	*size = (size_t)n;
	return text;
}

/* The elements of a list, terminated by NULL. */
static char **read_list(int folder, const char *name)
{
	size_t size, count = 0, i;
	char *text = read_file(folder, name, &size), **list;

	if (!text)
		return NULL;
	for (i = 0; i < size; i++)
		count += !text[i];
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return NULL;
	for (i = 0; i < count; i++) {
		list[i] = text;
		text += strlen(text) + 1;
	}
	return list;
}

static bool read_ids(struct settings *s, char *text)
{
	unsigned int uid, gid, group;
	int used;

	if (sscanf(text, "%u %u%n", &uid, &gid, &used) != 2)
		return false;
	s->uid = uid;
	s->gid = gid;
	while (s->group_count < MAX_GROUPS) {
		text += used;
		if (sscanf(text, "%u%n", &group, &used) != 1)
			break;
		s->groups[s->group_count++] = group;
	}
	return true;
}

static rlim_t limit_value(const char *word)
{
	return !strcmp(word, "unlimited") ? RLIM_INFINITY : strtoull(word, NULL, 10);
}

static void read_limits(struct settings *s, const char *text)
{
	char soft[32], hard[32];
	const char *line;
	size_t i;

	for (i = 0; i < MAX_LIMITS; i++) {
		line = strstr(text, limit_names[i].name);
		if (!line || sscanf(line + strlen(limit_names[i].name), "%31s %31s",
				    soft, hard) != 2)
			continue;
		s->limits[s->limit_count++] = (struct limit){
			.resource = limit_names[i].resource,
			.value = { limit_value(soft), limit_value(hard) },
		};
	}
}

const char *settings_read(struct settings *s, const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t size;
	char *text;

	if (folder < 0)
		return "no settings";
	s->command = read_list(folder, "command");
	if (!s->command || !s->command[0])
		return "no command";
	s->environment = read_list(folder, "environment");
	if (!s->environment)
		return "no environment";
	s->folder = read_file(folder, "folder", &size);
	if (!s->folder)
		return "no folder";
	text = read_file(folder, "ids", &size);
	if (!text || !read_ids(s, text))
		return "no user";
	text = read_file(folder, "umask", &size);
	s->umask = text ? (mode_t)strtoul(text, NULL, 8) : 022;
	text = read_file(folder, "limits", &size);
	if (text)
		read_limits(s, text);
	text = read_file(folder, "terminal", &size);
	s->terminal = text;
	s->terminal_err = text && strchr(text, '2');
	s->no_direct = !faccessat(folder, "no-direct", F_OK, 0);
	close(folder);
	return NULL;
}

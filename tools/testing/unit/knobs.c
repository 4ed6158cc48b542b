// SPDX-License-Identifier: GPL-2.0
/*
 * Settings that selftests change and write back, on files of our own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../selftests/mshv/groups.h"
#include "../selftests/mshv/knobs.c"
#include "tap.h"

#define WORDS	"always [madvise] never\n"

static char folder[32] = "/tmp/knobs.XXXXXX";

int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "r+e");

	if (!file)
		return -errno;
	fputs(text, file);
	return fclose(file) ? -errno : 0;
}

static void make(char *path, const char *name, const char *text)
{
	FILE *file;

	sprintf(path, "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file)
		exit(1);
	fputs(text, file);
	fclose(file);
}

/* Files here keep what stands behind the word. */
static bool says(const char *path, const char *text)
{
	char line[64] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	fgets(line, sizeof(line), file);
	fclose(file);
	return !strncmp(line, text, strlen(text));
}

int main(void)
{
	char number[64], word[64], gone[64];
	int status;
	pid_t pid;

	if (!mkdtemp(folder))
		return 1;
	make(number, "number", "12\n");
	make(word, "word", WORDS);
	make(gone, "gone", "1\n");

	tap_ok(!knob_add(number, 4) && says(number, "16"), "a number with some more");
	tap_ok(!knob_set(number, "77") && says(number, "77"), "set once more");
	tap_ok(!knob_set(word, "always ") && says(word, "always "), "one of the words");
	tap_ok(!knob_set(gone, "0") && !unlink(gone), "a setting that goes");
	knobs_restore();
	tap_ok(says(number, "12"), "the number is what it was at first");
	tap_ok(says(word, "madvise"), "the word that had brackets");
	tap_ok(access(gone, F_OK), "and the one that has gone stays away");

	tap_ok(knob_set(gone, "1") == -ENOENT, "a setting that there is not");
	tap_ok(!knob_set(number, "13"), "changed again");
	knobs_restore();
	knobs_restore();
	tap_ok(says(number, "12"), "and written back again");

	pid = fork();
	if (!pid)
		_exit(knob_set(number, "14") ? 1 : 0);
	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && !status && says(number, "14"),
	       "changed by a process that ends");
	pid = fork();
	if (!pid)
		exit(0);
	tap_ok(waitpid(pid, &status, 0) == pid && says(number, "14"),
	       "the end of another child changes nothing");
	at_the_end();
	tap_ok(says(number, "12"), "written back at the end of the program");
	unlink(number);
	unlink(word);
	rmdir(folder);
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * gen_cpio: folder trees to one "newc" archive on stdout, for an initramfs.
 *
 * Model: the same trees give the same bytes, on every machine and for every
 * user: names are sorted, owner is root, times are zero, inode numbers count
 * up.  Recorded runs depend on that, and a machine need not have cpio.
 *
 * usage: gen_cpio FOLDER...
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALIGNMENT	4

static unsigned long written;
static unsigned int next_inode = 1;

static void put(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len)
		err(1, "cannot write");
	written += len;
}

static void align(void)
{
	static const char zeros[ALIGNMENT];

	if (written % ALIGNMENT)
		put(zeros, ALIGNMENT - written % ALIGNMENT);
}

static void put_header(const char *name, unsigned int mode, size_t size)
{
	char header[111];

	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 next_inode++, mode, 0, 0, S_ISDIR(mode) ? 2 : 1, 0,
		 (unsigned int)size, 0, 0, 0, 0,
		 (unsigned int)strlen(name) + 1, 0);
	put(header, sizeof(header) - 1);
	put(name, strlen(name) + 1);
	align();
}

static void put_file(const char *path, const char *name, const struct stat *st)
{
	static char buffer[1 << 16];
	off_t left = st->st_size;
	FILE *f = fopen(path, "r");

	if (!f)
		err(1, "%s", path);
	if (st->st_size > UINT_MAX)
		errx(1, "%s: too large for an initramfs", path);
	put_header(name, S_IFREG | (st->st_mode & 0777), st->st_size);
	while (left) {
		size_t n = left < (off_t)sizeof(buffer) ? left : (off_t)sizeof(buffer);

		if (fread(buffer, 1, n, f) != n)
			errx(1, "%s: changed while it was read", path);
		put(buffer, n);
		left -= n;
	}
	fclose(f);
	align();
}

static void put_link(const char *path, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target));

	if (n < 0)
		err(1, "%s", path);
	put_header(name, S_IFLNK | 0777, n);
	put(target, n);
	align();
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void put_tree(const char *folder, const char *prefix)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, not_dots, by_name);

	if (n < 0)
		err(1, "%s", folder);
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX], name[PATH_MAX];
		struct stat st;

		if (snprintf(path, sizeof(path), "%s/%s", folder,
			     entries[i]->d_name) >= (int)sizeof(path))
			errx(1, "%s: name too long", folder);
		/* One byte stays free for a folder's slash. */
		if (snprintf(name, sizeof(name) - 1, "%s%s", prefix,
			     entries[i]->d_name) >= (int)sizeof(name) - 1)
			errx(1, "%s: name too long", folder);
		if (lstat(path, &st))
			err(1, "%s", path);
		if (S_ISREG(st.st_mode)) {
			put_file(path, name, &st);
		} else if (S_ISLNK(st.st_mode)) {
			put_link(path, name);
		} else if (S_ISDIR(st.st_mode)) {
			put_header(name, S_IFDIR | (st.st_mode & 0777), 0);
			strcat(name, "/");
			put_tree(path, name);
		} else {
			warnx("%s: neither file, folder nor link: left out", path);
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "usage: gen_cpio FOLDER...");
	for (int i = 1; i < argc; i++)
		put_tree(argv[i], "");
	next_inode = 0;
	put_header("TRAILER!!!", 0, 0);
	align();
	if (fflush(stdout))
		err(1, "cannot write");
	return 0;
}

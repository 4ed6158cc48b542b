// SPDX-License-Identifier: GPL-2.0
/*
 * Files of saved guests: what was written can be read; a truncated, damaged or
 * unrelated file is refused with a message, whatever byte is wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "image.h"
#include "mshvvm.h"

static char name[32];

static const struct image_machine machine = {
	.cpus = 3,
	.memory = 0x1000000,
	.features = { 1, 2 },
};

static int make(void)
{
	struct image_writer w;
	__u8 page[4096];
	int ret = image_create(&w, name, &machine);

	if (ret)
		return ret;
	memset(page, 0x5a, sizeof(page));
	image_write(&w, IMAGE_TIME, 0, 0, "12345678", 8);
	image_write(&w, IMAGE_STATE, 2, 4, "odd size", 7);
	image_write(&w, IMAGE_MEMORY, 0, 0x2000, page, sizeof(page));
	return image_finish(&w);
}

/* Read the whole file, to damage it. */
static size_t slurp(__u8 *data, size_t size)
{
	FILE *f = fopen(name, "re");
	size_t n = fread(data, 1, size, f);

	fclose(f);
	return n;
}

static void spill(const __u8 *data, size_t size)
{
	FILE *f = fopen(name, "we");

	fwrite(data, 1, size, f);
	fclose(f);
}

/* It is refused with a message that contains @says, and nothing is left open. */
static int refused(const char *says)
{
	struct image image;
	int ret = image_open(&image, name);

	return ret == -EINVAL && !image.data && strstr(vmm_error(), says) &&
	       strstr(vmm_error(), name);
}

static void test_round_trip(void)
{
	const struct image_section *s;
	struct image image;
	unsigned int count = 0;
	char part[64];

	tap_ok(!make(), "a file is written");
	tap_ok(!image_open(&image, name), "and read");
	tap_ok(!memcmp(&image.machine, &machine, sizeof(machine)),
	       "its machine is what was written");
	for (s = image_next(&image, NULL); s; s = image_next(&image, s))
		count++;
	tap_ok(count == 3, "it has three sections");
	s = image_find(&image, IMAGE_STATE, 2, 4);
	tap_ok(s && s->size == 7 && !memcmp(image_data(s), "odd siz", 7),
	       "a section is found by type, index and address");
	s = image_find(&image, IMAGE_MEMORY, 0, 0x2000);
	tap_ok(s && s->size == 4096 && *(const __u8 *)image_data(s) == 0x5a,
	       "one that follows an odd size as well");
	tap_ok(!image_find(&image, IMAGE_STATE, 1, 4) &&
	       !image_find(&image, IMAGE_STATE, 2, 3) &&
	       !image_find(&image, IMAGE_REGISTERS, 2, 4),
	       "others are not found");
	image_close(&image);
	snprintf(part, sizeof(part), "%s.part", name);
	tap_ok(access(part, F_OK), "no other file is left");
}

static void test_spoilt(void)
{
	static __u8 good[8192], bad[8192];
	unsigned int accepted = 0;
	size_t size, i;

	make();
	size = slurp(good, sizeof(good));
	for (i = 0; i < size; i++) {
		memcpy(bad, good, size);
		bad[i] ^= 1 << i % 8;
		spill(bad, size);
		/* Except for the padding, which is not read. */
		if (!refused("") && !(i == 72 + 40 + 32 + 7))
			accepted++;
	}
	tap_ok(!accepted, "one wrong bit in any of %zu bytes is found", size);
	accepted = 0;
	for (i = 1; i < size; i++) {
		spill(good, i);
		accepted += !refused(i < 8 ? "not a saved guest" : "cut short");
	}
	tap_ok(!accepted, "a file that ends too early anywhere is refused");
	spill(good, size);
	memcpy(bad, good, size);
	memset(bad + size, 0, 8);
	spill(bad, size + 8);
	tap_ok(refused("after its end"), "so is one that goes on");
	memcpy(bad, good, size);
	bad[8] = IMAGE_VERSION + 1;
	spill(bad, size);
	tap_ok(refused("of version 2"), "and one of another version");
	memset(bad, 0, size);
	spill(bad, size);
	tap_ok(refused("not a saved guest"), "and zeros");
	spill((const __u8 *)"#!/bin/sh\n", 10);
	tap_ok(refused("not a saved guest"), "and another file");
	spill(good, 0);
	tap_ok(refused("not a file with contents"), "and an empty one");
}

static void test_writing(void)
{
	struct image_writer w;
	struct image image;
	int ret;

	unlink(name);
	tap_ok(image_open(&image, name) == -ENOENT &&
	       strstr(vmm_error(), "No such file"), "no file at all");
	tap_ok(image_open(&image, "/tmp") == -EINVAL, "a folder");
	tap_ok(image_create(&w, "/nonesuch/file", &machine) == -ENOENT &&
	       strstr(vmm_error(), "/nonesuch/file"), "no folder to write to");
	ret = image_create(&w, name, &machine);
	image_abandon(&w);
	tap_ok(!ret && access(name, F_OK), "an abandoned file is not there");
	/* As if the disk were full. */
	ret = image_create(&w, name, &machine);
	w.failed = ENOSPC;
	tap_ok(!ret && image_finish(&w) == -ENOSPC && access(name, F_OK) &&
	       access(w.part, F_OK), "neither is one that could not be written");
}

int main(void)
{
	int fd;

	snprintf(name, sizeof(name), "/tmp/test_image.XXXXXX");
	fd = mkstemp(name);
	if (fd < 0)
		return 1;
	close(fd);
	test_round_trip();
	test_spoilt();
	test_writing();
	return tap_end();
}

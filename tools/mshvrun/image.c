// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a saved guest: see image.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "mshvvm.h"

#define IMAGE_MAGIC	"mshvsave"
#define ALIGNMENT	8ULL

struct image_header {
	char magic[8];
	__u32 version;
	__u32 size;		/* of this */
	struct image_machine machine;
	__u64 sum;		/* of this, with 0 here */
} __packed;
HV_ABI_SIZE(struct image_header, 72);

static const char *const section_names[] = {
	[IMAGE_END] = "the end",
	[IMAGE_TIME] = "the time",
	[IMAGE_DEVICES] = "the devices",
	[IMAGE_REGISTERS] = "registers",
	[IMAGE_STATE] = "state",
	[IMAGE_MEMORY] = "memory",
};

/* Eight bytes at a time, because guests are large; every bit counts. */
static __u64 checksum(__u64 sum, const void *data, __u64 size)
{
	const __u8 *p = data;
	__u64 word;

	for (; size; p += sizeof(word)) {
		__u64 n = size < sizeof(word) ? size : sizeof(word);

		word = 0;
		memcpy(&word, p, n);
		sum = (sum ^ word) * 0xff51afd7ed558ccdULL;
		sum ^= sum >> 32;
		size -= n;
	}
	return sum;
}

static __u64 header_sum(const struct image_header *header)
{
	struct image_header copy = *header;

	copy.sum = 0;
	return checksum(IMAGE_VERSION, &copy, sizeof(copy));
}

static __u64 section_sum(const struct image_section *s, const void *data)
{
	struct image_section copy = *s;

	copy.sum = 0;
	return checksum(checksum(0, &copy, sizeof(copy)), data, s->size);
}

static __u64 padding_of(__u64 size)
{
	return -size & (ALIGNMENT - 1);
}

/* ---- writing ------------------------------------------------------------- */

static void put(struct image_writer *w, const void *data, size_t size)
{
	if (!w->failed && size && fwrite(data, size, 1, w->file) != 1)
		w->failed = errno ? errno : EIO;
}

/**
 * image_create() - start writing a file
 * @w: result
 * @name: its final name
 * @machine: the guest's machine
 *
 * Return: 0 or -errno; afterwards image_finish() or image_abandon().
 */
int image_create(struct image_writer *w, const char *name,
		 const struct image_machine *machine)
{
	struct image_header header = {
		.version = IMAGE_VERSION,
		.size = sizeof(header),
		.machine = *machine,
	};
	int n;

	memset(w, 0, sizeof(*w));
	w->name = name;
	n = snprintf(w->part, sizeof(w->part), "%s.part", name);
	if (n < 0 || (size_t)n >= sizeof(w->part))
		return vmm_fail(ENAMETOOLONG, "%s: %s", name,
				strerror(ENAMETOOLONG));
	w->file = fopen(w->part, "we");
	if (!w->file)
		return vmm_fail(errno, "%s: %s", w->part, strerror(errno));
	memcpy(header.magic, IMAGE_MAGIC, sizeof(header.magic));
	header.sum = header_sum(&header);
	put(w, &header, sizeof(header));
	return 0;
}

/**
 * image_write() - add a section
 * @w: the file
 * @type: IMAGE_*
 * @index: a processor, or 0
 * @address: see image.h
 * @data: contents
 * @size: their size
 *
 * Errors are reported by image_finish().
 */
void image_write(struct image_writer *w, __u32 type, __u32 index,
		 __u64 address, const void *data, __u64 size)
{
	static const __u8 zeros[ALIGNMENT];
	struct image_section s = {
		.type = type,
		.index = index,
		.address = address,
		.size = size,
	};

	s.sum = section_sum(&s, data);
	put(w, &s, sizeof(s));
	put(w, data, size);
	put(w, zeros, padding_of(size));
}

/**
 * image_abandon() - remove an unfinished file
 * @w: the file
 */
void image_abandon(struct image_writer *w)
{
	if (w->file)
		fclose(w->file);
	w->file = NULL;
	unlink(w->part);
}

/**
 * image_finish() - complete a file and give it its name
 * @w: the file
 *
 * Return: 0 or -errno, and then there is no file.
 */
int image_finish(struct image_writer *w)
{
	int err;

	image_write(w, IMAGE_END, 0, 0, NULL, 0);
	if (!w->failed && (fflush(w->file) || fsync(fileno(w->file))))
		w->failed = errno;
	err = w->failed;
	if (!err && rename(w->part, w->name))
		err = errno;
	if (err) {
		image_abandon(w);
		return vmm_fail(err, "%s: %s", w->name, strerror(err));
	}
	fclose(w->file);
	w->file = NULL;
	return 0;
}

/* ---- reading ------------------------------------------------------------- */

static int check_header(struct image *image)
{
	const struct image_header *header = (const void *)image->data;

	if (image->size < sizeof(header->magic) ||
	    memcmp(header->magic, IMAGE_MAGIC, sizeof(header->magic)))
		return vmm_fail(EINVAL, "%s is not a saved guest", image->name);
	if (image->size < sizeof(*header))
		return vmm_fail(EINVAL, "%s is cut short", image->name);
	if (header->version != IMAGE_VERSION)
		return vmm_fail(EINVAL,
				"%s is of version %u, and only version %u can be restored",
				image->name, header->version, IMAGE_VERSION);
	if (header->size != sizeof(*header) ||
	    header->sum != header_sum(header))
		return vmm_fail(EINVAL, "%s is damaged: its header",
				image->name);
	image->machine = header->machine;
	return 0;
}

/* Is the section at @at complete and unchanged? */
static int check_section(const struct image *image, size_t at)
{
	const struct image_section *s = (const void *)(image->data + at);
	size_t left = image->size - at;

	if (left < sizeof(*s))
		return vmm_fail(EINVAL, "%s is cut short", image->name);
	left -= sizeof(*s);
	if (s->type >= IMAGE_TYPES)
		return vmm_fail(EINVAL,
				"%s is damaged: unknown section at byte %zu",
				image->name, at);
	if (s->size > left || padding_of(s->size) > left - s->size)
		return vmm_fail(EINVAL, "%s is cut short, or damaged at byte %zu",
				image->name, at);
	if (s->sum != section_sum(s, image_data(s)))
		return vmm_fail(EINVAL,
				"%s is damaged: %s (%u, %#llx) at byte %zu",
				image->name, section_names[s->type], s->index,
				s->address, at);
	return 0;
}

static int check_all(struct image *image)
{
	const struct image_section *s;
	size_t at = sizeof(struct image_header);
	int ret = check_header(image);

	while (!ret) {
		ret = check_section(image, at);
		if (ret)
			break;
		s = (const void *)(image->data + at);
		at += sizeof(*s) + s->size + padding_of(s->size);
		if (s->type == IMAGE_END)
			break;
	}
	if (!ret && at != image->size)
		return vmm_fail(EINVAL, "%s is damaged: it goes on after its end",
				image->name);
	return ret;
}

/**
 * image_open() - read a file, and check that it is complete
 * @image: result
 * @name: its name
 *
 * Return: 0 or -errno.
 */
int image_open(struct image *image, const char *name)
{
	struct stat st;
	void *data;
	int fd, ret;

	memset(image, 0, sizeof(*image));
	image->name = name;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return vmm_fail(errno, "%s: %s", name, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return vmm_fail(EINVAL, "%s: not a file with contents", name);
	}
	/* A private copy: it was checked and must not change. */
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return vmm_fail(errno, "%s: %s", name, strerror(errno));
	image->data = data;
	image->size = st.st_size;
	ret = check_all(image);
	if (ret)
		image_close(image);
	return ret;
}

/**
 * image_close() - close a file
 * @image: the file; may not have been opened
 */
void image_close(struct image *image)
{
	if (image->data)
		munmap((void *)image->data, image->size);
	image->data = NULL;
}

/**
 * image_next() - iterate over the sections
 * @image: the file
 * @previous: NULL for the first
 *
 * Return: the next one, or NULL.
 */
const struct image_section *image_next(const struct image *image,
				       const struct image_section *previous)
{
	const __u8 *at = image->data + sizeof(struct image_header);
	const struct image_section *s;

	if (previous)
		at = (const __u8 *)image_data(previous) + previous->size +
		     padding_of(previous->size);
	s = (const void *)at;
	return s->type == IMAGE_END ? NULL : s;
}

/**
 * image_find() - find a section by its type, index and address
 * @image: the file
 * @type: IMAGE_*
 * @index: a processor, or 0
 * @address: see image.h
 *
 * Return: the first such section, or NULL.
 */
const struct image_section *image_find(const struct image *image, __u32 type,
				       __u32 index, __u64 address)
{
	const struct image_section *s;

	for (s = image_next(image, NULL); s; s = image_next(image, s))
		if (s->type == type && s->index == index &&
		    s->address == address)
			return s;
	return NULL;
}

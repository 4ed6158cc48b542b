/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file of a saved guest.
 *
 * Model: a header, then sections, each with a header of its own; the last one is an
 * END.  Everything is little endian and aligned to eight bytes.  Headers and
 * contents have checksums, which are verified, as is the whole layout, before the
 * file is used.
 *
 * A file is written under a temporary name and renamed when it is complete.
 *
 * Words: a section's "address" distinguishes sections of the same type and index:
 * a guest address of memory, a MSHV_VP_STATE_* of a processor's state.
 */
#ifndef _MSHVRUN_IMAGE_H
#define _MSHVRUN_IMAGE_H

#include <stddef.h>
#include <stdio.h>

#include <hyperv/hv_types.h>

#define IMAGE_VERSION	1

enum {
	IMAGE_END,
	IMAGE_TIME,		/* struct image_time, one */
	IMAGE_DEVICES,		/* struct device_state, one */
	IMAGE_REGISTERS,	/* struct hv_register_assoc[], of VP "index" */
	IMAGE_STATE,		/* state "address" of VP "index" */
	IMAGE_MEMORY,		/* whole pages that are not zero */
	IMAGE_TYPES,
};

/**
 * struct image_machine - the machine that a guest needs
 * @cpus: processors
 * @reserved: zero
 * @memory: bytes
 * @features: processor features, two banks
 * @xsave: XSAVE features
 * @clock: frequency of the time stamp counter, for a message only
 */
struct image_machine {
	__u32 cpus;
	__u32 reserved;
	__u64 memory;
	__u64 features[2];
	__u64 xsave;
	__u64 clock;
} __packed;
HV_ABI_SIZE(struct image_machine, 48);

/**
 * struct image_time - time at which a guest was stopped
 * @reference: its reference time
 */
struct image_time {
	__u64 reference;
};

/**
 * struct image_section - header of a section
 * @type: IMAGE_*
 * @index: a processor, or 0
 * @address: see above
 * @size: bytes of contents; the file is padded to a multiple of eight
 * @sum: checksum of this, with 0 here, and the contents
 */
struct image_section {
	__u32 type;
	__u32 index;
	__u64 address;
	__u64 size;
	__u64 sum;
} __packed;
HV_ABI_SIZE(struct image_section, 32);

/**
 * struct image - a file that is read
 * @name: its name, for messages
 * @data: its contents
 * @size: its size
 * @machine: the machine that the guest needs
 */
struct image {
	const char *name;
	const __u8 *data;
	size_t size;
	struct image_machine machine;
};

/**
 * struct image_writer - a file that is written
 * @file: the stream
 * @name: final name of the file
 * @part: temporary name
 * @failed: an errno, after which nothing is written
 */
struct image_writer {
	FILE *file;
	const char *name;
	char part[4096];
	int failed;
};

int image_create(struct image_writer *w, const char *name,
		 const struct image_machine *machine);
void image_write(struct image_writer *w, __u32 type, __u32 index,
		 __u64 address, const void *data, __u64 size);
int image_finish(struct image_writer *w);
void image_abandon(struct image_writer *w);

int image_open(struct image *image, const char *name);
void image_close(struct image *image);
const struct image_section *image_next(const struct image *image,
				       const struct image_section *previous);
const struct image_section *image_find(const struct image *image, __u32 type,
				       __u32 index, __u64 address);

/* A section's contents. */
static inline const void *image_data(const struct image_section *s)
{
	return s + 1;
}

#endif

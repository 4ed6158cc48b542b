// SPDX-License-Identifier: GPL-2.0
/*
 * What a random operation works on: the world, see fuzz.h, numbers, and how
 * arguments are corrupted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "fuzz.h"

#define SPOIL_ONE_IN	12
#define KERNEL_ADDRESS	0xffffffff81000000ULL

__u64 fz_odd_number(struct fuzzer *f)
{
	static const __u64 odd[] = {
		0, 1, 2, 7, 8, 255, 256, 1023, 1024, 4095, 4096, 4097, 65535,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000,
		0xffffffffffffffff,
	};

	return fz_one_in(f, 4) ? rng_next(&f->rng) : PICK(f, odd);
}

void fz_say(struct fuzzer *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	fuzz_before(f);
}

int fz_fd_of(struct fuzzer *f, enum fuzz_kind kind)
{
	if (fz_one_in(f, 40))
		kind = fz_below(f, FUZZ_KINDS);
	/* Never the console. */
	if (fz_one_in(f, 100))
		return fz_odd_number(f) | 0x100;
	return __atomic_load_n(&f->world->fd[kind][fz_below(f, FUZZ_SLOTS)],
			       __ATOMIC_RELAXED);
}

/* A new descriptor replaces another one, which is closed. */
void fz_keep(struct fuzzer *f, enum fuzz_kind kind, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = __atomic_exchange_n(&f->world->fd[kind][fz_below(f, FUZZ_SLOTS)],
				  fd, __ATOMIC_RELAXED);
	if (old >= 0)
		close(old);
}

void *fz_area_of(struct fuzzer *f)
{
	__u64 at = fz_below(f, FUZZ_AREA / VMM_PAGE) * VMM_PAGE;

	return f->world->area[fz_below(f, FUZZ_AREAS)] + (fz_one_in(f, 2) ? at : 0);
}

/* An address to read from or write to. */
__u64 fz_pointer(struct fuzzer *f, __u64 right, __u64 size)
{
	if (!fz_one_in(f, SPOIL_ONE_IN))
		return right;
	switch (fz_below(f, 5)) {
	case 0:
		return 0;
	case 1:
		return KERNEL_ADDRESS;
	case 2:	/* the end is missing */
		return (__u64)f->buffer + FUZZ_BUFFER - (size > 8 ? 8 : 1);
	case 3:
		return (__u64)fz_area_of(f);
	default:
		return fz_odd_number(f);
	}
}

static void fz_spoil(struct fuzzer *f, void *arg, size_t size)
{
	__u8 *byte = arg;
	__u64 odd = fz_odd_number(f);
	size_t width = 1 << fz_below(f, 4), at;

	if (!fz_one_in(f, SPOIL_ONE_IN) || size < width)
		return;
	at = fz_below(f, size / width) * width;
	if (fz_one_in(f, 3))
		byte[at] ^= 1 << fz_below(f, 8);
	else
		memcpy(byte + at, &odd, width);
}

/* The argument is put into memory that may be bad in its second half. */
long fz_call(struct fuzzer *f, int fd, unsigned long command, void *arg,
	     size_t size)
{
	long ret;

	fz_spoil(f, arg, size);
	if (fz_one_in(f, 60))
		command ^= 1UL << fz_below(f, 32);
	ret = ioctl(fd, command, fz_pointer(f, (__u64)arg, size));
	return ret < 0 ? -errno : ret;
}

/**
 * fuzz_world_init() - set up a world with memory and a guest
 * @world: the world
 */
void fuzz_world_init(struct fuzz_world *world)
{
	unsigned int i;

	memset(world->fd, 0xff, sizeof(world->fd));
	memset(world->page, 0, sizeof(world->page));
	world->file = memfd_create("fuzz", MFD_CLOEXEC);
	ftruncate(world->file, FUZZ_AREA);
	for (i = 0; i < FUZZ_AREAS; i++)
		world->area[i] = mmap(NULL, FUZZ_AREA, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(world->area[0] + TVM_CODE, guest_count, sizeof(guest_count));
	for (i = 0; i < 2; i++) {
		world->fd[FUZZ_DEVICE][i] = open(VMM_DEVICE, O_RDWR | O_CLOEXEC);
		world->fd[FUZZ_EVENT][i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
}

/**
 * fuzz_choose() - do a random operation
 * @f: the thread
 * @choice: operations with weights
 * @nr: number of operations
 */
void fuzz_choose(struct fuzzer *f, const struct fuzz_choice *choice, unsigned int nr)
{
	unsigned int sum = 0, i;
	__u64 at;

	for (i = 0; i < nr; i++)
		sum += choice[i].weight;
	at = fz_below(f, sum);
	for (i = 0; at >= choice[i].weight; i++)
		at -= choice[i].weight;
	fuzz_after(f, choice[i].run(f));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar of /dev/mshv: operations whose arguments are valid, nearly valid or
 * wrong, see fuzz.h.
 *
 * Model: an operation builds a valid argument from the world, and then, in a few
 * cases, corrupts it: a byte, a field's size, a pointer, the descriptor.  Valid ones
 * must be frequent, or nothing ever gets far.
 */
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "fuzz.h"

/* --- device and partition ------------------------------------------------------- */

static long op_create_partition(struct fuzzer *f)
{
	struct mshv_create_partition_v2 arg = {
		.pt_flags = TVM_FLAGS | fz_below(f, 64),
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
	};
	int fd = fz_fd_of(f, FUZZ_DEVICE);
	long ret;

	if (fz_one_in(f, 3))
		arg.pt_flags = TVM_FLAGS;
	if (fz_one_in(f, 3))
		arg.pt_cpu_fbanks[fz_below(f, 2)] = 1ULL << fz_below(f, 64);
	fz_say(f, "create_partition %d %#llx", fd, arg.pt_flags);
	ret = fz_call(f, fd, MSHV_CREATE_PARTITION, &arg, sizeof(arg));
	/* Most should be usable. */
	if (ret >= 0 && !fz_one_in(f, 8)) {
		vmm_set_property(ret, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				 VMM_SYNTHETIC_FEATURES);
		ioctl(ret, MSHV_INITIALIZE_PARTITION);
		vmm_map(ret, 0, FUZZ_AREA, f->world->area[0], MEM_RWX);
	}
	fz_keep(f, FUZZ_PARTITION, ret);
	return ret;
}

static long op_check_extension(struct fuzzer *f)
{
	__u32 arg = fz_one_in(f, 2) ? 0x100 + fz_below(f, 16) : fz_odd_number(f);

	fz_say(f, "check_extension %#x", arg);
	return fz_call(f, fz_fd_of(f, FUZZ_DEVICE), MSHV_CHECK_EXTENSION, &arg,
		    sizeof(arg));
}

static long op_initialize(struct fuzzer *f)
{
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	fz_say(f, "initialize %d", fd);
	return ioctl(fd, MSHV_INITIALIZE_PARTITION) ? -errno : 0;
}

static long op_create_vp(struct fuzzer *f)
{
	struct mshv_create_vp arg = { fz_below(f, 3) };
	int fd = fz_fd_of(f, FUZZ_PARTITION);
	struct tvm t = { 0 };
	long ret;

	if (fz_one_in(f, 6))
		arg.vp_index = fz_odd_number(f);
	fz_say(f, "create_vp %d %u", fd, arg.vp_index);
	ret = fz_call(f, fd, MSHV_CREATE_VP, &arg, sizeof(arg));
	if (ret >= 0 && !fz_one_in(f, 8)) {
		t.vp[0] = ret;
		tvm_real_mode(&t, 0, TVM_CODE);
	}
	fz_keep(f, FUZZ_VP, ret);
	return ret;
}

/* A page that is not for guests. */
static void *fz_page_of(struct fuzzer *f)
{
	return __atomic_load_n(&f->world->page[fz_below(f, FUZZ_SLOTS)],
			       __ATOMIC_RELAXED);
}

static long op_memory(struct fuzzer *f)
{
	struct mshv_user_mem_region arg = {
		.size = (1 + fz_below(f, FUZZ_AREA / VMM_PAGE)) * VMM_PAGE,
		.guest_pfn = fz_below(f, 8) * 0x80 + fz_below(f, 3),
		.userspace_addr = (__u64)fz_area_of(f),
		.flags = fz_below(f, 8),
	};
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	if (fz_one_in(f, 8))
		arg.guest_pfn = fz_odd_number(f);
	if (fz_one_in(f, 20))
		arg.userspace_addr = (__u64)fz_page_of(f);
	fz_say(f, "set_guest_memory %d pfn %#llx size %#llx at %#llx flags %u", fd,
	       arg.guest_pfn, arg.size, arg.userspace_addr, arg.flags);
	return fz_call(f, fd, MSHV_SET_GUEST_MEMORY, &arg, sizeof(arg));
}

static long op_irqfd(struct fuzzer *f)
{
	struct mshv_user_irqfd arg = {
		.fd = fz_fd_of(f, FUZZ_EVENT), .gsi = fz_below(f, 4),
		.flags = fz_below(f, 2) << MSHV_IRQFD_BIT_DEASSIGN,
	};
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	if (fz_one_in(f, 3)) {
		arg.flags |= HV_BIT(MSHV_IRQFD_BIT_RESAMPLE);
		arg.resamplefd = fz_fd_of(f, FUZZ_EVENT);
	}
	fz_say(f, "irqfd %d fd %d gsi %u flags %#x", fd, arg.fd, arg.gsi, arg.flags);
	return fz_call(f, fd, MSHV_IRQFD, &arg, sizeof(arg));
}

static long op_ioeventfd(struct fuzzer *f)
{
	struct mshv_user_ioeventfd arg = {
		.addr = 0x40000000 + fz_below(f, 4) * 0x800, .len = 1 << fz_below(f, 4),
		.fd = fz_fd_of(f, FUZZ_EVENT), .flags = fz_below(f, 8),
	};
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	if (fz_one_in(f, 4))
		arg.len = 0;
	if (arg.flags & HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH))
		arg.datamatch = fz_below(f, 3);
	fz_say(f, "ioeventfd %d addr %#llx len %u fd %d flags %#x", fd, arg.addr,
	       arg.len, arg.fd, arg.flags);
	return fz_call(f, fd, MSHV_IOEVENTFD, &arg, sizeof(arg));
}

static long op_routing(struct fuzzer *f)
{
	struct mshv_user_irq_table *arg = (void *)f->buffer;
	unsigned int i;
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	*arg = (struct mshv_user_irq_table){ .nr = fz_below(f, 8) };
	for (i = 0; i < arg->nr; i++)
		arg->entries[i] = (struct mshv_user_irq_entry){
			.gsi = fz_one_in(f, 20) ? fz_below(f, 4) : i,
			.address_lo = 0xfee00000 | fz_below(f, 4) << 12,
			.address_hi = fz_one_in(f, 20) ? fz_odd_number(f) : 0,
			.data = fz_one_in(f, 6) ? fz_odd_number(f) :
				0x30 + fz_below(f, 8) + fz_below(f, 2) * 0x8000,
		};
	if (fz_one_in(f, 20))
		arg->nr = fz_odd_number(f);
	fz_say(f, "set_msi_routing %d nr %u", fd, arg->nr);
	return fz_call(f, fd, MSHV_SET_MSI_ROUTING, arg,
		    sizeof(*arg) + i * sizeof(arg->entries[0]));
}

static long op_bitmap(struct fuzzer *f)
{
	struct mshv_gpap_access_bitmap arg = {
		.access_type = fz_below(f, 2), .access_op = fz_below(f, 3),
		.page_count = 1 + fz_below(f, 600), .gpap_base = fz_below(f, 300),
	};
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	arg.bitmap_ptr = fz_pointer(f, (__u64)f->buffer, 75);
	fz_say(f, "access_bitmap %d type %u op %u base %#llx count %#llx", fd,
	       arg.access_type, arg.access_op, arg.gpap_base, arg.page_count);
	return fz_call(f, fd, MSHV_GET_GPAP_ACCESS_BITMAP, &arg, sizeof(arg));
}

/* --- processors ----------------------------------------------------------------------- */

static long op_run(struct fuzzer *f)
{
	struct mshv_run_vp arg;
	int fd = fz_fd_of(f, FUZZ_VP);

	fz_say(f, "run_vp %d", fd);
	return fz_call(f, fd, MSHV_RUN_VP, &arg, sizeof(arg));
}

static long op_kick(struct fuzzer *f)
{
	int fd = fz_fd_of(f, FUZZ_VP);

	fz_say(f, "kick_vp %d", fd);
	return ioctl(fd, MSHV_KICK_VP) ? -errno : 0;
}

static long op_reset(struct fuzzer *f)
{
	int fd = fz_fd_of(f, FUZZ_VP);

	fz_say(f, "reset_vp %d", fd);
	return ioctl(fd, MSHV_RESET_VP) ? -errno : 0;
}

static long op_translate(struct fuzzer *f)
{
	struct mshv_translate_address arg = {
		.gva = fz_one_in(f, 4) ? fz_odd_number(f) : fz_below(f, 1 << 21),
		.flags = fz_below(f, 1 << MSHV_TRANSLATE_BIT_COUNT),
	};
	int fd = fz_fd_of(f, FUZZ_VP);

	fz_say(f, "translate_gva %d %#llx flags %#x", fd, arg.gva, arg.flags);
	return fz_call(f, fd, MSHV_TRANSLATE_ADDRESS, &arg, sizeof(arg));
}

static long op_state(struct fuzzer *f)
{
	struct mshv_get_set_vp_state arg = {
		.type = fz_below(f, MSHV_VP_STATE_COUNT),
		.buf_sz = (1 + fz_below(f, 3)) * VMM_PAGE,
	};
	bool set = fz_one_in(f, 3);
	int fd = fz_fd_of(f, FUZZ_VP);

	arg.buf_ptr = fz_pointer(f, (__u64)f->buffer + 8 * VMM_PAGE, VMM_PAGE);
	if (fz_one_in(f, 20))
		arg.buf_sz = fz_odd_number(f);
	fz_say(f, "%s_vp_state %d type %u size %#x", set ? "set" : "get", fd,
	       arg.type, arg.buf_sz);
	return fz_call(f, fd, set ? MSHV_SET_VP_STATE : MSHV_GET_VP_STATE, &arg,
		    sizeof(arg));
}

static long op_mmap(struct fuzzer *f)
{
	static const __u64 offsets[] = {
		MSHV_VP_MMAP_OFFSET_REGISTERS,
		MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
		MSHV_VP_MMAP_OFFSET_GHCB, MSHV_VP_MMAP_OFFSET_CONTROL,
	};
	__u64 offset = fz_one_in(f, 6) ? fz_odd_number(f) % (1ULL << 40) :
		       PICK(f, offsets);
	size_t size = fz_one_in(f, 8) ? 2 * VMM_PAGE : VMM_PAGE;
	int prot = fz_one_in(f, 8) ? fz_below(f, 8) : PROT_READ | PROT_WRITE;
	int fd = fz_fd_of(f, fz_one_in(f, 8) ? FUZZ_PARTITION : FUZZ_VP);
	void *page, *old;

	fz_say(f, "mmap %d offset %#llx size %#zx prot %d", fd, offset, size, prot);
	page = mmap(NULL, size, prot,
		    fz_one_in(f, 8) ? MAP_PRIVATE : MAP_SHARED, fd,
		    offset * VMM_PAGE);
	if (page == MAP_FAILED)
		return -errno;
	if (fz_one_in(f, 4)) {
		/* Immediate exit, or nonsense in the register page. */
		struct iovec from = { f->buffer, 64 }, to = { page, 64 };

		process_vm_writev(getpid(), &from, 1, &to, 1, 0);
	}
	old = __atomic_exchange_n(&f->world->page[fz_below(f, FUZZ_SLOTS)], page,
				  __ATOMIC_RELAXED);
	if (old)
		munmap(old, VMM_PAGE);
	return 0;
}

/* --- outside of the driver ---------------------------------------------------- */

static long op_open(struct fuzzer *f)
{
	fz_say(f, "open");
	fz_keep(f, FUZZ_DEVICE, open(VMM_DEVICE, O_RDWR | O_CLOEXEC));
	return 0;
}

static long op_eventfd(struct fuzzer *f)
{
	fz_say(f, "eventfd");
	fz_keep(f, FUZZ_EVENT, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	return 0;
}

static long op_signal(struct fuzzer *f)
{
	const __u64 one = 1;
	int fd = fz_fd_of(f, FUZZ_EVENT);

	fz_say(f, "signal %d", fd);
	return write(fd, &one, sizeof(one)) < 0 ? -errno : 0;
}

static long op_close(struct fuzzer *f)
{
	enum fuzz_kind kind = fz_below(f, FUZZ_KINDS);
	int fd = __atomic_exchange_n(&f->world->fd[kind][fz_below(f, FUZZ_SLOTS)],
				     -1, __ATOMIC_RELAXED);

	fz_say(f, "close %d", fd);
	return fd < 0 || !close(fd) ? 0 : -errno;
}

/* What a VMM may do with a guest's memory; not with the first area. */
static long op_area(struct fuzzer *f)
{
	__u8 *area = f->world->area[1 + fz_below(f, FUZZ_AREAS - 1)];
	size_t at = fz_below(f, FUZZ_AREA / VMM_PAGE) * VMM_PAGE;
	size_t size = (1 + fz_below(f, (FUZZ_AREA - at) / VMM_PAGE)) * VMM_PAGE;
	unsigned int what = fz_below(f, 8);

	fz_say(f, "area %p + %#zx size %#zx what %u", area, at, size, what);
	switch (what) {
	case 0:
		madvise(area + at, size, MADV_DONTNEED);
		break;
	case 1:
		mprotect(area + at, size, fz_below(f, 4));
		break;
	case 2:
		/* As munmap(), but no other memory may be mapped here. */
		mmap(area + at, size, PROT_NONE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case 3:
		mmap(area + at, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_SHARED, f->world->file, at);
		break;
	case 4:
		madvise(area + at, size, fz_one_in(f, 2) ? MADV_HUGEPAGE : MADV_PAGEOUT);
		break;
	case 5:
		ftruncate(f->world->file, fz_one_in(f, 2) ? at : FUZZ_AREA);
		break;
	default:
		mmap(area + at, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	return 0;
}

static long op_fork(struct fuzzer *f)
{
	pid_t pid;
	int fd = fz_fd_of(f, FUZZ_PARTITION);

	fz_say(f, "fork");
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		/* Another process may not do much with them. */
		vmm_map(fd, 0x20000000, VMM_PAGE, f->world->area[0], MEM_RWX);
		_exit(0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static long op_any_ioctl(struct fuzzer *f)
{
	unsigned int number = fz_one_in(f, 2) ? fz_below(f, 10) : 0xa0 + fz_below(f, 4);
	size_t size = fz_one_in(f, 4) ? fz_below(f, 1 << 14) : fz_below(f, 300);
	int fd = fz_fd_of(f, FUZZ_DEVICE + fz_below(f, 3));
	unsigned int i;

	for (i = 0; i < 64; i += 8) {
		__u64 word = fz_one_in(f, 2) ? fz_odd_number(f) : fz_below(f, 8);

		memcpy(f->buffer + i, &word, 8);
	}
	fz_say(f, "ioctl %d %#x size %zu", fd, number, size);
	return fz_call(f, fd, _IOC(fz_below(f, 4), MSHV_IOCTL, number, size),
		    f->buffer, 64);
}

static const struct fuzz_choice operations[] = {
	{ op_open, 1 },			{ op_create_partition, 4 },
	{ op_check_extension, 1 },	{ op_initialize, 1 },
	{ op_create_vp, 6 },		{ op_memory, 12 },
	{ op_irqfd, 8 },		{ op_ioeventfd, 8 },
	{ op_routing, 5 },		{ op_bitmap, 4 },
	{ fuzz_hvcall, 20 },		{ op_run, 20 },
	{ op_kick, 2 },			{ op_state, 6 },
	{ op_reset, 1 },		{ op_translate, 3 },
	{ op_mmap, 5 },			{ op_eventfd, 3 },
	{ op_signal, 8 },		{ op_close, 3 },
	{ op_area, 10 },		{ op_fork, 1 },
	{ op_any_ioctl, 5 },
};

static void operation(struct fuzzer *f)
{
	fuzz_choose(f, operations, ARRAY_SIZE(operations));
}

const struct fuzz_grammar fuzz_grammar = {
	.prepare = fuzz_world_init,
	.operation = operation,
	.rounds = 20,
	.threads = 3,
	.ops = 200,
};

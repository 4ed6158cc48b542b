// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and every access to user memory of an operation fails once.
 *
 * Model: the kernel's fault injection makes the n-th injection point that a task
 * passes fail, /proc/thread-self/fail-nth.  For n from 1 on a machine is set up as
 * far as the operation needs it, the operation is done with the n-th point failing,
 * and the machine is closed.  If the operation ends before the n-th point, it has
 * no more.  An operation may succeed, if it can do without, or fail with the error
 * of the point; either way nothing may be left over.
 *
 * Needs a kernel with FAULT_INJECTION; the debug kernel is one.
 */
#include <stdio.h>
#include <sys/eventfd.h>

#include "harness.h"
#include "knobs.h"
#include "probe.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug/"
#define POINTS_MAX	2000	/* more is a loop that does not end */
/* Points beyond this are pages to deposit, all in the same loop. */
#define POINTS_DENSE	40
#define POINTS_STRIDE	13
#define HOLE		0x40000000

/*
 * By default only allocations that do not sleep are made to fail.  Each failure would be taken
 * from "times", which the next user finds used up.
 */
static int switch_on(void)
{
	static const struct {
		const char *name, *value;
	} settings[] = {
		{ DEBUGFS "failslab/ignore-gfp-wait", "N" },
		{ DEBUGFS "failslab/times", "-1" },
		{ DEBUGFS "failslab/verbose", "0" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUGFS "fail_page_alloc/min-order", "0" },
		{ DEBUGFS "fail_page_alloc/times", "-1" },
		{ DEBUGFS "fail_page_alloc/verbose", "0" },
		{ DEBUGFS "fail_usercopy/times", "-1" },
		{ DEBUGFS "fail_usercopy/verbose", "0" },
	};
	unsigned int i;
	int ret;

	if (access(FAIL_NTH, W_OK))
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		ret = knob_set(settings[i].name, settings[i].value);
		if (ret)
			return ret;
	}
	return 0;
}

/* Returns whether the point was reached and failed. */
static bool injected(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return false;
	pwrite(fd, "0", 1, 0);
	return !strtol(text, NULL, 10);
}

FIXTURE(failnth) {
	struct books before;
	bool books;
	int pinned;
	int fds;
};

FIXTURE_SETUP(failnth)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "such operations");
	if (switch_on()) {
		knobs_restore();
		SKIP(return, "a kernel without fault injection");
	}
	self->books = !rv_open() && !books_read(&self->before);
	self->pinned = pin_memory(false);
	self->fds = count_open_fds();
}

FIXTURE_TEARDOWN(failnth)
{
	knobs_restore();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
}

/* What an operation depends on. */
enum level {
	HAVE_DEVICE,
	HAVE_PARTITION,		/* not initialized */
	HAVE_MEMORY,		/* none of it mapped */
	HAVE_VP,		/* that would run */
	HAVE_HOLE,		/* one that would touch memory that is not there yet */
	HAVE_RUN,		/* it has run: its first page is there */
	HAVE_TABLES,		/* a VP with paging, of whose memory none is mapped */
};

/*
 * @pinned: memory is pinned
 * @tracked: accesses to memory are tracked
 */
FIXTURE_VARIANT(failnth) {
	enum level level;
	int (*operation)(struct tvm *t);
	bool pinned;
	bool tracked;
};

static int track(struct tvm *t)
{
	return vmm_set_property(t->part, HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, 1);
}

static int fill_hole(struct tvm *t)
{
	static void *area = MAP_FAILED;

	if (area != MAP_FAILED)
		munmap(area, VMM_PAGE);
	area = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return area == MAP_FAILED ? -errno :
				    vmm_map(t->part, TVM_HOLE, VMM_PAGE, area, MEM_RWX);
}

static int prepare(struct tvm *t, bool tracked, enum level level)
{
	__u64 value;
	int ret;

	if (level == HAVE_VP || level == HAVE_RUN) {
		ret = tvm_start(t, guest_count, sizeof(guest_count));
		if (!ret && (tracked || level == HAVE_RUN))
			ret = track(t);
		if (ret || level == HAVE_VP)
			return ret;
		return tvm_next_out(t, 0, &value);
	}
	if (level == HAVE_MEMORY) {
		ret = tvm_partition(t);
		t->size = TVM_MEMORY;
		t->memory = mmap(NULL, t->size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (!ret && tracked)
			ret = track(t);
		return ret;
	}
	if (level == HAVE_HOLE) {
		ret = tvm_partition(t);
		ret = ret ?: tvm_start_with_hole(t, guest_read_hole, sizeof(guest_read_hole));
		return ret ?: fill_hole(t);
	}
	if (level == HAVE_TABLES)
		return tvm_start_long(t, guest_halt, sizeof(guest_halt));
	ret = tvm_open(t);
	if (ret || level == HAVE_DEVICE)
		return ret;
	t->part = vmm_create_v1(t->dev, TVM_FLAGS);
	return t->part < 0 ? t->part : 0;
}

static int open_device(struct tvm *t)
{
	int fd = open("/dev/mshv", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int create(struct tvm *t)
{
	t->part = vmm_create_v1(t->dev, TVM_FLAGS);
	return t->part;
}

static int initialize(struct tvm *t)
{
	return vmm_initialize(t->part);
}

static int map(struct tvm *t)
{
	return vmm_map(t->part, 0, t->size, t->memory, MEM_RWX);
}

static int create_vp(struct tvm *t)
{
	return tvm_vp(t, 0);
}

static int unmap_middle(struct tvm *t)
{
	__u64 at = t->size / 2;

	return vmm_unmap(t->part, at, VMM_PAGE, t->memory + at);
}

/* A page is faulted in while the guest runs. */
static int run(struct tvm *t)
{
	return tvm_run(t, 0);
}

static int irqfd(struct tvm *t)
{
	struct mshv_user_irqfd args = { .gsi = 1 };
	int ret;

	args.fd = eventfd(0, EFD_CLOEXEC);
	if (args.fd < 0)
		return -errno;
	ret = ioctl(t->part, MSHV_IRQFD, &args) ? -errno : 0;
	close(args.fd);
	return ret;
}

static int add_ioeventfd(struct tvm *t, struct mshv_user_ioeventfd args)
{
	int ret;

	args.fd = eventfd(0, EFD_CLOEXEC);
	if (args.fd < 0)
		return -errno;
	ret = ioctl(t->part, MSHV_IOEVENTFD, &args) ? -errno : 0;
	close(args.fd);
	return ret;
}

static int ioeventfd(struct tvm *t)
{
	return add_ioeventfd(t, (struct mshv_user_ioeventfd){ .addr = HOLE, .len = 4 });
}

static int port(struct tvm *t)
{
	return add_ioeventfd(t, (struct mshv_user_ioeventfd){
		.addr = 0x80, .len = 1, .flags = HV_BIT(MSHV_IOEVENTFD_BIT_PIO),
	});
}

static int route(struct tvm *t)
{
	const struct mshv_user_irq_entry entries[] = {
		{ .gsi = 1, .address_lo = 0xfee00000, .data = 0x30 },
		{ .gsi = 2, .address_lo = 0xfee00000, .data = 0x31 },
	};

	return vmm_route(t->part, entries, ARRAY_SIZE(entries));
}

static int resamplefd(struct tvm *t)
{
	struct mshv_user_irqfd args = {
		.gsi = 1, .flags = HV_BIT(MSHV_IRQFD_BIT_RESAMPLE),
	};
	const struct mshv_user_irq_entry level = {
		.gsi = 1, .address_lo = 0xfee00000, .data = 0xc030,
	};
	int ret = vmm_route(t->part, &level, 1);

	if (ret)
		return ret;
	args.fd = eventfd(0, EFD_CLOEXEC);
	args.resamplefd = eventfd(0, EFD_CLOEXEC);
	ret = args.fd < 0 || args.resamplefd < 0 || ioctl(t->part, MSHV_IRQFD, &args) ? -errno : 0;
	close(args.fd);
	close(args.resamplefd);
	return ret;
}

static int bitmap(struct tvm *t)
{
	__u8 bits[64];
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.gpap_base = TVM_CODE / VMM_PAGE, .page_count = 1,
		.bitmap_ptr = (__u64)bits,
	};

	return ioctl(t->part, MSHV_GET_GPAP_ACCESS_BITMAP, &args) ? -errno : 0;
}

static int hypercall(struct tvm *t)
{
	__u64 value;

	return vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_RIP, &value);
}

static int state(struct tvm *t)
{
	static __u8 buffer[2 * VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u32 size = sizeof(buffer);

	return vmm_get_state(t->vp[0], MSHV_VP_STATE_XSAVE, buffer, &size);
}

static int set_state(struct tvm *t)
{
	static __u8 buffer[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	/* This page cannot be pinned, so that there is a copy. */
	void *control = vmm_map_page(t->vp[0], MSHV_VP_MMAP_OFFSET_CONTROL);
	void *at = control ?: buffer;
	__u32 size = sizeof(buffer);
	int ret = vmm_get_state(t->vp[0], MSHV_VP_STATE_LAPIC, at, &size);

	size = sizeof(buffer);
	ret = ret ?: vmm_set_state(t->vp[0], MSHV_VP_STATE_LAPIC, at, &size);
	if (control)
		munmap(control, VMM_PAGE);
	return ret;
}

static int reset(struct tvm *t)
{
	return ioctl(t->vp[0], MSHV_RESET_VP) ? -errno : 0;
}

static int page(struct tvm *t)
{
	void *page = vmm_map_page(t->vp[0], MSHV_VP_MMAP_OFFSET_CONTROL);

	if (!page)
		return -ENOMEM;
	munmap(page, VMM_PAGE);
	return 0;
}

static int translate(struct tvm *t)
{
	__u64 gpa;
	__u32 result;

	return vmm_translate(t->vp[0], 0, TVM_CODE,
			     HV_TRANSLATE_GVA_VALIDATE_READ, &gpa, &result);
}

/* The guest's page tables are faulted in. */
static int translate_tables(struct tvm *t)
{
	struct mshv_translate_address args = {
		.gva = TVM_CODE, .flags = HV_BIT(MSHV_TRANSLATE_BIT_READ),
	};

	return ioctl(t->vp[0], MSHV_TRANSLATE_ADDRESS, &args) ? -errno : 0;
}

/* Tracking begins when there are two regions, and then there is a third. */
static int track_regions(struct tvm *t)
{
	int ret = vmm_map(t->part, HOLE, VMM_PAGE, t->memory, MEM_RWX);

	if (!ret)
		ret = track(t);
	if (!ret)
		ret = vmm_map(t->part, HOLE + VMM_PAGE, VMM_PAGE, t->memory, MEM_RWX);
	return ret;
}

/* The counters of an object in debugfs. */
static int show_counters(const char *object)
{
	char path[128], text[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), DEBUGFS "mshv/%s/stats", object);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		len = read(fd, text, sizeof(text));
	} while (len > 0);
	if (len < 0)
		len = -errno;
	close(fd);
	return len;
}

static int counters(struct tvm *t)
{
	char object[64];

	snprintf(object, sizeof(object), "partition/%llu/vp/0", (unsigned long long)tvm_id(t));
	return show_counters(object);
}

static int root_counters(struct tvm *t)
{
	(void)t;
	return show_counters("lp/0");
}

#define OPERATION(name, needs)						\
	FIXTURE_VARIANT_ADD(failnth, name) { .level = (needs), .operation = (name) }
#define OPERATION_WITH(what, name, needs)				\
	FIXTURE_VARIANT_ADD(failnth, what ## _ ## name) {		\
		.level = (needs), .operation = (name), .what = true }

OPERATION(open_device, HAVE_DEVICE);
OPERATION(create, HAVE_DEVICE);
OPERATION(initialize, HAVE_PARTITION);
OPERATION(map, HAVE_MEMORY);
OPERATION(create_vp, HAVE_MEMORY);
OPERATION(unmap_middle, HAVE_VP);
OPERATION(run, HAVE_HOLE);
OPERATION(irqfd, HAVE_VP);
OPERATION(resamplefd, HAVE_VP);
OPERATION(ioeventfd, HAVE_VP);
OPERATION(port, HAVE_VP);
OPERATION(route, HAVE_VP);
OPERATION(bitmap, HAVE_RUN);
OPERATION(hypercall, HAVE_VP);
OPERATION(state, HAVE_VP);
OPERATION(set_state, HAVE_VP);
OPERATION(reset, HAVE_VP);
OPERATION(page, HAVE_VP);
OPERATION(translate, HAVE_RUN);
OPERATION(translate_tables, HAVE_TABLES);
OPERATION(track_regions, HAVE_VP);
OPERATION(counters, HAVE_RUN);
OPERATION(root_counters, HAVE_DEVICE);
OPERATION_WITH(pinned, map, HAVE_MEMORY);
OPERATION_WITH(pinned, unmap_middle, HAVE_VP);
OPERATION_WITH(tracked, map, HAVE_MEMORY);
OPERATION_WITH(tracked, unmap_middle, HAVE_VP);

TEST_F_TIMEOUT(failnth, each_point, 1200)
{
	unsigned int n, failed = 0;
	char text[16];
	struct tvm t;
	int ret, fd;
	bool hit;

	if (variant->pinned)
		pin_memory(true);
	for (n = 1; n < POINTS_MAX;
	     n += n < POINTS_DENSE ? 1 : POINTS_STRIDE) {
		ASSERT_OK(prepare(&t, variant->tracked, variant->level));
		fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
		ASSERT_LE(0, fd);
		snprintf(text, sizeof(text), "%u", n);
		ASSERT_EQ(strlen(text), pwrite(fd, text, strlen(text), 0));
		ret = variant->operation(&t);
		hit = injected(fd);
		close(fd);
		tvm_close(&t);
		if (self->books)
			ASSERT_BOOKS(&self->before);
		ASSERT_EQ(self->fds, count_open_fds());
		if (!hit) {
			/* All points have been passed: it must work. */
			ASSERT_LE(0, ret);
			break;
		}
		failed += ret < 0;
		ASSERT_TRUE(ret >= 0 || ret == -ENOMEM || ret == -EFAULT) {
			TH_LOG("point %u: %s", n, strerror(-ret));
		}
	}
	ASSERT_GT(POINTS_MAX, n);
	/* Without a failure nothing was tested. */
	EXPECT_LT(0, failed);
	TH_LOG("at most %u points, %u failures", n - 1, failed);
}

TEST_HARNESS_MAIN

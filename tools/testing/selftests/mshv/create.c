// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_CREATE_PARTITION and MSHV_INITIALIZE_PARTITION: what is accepted, what is
 * refused and how, and that nothing is left over.
 */
#include <linux/userfaultfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_property.h>

#include "claims.h"

#define FLAG_V2		HV_BIT64(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)

FIXTURE(create) {
	struct books before;
	bool books;
	int dev;
};

FIXTURE_SETUP(create)
{
	self->books = !rv_open() && !books_read(&self->before);
	self->dev = vmm_open(VMM_DEVICE);
	ASSERT_OK(self->dev);
}

FIXTURE_TEARDOWN(create)
{
	close(self->dev);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int create(int dev, void *args)
{
	int fd = ioctl(dev, MSHV_CREATE_PARTITION, args);

	return fd < 0 ? -errno : fd;
}

static struct mshv_create_partition_v2 v2_args(void)
{
	return (struct mshv_create_partition_v2){
		.pt_flags = TVM_FLAGS | FLAG_V2,
		.pt_num_cpu_fbanks = 2,
	};
}

TEST_F(create, v1)
{
	struct mshv_create_partition args = { .pt_flags = TVM_FLAGS };
	int fd = create(self->dev, &args);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ioctl(fd, MSHV_INITIALIZE_PARTITION));
	EXPECT_EQ(0, close(fd));
}

TEST_F(create, v1_without_initialize)
{
	struct mshv_create_partition args = { .pt_flags = TVM_FLAGS };
	int fd = create(self->dev, &args);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, close(fd));
}

TEST_F(create, v2)
{
	struct mshv_create_partition_v2 args = v2_args();
	int fd = create(self->dev, &args);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ioctl(fd, MSHV_INITIALIZE_PARTITION));
	EXPECT_EQ(0, close(fd));
}

/* What QEMU does: hide everything that the host does not have. */
TEST_F(create, v2_with_features_of_the_host)
{
	struct mshv_create_partition_v2 args = v2_args();
	__u64 features[2], own;
	int fd;

	ASSERT_OK(vmm_get_property(self->dev,
				   HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
				   &features[0]));
	ASSERT_OK(vmm_get_property(self->dev,
				   HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
				   &features[1]));
	args.pt_cpu_fbanks[0] = ~features[0];
	args.pt_cpu_fbanks[1] = ~features[1] | 0x10;
	fd = create(self->dev, &args);
	ASSERT_LE(0, fd);
	ASSERT_OK(vmm_initialize(fd));
	ASSERT_OK(vmm_get_property(fd,
				   HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
				   &own));
	EXPECT_EQ(features[0], own);
	ASSERT_OK(vmm_get_property(fd,
				   HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
				   &own));
	EXPECT_EQ(features[1] & ~0x10ULL, own);
	close(fd);
}

/* A machine with a processor from a new partition, for what its CPUID is. */
static int with_processor(struct tvm *t, int part)
{
	int ret = tvm_open(t);

	t->part = part;
	if (!ret)
		ret = part < 0 ? part : vmm_initialize(part);
	return ret ? ret : tvm_vp(t, 0);
}

#define CPUID_XSAVE	0xd
#define XSAVE_AVX	HV_BIT(2)
#define XSAVE_AVX512	(HV_BIT(5) | HV_BIT(6) | HV_BIT(7))
#define LEAF_1_XSAVE	HV_BIT(26)

/* Features of XSAVE that are disabled take those with them that need them. */
TEST_F(create, v2_without_features_of_xsave)
{
	static const struct {
		__u64 disabled;
		__u32 gone;
	} rows[] = {
		{ 0, 0 },
		{ HV_XSAVE_AVX512F, XSAVE_AVX512 },
		{ HV_XSAVE_AVX, XSAVE_AVX | XSAVE_AVX512 },
		{ HV_XSAVE_XSAVE, ~0U },
	};
	__u32 all = 0, regs[4];
	struct tvm t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mshv_create_partition_v2 args = v2_args();

		args.pt_disabled_xsave = rows[i].disabled;
		ASSERT_OK(with_processor(&t, create(self->dev, &args)));
		ASSERT_OK(leaf_of(&t, CPUID_XSAVE, 0, regs));
		if (!i)
			all = regs[0];
		EXPECT_EQ(all & ~rows[i].gone, regs[0]) {
			TH_LOG("disabled %#llx", rows[i].disabled);
		}
		ASSERT_OK(leaf_of(&t, 1, 0, regs));
		EXPECT_EQ(rows[i].gone == ~0U ? 0 : LEAF_1_XSAVE, regs[2] & LEAF_1_XSAVE);
		tvm_close(&t);
	}
	EXPECT_EQ(3 | XSAVE_AVX, all & (3 | XSAVE_AVX));
}

/* The features of the hypervisor that the VMM has chosen, in the leaves about them. */
TEST_F(create, synthetic_features)
{
	static const struct {
		__u64 features;
		__u32 interface, available;
	} rows[] = {
		{ HV_SYNTHETIC_HYPERVISOR_PRESENT, 0, 0 },
		{ HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1, HYPERV_INTERFACE_EAX, 0 },
		{ HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_ACCESS_FREQUENCY_REGS, 0,
		  HV_FEATURE_FREQUENCY_MSRS_AVAILABLE },
		{ HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS, 0,
		  HV_STIMER_DIRECT_MODE_AVAILABLE },
		{ HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG, 0,
		  HV_X64_GUEST_IDLE_STATE_AVAILABLE },
	};
	__u32 leaf[4];
	struct tvm t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int part = vmm_create_v1(self->dev, TVM_FLAGS);

		ASSERT_OK(part);
		ASSERT_OK(vmm_set_property(part,
					   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
					   rows[i].features));
		ASSERT_OK(with_processor(&t, part));
		ASSERT_OK(leaf_of(&t, HYPERV_CPUID_INTERFACE, 0, leaf));
		EXPECT_EQ(rows[i].interface, leaf[0]) {
			TH_LOG("features %#llx", rows[i].features);
		}
		ASSERT_OK(leaf_of(&t, HYPERV_CPUID_FEATURES, 0, leaf));
		/* A guest can report its crash in any case. */
		EXPECT_EQ(rows[i].available | HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE, leaf[3]) {
			TH_LOG("features %#llx", rows[i].features);
		}
		tvm_close(&t);
	}
}

TEST_F(create, unknown_flags)
{
	struct mshv_create_partition args = { 0 };
	unsigned int bit;

	for (bit = MSHV_PT_BIT_COUNT; bit < 64; bit++) {
		args.pt_flags = TVM_FLAGS | 1ULL << bit;
		EXPECT_EQ(-EINVAL, create(self->dev, &args));
	}
}

TEST_F(create, isolation)
{
	static const __u64 values[] = { 1, 2, 3, 1ULL << 32, ~0ULL };
	struct mshv_create_partition_v2 v2 = v2_args();
	struct mshv_create_partition v1 = { .pt_flags = TVM_FLAGS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		v1.pt_isolation = values[i];
		EXPECT_EQ(-EINVAL, create(self->dev, &v1));
		v2.pt_isolation = values[i];
		EXPECT_EQ(-EINVAL, create(self->dev, &v2));
	}
}

TEST_F(create, v2_bank_count)
{
	static const __u16 counts[] = { 0, 1, 3, 0x8000, 0xffff };
	struct mshv_create_partition_v2 args = v2_args();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		args.pt_num_cpu_fbanks = counts[i];
		EXPECT_EQ(-EINVAL, create(self->dev, &args));
	}
}

TEST_F(create, v2_reserved)
{
	struct mshv_create_partition_v2 args;
	unsigned int i;

	for (i = 0; i < sizeof(args.pt_rsvd); i++) {
		args = v2_args();
		args.pt_rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, create(self->dev, &args));
	}
	for (i = 0; i < 2; i++) {
		args = v2_args();
		args.pt_rsvd1[i] = 1ULL << 63;
		EXPECT_EQ(-EINVAL, create(self->dev, &args));
	}
}

/* The last bytes before a hole in the address space. */
TEST_F(create, bad_pointers)
{
	struct mshv_create_partition_v2 args = v2_args();
	__u8 *pages = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + VMM_PAGE, VMM_PAGE));
	EXPECT_EQ(-EFAULT, create(self->dev, NULL));
	EXPECT_EQ(-EFAULT, create(self->dev, (void *)-4096L));
	EXPECT_EQ(-EFAULT, create(self->dev, pages + VMM_PAGE - 8));
	/* The command number of version 2 has a size of 16 bytes, 64 are read. */
	memcpy(pages + VMM_PAGE - 63, &args, 63);
	EXPECT_EQ(-EFAULT, create(self->dev, pages + VMM_PAGE - 63));
	memcpy(pages + VMM_PAGE - 16, &args, 16);
	EXPECT_EQ(-EFAULT, create(self->dev, pages + VMM_PAGE - 16));
	munmap(pages, VMM_PAGE);
}

TEST_F(create, v1_reads_16_bytes)
{
	__u8 *pages = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mshv_create_partition args = { .pt_flags = TVM_FLAGS };
	int fd;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + VMM_PAGE, VMM_PAGE));
	memcpy(pages + VMM_PAGE - 16, &args, 16);
	fd = create(self->dev, pages + VMM_PAGE - 16);
	EXPECT_LE(0, fd);
	close(fd);
	munmap(pages, VMM_PAGE);
}

TEST_F(create, initialize_twice)
{
	int fd = vmm_create_v1(self->dev, TVM_FLAGS);

	ASSERT_OK(fd);
	EXPECT_EQ(0, ioctl(fd, MSHV_INITIALIZE_PARTITION));
	EXPECT_EQ(0, ioctl(fd, MSHV_INITIALIZE_PARTITION));
	close(fd);
}

TEST_F(create, descriptor)
{
	char path[64], name[128];
	int fd = vmm_create_v1(self->dev, TVM_FLAGS);
	ssize_t n;

	ASSERT_OK(fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & O_ACCMODE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	ASSERT_LT(0, n);
	name[n] = 0;
	EXPECT_STREQ("anon_inode:mshv_partition", name);
	close(fd);
}

TEST_F(create, no_descriptor_left)
{
	struct mshv_create_partition args = { .pt_flags = TVM_FLAGS };
	struct rlimit limit, none;
	int before = count_open_fds(), ret;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 3;
	while (fcntl(none.rlim_cur, F_GETFD) >= 0)
		none.rlim_cur++;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	ret = create(self->dev, &args);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, ret);
	EXPECT_EQ(before, count_open_fds());
}

TEST_F(create, unknown_ioctls)
{
	static const unsigned long foreign[] = {
		MSHV_INITIALIZE_PARTITION, MSHV_CREATE_VP, MSHV_RUN_VP,
		MSHV_SET_GUEST_MEMORY, MSHV_SET_MSI_ROUTING,
		_IO(MSHV_IOCTL, 0x7f), _IO('z', 0), 0, 0xffffffff,
		/* The right number with another size is another ioctl. */
		_IOW(MSHV_IOCTL, 0, __u64),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		EXPECT_EQ(-1, ioctl(self->dev, foreign[i], 0));
		EXPECT_EQ(ENOTTY, errno);
	}
}

TEST_F(create, unknown_ioctls_of_a_partition)
{
	static const unsigned long foreign[] = {
		MSHV_CREATE_PARTITION, MSHV_RUN_VP, MSHV_GET_VP_STATE,
		_IO(MSHV_IOCTL, 0x7f), 0xffffffff,
		_IOW(MSHV_IOCTL, 1, __u64),
	};
	int fd = vmm_create_v1(self->dev, TVM_FLAGS);
	unsigned int i;

	ASSERT_OK(fd);
	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		EXPECT_EQ(-1, ioctl(fd, foreign[i], 0));
		EXPECT_EQ(ENOTTY, errno);
	}
	close(fd);
}

TEST_F(create, device_node)
{
	struct stat st;
	__u8 byte;

	ASSERT_EQ(0, fstat(self->dev, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600, st.st_mode & 0777);
	EXPECT_EQ(-1, read(self->dev, &byte, 1));
	EXPECT_EQ(-1, write(self->dev, &byte, 1));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED,
				   self->dev, 0));
}

TEST_F(create, many)
{
	int fds[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = vmm_create_v1(self->dev, TVM_FLAGS);
		ASSERT_OK(fds[i]);
		if (i & 1)
			ASSERT_OK(vmm_initialize(fds[i]));
	}
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[(i * 7) % ARRAY_SIZE(fds)]);
}

TEST_F(create, device_closed_first)
{
	int fd = vmm_create_v1(self->dev, TVM_FLAGS);

	ASSERT_OK(fd);
	close(self->dev);
	EXPECT_EQ(0, ioctl(fd, MSHV_INITIALIZE_PARTITION));
	close(fd);
}

/* Early properties are refused once a partition is active. */
TEST_F(create, early_property)
{
	int fd = vmm_create_v1(self->dev, TVM_FLAGS);
	__u64 value;

	ASSERT_OK(fd);
	ASSERT_OK(vmm_set_property(fd,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				   VMM_SYNTHETIC_FEATURES));
	ASSERT_OK(vmm_initialize(fd));
	EXPECT_GT(0, vmm_set_property(fd,
				      HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				      0));
	ASSERT_OK(vmm_get_property(fd,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				   &value));
	EXPECT_EQ(VMM_SYNTHETIC_FEATURES, value);
	close(fd);
}

/*
 * The kernel is stopped at the second page while the first one is changed.  It must
 * use what it has checked: a refused call that reached the hypervisor all the same
 * has used the change.
 */
struct race {
	int uffd;
	struct mshv_create_partition_v2 *args;
	__u8 *second;
	__u8 *source;
};

static void *race_thread(void *opaque)
{
	struct race *r = opaque;
	struct uffd_msg event;
	struct uffdio_copy copy = {
		.dst = (unsigned long)r->second,
		.src = (unsigned long)r->source,
		.len = VMM_PAGE,
	};

	if (read(r->uffd, &event, sizeof(event)) != sizeof(event))
		return NULL;
	r->args->pt_isolation = 1;
	ioctl(r->uffd, UFFDIO_COPY, &copy);
	return r;
}

TEST_F(create, pitfall_A11_double_fetch)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct mshv_create_partition_v2 good = v2_args();
	struct race race;
	pthread_t thread;
	__u64 calls = 0;
	void *done;
	__u8 *pages;
	int fd;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	race.uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (race.uffd < 0 || ioctl(race.uffd, UFFDIO_API, &api))
		SKIP(return, "no userfaultfd");
	pages = mmap(NULL, 3 * VMM_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, pages);
	race.second = pages + VMM_PAGE;
	race.source = pages + 2 * VMM_PAGE;
	race.args = (void *)(race.second - 16);
	memcpy(race.args, &good, 16);
	memcpy(race.source, (__u8 *)&good + 16, sizeof(good) - 16);
	range.range.start = (unsigned long)race.second;
	range.range.len = VMM_PAGE;
	ASSERT_EQ(0, ioctl(race.uffd, UFFDIO_REGISTER, &range));
	ASSERT_EQ(0, pthread_create(&thread, NULL, race_thread, &race));

	ASSERT_EQ(0, rv_mark());
	fd = create(self->dev, race.args);
	ASSERT_EQ(0, rv_count_call(HVCALL_CREATE_PARTITION, &calls));
	ASSERT_EQ(0, pthread_join(thread, &done));
	EXPECT_NE(NULL, done);
	if (fd < 0) {
		EXPECT_EQ(-EINVAL, fd);
		EXPECT_EQ(0, calls);
	} else {
		close(fd);
	}
	close(race.uffd);
	munmap(pages, 3 * VMM_PAGE);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Device domains: what is said of them, what is refused, and the message about a fault.
 *
 * Needs a machine with remapping hardware and QEMU's "edu" device; skipped otherwise.
 */
#include <cpuid.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_system.h>

#include "domaincalls.h"
#include "harness.h"
#include "rvbooks.h"
#include "testvm.h"

#define NUMBER		3u
#define IOVA		0x7000ull
#define VECTOR		0xf3		/* of the kernel for messages */
#define LATE_US		50000
#define BAD		(HV_STATUS_INVALID_PARAMETER)

FIXTURE(domainrules) {
	struct dmatest t;
};

FIXTURE_SETUP(domainrules)
{
	const char *reason;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = domaintest_start(&self->t, NUMBER);
	if (reason)
		SKIP(return, "%s", reason);
}

FIXTURE_TEARDOWN(domainrules)
{
	EXPECT_EQ(0, domaintest_end(&self->t, NUMBER));
}

static __u64 now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

TEST_F(domainrules, cpuid)
{
	unsigned int a, b, c, d;

	__cpuid(HYPERV_CPUID_FEATURES, a, b, c, d);
	EXPECT_TRUE(d & HV_DEVICE_DOMAIN_AVAILABLE);
	EXPECT_FALSE(d & HV_S1_DEVICE_DOMAIN_AVAILABLE);
	__cpuid(HYPERV_CPUID_HARDWARE_FEATURES, a, b, c, d);
	EXPECT_TRUE(a & HV_HW_DMA_REMAPPING);
	EXPECT_TRUE(a & HV_HW_INTERRUPT_REMAPPING);
	EXPECT_TRUE(a & HV_HW_DMA_PROTECTION);
	EXPECT_EQ(48, b & HV_HW_DEVICE_DOMAIN_WIDTH_MASK);
}

TEST_F(domainrules, capabilities)
{
	struct hv_input_get_iommu_capabilities in = { .partition_id = HV_PARTITION_ID_SELF };
	union {
		struct hv_output_get_iommu_capabilities capabilities;
		__u8 page[DMA_PAGE];
	} out;

	ASSERT_EQ(HV_STATUS_SUCCESS, dmatest_call(&self->t, HVCALL_GET_IOMMU_CAPABILITIES, &in,
						  sizeof(in), 0, NULL, &out));
	EXPECT_EQ(sizeof(out.capabilities), out.capabilities.size);
	EXPECT_EQ(48, out.capabilities.max_iova_width);
	EXPECT_EQ(0, out.capabilities.max_pasid_width);
	EXPECT_EQ(HV_IOMMU_CAP_PRESENT | HV_IOMMU_CAP_S2, out.capabilities.iommu_cap);
	EXPECT_EQ(DMA_PAGE, out.capabilities.pgsize_bitmap);
	in.reserved = 1;
	EXPECT_EQ(BAD, dmatest_call(&self->t, HVCALL_GET_IOMMU_CAPABILITIES, &in, sizeof(in), 0,
				    NULL, NULL));
}

static int get_property(struct dmatest *t, __u32 property, __u64 *value)
{
	const struct hv_input_get_system_property in = { .property_id = property };
	__u64 out[DMA_WORDS] = { 0 };
	int status = dmatest_call(t, HVCALL_GET_SYSTEM_PROPERTY, &in, sizeof(in), 0, NULL, out);

	*value = out[0];
	return status;
}

static int want_faults(struct dmatest *t, __u8 on)
{
	const struct hv_input_set_system_property in = {
		.property_id = HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY,
		.value = { on } };

	return dmatest_call(t, HVCALL_SET_SYSTEM_PROPERTY, &in, sizeof(in), 0, NULL, NULL);
}

TEST_F(domainrules, properties)
{
	__u64 value;

	EXPECT_EQ(HV_STATUS_SUCCESS,
		  get_property(&self->t, HV_SYSTEM_PROPERTY_IOMMU_INIT_STATUS, &value));
	EXPECT_EQ(0x101, value);
	EXPECT_EQ(HV_STATUS_SUCCESS, want_faults(&self->t, 1));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  get_property(&self->t, HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY,
			       &value));
	EXPECT_EQ(1, value);
	EXPECT_EQ(HV_STATUS_SUCCESS, want_faults(&self->t, 0));
}

TEST_F(domainrules, headers)
{
	static const struct {
		struct hv_input_device_domain header;
		int status;
	} rows[] = {
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(9) }, HV_STATUS_SUCCESS },
		{ { .partition_id = 1, .owner_vtl = HV_INPUT_VTL_USE_TARGET,
		    .domain_id = DOMAIN_ID(9) }, HV_STATUS_SUCCESS },
		{ { .partition_id = 7, .domain_id = DOMAIN_ID(9) },
		  HV_STATUS_INVALID_PARTITION_ID },
		{ { .partition_id = 1, .owner_vtl = 1, .domain_id = DOMAIN_ID(9) }, BAD },
		{ { .partition_id = 1, .owner_vtl = 0x20, .domain_id = DOMAIN_ID(9) }, BAD },
		{ { .partition_id = 1, .padding = { [6] = 1 }, .domain_id = DOMAIN_ID(9) }, BAD },
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(9) | HV_DEVICE_DOMAIN_TYPE_S1 },
		  BAD },
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(9) | 0x10 }, BAD },
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(0) }, BAD },
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(~0u) }, BAD },
		{ { .partition_id = 1, .domain_id = DOMAIN_ID(NUMBER) }, BAD },
	};
	struct hv_input_create_device_domain in = { .create_device_domain_flags = 4 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		in.device_domain = rows[i].header;
		in.create_device_domain_flags = 0;
		EXPECT_EQ(rows[i].status, dmatest_call(&self->t, HVCALL_CREATE_DEVICE_DOMAIN, &in,
						       sizeof(in), 0, NULL, NULL)) {
			TH_LOG("row %u", i);
		}
		domain_delete(&self->t, 9);
	}
	in.device_domain = rows[0].header;
	in.create_device_domain_flags = 4;
	EXPECT_EQ(BAD, dmatest_call(&self->t, HVCALL_CREATE_DEVICE_DOMAIN, &in, sizeof(in), 0,
				    NULL, NULL));
}

TEST_F(domainrules, devices)
{
	struct dmatest *t = &self->t;
	__u64 id = t->edu.id;

	EXPECT_EQ(HV_STATUS_INVALID_DEVICE_ID, domain_attach(t, NUMBER, id & 0xffff));
	EXPECT_EQ(HV_STATUS_INVALID_DEVICE_ID, domain_attach(t, NUMBER, id | 1 << 16));
	EXPECT_EQ(HV_STATUS_INVALID_DEVICE_ID, domain_attach(t, NUMBER, (id & ~0xffull) | 0xc7));
	EXPECT_EQ(HV_STATUS_INVALID_DEVICE_ID, domain_detach(t, (id & ~0xffull) | 0xc7));
	EXPECT_EQ(HV_STATUS_INVALID_DEVICE_STATE, domain_detach(t, id));
	EXPECT_EQ(BAD, domain_attach(t, 99, id));
	EXPECT_EQ(BAD, domain_delete(t, 99));
	EXPECT_EQ(BAD, domain_delete(t, HV_DEVICE_DOMAIN_ID_S2_DEFAULT));
	EXPECT_EQ(HV_STATUS_DEVICE_ALREADY_IN_DOMAIN,
		  domain_attach(t, HV_DEVICE_DOMAIN_ID_S2_DEFAULT, id));
}

TEST_F(domainrules, addresses)
{
	struct dmatest *t = &self->t;
	const __u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	static const __u64 bad[] = { IOVA + 1, 1ull << 48, 0xfee00000, 0xfeeff000 };
	unsigned int i, done;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(BAD, domain_map_one(t, NUMBER, bad[i], t->address));
	EXPECT_EQ(BAD, domain_map_one(t, 99, IOVA, t->address));
	EXPECT_EQ(BAD, domain_map(t, NUMBER, IOVA, 0, &t->address, 1, NULL));
	EXPECT_EQ(BAD, domain_map(t, NUMBER, IOVA, rw | HV_MAP_GPA_LARGE_PAGE, &t->address, 1,
				  NULL));
	EXPECT_EQ(BAD, domain_unmap(t, NUMBER, IOVA + 1, 1));
	EXPECT_EQ(BAD, domain_unmap(t, NUMBER, 1ull << 48, 1));
	EXPECT_EQ(HV_STATUS_SUCCESS, domain_unmap(t, NUMBER, IOVA, 4095));
	/* The second of two pages is not the root's: one is mapped. */
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  domain_map(t, NUMBER, IOVA, rw,
			     (const __u64[]){ t->address, 0x10000000 }, 2, &done));
	EXPECT_EQ(1, done);
	EXPECT_EQ(1, books_value(RV_BOOKS_DEVICE_PAGES));
}

/* Devices for guests are not offered; the calls are counted as unknown. */
TEST_F(domainrules, direct_attachment)
{
	__u64 before = books_value(RV_BOOKS_UNKNOWN_CALLS);
	const __u64 in[5] = { 1 };

	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  dmatest_call(&self->t, HVCALL_ATTACH_DEVICE, in, sizeof(in), 0, NULL, NULL));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  dmatest_call(&self->t, HVCALL_DETACH_DEVICE, in, sizeof(in), 0, NULL, NULL));
	EXPECT_EQ(before + 2, books_value(RV_BOOKS_UNKNOWN_CALLS));
}

/* Calls that fail, and that are cut short. */
TEST_F(domainrules, injected)
{
	struct dmatest *t = &self->t;
	const __u64 list[] = { t->address, t->address, t->address };
	unsigned int done;
	__u32 rule;

	ASSERT_EQ(0, rv_fail(HVCALL_ATTACH_DEVICE_DOMAIN, HV_STATUS_TIME_OUT, 0, 1, &rule));
	EXPECT_EQ(HV_STATUS_TIME_OUT, domain_attach(t, NUMBER, t->edu.id));
	EXPECT_EQ(HV_DEVICE_DOMAIN_ID_S2_DEFAULT, domain_of(t));
	ASSERT_EQ(0, rv_rep_stop(HVCALL_MAP_DEVICE_GPA_PAGES, HV_STATUS_SUCCESS, 2, 1, &rule));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  domain_map(t, NUMBER, IOVA, HV_MAP_GPA_READABLE, list, 3, &done));
	EXPECT_EQ(2, done);
	EXPECT_EQ(2, books_value(RV_BOOKS_DEVICE_PAGES));
	rv_rules_clear();
}

/* A call that takes long is one that is done afterwards. */
TEST_F(domainrules, late)
{
	const __u32 rule[] = { HVCALL_UNMAP_DEVICE_GPA_PAGES, 1, LATE_US };
	struct dmatest *t = &self->t;
	__u64 before, after;

	ASSERT_EQ(HV_STATUS_SUCCESS, domain_map_one(t, NUMBER, IOVA, t->address));
	ASSERT_EQ(0, rv_call(RV_CMD_LATE, rule, 3, NULL, 0));
	before = now_us();
	EXPECT_EQ(HV_STATUS_SUCCESS, domain_unmap(t, NUMBER, IOVA, 1));
	after = now_us();
	EXPECT_LE(LATE_US, after - before);
	EXPECT_EQ(0, books_value(RV_BOOKS_DEVICE_PAGES));
	rv_rules_clear();
}

/* ---- the message about a fault -------------------------------------------------------- */

static int read_msr(int fd, __u32 msr, __u64 *value)
{
	return pread(fd, value, sizeof(*value), msr) == sizeof(*value) ? 0 : -errno;
}

static int write_msr(int fd, __u32 msr, __u64 value)
{
	return pwrite(fd, &value, sizeof(value), msr) == sizeof(value) ? 0 : -errno;
}

/* Opens SINT 1 of processor 0; its slot, or NULL. */
static volatile struct hv_message *open_sint(int msr)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	__u64 simp, control;
	char *page;

	if (fd < 0 || read_msr(msr, HV_X64_MSR_SIMP, &simp) ||
	    read_msr(msr, HV_X64_MSR_SCONTROL, &control) ||
	    write_msr(msr, HV_X64_MSR_SIMP, simp | 1) ||
	    write_msr(msr, HV_X64_MSR_SCONTROL, control | 1) ||
	    write_msr(msr, HV_X64_MSR_SINT0 + HV_SYNIC_IOMMU_FAULT_SINT_INDEX, VECTOR))
		return NULL;
	page = mmap(NULL, DMA_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, simp & -DMA_PAGE);
	close(fd);
	return page == MAP_FAILED ? NULL :
	       (void *)(page + HV_SYNIC_IOMMU_FAULT_SINT_INDEX * 256);
}

TEST_F(domainrules, message)
{
	int msr = open("/dev/cpu/0/msr", O_RDWR | O_CLOEXEC);
	const struct hv_iommu_fault_message *fault;
	volatile struct hv_message *slot;
	struct hv_message message;
	struct dmatest *t = &self->t;

	if (msr < 0)
		SKIP(return, "needs the kernel's module msr");
	slot = open_sint(msr);
	ASSERT_NE(NULL, slot);
	slot->header.message_type = HVMSG_NONE;
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_attach(t, NUMBER, t->edu.id));

	/* None before the root is ready. */
	edu_store(&t->edu, IOVA + DMA_PAGE, 8);
	EXPECT_EQ(1, dmatest_faults(t));
	EXPECT_EQ(HVMSG_NONE, slot->header.message_type);

	ASSERT_EQ(HV_STATUS_SUCCESS, want_faults(t, 1));
	dmatest_mark(t);
	edu_store(&t->edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(t, IOVA, 1));
	message = *(struct hv_message *)slot;
	EXPECT_EQ(HVMSG_IOMMU_FAULT, message.header.message_type);
	EXPECT_EQ(sizeof(*fault), message.header.payload_size);
	fault = (void *)message.u.bytes;
	EXPECT_EQ(HV_IOMMU_FAULT_TRANSLATION, fault->type);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, fault->access_type);
	EXPECT_EQ(HV_IOMMU_FAULT_ADDRESS_VALID | HV_IOMMU_FAULT_DEVICE_VALID, fault->flags);
	EXPECT_EQ(t->edu.id & 0xffffffff, fault->logical_device_id);
	EXPECT_EQ(IOVA, fault->address);

	/* While it waits one more does, and no third. */
	edu_load(&t->edu, IOVA, 8);
	EXPECT_EQ(2, dmatest_faults(t));
	edu_load(&t->edu, IOVA + DMA_PAGE, 8);
	EXPECT_EQ(3, dmatest_faults(t));
	slot->header.message_type = HVMSG_NONE;
	write_msr(msr, HV_X64_MSR_EOM, 0);
	message = *(struct hv_message *)slot;
	EXPECT_EQ(HVMSG_IOMMU_FAULT, message.header.message_type);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, fault->access_type);
	slot->header.message_type = HVMSG_NONE;
	write_msr(msr, HV_X64_MSR_EOM, 0);
	EXPECT_EQ(HVMSG_NONE, slot->header.message_type);

	want_faults(t, 0);
	write_msr(msr, HV_X64_MSR_SINT0 + HV_SYNIC_IOMMU_FAULT_SINT_INDEX, HV_SYNIC_SINT_MASKED);
	close(msr);
}

TEST_HARNESS_MAIN

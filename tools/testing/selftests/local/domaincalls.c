// SPDX-License-Identifier: GPL-2.0
/* Hypercalls about device domains, see domaincalls.h. */
#include <string.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_memory.h>
#include <rootvisor/rvctl.h>

#include "domaincalls.h"

#define POOL_PAGES	24

static __u64 *pool[POOL_PAGES];

static struct hv_input_device_domain header(__u32 number)
{
	return (struct hv_input_device_domain){
		.partition_id = HV_PARTITION_ID_SELF, .domain_id = DOMAIN_ID(number) };
}

int domain_create(struct dmatest *t, __u32 number)
{
	const struct hv_input_create_device_domain in = {
		.device_domain = header(number),
		.create_device_domain_flags = HV_CREATE_DEVICE_DOMAIN_FORWARD_PROGRESS };

	return dmatest_call(t, HVCALL_CREATE_DEVICE_DOMAIN, &in, sizeof(in), 0, NULL, NULL);
}

int domain_delete(struct dmatest *t, __u32 number)
{
	const struct hv_input_delete_device_domain in = { .device_domain = header(number) };

	return dmatest_call(t, HVCALL_DELETE_DEVICE_DOMAIN, &in, sizeof(in), 0, NULL, NULL);
}

int domain_attach(struct dmatest *t, __u32 number, __u64 device)
{
	const struct hv_input_attach_device_domain in = { .device_domain = header(number),
							  .device_id = device };

	return dmatest_call(t, HVCALL_ATTACH_DEVICE_DOMAIN, &in, sizeof(in), 0, NULL, NULL);
}

int domain_detach(struct dmatest *t, __u64 device)
{
	const struct hv_input_detach_device_domain in = { .partition_id = HV_PARTITION_ID_SELF,
							  .device_id = device };

	return dmatest_call(t, HVCALL_DETACH_DEVICE_DOMAIN, &in, sizeof(in), 0, NULL, NULL);
}

int domain_map(struct dmatest *t, __u32 number, __u64 iova, __u32 flags, const __u64 *addresses,
	       unsigned int nr, unsigned int *done)
{
	union {
		struct hv_input_map_device_gpa_pages map;
		__u64 words[DMA_WORDS];
	} in = { .map = { .device_domain = header(number), .map_flags = flags,
			  .target_device_va_base = iova } };
	unsigned int i;

	for (i = 0; i < nr; i++)
		in.words[sizeof(in.map) / sizeof(__u64) + i] = addresses[i] / DMA_PAGE;
	return dmatest_call(t, HVCALL_MAP_DEVICE_GPA_PAGES, &in, sizeof(in), nr, done, NULL);
}

int domain_map_one(struct dmatest *t, __u32 number, __u64 iova, __u64 address)
{
	return domain_map(t, number, iova, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, &address,
			  1, NULL);
}

int domain_unmap(struct dmatest *t, __u32 number, __u64 iova, unsigned int nr)
{
	const struct hv_input_unmap_device_gpa_pages in = { .device_domain = header(number),
							    .target_device_va_base = iova };

	return dmatest_call(t, HVCALL_UNMAP_DEVICE_GPA_PAGES, &in, sizeof(in), nr, NULL, NULL);
}

__u32 domain_of(struct dmatest *t)
{
	__u32 id[2], number = 0xdead;

	memcpy(id, &t->edu.id, sizeof(id));
	rv_call(RV_CMD_DEVICE_DOMAIN, id, 2, &number, 1);
	return number;
}

static int pool_fill(struct dmatest *t)
{
	unsigned int i;
	__u64 address;
	int status;

	for (i = 0; i < POOL_PAGES; i++) {
		pool[i] = dmatest_page(&address);
		if (!pool[i])
			return -1;
		status = dmatest_deposit(t, address);
		if (status)
			return status;
	}
	return 0;
}

static int pool_empty(struct dmatest *t)
{
	unsigned int i;
	__u64 address;
	int status;

	for (i = 0; i < POOL_PAGES; i++) {
		status = dmatest_withdraw(t, &address);
		if (status)
			return status;
	}
	for (i = 0; i < POOL_PAGES; i++)
		dmatest_page_free(pool[i]);
	return 0;
}

const char *domaintest_start(struct dmatest *t, __u32 number)
{
	const char *reason = dmatest_start(t);

	if (reason)
		return reason;
	if (pool_fill(t))
		return "no pages can be deposited";
	return domain_create(t, number) ? "no domain can be made" : NULL;
}

int domaintest_end(struct dmatest *t, __u32 number)
{
	int status;

	if (t->raw < 0)
		return 0;
	domain_attach(t, HV_DEVICE_DOMAIN_ID_S2_DEFAULT, t->edu.id);
	status = domain_delete(t, number);
	if (!status)
		status = pool_empty(t);
	dmatest_end(t);
	return status;
}

// SPDX-License-Identifier: GPL-2.0
/* What tests of DMA remapping share, see dmatest.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>

#include "dmatest.h"
#include "rvlog.h"
#include "waits.h"

#define MODULE		"mshv_raw"
#define FILE_NAME	"/selftests/" MODULE ".ko"

static int raw_open(void)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return open("/dev/" MODULE, O_RDWR | O_CLOEXEC);
}

__u64 *dmatest_page(__u64 *address)
{
	__u64 *page = mmap(NULL, DMA_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	page[0] = 0;
	*address = edu_physical(page);
	return page;
}

void dmatest_page_free(__u64 *page)
{
	munmap(page, DMA_PAGE);
}

const char *dmatest_start(struct dmatest *t)
{
	__u32 id[2], faults[2];

	memset(t, 0, sizeof(*t));
	t->raw = -1;
	if (edu_open(&t->edu))
		return "there is no edu device";
	memcpy(id, &t->edu.id, sizeof(id));
	if (rv_call(RV_CMD_DMA_FAULTS, id, 2, faults, 2))
		return "DMA is not remapped";
	t->raw = raw_open();
	if (t->raw < 0)
		return "there is no module " MODULE " for this kernel";
	t->page = dmatest_page(&t->address);
	if (!t->page || !t->address)
		return "no page, or its address is not known";
	dmatest_mark(t);
	return NULL;
}

void dmatest_end(struct dmatest *t)
{
	if (t->page)
		dmatest_page_free(t->page);
	if (t->raw >= 0)
		close(t->raw);
}

int dmatest_call(struct dmatest *t, unsigned int code, const void *in, unsigned int bytes,
		 unsigned int reps, unsigned int *done, void *out)
{
	static struct raw_call call;

	memset(&call, 0, sizeof(call));
	memcpy(call.in, in, bytes);
	call.control = code | (__u64)reps << HV_HYPERCALL_REP_COMP_OFFSET;
	if (ioctl(t->raw, RAW_CALL, &call))
		return -1;
	if (done)
		*done = call.result >> HV_HYPERCALL_REP_COMP_OFFSET & 0xfff;
	if (out)
		memcpy(out, call.out, DMA_PAGE);
	return call.result & HV_HYPERCALL_RESULT_MASK;
}

void dmatest_fill(struct dmatest *t, __u64 word)
{
	unsigned int i;

	for (i = 0; i < DMA_WORDS; i++)
		t->page[i] = word;
	edu_load(&t->edu, t->address, DMA_PAGE);
}

static __u64 log_end(void)
{
	char text[RV_LOG_BYTES];
	__u64 at = ~0ULL;

	rvlog_piece(&at, text);
	return at;
}

void dmatest_mark(struct dmatest *t)
{
	t->faults = books_value(RV_BOOKS_DMA_FAULTS);
	t->log = log_end();
}

__u64 dmatest_faults(struct dmatest *t)
{
	return books_value(RV_BOOKS_DMA_FAULTS) - t->faults;
}

int dmatest_reported(struct dmatest *t, __u64 address, int write)
{
	char line[100];

	/* It learns this by an interrupt, which may come after the device has answered. */
	if (!wait_until(dmatest_faults(t)))
		return 0;
	snprintf(line, sizeof(line), "DMA blocked: device %s, %s 0x%llx,", t->edu.name,
		 write ? "write to" : "read of", address & -DMA_PAGE);
	return rvlog_has(t->log, line);
}

int dmatest_blocked(struct dmatest *t, __u64 address, int write)
{
	return dmatest_reported(t, address, write) && dmatest_faults(t) == 1;
}

static int is_as_before(const struct books *before, unsigned int what)
{
	return books_value(what) == before->value[what];
}

int dmatest_is_back(const struct books *before)
{
	return is_as_before(before, RV_BOOKS_DEVICE_PAGES) &&
	       is_as_before(before, RV_BOOKS_DOMAINS) &&
	       is_as_before(before, RV_BOOKS_ATTACHMENTS);
}

int dmatest_deposit(struct dmatest *t, __u64 address)
{
	const __u64 in[] = { HV_PARTITION_ID_SELF, address / DMA_PAGE };

	return dmatest_call(t, HVCALL_DEPOSIT_MEMORY, in, sizeof(in), 1, NULL, NULL);
}

int dmatest_withdraw(struct dmatest *t, __u64 *address)
{
	const __u64 in[] = { HV_PARTITION_ID_SELF, 0 };
	__u64 out[DMA_WORDS] = { 0 };
	int status = dmatest_call(t, HVCALL_WITHDRAW_MEMORY, in, sizeof(in), 1, NULL, out);

	*address = out[0] * DMA_PAGE;
	return status;
}

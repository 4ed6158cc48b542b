// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a machine: see life.h.
 */
#include <sys/eventfd.h>

#include "ear.h"
#include "life.h"
#include "waits.h"

#define GSI		3
#define VECTOR		0x43
#define DOORBELL	0x80000000ULL
#define SPARE_GPA	0x400000ULL
#define SPARE_SIZE	(4 * VMM_PAGE)

static int doorbell(int part, int event, __u32 flags)
{
	const struct mshv_user_ioeventfd args = {
		.addr = DOORBELL, .len = 4, .fd = event, .flags = flags,
	};

	return ioctl(part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int dirty_pages(int part)
{
	__u8 bits[1];
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = 8, .bitmap_ptr = (unsigned long)bits,
	};

	return ioctl(part, MSHV_GET_GPAP_ACCESS_BITMAP, &args) ? -errno : 0;
}

static int local_apic(int vp)
{
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u32 size = sizeof(page);
	int ret;

	ret = vmm_get_state(vp, MSHV_VP_STATE_LAPIC, page, &size);
	return ret ? ret : vmm_set_state(vp, MSHV_VP_STATE_LAPIC, page, &size);
}

/* Remember the first failure and continue. */
static void note(int *first, int ret)
{
	if (ret < 0 && *first >= 0)
		*first = ret;
}

/**
 * life() - all that a VMM does with a small machine, from creation to destruction
 * @pages: NULL, or result: pages deposited for it
 *
 * Return: 0, the first error, or -EINTR if it hung somewhere.
 */
int life(__u64 *pages)
{
	int event = eventfd(0, EFD_CLOEXEC), ret = 0;
	bool hung = false;
	struct tvm t;
	__u64 value;
	__u8 *spare;
	int i;

	patience_begin();
	spare = mmap(NULL, SPARE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	note(&ret, tvm_start(&t, guest_count, sizeof(guest_count)));
	if (t.part >= 0) {
		note(&ret, vmm_set_property(t.part,
					    HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
					    1));
		note(&ret, vmm_map(t.part, SPARE_GPA, SPARE_SIZE, spare,
				   MEM_RWX));
		note(&ret, tvm_vp(&t, 1));
		note(&ret, route(t.part, GSI, 0, VECTOR));
		note(&ret, irqfd(t.part, event, GSI, 0));
		note(&ret, ring(event));
		note(&ret, doorbell(t.part, event, 0));
	}
	for (i = 0; i < 2 && t.vp[0] >= 0; i++) {
		int run = tvm_next_out(&t, 0, &value);

		hung |= run == -EINTR;
		note(&ret, run);
		note(&ret, local_apic(t.vp[0]));
	}
	if (t.part >= 0) {
		note(&ret, dirty_pages(t.part));
		note(&ret, doorbell(t.part, event,
				    HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN)));
		note(&ret, irqfd(t.part, event, GSI, DEASSIGN));
		note(&ret, vmm_unmap(t.part, SPARE_GPA, SPARE_SIZE, spare));
	}
	if (pages)
		*pages = books_value(RV_BOOKS_DEPOSITED);
	tvm_close(&t);
	munmap(spare, SPARE_SIZE);
	close(event);
	patience_end();
	return hung ? -EINTR : ret;
}

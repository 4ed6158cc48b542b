// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of devices: counts, and how many lines and messages a device can cause.
 *
 * Model: time stands still until the test moves it.  The root has two processors; the SINT
 * of one can be closed, and has room for messages.
 */
#include "../rootvisor/device/dma_fault.c"
#undef ARRAY_SIZE

#include "tap.h"

#define NOISY		0x0810
#define QUIET		0x0818
#define SECOND		(1000 * 10000ull)

struct options options;
u64 book_irte_faults, book_dma_faults;
enum log_level log_level;
struct lp *lps[MAX_LPS];
u32 nr_lps;
static const struct dma_hw hw = { .segment = 2 };
const struct dma_hw *dma_hw = &hw;
static u64 now = 100 * SECOND;
static u32 lines, posted, posted_on, closed, domain;
static bool waits;
static struct hv_iommu_fault_message last;

u64 tsc_now(void)
{
	return now;
}

u64 tsc_to_ref(u64 tsc)
{
	return tsc;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
	lines++;
}

u32 domain_of(u16 rid)
{
	(void)rid;
	return domain;
}

void identity_books(void)
{
}

void *synic_last_queued(struct vp *vp, u32 sint, u32 type)
{
	(void)sint;
	(void)type;
	return waits ? vp : NULL;
}

u16 synic_post(struct vp *vp, u32 sint, u32 type, u64 sender, const void *payload, u32 len)
{
	(void)sender;
	if (sint != 1 || type != HVMSG_IOMMU_FAULT || len != sizeof(last) || vp->index < closed)
		return 0x18;
	memcpy(&last, payload, sizeof(last));
	posted_on = vp->index;
	posted++;
	return 0;
}

static void fault(u16 rid, u32 times)
{
	const struct dma_fault f = { .rid = rid, .address = 0x5000, .write = true, .reason = 5 };

	while (times--)
		dma_fault(&f);
}

static void begin(void)
{
	now += 1000 * SECOND;
	lines = 0;
	posted = 0;
	closed = 0;
	domain = 0;
	waits = false;
	options.domains = 0;
	dma_fault_ready = true;
}

static void test_storm(void)
{
	u64 before = dma_faults_of(NOISY);

	begin();
	fault(NOISY, 1000);
	tap_ok(dma_faults_of(NOISY) - before == 1000, "each is counted");
	tap_ok(lines == BUCKET && posted == BUCKET, "16 lines and messages of a thousand");
	fault(QUIET, 1);
	tap_ok(lines == BUCKET + 1 && posted == BUCKET + 1 && dma_faults_of(QUIET) == 1,
	       "another device has its own");
	now += SECOND;
	fault(NOISY, 1000);
	tap_ok(posted == BUCKET + 1 + 4, "four a second");
	tap_ok(lines == BUCKET + 1 + 4 + 1, "and one that says how many were left out");
}

static void test_messages(void)
{
	begin();
	dma_fault_ready = false;
	fault(QUIET, 1);
	tap_ok(!posted && lines == 1, "the root is not ready: a line only");
	options.domains = DOMAINS_REPORT;
	fault(QUIET, 1);
	tap_ok(posted == 1 && posted_on == 0, "unless it always is");
	begin();
	waits = true;
	fault(QUIET, 1);
	tap_ok(!posted, "none while one waits");
	waits = false;
	closed = 1;
	fault(QUIET, 1);
	tap_ok(posted == 1 && posted_on == 1, "another processor has opened its SINT");
	closed = 2;
	fault(QUIET, 1);
	tap_ok(posted == 1 && dma_faults_of(QUIET) >= 4, "none has: it is counted");
}

static void test_contents(void)
{
	const struct dma_fault interrupt = { .rid = QUIET, .address = 9, .interrupt = true,
					     .reason = 0x26 };

	begin();
	fault(QUIET, 1);
	tap_check(last.type == HV_IOMMU_FAULT_TRANSLATION && last.access_type == 1 &&
		  last.flags == 3 && last.logical_device_id == (2 << 16 | QUIET) &&
		  last.address == 0x5000, "a write");
	domain = ~0u;
	options.domains = DOMAINS_FAULT_ID;
	dma_fault(&(struct dma_fault){ .rid = QUIET, .address = 0x6000, .reason = 6 });
	tap_check(last.type == HV_IOMMU_FAULT_BLOCKED && !last.access_type &&
		  last.logical_device_id == (1ull << 62 | 2 << 16 | QUIET),
		  "null domain, other id");
	dma_fault(&interrupt);
	tap_check(last.type == HV_IOMMU_FAULT_INTERRUPT && !last.address && last.flags == 2 &&
		  book_irte_faults == 1, "an interrupt");
	tap_group("what a message says");
}

/* More devices than there is room for share a bucket. */
static void test_crowd(void)
{
	u16 rid;

	begin();
	for (rid = 0; rid < 100; rid++)
		fault(rid, 1);
	tap_ok(lines < 100 && lines >= DEVICES - 2, "a hundred devices (%u lines)", lines);
}

int main(void)
{
	static struct vp roots[2] = { { .index = 0 }, { .index = 1 } };
	static struct lp processors[2];

	for (nr_lps = 0; nr_lps < 2; nr_lps++) {
		roots[nr_lps].synic.scontrol = 1;
		processors[nr_lps].root = &roots[nr_lps];
		lps[nr_lps] = &processors[nr_lps];
	}
	test_storm();
	test_messages();
	test_contents();
	test_crowd();
	return tap_end();
}

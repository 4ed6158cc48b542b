// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that comes close to deposited pages, in parallel.
 *
 * Model: workers continue until each has done its rounds: one creates and destroys
 * machines, so that pages are deposited and withdrawn; one has a guest read memory
 * that is merged, made huge, split and released as by a balloon; one reads all
 * memory from /proc/kcore; one sends packets whose checksums the kernel computes
 * itself, which reads beyond the end of buffers.  A worker reports what it finds
 * wrong.
 *
 * MIX_ROUNDS is the number of rounds; without it nothing is done.  With many, split
 * leaves of the kernel's direct map are counted as well: the second half of the
 * rounds splits next to none.
 */
#include <arpa/inet.h>
#include <elf.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>

#include "harness.h"
#include "driverbook.h"
#include "knobs.h"
#include "probe.h"
#include "rng.h"

/* With more rounds than this, splitting must come to an end. */
#define MANY_ROUNDS	100
#define HALVES		2
#define TELL		5
#define SPLITS_LEFT	100		/* the second half: one of so many of the first */

/* A round takes a fraction of this on a busy machine. */
#define ROUND_SECONDS	600

#define LIVES		3
#define AREA		(8 * BLOCK)
#define LOOKS		64
#define KCORE_PIECE	0x100000
#define KCORE_PIECES	32
#define KSM_RUN		"/sys/kernel/mm/ksm/run"
#define THP		"/sys/kernel/mm/transparent_hugepage/enabled"
#define TUN		"/dev/net/tun"
#define TUN_NAME	"mix"
#define OUR_END		"10.77.0.1"
#define FAR_END		"10.77.0.2"
#define PAYLOAD_MAX	1400
#define PAYLOAD_STEP	7

static unsigned int rounds_wanted;
static bool stop;

static void __attribute__((constructor)) read_environment(void)
{
	const char *wanted = getenv("MIX_ROUNDS");

	rounds_wanted = wanted ? atoi(wanted) : 0;
	limit_more = (unsigned long)rounds_wanted * ROUND_SECONDS;
}

/**
 * struct worker - one of the parallel workers
 * @name: for the log
 * @round: does a round; returns an error, or NULL
 * @open: prepares; 0 or -errno
 * @close: undoes that
 * @rounds: done in this half
 * @error: the error
 * @thread: its thread
 * @absent: not possible here
 */
struct worker {
	const char *name;
	const char *(*round)(void);
	int (*open)(void);
	void (*close)(void);
	unsigned int rounds;
	const char *error;
	pthread_t thread;
	bool absent;
};

/* --- pages come and go -------------------------------------------------------- */

static const char *live(void)
{
	struct tvm t[LIVES];
	const char *error = NULL;
	unsigned int i, vp;
	__u64 value;

	for (i = 0; i < LIVES; i++) {
		if (tvm_start(&t[i], guest_count, sizeof(guest_count)))
			error = "no machine";
		for (vp = 1; !error && vp < TVM_MAX_VPS; vp++)
			if (tvm_vp(&t[i], vp) < 0)
				error = "no processor";
		if (!error && tvm_next_out(&t[i], 0, &value))
			error = "no answer";
	}
	for (i = 0; i < LIVES; i++)
		tvm_close(&t[i]);
	return error;
}

/* --- a guest's memory ------------------------------------------------------------ */

static struct tvm looker;
static __u8 *area;
static struct rng rng = { .state = 1 };

static int open_memory(void)
{
	int ret = probe_start(&looker);

	area = ret ? NULL : probe_area(AREA);
	if (!area)
		return ret ? ret : -ENOMEM;
	/* Without one of them the rest is worth its while. */
	knob_set(KSM_RUN, "1");
	knob_set(THP, "always");
	madvise(area, AREA, MADV_MERGEABLE);
	return vmm_map(looker.part, PROBE_GPA, AREA, area, MEM_RWX);
}

static void close_memory(void)
{
	tvm_close(&looker);
	munmap(area, AREA);
	knobs_restore();
}

/* Is one page as expected, for the guest and for the VMM? */
static const char *compare(__u64 page, __u8 wanted)
{
	__u64 at = page * VMM_PAGE + rng_below(&rng, VMM_PAGE);
	__u8 seen;

	if (probe_read(&looker, 0, PROBE_GPA + at, &seen))
		return "the guest cannot read";
	if (seen != wanted)
		return "the guest reads something else";
	return area[at] == wanted ? NULL : "something else is in the memory";
}

/* Filled by blocks, so that pages are the same; then checked here and there. */
static const char *change_memory(void)
{
	static __u8 block_value;
	const char *error = NULL;
	unsigned int i;
	__u64 page;

	block_value++;
	for (i = 0; i < AREA / BLOCK; i++) {
		madvise(area + i * BLOCK, BLOCK, i & 1 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		memset(area + i * BLOCK, block_value, BLOCK);
	}
	for (i = 0; !error && i < LOOKS; i++) {
		page = rng_below(&rng, AREA / VMM_PAGE);
		error = compare(page, block_value);
		/* Released, and used again. */
		madvise(area + page * VMM_PAGE, VMM_PAGE, MADV_DONTNEED);
		if (!error)
			error = compare(page, 0);
		if (!error && probe_write(&looker, 0, PROBE_GPA + page * VMM_PAGE,
					  block_value))
			error = "the guest cannot write";
		memset(area + page * VMM_PAGE, block_value, VMM_PAGE);
	}
	return error;
}

/* --- all memory is read ----------------------------------------------------------- */

static int kcore = -1;
static Elf64_Ehdr kcore_head;

static int open_kcore(void)
{
	kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (kcore < 0)
		return -errno;
	return pread(kcore, &kcore_head, sizeof(kcore_head), 0) ==
	       sizeof(kcore_head) ? 0 : -EIO;
}

static void close_kcore(void)
{
	close(kcore);
}

/* Read the next pieces, except the kernel's image, which is there twice. */
static const char *read_kcore(void)
{
	static __u8 piece[KCORE_PIECE];
	static unsigned int part;
	static __u64 at;
	unsigned int i, skipped = 0;
	Elf64_Phdr head;

	for (i = 0; i < KCORE_PIECES;) {
		if (pread(kcore, &head, sizeof(head), kcore_head.e_phoff +
			  part * sizeof(head)) != sizeof(head))
			return "no header";
		if (head.p_type != PT_LOAD || head.p_vaddr >= KERNEL_IMAGE ||
		    head.p_paddr == ~0ULL || at >= head.p_memsz) {
			part = (part + 1) % kcore_head.e_phnum;
			at = 0;
			if (skipped++ > 2 * kcore_head.e_phnum)
				return "no memory in it";
			continue;
		}
		/* What is not memory any more is an error, and not to be read. */
		if (pread(kcore, piece, sizeof(piece), head.p_offset + at) < 0 &&
		    errno != EFAULT)
			return "cannot be read";
		at += KCORE_PIECE;
		i++;
	}
	return NULL;
}

/* --- packets ---------------------------------------------------------------------- */

static int tun = -1;

static int configure(int net, unsigned long request, struct ifreq *ifr)
{
	return ioctl(net, request, ifr) ? -errno : 0;
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_name = TUN_NAME, .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in address = { .sin_family = AF_INET };
	int net, ret;

	tun = open(TUN, O_RDWR | O_CLOEXEC);
	if (tun < 0)
		return -errno;
	net = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ret = net < 0 ? -errno : configure(tun, TUNSETIFF, &ifr);
	inet_pton(AF_INET, OUR_END, &address.sin_addr);
	memcpy(&ifr.ifr_addr, &address, sizeof(address));
	if (!ret)
		ret = configure(net, SIOCSIFADDR, &ifr);
	inet_pton(AF_INET, "255.255.255.0", &address.sin_addr);
	memcpy(&ifr.ifr_netmask, &address, sizeof(address));
	if (!ret)
		ret = configure(net, SIOCSIFNETMASK, &ifr);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if (!ret)
		ret = configure(net, SIOCSIFFLAGS, &ifr);
	close(net);
	return ret;
}

static void close_tun(void)
{
	close(tun);
}

static __u16 checksum(const void *data, size_t size)
{
	const __u8 *byte = data;
	__u32 sum = 0;
	size_t i;

	for (i = 0; i < size; i++)
		sum += i & 1 ? byte[i] : byte[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

struct packet {
	struct iphdr ip;
	struct icmphdr icmp;
	__u8 payload[PAYLOAD_MAX];
};

static size_t make_packet(struct packet *p, size_t size, __u8 seed)
{
	size_t total = offsetof(struct packet, payload) + size;

	memset(p, 0, sizeof(*p));
	p->ip.version = 4;
	p->ip.ihl = sizeof(p->ip) / 4;
	p->ip.tot_len = htons(total);
	p->ip.ttl = 64;
	p->ip.protocol = IPPROTO_ICMP;
	inet_pton(AF_INET, FAR_END, &p->ip.saddr);
	inet_pton(AF_INET, OUR_END, &p->ip.daddr);
	p->ip.check = checksum(&p->ip, sizeof(p->ip));
	p->icmp.type = ICMP_ECHO;
	/* The sum of zeros only can be written in two ways. */
	p->icmp.un.echo.id = htons(1);
	p->icmp.un.echo.sequence = htons(size);
	memset(p->payload, seed, size);
	p->icmp.checksum = checksum(&p->icmp, sizeof(p->icmp) + size);
	return total;
}

/* The answer; other packets that the kernel sends by itself are ignored. */
static const char *answer(const struct packet *question, size_t total)
{
	static struct packet p;
	struct pollfd ready = { .fd = tun, .events = POLLIN };
	size_t size = total - offsetof(struct packet, payload);

	for (;;) {
		if (poll(&ready, 1, -1) != 1 || read(tun, &p, sizeof(p)) < 0)
			return "none came";
		if (p.ip.version == 4 && p.icmp.type == ICMP_ECHOREPLY &&
		    p.icmp.un.echo.sequence == question->icmp.un.echo.sequence)
			break;
	}
	if (memcmp(p.payload, question->payload, size))
		return "another payload";
	return checksum(&p.icmp, sizeof(p.icmp) + size) ? "a wrong checksum" : NULL;
}

/* A packet with a wrong checksum is not answered, and the wait for it ends the test. */
static const char *send_packets(void)
{
	static struct packet p;
	static __u8 seed;
	const char *error = NULL;
	size_t size, total;

	seed++;
	for (size = seed % PAYLOAD_STEP; !error && size <= PAYLOAD_MAX; size += PAYLOAD_STEP) {
		total = make_packet(&p, size, seed);
		error = write(tun, &p, total) == (ssize_t)total ?
			answer(&p, total) : "not sent";
	}
	return error;
}

/* --- in parallel ------------------------------------------------------------------ */

static struct worker workers[] = {
	{ .name = "lives", .round = live },
	{ .name = "memory", .round = change_memory, .open = open_memory,
	  .close = close_memory },
	{ .name = "kcore", .round = read_kcore, .open = open_kcore, .close = close_kcore },
	{ .name = "packets", .round = send_packets, .open = open_tun, .close = close_tun },
};

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!w->error && !__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
		w->error = w->round();
		__atomic_add_fetch(&w->rounds, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Rounds that each has done, of those that are wanted. */
static unsigned int least_rounds(void)
{
	unsigned int i, rounds, least = rounds_wanted / HALVES;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rounds = __atomic_load_n(&workers[i].rounds, __ATOMIC_SEQ_CST);
		if (!workers[i].absent && !workers[i].error && rounds < least)
			least = rounds;
	}
	return least;
}

/* Until each has done its part, however long that takes. */
static void work_side_by_side(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	unsigned int i, least = 0, told = 0;

	stop = false;
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i].rounds = 0;
		if (!workers[i].absent &&
		    pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
			workers[i].error = "no thread";
			workers[i].absent = true;
		}
	}
	while (least < rounds_wanted / HALVES) {
		nanosleep(&pause, NULL);
		least = least_rounds();
		if (least < told + TELL)
			continue;
		/* Progress, for the log. */
		told = least;
		printf("# mix: %u rounds\n", told);
		fflush(stdout);
	}
	__atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		if (!workers[i].absent)
			pthread_join(workers[i].thread, NULL);
}

/* Report split leaves of the direct map; returns those split by the driver. */
static long long tell_direct_map(const char *when)
{
	long long splits = driver_book("direct_map_splits");
	char line[80];
	FILE *file = fopen("/proc/meminfo", "r");

	printf("# mix: %s: %lld leaves of the direct map split\n", when, splits);
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "DirectMap", strlen("DirectMap")))
			printf("# mix: %s: %s", when, line);
	if (file)
		fclose(file);
	fflush(stdout);
	return splits;
}

FIXTURE(mix) {
	struct books before;
	bool books;
};

FIXTURE_SETUP(mix)
{
	unsigned int i;

	self->books = !rv_open() && !books_read(&self->before);
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		workers[i].absent = true;
	if (!rounds_wanted)
		SKIP(return, "set MIX_ROUNDS");
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		struct worker *w = &workers[i];
		int ret = w->open ? w->open() : 0;

		w->absent = ret;
		if (ret)
			TH_LOG("without %s: %s", w->name, strerror(-ret));
	}
}

FIXTURE_TEARDOWN(mix)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		if (!workers[i].absent && workers[i].close)
			workers[i].close();
	}
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(mix, side_by_side)
{
	long long before, half, after;
	unsigned int i;

	before = tell_direct_map("before");
	work_side_by_side();
	half = tell_direct_map("half");
	work_side_by_side();
	after = tell_direct_map("after");
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		struct worker *w = &workers[i];

		EXPECT_EQ(NULL, w->error) {
			TH_LOG("%s: %s (%s)", w->name, w->error ?: "", vmm_error());
		}
		if (!w->absent)
			TH_LOG("%s: %u rounds in the second half", w->name, w->rounds);
	}
	if (rounds_wanted >= MANY_ROUNDS)
		EXPECT_LE((after - half) * SPLITS_LEFT, half - before);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Do frequent operations cost more if there are many objects?
 *
 * Model: in addition to the machine that is measured there are n objects of one kind.
 * Each operation is measured with few and with many of them.  The number of hypercalls
 * must not change.  The number of instructions may: a tree of a thousand entries is
 * deeper than one of a few, and a larger process has larger page tables.  It may grow by
 * a twentieth, the root's share of it at least, but not with n.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "bench.h"

#define TIMES		9
#define MAX_N		10000
#define MANY		1024	/* of what is not cheap to have */

#define VECTOR		GUEST_VECTOR
#define GSI		4095		/* the last one, after those of the crowd */
#define BLOCK		(2ULL << 20)
#define CROWD_GPA	0x100000000ULL	/* n objects, a block apart */
#define AREA_GPA	0x10000000ULL
#define AREA_SIZE	BLOCK
#define DOORBELL	0x20000000ULL

#define SPARSE_GPA	0x10000000000ULL
#define GIB		(512 * BLOCK)

/* How many: one, a few, as many as a kind says. */
#define NUMBERS		3
#define A_FEW		32

/* Growth of a twentieth is none. */
static long long allowed(long long few)
{
	return few + few / 20;
}

/* The objects of a kind, and what the measured machine needs besides. */
struct crowd {
	unsigned int n;
	int fds[2 * MAX_N];
	unsigned int nr_fds;
	__u8 *memory;			/* n pages, each its own region */
	__u8 *sparse;			/* n GiB that are not touched, or NULL */
	__u8 *area;			/* to be mapped and touched */
	int event, ring;
};

static struct crowd *crowd_of(struct world *w)
{
	return w->state;
}

static int keep(struct crowd *c, int fd)
{
	if (fd < 0)
		return fd;
	c->fds[c->nr_fds++] = fd;
	return 0;
}

/* ---- kinds ------------------------------------------------------------------------ */

static int add_partition(struct world *w, unsigned int i)
{
	int part = vmm_create_v1(w->t.dev, TVM_FLAGS);
	int ret = keep(crowd_of(w), part);

	return ret ? ret : vmm_initialize(part);
}

static int add_vp(struct world *w, unsigned int i)
{
	/* VP 0 is the measured one; the last index is 1,023. */
	if (i + 1 >= MANY)
		return 0;
	return keep(crowd_of(w), vmm_create_vp(w->t.part, i + 1));
}

static int add_region(struct world *w, unsigned int i)
{
	return vmm_map(w->t.part, CROWD_GPA + i * BLOCK, VMM_PAGE,
		       crowd_of(w)->memory + i * VMM_PAGE, MEM_RWX);
}

static int add_irqfd(struct world *w, unsigned int i)
{
	struct mshv_user_irqfd irqfd = { .gsi = i % GSI };
	int ret;

	irqfd.fd = eventfd(0, EFD_CLOEXEC);
	ret = keep(crowd_of(w), irqfd.fd);
	if (ret)
		return -errno;
	return ioctl(w->t.part, MSHV_IRQFD, &irqfd) ? -errno : 0;
}

static int ioeventfd(struct world *w, __u64 at, int fd)
{
	struct mshv_user_ioeventfd args = { .addr = at, .len = 1, .fd = fd };

	return ioctl(w->t.part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int add_ioeventfd(struct world *w, unsigned int i)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	return keep(crowd_of(w), fd) ? -errno :
	       ioeventfd(w, CROWD_GPA + i * BLOCK, fd);
}

/* The last one makes a region of all of them. */
static int add_sparse(struct world *w, unsigned int i)
{
	struct crowd *c = crowd_of(w);

	if (i + 1 < c->n)
		return 0;
	c->sparse = mmap(NULL, c->n * GIB, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->sparse == MAP_FAILED) {
		c->sparse = NULL;
		return -errno;
	}
	return vmm_map(w->t.part, SPARSE_GPA, c->n * GIB, c->sparse, MEM_RWX);
}

/* All routes are one table. */
static int routes(struct world *w, unsigned int n)
{
	struct mshv_user_irq_entry *entries = calloc(n + 1, sizeof(*entries));
	unsigned int i;
	int ret;

	if (!entries)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		entries[i].gsi = i;
		entries[i].address_lo = 0xfee00000;
		entries[i].data = VECTOR + 1;
	}
	entries[n].gsi = GSI;
	entries[n].address_lo = 0xfee00000;
	entries[n].data = VECTOR;
	ret = vmm_route(w->t.part, entries, n + 1);
	free(entries);
	return ret;
}

static const struct kind {
	const char *name;
	unsigned int many;
	int (*add)(struct world *w, unsigned int i);
	bool alone;		/* does not need the measured machine */
} kinds[] = {
	{ .name = "1,000 partitions", .many = 1000, .add = add_partition, .alone = true },
	{ .name = "1,024 processors", .many = MANY, .add = add_vp },
	{ .name = "1,024 regions", .many = MANY, .add = add_region },
	{ .name = "1,024 GiB, one region", .many = MANY, .add = add_sparse },
	{ .name = "4,000 routes", .many = 4000 },
	{ .name = "10,000 irqfds", .many = MAX_N, .add = add_irqfd },
	{ .name = "4,096 ioeventfds", .many = 4096, .add = add_ioeventfd },
};

static unsigned int number(const struct kind *kind, unsigned int i)
{
	const unsigned int numbers[NUMBERS] = { 1, A_FEW, kind->many };

	return numbers[i];
}

/* ---- operations --------------------------------------------------------------------- */

static int aim(struct world *w)
{
	return guest_aim(w, 0x60000);
}

static int signal_irq(struct world *w)
{
	const __u64 one = 1;

	return write(crowd_of(w)->event, &one, sizeof(one)) == sizeof(one) ?
	       0 : -errno;
}

static int aim_doorbell(struct world *w)
{
	return guest_aim(w, DOORBELL);
}

static int rung(struct world *w)
{
	__u64 count;

	return read(crowd_of(w)->ring, &count, sizeof(count)) == sizeof(count) ?
	       aim(w) : -errno;
}

static int add_doorbell(struct world *w)
{
	return ioeventfd(w, DOORBELL + VMM_PAGE, crowd_of(w)->ring);
}

static int remove_doorbell(struct world *w)
{
	struct mshv_user_ioeventfd args = {
		.addr = DOORBELL + VMM_PAGE, .len = 1, .fd = crowd_of(w)->ring,
		.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN),
	};

	return ioctl(w->t.part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int map(struct world *w)
{
	return vmm_map(w->t.part, AREA_GPA, AREA_SIZE, crowd_of(w)->area, MEM_RWX);
}

static int unmap(struct world *w)
{
	return vmm_unmap(w->t.part, AREA_GPA, AREA_SIZE, crowd_of(w)->area);
}

static int map_and_aim(struct world *w)
{
	int ret = map(w);

	return ret ? ret : guest_aim(w, AREA_GPA);
}

static int map_and_touch(struct world *w)
{
	int ret = map_and_aim(w);

	if (!ret)
		ret = guest_next(w);
	return ret ? ret : aim(w);
}

static int aim_and_unmap(struct world *w)
{
	int ret = aim(w);

	return ret ? ret : unmap(w);
}

static const struct operation operations[] = {
	{ .name = "exit", .times = TIMES, .run = guest_next },
	{ .name = "irqfd", .times = TIMES, .run = signal_irq, .after = guest_next },
	{ .name = "doorbell", .times = TIMES, .before = aim_doorbell,
	  .run = guest_next, .after = rung },
	{ .name = "ioeventfd", .times = TIMES, .run = add_doorbell,
	  .after = remove_doorbell },
	{ .name = "map", .times = TIMES, .run = map, .after = unmap },
	{ .name = "fault", .times = TIMES, .before = map_and_aim,
	  .run = guest_next, .after = aim_and_unmap },
	{ .name = "unmap", .times = TIMES, .before = map_and_touch, .run = unmap },
};

/* ---- the run ------------------------------------------------------------------------ */

static int make_world(struct world *w, const struct kind *kind, unsigned int n)
{
	struct crowd *c = calloc(1, sizeof(*c));
	struct mshv_user_irqfd irqfd = { .gsi = GSI };
	unsigned int i;
	int ret;

	if (!c)
		return -ENOMEM;
	w->state = c;
	c->n = n;
	c->event = eventfd(0, EFD_CLOEXEC);
	c->ring = eventfd(0, EFD_CLOEXEC);
	c->memory = mmap(NULL, MANY * VMM_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	c->area = aligned_alloc(BLOCK, AREA_SIZE);
	if (c->event < 0 || c->ring < 0 || c->memory == MAP_FAILED || !c->area)
		return -ENOMEM;
	madvise(c->area, AREA_SIZE, MADV_NOHUGEPAGE);
	memset(c->area, 1, AREA_SIZE);
	/*
	 * If possible, the crowd is created first: old objects must not make things
	 * slower.
	 */
	ret = kind->alone ? tvm_open(&w->t) : guest_setup(w);
	for (i = 0; !ret && kind->add && i < n; i++)
		ret = kind->add(w, i);
	if (!ret && kind->alone) {
		close(w->t.dev);
		ret = guest_setup(w);
	}
	if (!ret)
		ret = routes(w, kind->add ? 0 : n);
	irqfd.fd = c->event;
	if (!ret && ioctl(w->t.part, MSHV_IRQFD, &irqfd))
		ret = -errno;
	if (!ret)
		ret = ioeventfd(w, DOORBELL, c->ring);
	return ret;
}

static void unmake_world(struct world *w)
{
	struct crowd *c = crowd_of(w);

	while (c && c->nr_fds)
		close(c->fds[--c->nr_fds]);
	guest_teardown(w);
	if (!c)
		return;
	close(c->event);
	close(c->ring);
	if (c->memory && c->memory != MAP_FAILED)
		munmap(c->memory, MANY * VMM_PAGE);
	if (c->sparse)
		munmap(c->sparse, c->n * GIB);
	free(c->area);
	free(c);
}

static int measure(const struct kind *kind, unsigned int n, struct cost *costs,
		   bool root_sched)
{
	struct world w = { .root_sched = root_sched };
	unsigned int i;
	int ret;

	memset(&w.t, 0xff, sizeof(w.t));
	w.t.memory = NULL;
	ret = make_world(&w, kind, n);
	for (i = 0; !ret && i < ARRAY_SIZE(operations); i++)
		ret = meter_operation(&operations[i], &w, &costs[i]);
	if (ret)
		fprintf(stderr, "mshvbench: %u %s: %s (%s)\n", n, kind->name,
			strerror(-ret), vmm_error());
	unmake_world(&w);
	return ret;
}

static bool grows(const struct cost *few, const struct cost *many)
{
	if (few->calls != UNKNOWN && many->calls > few->calls)
		return true;
	return few->instructions != UNKNOWN &&
	       many->instructions > allowed(few->instructions) &&
	       (few->root == UNKNOWN || many->root > allowed(few->root));
}

/* Prints hypercalls and instructions, few to many; a line of the table. */
static void tell(const struct kind *kind, unsigned int op,
		 const struct cost costs[][ARRAY_SIZE(operations)])
{
	const struct cost *few = &costs[0][op], *many = &costs[NUMBERS - 1][op];
	unsigned int i;

	printf("| %s | %s | ", operations[op].name, kind->name);
	for (i = 0; i < NUMBERS; i++) {
		report_number(costs[i][op].calls);
		fputs(" | ", stdout);
	}
	for (i = 0; i < NUMBERS; i++) {
		report_number(costs[i][op].instructions);
		fputs(" | ", stdout);
	}
	puts(grows(few, many) ? "**grows** |" : "|");
}

static void tell_json(FILE *json, const struct kind *kind, unsigned int op,
		      const struct cost costs[][ARRAY_SIZE(operations)],
		      bool root_sched)
{
	unsigned int i;

	for (i = 0; i < NUMBERS; i++) {
		fprintf(json, "{\"operation\": \"%s\", \"scheduler\": \"%s\", ",
			operations[op].name, root_sched ? "root" : "classic");
		fprintf(json, "\"kind\": \"%s\", \"n\": %u", kind->name, number(kind, i));
		report_json(json, "hypercalls", costs[i][op].calls);
		report_json(json, "instructions", costs[i][op].instructions);
		fputs("}\n", json);
	}
}

/**
 * scale_run() - measure all operations with few and many objects of each kind
 * @json: file for JSON, or NULL
 * @root_sched: root scheduler, not the hypervisor's
 *
 * Return: 0, or 1 if something failed or grows.
 */
int scale_run(FILE *json, bool root_sched)
{
	static struct cost costs[NUMBERS][ARRAY_SIZE(operations)];
	unsigned int k, i, op;
	int ret = 0;

	printf("| operation, %s scheduler | up to | hypercalls: 1 | 32 | all | ",
	       root_sched ? "root" : "hypervisor's");
	puts("instructions: 1 | 32 | all | |");
	puts("|---|---|--:|--:|--:|--:|--:|--:|---|");
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (i = 0; i < NUMBERS; i++)
			if (measure(&kinds[k], number(&kinds[k], i), costs[i], root_sched))
				return 1;
		for (op = 0; op < ARRAY_SIZE(operations); op++) {
			tell(&kinds[k], op, costs);
			if (json)
				tell_json(json, &kinds[k], op, costs, root_sched);
			if (grows(&costs[0][op], &costs[NUMBERS - 1][op]))
				ret = 1;
		}
	}
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts by irqfd, doorbells by ioeventfd.
 *
 * Model: an irqfd is measured thrice: the signal alone, while the VP does not run; from
 * the signal to the first instruction of the guest's handler, which reads its time stamp
 * counter; and to the VMM's thread that sees the handler stop.  Before each
 * execution /proc is polled until that thread sleeps in MSHV_RUN_VP.
 *
 * Cloud Hypervisor delivers everything by irqfd: its IO-APIC is a table of 24 routes with
 * the redirection hint, which is written as a whole whenever a pin is masked or unmasked.
 * Its doorbells ring for a write of any length.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "bench.h"

#define TIMES		17
#define GSI		5
#define DOORBELL	(TVM_MEMORY + 0x1000)
#define MSI_ADDRESS	0xfee00000
#define MSI_HINT	8
#define MSI_ASSERT	0x4000
#define PINS		24

struct events {
	int event, done, go;
	pthread_t thread;
	bool running;
	__u64 ahead;			/* the guest's time stamp counter */
	volatile int tid;
	volatile bool stop;
};

static struct events *events_of(struct world *w)
{
	return w->state;
}

static int signal_event(int fd)
{
	const __u64 one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

static int take_event(int fd)
{
	__u64 count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? 0 : -errno;
}

static int make_events(struct world *w)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	w->state = e;
	e->event = eventfd(0, EFD_CLOEXEC);
	e->done = eventfd(0, EFD_CLOEXEC);
	e->go = eventfd(0, EFD_CLOEXEC);
	return e->event < 0 || e->done < 0 || e->go < 0 ? -errno : 0;
}

static int irqfd(struct world *w, bool remove_it)
{
	struct mshv_user_irqfd args = {
		.fd = events_of(w)->event, .gsi = GSI,
		.flags = remove_it ? HV_BIT(MSHV_IRQFD_BIT_DEASSIGN) : 0,
	};

	return ioctl(w->t.part, MSHV_IRQFD, &args) ? -errno : 0;
}

/* One route, or with @n as many as an IO-APIC has pins. */
static int set_routes(struct world *w)
{
	struct mshv_user_irq_entry routes[PINS];
	unsigned int i;

	for (i = 0; i < PINS; i++)
		routes[i] = (struct mshv_user_irq_entry) {
			.gsi = w->n ? i : GSI,
			.address_lo = MSI_ADDRESS | (w->n ? MSI_HINT : 0),
			.data = (w->n && i != GSI ? GUEST_VECTOR + 1 + i : GUEST_VECTOR) |
				(w->n ? MSI_ASSERT : 0),
		};
	return vmm_route(w->t.part, routes, w->n ?: 1);
}

static int setup_with(struct world *w, int (*guest)(struct world *w))
{
	int ret = make_events(w);

	if (!ret)
		ret = guest(w);
	if (!ret)
		ret = set_routes(w);
	return ret ? ret : irqfd(w, false);
}

static int setup_irqfd(struct world *w)
{
	return setup_with(w, guest_sleeper);
}

static int mask_unmask(struct world *w)
{
	return irqfd(w, true) ?: set_routes(w) ?: set_routes(w) ?: irqfd(w, false);
}

static int irqfd_signal(struct world *w)
{
	return signal_event(events_of(w)->event);
}

/* The sleeping guest is at a stop and runs to the next one. */
static int run_handler(struct world *w)
{
	return guest_next(w);
}

static void *vcpu(void *opaque)
{
	struct world *w = opaque;
	struct events *e = events_of(w);

	e->tid = syscall(SYS_gettid);
	while (!e->stop && !run_handler(w) && !signal_event(e->done) &&
	       !take_event(e->go))
		;
	/* Do not leave the main thread waiting. */
	e->stop = true;
	signal_event(e->done);
	return NULL;
}

static int start_vcpu(struct world *w, int ret)
{
	if (!ret)
		ret = -pthread_create(&events_of(w)->thread, NULL, vcpu, w);
	if (!ret)
		events_of(w)->running = true;
	return ret;
}

static int setup_asleep(struct world *w)
{
	return start_vcpu(w, setup_irqfd(w));
}

static int setup_stamped(struct world *w)
{
	int ret = setup_with(w, guest_stamper);

	/* Without it, the stamp is no time of the root's. */
	if (!ret && vmm_get_register(w->t.vp[0], 0, HV_X64_REGISTER_TSC_VIRTUAL_OFFSET,
				     &events_of(w)->ahead))
		events_of(w)->ahead = 0;
	return start_vcpu(w, ret);
}

static int wait_asleep(struct world *w)
{
	struct events *e = events_of(w);
	char path[64], text[64] = "";
	FILE *f;

	for (;;) {
		sched_yield();
		if (e->stop)
			return -EPROTO;
		if (!e->tid)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", e->tid);
		f = fopen(path, "r");
		if (!f)
			return -errno;
		if (fgets(text, sizeof(text), f) && strstr(text, ") S ")) {
			fclose(f);
			return 0;
		}
		fclose(f);
	}
}

static int irqfd_wakes(struct world *w)
{
	int ret = signal_event(events_of(w)->event);

	return ret ? ret : take_event(events_of(w)->done);
}

static int irqfd_wakes_guest(struct world *w)
{
	int ret = irqfd_wakes(w);

	w->arrived = guest_stamp(w) - events_of(w)->ahead;
	return ret;
}

static int go_on(struct world *w)
{
	return signal_event(events_of(w)->go);
}

static void teardown_irqfd(struct world *w)
{
	struct events *e = events_of(w);

	if (e && e->running) {
		e->stop = true;
		signal_event(e->go);
		signal_event(e->event);
		pthread_join(e->thread, NULL);
	}
	guest_teardown(w);
	if (e) {
		close(e->event);
		close(e->done);
		close(e->go);
	}
	free(e);
	w->state = NULL;
}

/* ---- doorbells ------------------------------------------------------------------ */

static int ioeventfd(struct world *w, __u64 at, bool remove_it)
{
	struct mshv_user_ioeventfd args = {
		.addr = at, .len = w->n, .fd = events_of(w)->event,
		.flags = remove_it ? HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN) : 0,
	};

	return ioctl(w->t.part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int setup_guest(struct world *w)
{
	int ret = make_events(w);

	return ret ? ret : guest_setup(w);
}

static int setup_doorbell(struct world *w)
{
	int ret = setup_guest(w);

	if (!ret)
		ret = ioeventfd(w, DOORBELL, false);
	return ret ? ret : guest_aim(w, DOORBELL);
}

static int rung(struct world *w)
{
	return take_event(events_of(w)->event);
}

static int add_doorbell(struct world *w)
{
	return ioeventfd(w, DOORBELL, false);
}

static int remove_doorbell(struct world *w)
{
	return ioeventfd(w, DOORBELL, true);
}

const struct operation ops_event[] = {
	{
		.group = "interrupts", .name = "irqfd signal, the processor not being run",
		.floor_root = 0, .floor_classic = 1, .times = TIMES,
		.setup = setup_irqfd, .run = irqfd_signal, .after = run_handler,
		.teardown = teardown_irqfd,
	}, {
		.group = "interrupts",
		.name = "irqfd signal to a sleeper, to its next instruction",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.setup = setup_stamped, .before = wait_asleep, .run = irqfd_wakes_guest,
		.after = go_on,
		.teardown = teardown_irqfd,
	}, {
		.group = "interrupts",
		.name = "irqfd signal to a sleeper, to the exit of its handler",
		.floor_root = 1, .floor_classic = 1, .times = TIMES,
		.wakes = true,
		.setup = setup_asleep, .before = wait_asleep, .run = irqfd_wakes,
		.after = go_on,
		.teardown = teardown_irqfd,
	}, {
		.group = "interrupts",
		.name = "pin of Cloud Hypervisor's IO-APIC to a sleeper",
		.floor_root = 1, .floor_classic = 1, .times = TIMES, .n = PINS,
		.wakes = true,
		.setup = setup_asleep, .before = wait_asleep, .run = irqfd_wakes,
		.after = go_on,
		.teardown = teardown_irqfd,
	}, {
		.group = "interrupts",
		.name = "pin masked and unmasked, as by Cloud Hypervisor",
		.floor_root = 0, .floor_classic = 0, .times = TIMES, .n = PINS,
		.setup = setup_irqfd, .run = mask_unmask,
		.teardown = teardown_irqfd,
	}, {
		.group = "doorbells", .name = "doorbell, and the next port exit",
		.floor_root = 2, .floor_classic = 1, .times = TIMES, .n = 1,
		.setup = setup_doorbell, .run = guest_next, .after = rung,
		.teardown = teardown_irqfd,
	}, {
		.group = "doorbells",
		.name = "doorbell of any length, and the next port exit",
		.floor_root = 2, .floor_classic = 1, .times = TIMES,
		.setup = setup_doorbell, .run = guest_next, .after = rung,
		.teardown = teardown_irqfd,
	}, {
		.group = "doorbells", .name = "ioeventfd added",
		.floor_root = 2, .floor_classic = 2, .times = TIMES, .n = 1,
		.setup = setup_guest, .run = add_doorbell, .after = remove_doorbell,
		.teardown = teardown_irqfd,
	}, {
		.group = "doorbells", .name = "ioeventfd removed",
		.floor_root = 2, .floor_classic = 2, .times = TIMES, .n = 1,
		.setup = setup_guest, .before = add_doorbell, .run = remove_doorbell,
		.teardown = teardown_irqfd,
	},
	{ .name = NULL },
};

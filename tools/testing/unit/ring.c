// SPDX-License-Identifier: GPL-2.0
/*
 * The event ring, emptied by one thread while another fills it: everything arrives
 * once and in order.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)

#include <hv/ring.h>

#include "tap.h"

#define SLOTS	HV_SYNIC_EVENT_RING_MESSAGE_COUNT
#define BURSTS	10000

static struct hv_synic_event_ring ring;
static unsigned int taken;

/* As the hypervisor does: never beyond a slot that is not empty. */
static void *fill(void *opaque)
{
	unsigned int at = *(unsigned int *)opaque, next = 1, burst, i;

	for (burst = 0; burst < BURSTS; burst++) {
		for (i = 0; i <= burst % SLOTS; i++, next++) {
			while (__atomic_load_n(&ring.data[at], __ATOMIC_ACQUIRE))
				sched_yield();
			__atomic_store_n(&ring.data[at], next, __ATOMIC_RELEASE);
			at = (at + 1) % SLOTS;
		}
		/*
		 * Everything is taken, so that the next search begins in an empty
		 * ring.
		 */
		while (__atomic_load_n(&taken, __ATOMIC_ACQUIRE) < next - 1)
			sched_yield();
	}
	__atomic_store_n(&ring.ring_full, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void check_concurrent(unsigned int producer, unsigned int tail)
{
	unsigned int wrong = 0, idle = 0;
	pthread_t thread;
	__u32 value;

	memset(&ring, 0, sizeof(ring));
	taken = 0;
	if (!tap_check(!pthread_create(&thread, NULL, fill, &producer), "a thread"))
		return;
	while (!__atomic_load_n(&ring.ring_full, __ATOMIC_ACQUIRE)) {
		tail = hv_ring_find(&ring, tail);
		while ((value = hv_ring_take(&ring, &tail))) {
			wrong += value != taken + 1;
			__atomic_store_n(&taken, taken + 1, __ATOMIC_RELEASE);
			idle = 0;
		}
		if (++idle % 64 == 0)
			sched_yield();
	}
	pthread_join(thread, NULL);
	tap_check(!wrong, "%u out of order", wrong);
	tap_check(taken >= BURSTS, "%u came", taken);
}

static void check_still(void)
{
	unsigned int tail, filled;

	for (tail = 0; tail < SLOTS; tail++) {
		memset(&ring, 0, sizeof(ring));
		tap_check(hv_ring_find(&ring, tail) == tail, "empty, %u", tail);
		for (filled = 0; filled < SLOTS; filled++) {
			memset(&ring, 0, sizeof(ring));
			ring.data[filled] = 7;
			tap_check(hv_ring_find(&ring, tail) == filled,
				  "%u, seen from %u", filled, tail);
		}
		memset(&ring, 0xff, sizeof(ring));
		tap_check(hv_ring_find(&ring, tail) == tail, "full, %u", tail);
	}
	tap_group("the first filled slot is found");
}

int main(void)
{
	check_still();
	check_concurrent(0, 0);
	tap_group("all come once and in order");
	check_concurrent(17, 40);
	tap_group("also if others have used the ring before");
	return tap_end();
}

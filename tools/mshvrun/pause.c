// SPDX-License-Identifier: GPL-2.0
/*
 * Pausing the whole machine: see machine.h.
 *
 * Model: "paused" is a request that any thread may set.  A thread that parks has
 * handled its processor's exit, so that between a pause and the resume no processor
 * is in the middle of anything.
 */
#include <stdio.h>
#include <unistd.h>

#include "machine.h"

/**
 * machine_ask_save() - the guest requests to be saved
 * @m: the machine
 *
 * The processor that requests it does not run until it is done: its thread parks
 * next, whenever the main thread gets to it.
 */
void machine_ask_save(struct machine *m)
{
	__u64 one = 1;

	if (!m->save) {
		machine_note(m, "the guest requests to be saved, without --save");
		return;
	}
	atomic_store(&m->paused, true);
	if (write(m->save_event, &one, sizeof(one)) < 0)
		perror("mshvrun: eventfd");
}

/**
 * machine_park() - park a processor's thread until it may continue
 * @m: the machine
 */
void machine_park(struct machine *m)
{
	pthread_mutex_lock(&m->pause_lock);
	m->parked++;
	while (atomic_load(&m->paused) && !atomic_load(&m->ended))
		pthread_cond_wait(&m->pause_change, &m->pause_lock);
	m->parked--;
	pthread_mutex_unlock(&m->pause_lock);
}

/**
 * machine_unpark() - wake parked threads, to check whether they may continue
 * @m: the machine
 */
void machine_unpark(struct machine *m)
{
	pthread_mutex_lock(&m->pause_lock);
	pthread_cond_broadcast(&m->pause_change);
	pthread_mutex_unlock(&m->pause_lock);
}

/**
 * machine_pause() - wait until no processor runs
 * @m: the machine; if it has ended meanwhile, their threads may be gone
 */
void machine_pause(struct machine *m)
{
	unsigned int parked;

	atomic_store(&m->paused, true);
	for (;;) {
		pthread_mutex_lock(&m->pause_lock);
		parked = m->parked;
		pthread_mutex_unlock(&m->pause_lock);
		if (parked == m->cpu_count || atomic_load(&m->ended))
			return;
		cpu_kick(m);
	}
}

/**
 * machine_resume() - continue all processors
 * @m: the machine
 */
void machine_resume(struct machine *m)
{
	atomic_store(&m->paused, false);
	machine_unpark(m);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts as the guest receives them: a guest that sleeps and reports each
 * vector, and threads that listen to its processors.
 *
 * Model: an "ear" is a thread in RUN_VP.  Whatever its processor writes to the
 * probe port is counted by value; handlers write their vector.  Waiting for a count
 * is bounded, so that a lost interrupt is a failure and not a hang; the bound is
 * not a time, see waits.h.
 */
#ifndef _MSHV_EAR_H
#define _MSHV_EAR_H

#include <pthread.h>

#include "testvm.h"

#define EAR_READY	1	/* what a processor says first */
#define EAR_NMI		2
#define EAR_FIRST	0x40	/* vectors with handlers */
#define EAR_VECTORS	16
/* Of lower priority than the others, so it comes after them. */
#define EAR_LAST	EAR_FIRST

/* Fields of an MSI's data. */
#define EAR_LEVEL	0x8000
#define EAR_LOWEST	(HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY << 8)
#define EAR_AS_NMI	(HV_X64_INTERRUPT_TYPE_NMI << 8)

/**
 * struct ear - a thread that runs a processor
 * @vp: the processor
 * @index: its index
 * @heard: how often each value was reported
 * @other: other reports
 * @ends: how often the end of an interrupt was reported
 * @result: its last error
 * @stop: it should end
 * @tid: thread id, 0 until it has started
 * @thread: the thread
 * @lock: protects the counts
 * @changed: a count has changed
 */
struct ear {
	int vp;
	unsigned int index;
	unsigned int heard[256];
	unsigned int other;
	unsigned int ends;
	int result;
	volatile bool stop;
	volatile pid_t tid;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

int sleeper_start(struct tvm *t);
int ear_open(struct ear *ear, int vp, unsigned int index);
void ear_close(struct ear *ear);
bool ear_wait(struct ear *ear, unsigned int value, unsigned int count);
unsigned int ear_heard(struct ear *ear, unsigned int value);

int irqfd(int part, int event, __u32 gsi, __u32 flags);
int irqfd_resample(int part, int event, int again, __u32 gsi);
int ear_irqfds(int part, int *events);
int route(int part, __u32 gsi, __u32 destination, __u32 data);
int ring(int event);
bool rung(int event);

/* For a fixture with a machine "t": what its processor 0 reports next. */
#define EXPECT_REPORT(expected) do {					\
	__u64 told_ = 0;						\
									\
	patience_begin();						\
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &told_)) {		\
		TH_LOG("%s", vmm_error());				\
	}								\
	patience_end();							\
	EXPECT_EQ(expected, told_);					\
} while (0)

#define DEASSIGN	HV_BIT(MSHV_IRQFD_BIT_DEASSIGN)

#endif

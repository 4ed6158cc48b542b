// SPDX-License-Identifier: GPL-2.0
/*
 * The sleeping guest, and the thread that listens to it: see ear.h.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>

#include "ear.h"
#include "waits.h"

#define HANDLERS	0x4000
#define HANDLER_SIZE	32
/* A check of what has been heard; see waits.h. */
#define LOOK_NS		10000000
#define NS_PER_SECOND	1000000000
#define LOOKS		6000	/* until an interrupt is lost */

/* Enables its x2APIC, reports that, sleeps for ever with interrupts on. */
static const __u8 guest_sleeper[] = {
	0xfa,				/* cli */
	X2APIC_ON,
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, EAR_READY, OUT_AL,
	0xfb,				/* sti */
	HLT,
	0xeb, 0xfd,			/* again */
};

/* Reports its vector, which is patched in, ends the interrupt, returns. */
static const __u8 guest_handler[HANDLER_SIZE] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 0, OUT_AL,		/* mov al, VECTOR; out dx, al */
	0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, EOI */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x30,			/* wrmsr */
	0xcf,				/* iret */
};

/* The same without an EOI: there is none for an NMI. */
static const __u8 guest_nmi[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, EAR_NMI, OUT_AL,		/* mov al, 2; out dx, al */
	0xcf,				/* iret */
};

static void set_handler(struct tvm *t, unsigned int vector, __u32 entry)
{
	memcpy(t->memory + vector * 4, &entry, sizeof(entry));
}

/**
 * sleeper_start() - a machine whose processors sleep and report their vectors
 * @t: the machine; VP 0 exists and has not run
 *
 * Return: 0 or -errno; tvm_close() either way.
 */
int sleeper_start(struct tvm *t)
{
	unsigned int i;
	int ret;

	ret = tvm_start(t, guest_sleeper, sizeof(guest_sleeper));
	if (ret)
		return ret;
	for (i = 0; i < EAR_VECTORS; i++) {
		__u32 entry = HANDLERS + i * HANDLER_SIZE;

		memcpy(t->memory + entry, guest_handler, HANDLER_SIZE);
		t->memory[entry + 4] = EAR_FIRST + i;
		set_handler(t, EAR_FIRST + i, entry);
	}
	memcpy(t->memory + HANDLERS + i * HANDLER_SIZE, guest_nmi,
	       sizeof(guest_nmi));
	set_handler(t, EAR_NMI, HANDLERS + i * HANDLER_SIZE);
	return 0;
}

static void interrupted(int signal)
{
	(void)signal;
}

/* One run; 0 if something was reported or the thread is needed. */
static int listen_once(struct ear *ear)
{
	struct hv_message message;
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)message.u.bytes;
	unsigned int length;
	int ret;

	ret = vmm_run(ear->vp, &message);
	if (ret)
		return ret == -EINTR ? 0 : ret;
	if (message.header.message_type == HVMSG_X64_APIC_EOI) {
		pthread_mutex_lock(&ear->lock);
		ear->ends++;
		pthread_cond_broadcast(&ear->changed);
		pthread_mutex_unlock(&ear->lock);
		return 0;
	}
	if (message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return vmm_fail(EPROTO, "message %#x",
				message.header.message_type);
	pthread_mutex_lock(&ear->lock);
	if ((io->access_info & HV_IO_PORT_ACCESS_SIZE_MASK) == 1)
		ear->heard[io->rax & 0xff]++;
	else
		ear->other++;
	pthread_cond_broadcast(&ear->changed);
	pthread_mutex_unlock(&ear->lock);
	length = io->header.instruction_length_cr8 &
		 HV_X64_INTERCEPT_LENGTH_MASK;
	return vmm_set_register(ear->vp, ear->index, HV_X64_REGISTER_RIP,
				io->header.rip + length);
}

static void *listener(void *opaque)
{
	struct ear *ear = opaque;
	int ret = 0;

	ear->tid = gettid();
	while (!ear->stop && !ret)
		ret = listen_once(ear);
	pthread_mutex_lock(&ear->lock);
	ear->result = ret;
	ear->stop = true;
	pthread_cond_broadcast(&ear->changed);
	pthread_mutex_unlock(&ear->lock);
	return NULL;
}

/**
 * ear_open() - listen to a processor
 * @ear: the listener
 * @vp: descriptor of the processor
 * @index: its index
 *
 * Return: 0 or -errno.
 */
int ear_open(struct ear *ear, int vp, unsigned int index)
{
	struct sigaction action = { .sa_handler = interrupted };

	memset(ear, 0, sizeof(*ear));
	ear->vp = vp;
	ear->index = index;
	pthread_mutex_init(&ear->lock, NULL);
	pthread_cond_init(&ear->changed, NULL);
	sigaction(SIGUSR1, &action, NULL);
	return -pthread_create(&ear->thread, NULL, listener, ear);
}

/**
 * ear_close() - stop listening
 * @ear: the listener
 */
void ear_close(struct ear *ear)
{
	ear->stop = true;
	while (pthread_tryjoin_np(ear->thread, NULL)) {
		pthread_kill(ear->thread, SIGUSR1);
		wait_slice();
	}
	pthread_cond_destroy(&ear->changed);
	pthread_mutex_destroy(&ear->lock);
}

/* Sleep until something is heard or it is time for a check: then return true. */
static bool ear_sleep(struct ear *ear)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_NS;
	until.tv_sec += until.tv_nsec / NS_PER_SECOND;
	until.tv_nsec %= NS_PER_SECOND;
	return pthread_cond_timedwait(&ear->changed, &ear->lock, &until) ==
	       ETIMEDOUT;
}

/**
 * ear_wait() - wait until something has been heard
 * @ear: the listener
 * @value: the value
 * @count: how often, in total
 *
 * Return: false if it was not.
 */
bool ear_wait(struct ear *ear, unsigned int value, unsigned int count)
{
	unsigned int looks = 0;
	bool heard;

	pthread_mutex_lock(&ear->lock);
	while (ear->heard[value] < count && !ear->stop && looks < LOOKS)
		looks += ear_sleep(ear);
	heard = ear->heard[value] >= count;
	pthread_mutex_unlock(&ear->lock);
	return heard;
}

/**
 * ear_heard() - how often has something been heard?
 * @ear: the listener
 * @value: the value
 *
 * Return: how often.
 */
unsigned int ear_heard(struct ear *ear, unsigned int value)
{
	unsigned int count;

	pthread_mutex_lock(&ear->lock);
	count = ear->heard[value];
	pthread_mutex_unlock(&ear->lock);
	return count;
}

/**
 * irqfd() - MSHV_IRQFD
 * @part: the partition
 * @event: the eventfd
 * @gsi: GSI
 * @flags: bits of enum mshv_irqfd_bit
 *
 * Return: 0 or -errno.
 */
int irqfd(int part, int event, __u32 gsi, __u32 flags)
{
	const struct mshv_user_irqfd args = {
		.fd = event, .gsi = gsi, .flags = flags,
	};

	return ioctl(part, MSHV_IRQFD, &args) ? -errno : 0;
}

/**
 * irqfd_resample() - MSHV_IRQFD of a level triggered interrupt
 * @part: the partition
 * @event: the eventfd
 * @again: the eventfd for the interrupt's end
 * @gsi: GSI
 *
 * Return: 0 or -errno.
 */
int irqfd_resample(int part, int event, int again, __u32 gsi)
{
	const struct mshv_user_irqfd args = {
		.fd = event, .resamplefd = again, .gsi = gsi,
		.flags = HV_BIT(MSHV_IRQFD_BIT_RESAMPLE),
	};

	return ioctl(part, MSHV_IRQFD, &args) ? -errno : 0;
}

/**
 * ear_irqfds() - an eventfd and a route for each vector that has a handler
 * @part: the partition; these are its only routes
 * @events: the eventfds, %EAR_VECTORS of them
 *
 * Return: 0 or -errno.
 */
int ear_irqfds(int part, int *events)
{
	struct mshv_user_irq_entry entries[EAR_VECTORS];
	unsigned int i;
	int ret;

	for (i = 0; i < EAR_VECTORS; i++) {
		entries[i] = (struct mshv_user_irq_entry){
			.gsi = i, .address_lo = 0xfee00000,
			.data = EAR_FIRST + i,
		};
		events[i] = eventfd(0, EFD_CLOEXEC);
		if (events[i] < 0)
			return -errno;
	}
	ret = vmm_route(part, entries, EAR_VECTORS);
	for (i = 0; i < EAR_VECTORS && !ret; i++)
		ret = irqfd(part, events[i], i, 0);
	return ret;
}

/**
 * route() - make one route the only one
 * @part: the partition
 * @gsi: GSI
 * @destination: local APIC id
 * @data: vector and EAR_*
 *
 * Return: 0 or -errno.
 */
int route(int part, __u32 gsi, __u32 destination, __u32 data)
{
	const struct mshv_user_irq_entry entry = {
		.gsi = gsi,
		.address_lo = 0xfee00000 | (destination & 0xff) << 12,
		.address_hi = destination & ~0xffU,
		.data = data,
	};

	return vmm_route(part, &entry, 1);
}

/**
 * ring() - signal an eventfd
 * @event: the eventfd
 *
 * Return: 0 or -errno.
 */
int ring(int event)
{
	const __u64 one = 1;

	return write(event, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

/**
 * rung() - wait until an eventfd has been signalled, and take the signal
 * @event: the eventfd
 *
 * Return: false if it was not.
 */
bool rung(int event)
{
	__u64 count;

	return wait_readable(event) &&
	       read(event, &count, sizeof(count)) == sizeof(count);
}

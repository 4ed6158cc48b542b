// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine: its creation, its end, its memory.  See machine.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hyperv/hv_partition.h>

#include "layout.h"
#include "machine.h"

#define LARGE_PAGE		(2 * MIB)
#define FEATURE1_LA57		HV_BIT64(4)

/**
 * machine_note() - print a message on stderr, with --trace
 * @m: the machine
 * @format: the text
 */
void machine_note(struct machine *m, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!m->trace)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "mshvrun: %s\r\n", text);
}

/**
 * machine_end() - stop the machine; only the first reason counts
 * @m: the machine
 * @status: mshvrun's exit status
 * @format: text for stderr, may be empty
 */
void machine_end(struct machine *m, int status, const char *format, ...)
{
	__u64 one = 1;
	va_list args;

	pthread_mutex_lock(&m->end_lock);
	if (!atomic_load(&m->ended)) {
		m->end_status = status;
		va_start(args, format);
		vsnprintf(m->end_text, sizeof(m->end_text), format, args);
		va_end(args);
		atomic_store(&m->ended, true);
		if (write(m->end_event, &one, sizeof(one)) < 0)
			perror("mshvrun: eventfd");
	}
	pthread_mutex_unlock(&m->end_lock);
	machine_unpark(m);
}

/**
 * machine_ram() - find guest memory by its address
 * @m: the machine
 * @gpa: guest physical address
 * @size: bytes
 *
 * Return: its address here, or NULL if some of it is not RAM.
 */
void *machine_ram(struct machine *m, __u64 gpa, __u64 size)
{
	if (gpa < m->low_size && size <= m->low_size - gpa)
		return m->low + gpa;
	if (gpa < LAYOUT_HIGH_BASE)
		return NULL;
	gpa -= LAYOUT_HIGH_BASE;
	if (gpa < m->high_size && size <= m->high_size - gpa)
		return m->high + gpa;
	return NULL;
}

static void on_uart_tx(void *opaque, __u8 byte)
{
	(void)opaque;
	/* A console without a reader is no reason to stop the guest. */
	if (write(STDOUT_FILENO, &byte, 1) < 0)
		return;
}

static void on_uart_line(void *opaque, bool level)
{
	struct machine *m = opaque;

	ioapic_line(&m->ioapic, COM1_IRQ, level);
}

static void on_ioapic_send(void *opaque, const struct ioapic_message *i)
{
	struct machine *m = opaque;

	if (vmm_assert(m->part, i->mode, i->level, i->logical, i->destination,
		       i->vector))
		machine_note(m, "interrupt %#x to %u lost: %s", i->vector,
			     i->destination, vmm_error());
}

/* Allocate memory whose large pages can be the guest's large pages. */
static __u8 *machine_allocate(__u64 size)
{
	__u64 space = size + LARGE_PAGE;
	unsigned long start, skip;
	void *area;

	area = mmap(NULL, space, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED) {
		vmm_fail(errno, "%llu MiB of guest memory: %s", size / MIB,
			 strerror(errno));
		return NULL;
	}
	start = (unsigned long)area;
	skip = -start & (LARGE_PAGE - 1);
	if (skip)
		munmap(area, skip);
	munmap((void *)(start + skip + size), LARGE_PAGE - skip);
	madvise((void *)(start + skip), size, MADV_HUGEPAGE);
	/* Guests have much in common; the kernel merges pages if it is enabled. */
	madvise((void *)(start + skip), size, MADV_MERGEABLE);
	return (__u8 *)(start + skip);
}

static int machine_memory(struct machine *m, __u64 size)
{
	const __u8 flags = 1 << MSHV_SET_MEM_BIT_WRITABLE |
			   1 << MSHV_SET_MEM_BIT_EXECUTABLE;
	int ret;

	m->low_size = size < LAYOUT_LOW_LIMIT ? size : LAYOUT_LOW_LIMIT;
	m->high_size = size - m->low_size;
	m->low = machine_allocate(m->low_size);
	if (!m->low)
		return -ENOMEM;
	if (m->high_size) {
		m->high = machine_allocate(m->high_size);
		if (!m->high)
			return -ENOMEM;
	}
	ret = vmm_map(m->part, 0, m->low_size, m->low, flags);
	if (!ret && m->high_size)
		ret = vmm_map(m->part, LAYOUT_HIGH_BASE, m->high_size, m->high,
			      flags);
	return ret;
}

/* The features of the processors here, except 5-level paging. */
static int machine_features(int dev, struct image_machine *have)
{
	static const __u32 properties[] = {
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
		HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES,
		HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
	};
	__u64 value[ARRAY_SIZE(properties)];
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		ret = vmm_get_property(dev, properties[i], &value[i]);
		if (ret)
			return ret;
	}
	have->features[0] = value[0];
	have->features[1] = value[1] & ~FEATURE1_LA57;
	have->xsave = value[2];
	have->clock = value[3];
	return 0;
}

/* A saved guest has detected its processors' features already. */
static int machine_same_features(struct machine *m,
				 const struct image_machine *wanted)
{
	struct image_machine *have = &m->features;
	__u64 missing[] = {
		wanted->features[0] & ~have->features[0],
		wanted->features[1] & ~have->features[1],
		wanted->xsave & ~have->xsave,
	};
	__u64 distance = wanted->clock > have->clock ?
			 wanted->clock - have->clock :
			 have->clock - wanted->clock;

	if (missing[0] || missing[1] || missing[2])
		return vmm_fail(EOPNOTSUPP,
				"the guest was saved on processors with more features (%#llx, %#llx, XSAVE %#llx)",
				missing[0], missing[1], missing[2]);
	/* Reference time is preserved whatever the counter's rate. */
	if (distance > wanted->clock / 100)
		fprintf(stderr,
			"mshvrun: the time stamp counter has %llu MHz here, the guest knows %llu\n",
			have->clock / 1000000, wanted->clock / 1000000);
	*have = *wanted;
	return 0;
}

static int machine_partition(struct machine *m,
			     const struct image_machine *wanted)
{
	struct mshv_create_partition_v2 args = {
		.pt_flags = 1ULL << MSHV_PT_BIT_LAPIC |
			    1ULL << MSHV_PT_BIT_X2APIC |
			    1ULL << MSHV_PT_BIT_GPA_SUPER_PAGES |
			    1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES,
		.pt_num_cpu_fbanks = 2,
	};
	__u64 xsave;
	int dev, ret;

	dev = vmm_open(VMM_DEVICE);
	if (dev < 0)
		return dev;
	m->features.cpus = wanted->cpus;
	m->features.memory = wanted->memory;
	ret = machine_features(dev, &m->features);
	xsave = m->features.xsave;
	if (!ret && wanted->clock)
		ret = machine_same_features(m, wanted);
	if (!ret) {
		args.pt_cpu_fbanks[0] = ~m->features.features[0];
		args.pt_cpu_fbanks[1] = ~m->features.features[1];
		args.pt_disabled_xsave = xsave & ~m->features.xsave;
		ret = vmm_create_v2(dev, &args);
		m->part = ret;
	}
	close(dev);
	if (ret < 0)
		return ret;
	ret = vmm_set_property(m->part,
			       HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
			       VMM_SYNTHETIC_FEATURES);
	if (!ret)
		ret = vmm_initialize(m->part);
	/* A guest that probes an MSR that does not exist must not crash. */
	if (!ret)
		ret = vmm_set_property(m->part,
				       HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				       HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO);
	return ret;
}

/**
 * machine_create() - create a machine with empty memory
 * @m: zeroed
 * @wanted: processors and memory; with a clock also features
 * @trace: describe each exit
 *
 * Return: 0, or -errno with vmm_error() set; machine_destroy() either way.
 */
int machine_create(struct machine *m, const struct image_machine *wanted,
		   bool trace)
{
	unsigned int i, cpus = wanted->cpus;
	int ret;

	m->part = -1;
	m->end_event = -1;
	m->save_event = -1;
	m->trace = trace;
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->end_lock, NULL);
	pthread_mutex_init(&m->pause_lock, NULL);
	pthread_cond_init(&m->pause_change, NULL);
	m->end_event = eventfd(0, EFD_CLOEXEC);
	m->save_event = eventfd(0, EFD_CLOEXEC);
	if (m->end_event < 0 || m->save_event < 0)
		return vmm_fail(errno, "eventfd: %s", strerror(errno));
	uart_init(&m->uart, on_uart_tx, on_uart_line, m);
	ioapic_init(&m->ioapic, MACHINE_IOAPIC_ID, on_ioapic_send, m);
	m->cpus = calloc(cpus, sizeof(*m->cpus));
	if (!m->cpus)
		return vmm_fail(ENOMEM, "no memory for %u processors", cpus);
	m->cpu_count = cpus;
	for (i = 0; i < cpus; i++)
		m->cpus[i].fd = -1;

	ret = machine_partition(m, wanted);
	if (!ret)
		ret = machine_memory(m, wanted->memory);
	for (i = 0; !ret && i < cpus; i++)
		ret = cpu_setup(m, i);
	return ret;
}

/**
 * machine_destroy() - free everything
 * @m: the machine; no processor runs any more
 */
void machine_destroy(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cpu_count; i++) {
		if (m->cpus[i].page)
			munmap(m->cpus[i].page, VMM_PAGE);
		if (m->cpus[i].fd >= 0)
			close(m->cpus[i].fd);
	}
	free(m->cpus);
	if (m->part >= 0)
		close(m->part);
	if (m->low)
		munmap(m->low, m->low_size);
	if (m->high)
		munmap(m->high, m->high_size);
	if (m->end_event >= 0)
		close(m->end_event);
	if (m->save_event >= 0)
		close(m->save_event);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Saving the whole machine to a file.
 *
 * Model: the machine is paused and its time stopped, so nothing changes while it is
 * read.  See state.c for the processors and image.h for the file.
 */
#include <string.h>

#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>

#include "layout.h"
#include "machine.h"

/* Memory is saved in pieces, so that a damaged one can be reported. */
#define PIECE		(1 * MIB)

static bool page_is_zero(const __u8 *page)
{
	const __u64 *word = (const void *)page;
	unsigned int i;

	for (i = 0; i < VMM_PAGE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

static void save_memory(struct image_writer *w, __u64 gpa, const __u8 *memory,
			__u64 size)
{
	__u64 at = 0, end;

	while (at < size) {
		if (page_is_zero(memory + at)) {
			at += VMM_PAGE;
			continue;
		}
		end = at + VMM_PAGE;
		while (end < size && end - at < PIECE &&
		       !page_is_zero(memory + end))
			end += VMM_PAGE;
		image_write(w, IMAGE_MEMORY, 0, gpa + at, memory + at,
			    end - at);
		at = end;
	}
}

static void save_devices(struct machine *m, struct image_writer *w)
{
	struct device_state s = {
		.carry = m->carry,
		.restores = m->restores,
		.clock_index = m->clock_index,
	};

	uart_save(&m->uart, &s.uart);
	ioapic_save(&m->ioapic, &s.ioapic);
	image_write(w, IMAGE_DEVICES, 0, 0, &s, sizeof(s));
}

static int save_frozen(struct machine *m, struct image_writer *w)
{
	struct image_time time = { 0 };
	unsigned int i;
	int ret;

	ret = vmm_get_property(m->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
			       &time.reference);
	if (ret)
		return ret;
	image_write(w, IMAGE_TIME, 0, 0, &time, sizeof(time));
	save_devices(m, w);
	for (i = 0; !ret && i < m->cpu_count; i++)
		ret = cpu_save(&m->cpus[i], w);
	save_memory(w, 0, m->low, m->low_size);
	if (m->high_size)
		save_memory(w, LAYOUT_HIGH_BASE, m->high, m->high_size);
	return ret;
}

/**
 * machine_save() - save the machine to its file
 * @m: the machine, paused
 * @size: result: bytes in the file
 *
 * If that fails there is no file, and the machine can continue.
 *
 * Return: 0 or -errno.
 */
int machine_save(struct machine *m, __u64 *size)
{
	struct image_writer w;
	unsigned int i;
	int ret;

	ret = image_create(&w, m->save, &m->features);
	if (ret)
		return ret;
	for (i = 0; !ret && i < m->cpu_count; i++)
		ret = cpu_write_back(&m->cpus[i]);
	if (!ret)
		ret = vmm_set_property(m->part,
				       HV_PARTITION_PROPERTY_TIME_FREEZE, 1);
	if (!ret)
		ret = save_frozen(m, &w);
	*size = ftell(w.file);
	if (ret)
		image_abandon(&w);
	else
		ret = image_finish(&w);
	/* A second failure is not reported; the guest would notice. */
	if (ret)
		vmm_set_property(m->part, HV_PARTITION_PROPERTY_TIME_FREEZE, 0);
	return ret;
}

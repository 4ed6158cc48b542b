// SPDX-License-Identifier: GPL-2.0
/*
 * Restoring a machine from a file.
 *
 * Model: image_open() has checked that the file is complete; what it describes may
 * be impossible here nevertheless, and is reported.  Time is stopped while the
 * processors get their timers, and continues when everything is restored.
 */
#include <errno.h>
#include <string.h>

#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>

#include "machine.h"

static const void *restore_find(const struct image *image, __u32 type,
				size_t size, const char *what)
{
	const struct image_section *s = image_find(image, type, 0, 0);

	if (s && s->size == size)
		return image_data(s);
	vmm_fail(EINVAL, "%s has no %s", image->name, what);
	return NULL;
}

static int restore_memory(struct machine *m, const struct image *image)
{
	const struct image_section *s;
	void *ram;

	for (s = image_next(image, NULL); s; s = image_next(image, s)) {
		if (s->type != IMAGE_MEMORY)
			continue;
		ram = machine_ram(m, s->address, s->size);
		if (!ram)
			return vmm_fail(EINVAL,
					"%s has memory at %#llx, where the guest has none",
					image->name, s->address);
		memcpy(ram, image_data(s), s->size);
	}
	return 0;
}

static int restore_devices(struct machine *m, const struct image *image)
{
	const struct device_state *s;

	s = restore_find(image, IMAGE_DEVICES, sizeof(*s), "devices");
	if (!s)
		return -EINVAL;
	if (!uart_restore(&m->uart, &s->uart))
		return vmm_fail(EINVAL, "%s has an impossible serial port",
				image->name);
	ioapic_restore(&m->ioapic, &s->ioapic);
	m->carry = s->carry;
	m->restores = s->restores + 1;
	m->clock_index = s->clock_index;
	return 0;
}

static int restore_frozen(struct machine *m, const struct image *image)
{
	const struct image_time *time;
	unsigned int i;
	int ret;

	time = restore_find(image, IMAGE_TIME, sizeof(*time), "time");
	if (!time)
		return -EINVAL;
	ret = vmm_set_property(m->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
			       time->reference);
	for (i = 0; !ret && i < m->cpu_count; i++)
		ret = cpu_restore(&m->cpus[i], image);
	for (i = 0; !ret && i < m->cpu_count; i++)
		ret = cpu_restore_tsc(&m->cpus[i], image);
	return ret;
}

/**
 * machine_restore() - restore a machine
 * @m: the machine, which has not run
 * @image: the file
 *
 * Return: 0 or -errno.
 */
int machine_restore(struct machine *m, const struct image *image)
{
	int ret = restore_memory(m, image);

	if (!ret)
		ret = restore_devices(m, image);
	if (!ret)
		ret = vmm_set_property(m->part,
				       HV_PARTITION_PROPERTY_TIME_FREEZE, 1);
	if (!ret)
		ret = restore_frozen(m, image);
	if (!ret)
		ret = vmm_set_property(m->part,
				       HV_PARTITION_PROPERTY_TIME_FREEZE, 0);
	return ret;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's ACPI tables: see acpi.c.
 */
#ifndef _MSHVRUN_ACPI_H
#define _MSHVRUN_ACPI_H

#include <stddef.h>
#include <hyperv/hv_types.h>

int acpi_build(void *buffer, size_t size, __u64 gpa, unsigned int cpus,
	       __u8 ioapic_id, __u64 *rsdp);

#endif

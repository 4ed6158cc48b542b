// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions, their properties, memory and interrupts: see mshvvm.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_status.h>

#include "mshvvm.h"
#include "status.h"

/**
 * vmm_open() - open the root driver's device
 * @path: normally /dev/mshv
 *
 * Return: its descriptor or -errno.
 */
int vmm_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
		return vmm_fail(ENOENT,
				"there is no %s: is this Linux the root partition, and is the mshv module loaded? (see dmesg for the reason)",
				path);
	case EACCES:
	case EPERM:
		return vmm_fail(errno, "%s: %s (the node is root's)", path,
				strerror(errno));
	}
	return vmm_fail(errno, "%s: %s", path, strerror(errno));
}

/**
 * vmm_hvcall() - make a hypercall through MSHV_ROOT_HVCALL
 * @fd: device, partition or virtual processor
 * @call: the call; @call->status and @call->reps are updated
 *
 * Return: 0 or -errno.
 */
int vmm_hvcall(int fd, struct vmm_call *call)
{
	struct mshv_root_hvcall args = {
		.code = call->code,
		.reps = call->reps,
		.in_sz = call->in_size,
		.out_sz = call->out_size,
		.in_ptr = (__u64)(unsigned long)call->in,
		.out_ptr = (__u64)(unsigned long)call->out,
	};
	int err;

	if (!ioctl(fd, MSHV_ROOT_HVCALL, &args)) {
		call->status = args.status;
		call->reps = args.reps;
		return 0;
	}
	err = errno;
	call->status = args.status;
	call->reps = args.reps;
	if (!args.status)
		return vmm_fail(err, "%s (0x%04x): %s",
				hv_call_name(call->code), call->code,
				vmm_reason(err));
	return vmm_fail(err, "%s (0x%04x): %s (0x%02x) after %u elements: %s",
			hv_call_name(call->code), call->code,
			hv_status_name(args.status), args.status, args.reps,
			vmm_reason(err));
}

/**
 * vmm_create_v1() - create a partition with all features of the hardware
 * @dev: the device
 * @flags: BIT_ULL(MSHV_PT_BIT_*)
 *
 * Return: the partition's descriptor or -errno.
 */
int vmm_create_v1(int dev, __u64 flags)
{
	struct mshv_create_partition args = { .pt_flags = flags };
	int fd = ioctl(dev, MSHV_CREATE_PARTITION, &args);

	if (fd < 0)
		return vmm_fail(errno, "MSHV_CREATE_PARTITION (flags 0x%llx): %s",
				flags, strerror(errno));
	return fd;
}

/**
 * vmm_create_v2() - create a partition with some features disabled
 * @dev: the device
 * @args: as the ioctl takes them
 *
 * Return: the partition's descriptor or -errno.
 */
int vmm_create_v2(int dev, const struct mshv_create_partition_v2 *args)
{
	int fd = ioctl(dev, MSHV_CREATE_PARTITION, args);

	if (fd < 0)
		return vmm_fail(errno, "MSHV_CREATE_PARTITION (flags 0x%llx): %s",
				args->pt_flags, strerror(errno));
	return fd;
}

/**
 * vmm_initialize() - make a created partition active
 * @part: the partition
 *
 * Return: 0 or -errno.
 */
int vmm_initialize(int part)
{
	if (ioctl(part, MSHV_INITIALIZE_PARTITION) < 0)
		return vmm_fail(errno, "MSHV_INITIALIZE_PARTITION: %s",
				vmm_reason(errno));
	return 0;
}

/**
 * vmm_get_property() - read a partition property
 * @fd: the partition, one of its processors, or the device for the root's own
 * @code: HV_PARTITION_PROPERTY_*
 * @value: result
 *
 * Return: 0 or -errno.
 */
int vmm_get_property(int fd, __u32 code, __u64 *value)
{
	struct hv_input_get_partition_property in = { .property_code = code };
	struct hv_output_get_partition_property out = { 0 };
	struct vmm_call call = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};
	int ret = vmm_hvcall(fd, &call);

	*value = out.property_value;
	return ret;
}

/**
 * vmm_set_property() - change a partition property
 * @part: the partition
 * @code: HV_PARTITION_PROPERTY_*
 * @value: new value
 *
 * Return: 0 or -errno.
 */
int vmm_set_property(int part, __u32 code, __u64 value)
{
	struct hv_input_set_partition_property in = {
		.property_code = code,
		.property_value = value,
	};
	struct vmm_call call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
	};

	return vmm_hvcall(part, &call);
}

/**
 * vmm_map() - map memory into a partition
 * @part: the partition
 * @gpa: its address there
 * @size: bytes
 * @memory: its address here
 * @flags: BIT(MSHV_SET_MEM_BIT_*)
 *
 * Return: 0 or -errno.
 */
int vmm_map(int part, __u64 gpa, __u64 size, const void *memory, __u8 flags)
{
	struct mshv_user_mem_region args = {
		.size = size,
		.guest_pfn = gpa / VMM_PAGE,
		.userspace_addr = (__u64)(unsigned long)memory,
		.flags = flags,
	};

	if (ioctl(part, MSHV_SET_GUEST_MEMORY, &args) < 0)
		return vmm_fail(errno,
				"MSHV_SET_GUEST_MEMORY (0x%llx bytes at guest address 0x%llx): %s",
				size, gpa, vmm_reason(errno));
	return 0;
}

/**
 * vmm_unmap() - unmap memory, exactly as it was mapped
 * @part: the partition
 * @gpa: its address there
 * @size: bytes
 * @memory: its address here
 *
 * Return: 0 or -errno.
 */
int vmm_unmap(int part, __u64 gpa, __u64 size, const void *memory)
{
	return vmm_map(part, gpa, size, memory, 1 << MSHV_SET_MEM_BIT_UNMAP);
}

/**
 * vmm_route() - replace the interrupt routing table
 * @part: the partition
 * @entries: the new table
 * @count: its size
 *
 * Return: 0 or -errno.
 */
int vmm_route(int part, const struct mshv_user_irq_entry *entries,
	      unsigned int count)
{
	size_t size = sizeof(struct mshv_user_irq_table) +
		      count * sizeof(*entries);
	struct mshv_user_irq_table *table = calloc(1, size);
	int ret, err;

	if (!table)
		return vmm_fail(ENOMEM, "no memory for %u routes", count);
	table->nr = count;
	if (count)
		memcpy(table->entries, entries, count * sizeof(*entries));
	ret = ioctl(part, MSHV_SET_MSI_ROUTING, table);
	err = errno;
	free(table);
	if (ret < 0)
		return vmm_fail(err, "MSHV_SET_MSI_ROUTING (%u entries): %s",
				count, vmm_reason(err));
	return 0;
}

/**
 * vmm_assert() - send an interrupt to a partition's processors
 * @part: the partition
 * @type: HV_X64_INTERRUPT_TYPE_*, the APIC's delivery modes
 * @level: level triggered
 * @logical: @destination is a logical one
 * @destination: APIC id
 * @vector: vector
 *
 * Return: 0 or -errno.
 */
int vmm_assert(int part, __u32 type, bool level, bool logical,
	       __u64 destination, __u32 vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.dest_addr = destination,
		.vector = vector,
	};
	struct vmm_call call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in = &in, .in_size = sizeof(in),
	};

	in.control.interrupt_type = type;
	in.control.flags = (level ? 1 : 0) | (logical ? 2 : 0);
	return vmm_hvcall(part, &call);
}

/**
 * vmm_intercept() - install or remove an intercept
 * @part: the partition
 * @type: HV_INTERCEPT_TYPE_*
 * @access: HV_INTERCEPT_ACCESS_MASK_*, none to remove
 * @parameter: port, leaf, vector ...
 *
 * Return: 0 or -errno.
 */
int vmm_intercept(int part, __u32 type, __u32 access, __u64 parameter)
{
	struct hv_input_install_intercept in = {
		.access_type = access,
		.intercept_type = type,
		.intercept_parameter.as_uint64 = parameter,
	};
	struct vmm_call call = {
		.code = HVCALL_INSTALL_INTERCEPT,
		.in = &in, .in_size = sizeof(in),
	};

	return vmm_hvcall(part, &call);
}

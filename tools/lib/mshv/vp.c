// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: running, registers, address translation, CPUID.
 * See mshvvm.h.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>

#include "mshvvm.h"

/*
 * The kernel takes one page of input per call; a register to be set takes 32 bytes
 * of it, after a header of 16 bytes.
 */
#define VP_MAX_SET	((VMM_PAGE - 16) / 32)
#define VP_MAX_GET	(VMM_PAGE / 16)

/**
 * vmm_create_vp() - add a virtual processor
 * @part: the partition
 * @index: its index
 *
 * Return: its descriptor or -errno.
 */
int vmm_create_vp(int part, __u32 index)
{
	struct mshv_create_vp args = { .vp_index = index };
	int fd = ioctl(part, MSHV_CREATE_VP, &args);

	if (fd < 0)
		return vmm_fail(errno, "MSHV_CREATE_VP (VP %u): %s", index,
				vmm_reason(errno));
	return fd;
}

/**
 * vmm_run() - run a virtual processor until it exits
 * @vp: the processor
 * @message: the message
 *
 * Return: 0 or -errno; -EINTR if a signal ended the run.
 */
int vmm_run(int vp, struct hv_message *message)
{
	static_assert(sizeof(struct hv_message) == sizeof(struct mshv_run_vp),
		      "MSHV_RUN_VP returns one message");

	if (ioctl(vp, MSHV_RUN_VP, message) < 0)
		return vmm_fail(errno, "MSHV_RUN_VP: %s", vmm_reason(errno));
	return 0;
}

/**
 * vmm_map_page() - map a page that is shared with the hypervisor
 * @vp: the processor
 * @which: MSHV_VP_MMAP_OFFSET_*
 *
 * Return: the page, or NULL with errno set.
 */
void *vmm_map_page(int vp, unsigned int which)
{
	void *page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  vp, which * VMM_PAGE);

	if (page == MAP_FAILED) {
		vmm_fail(errno, "mmap of VP page %u: %s", which,
			 vmm_reason(errno));
		return NULL;
	}
	return page;
}

/**
 * vmm_get_registers() - read registers
 * @fd: the processor or its partition
 * @index: which processor
 * @regs: names in, values out
 * @count: how many
 *
 * Return: 0 or -errno.
 */
int vmm_get_registers(int fd, __u32 index, struct hv_register_assoc *regs,
		      unsigned int count)
{
	__u64 page[VMM_PAGE / sizeof(__u64)];
	struct hv_input_get_vp_registers *in = (void *)page;
	union hv_register_value out[VP_MAX_GET];
	struct vmm_call call = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = count,
		.in = in,
		.in_size = sizeof(*in) + count * sizeof(in->names[0]),
		.out = out,
		.out_size = count * sizeof(out[0]),
	};
	unsigned int i;
	int ret;

	/* The output can be a whole page at most: its size is a 16-bit number. */
	if (!count || count > VP_MAX_GET)
		return vmm_fail(E2BIG, "%u registers at once", count);
	memset(in, 0, sizeof(*in));
	in->vp_index = index;
	for (i = 0; i < count; i++)
		in->names[i] = regs[i].name;
	ret = vmm_hvcall(fd, &call);
	if (ret)
		return ret;
	if (call.reps != count)
		return vmm_fail(EIO, "%u of %u registers read", call.reps,
				count);
	for (i = 0; i < count; i++)
		regs[i].value = out[i];
	return 0;
}

/**
 * vmm_set_registers() - write registers
 * @fd: the processor or its partition
 * @index: which processor
 * @regs: names and values
 * @count: how many
 *
 * Return: 0 or -errno.
 */
int vmm_set_registers(int fd, __u32 index,
		      const struct hv_register_assoc *regs,
		      unsigned int count)
{
	__u64 page[VMM_PAGE / sizeof(__u64)];
	struct hv_input_set_vp_registers *in = (void *)page;
	struct vmm_call call = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = count,
		.in = in,
		.in_size = sizeof(*in) + count * sizeof(in->elements[0]),
	};
	int ret;

	if (!count || count > VP_MAX_SET)
		return vmm_fail(E2BIG, "%u registers at once", count);
	memset(in, 0, sizeof(*in));
	in->vp_index = index;
	memcpy(in->elements, regs, count * sizeof(*regs));
	ret = vmm_hvcall(fd, &call);
	if (ret)
		return ret;
	if (call.reps != count)
		return vmm_fail(EIO, "%u of %u registers written", call.reps,
				count);
	return 0;
}

/**
 * vmm_get_register() - read one register of up to 64 bits
 * @fd: the processor or its partition
 * @index: which processor
 * @name: which register
 * @value: result
 *
 * Return: 0 or -errno.
 */
int vmm_get_register(int fd, __u32 index, __u32 name, __u64 *value)
{
	struct hv_register_assoc reg = { .name = name };
	int ret = vmm_get_registers(fd, index, &reg, 1);

	*value = reg.value.reg64;
	return ret;
}

/**
 * vmm_set_register() - write one register of up to 64 bits
 * @fd: the processor or its partition
 * @index: which processor
 * @name: which register
 * @value: new value
 *
 * Return: 0 or -errno.
 */
int vmm_set_register(int fd, __u32 index, __u32 name, __u64 value)
{
	struct hv_register_assoc reg = vmm_value(name, value);

	return vmm_set_registers(fd, index, &reg, 1);
}

/**
 * vmm_translate() - translate a guest's address
 * @fd: the processor or its partition
 * @index: which processor
 * @gva: the virtual address
 * @flags: HV_TRANSLATE_GVA_*
 * @gpa: result, valid if @result is HV_TRANSLATE_GVA_SUCCESS
 * @result: the walk's outcome
 *
 * Return: 0 or -errno.
 */
int vmm_translate(int fd, __u32 index, __u64 gva, __u64 flags, __u64 *gpa,
		  __u32 *result)
{
	struct hv_input_translate_virtual_address in = {
		.vp_index = index,
		.control_flags = flags,
		.gva_page = gva / VMM_PAGE,
	};
	struct hv_output_translate_virtual_address out = { 0 };
	struct vmm_call call = {
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
		.in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};
	int ret = vmm_hvcall(fd, &call);

	if (ret)
		return ret;
	*result = out.result_code;
	*gpa = out.gpa_page * VMM_PAGE + gva % VMM_PAGE;
	return 0;
}

/**
 * vmm_cpuid() - set bits of a guest's CPUID
 * @fd: the processor or its partition
 * @index: which processor, HV_ANY_VP for all
 * @cpuid: the values
 *
 * Return: 0 or -errno.
 */
int vmm_cpuid(int fd, __u32 index, const struct vmm_cpuid *cpuid)
{
	struct hv_input_register_intercept_result in = { 0 };
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT,
		.in = &in, .in_size = sizeof(in),
	};

	in.vp_index = index;
	in.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID;
	in.parameters.cpuid.input.eax = cpuid->leaf;
	in.parameters.cpuid.input.ecx = cpuid->subleaf;
	in.parameters.cpuid.input.subleaf_specific = cpuid->subleaf_specific;
	in.parameters.cpuid.input.always_override = 1;
	in.parameters.cpuid.result.eax = cpuid->value[0];
	in.parameters.cpuid.result.eax_mask = cpuid->mask[0];
	in.parameters.cpuid.result.ebx = cpuid->value[1];
	in.parameters.cpuid.result.ebx_mask = cpuid->mask[1];
	in.parameters.cpuid.result.ecx = cpuid->value[2];
	in.parameters.cpuid.result.ecx_mask = cpuid->mask[2];
	in.parameters.cpuid.result.edx = cpuid->value[3];
	in.parameters.cpuid.result.edx_mask = cpuid->mask[3];
	return vmm_hvcall(fd, &call);
}

static int vp_state(int vp, unsigned long request, const char *name,
		    __u8 type, void *buffer, __u32 *size)
{
	struct mshv_get_set_vp_state args = {
		.type = type,
		.buf_sz = *size,
		.buf_ptr = (__u64)(unsigned long)buffer,
	};
	int ret = ioctl(vp, request, &args);

	*size = args.buf_sz;
	if (ret < 0)
		return vmm_fail(errno, "%s (type %u, %u bytes): %s", name,
				type, args.buf_sz, vmm_reason(errno));
	return 0;
}

/**
 * vmm_get_state() - read a processor's APIC, XSAVE area, message page ...
 * @vp: the processor
 * @type: MSHV_VP_STATE_*
 * @buffer: page aligned
 * @size: whole pages in, the real size out
 *
 * Return: 0 or -errno.
 */
int vmm_get_state(int vp, __u8 type, void *buffer, __u32 *size)
{
	return vp_state(vp, MSHV_GET_VP_STATE, "MSHV_GET_VP_STATE", type,
			buffer, size);
}

/**
 * vmm_set_state() - write a processor's APIC, XSAVE area, message page ...
 * @vp: the processor
 * @type: MSHV_VP_STATE_*
 * @buffer: page aligned
 * @size: whole pages in, the real size out
 *
 * Return: 0 or -errno.
 */
int vmm_set_state(int vp, __u8 type, void *buffer, __u32 *size)
{
	return vp_state(vp, MSHV_SET_VP_STATE, "MSHV_SET_VP_STATE", type,
			buffer, size);
}

/**
 * vmm_value() - a plain register for a list
 * @name: which register
 * @value: its value
 *
 * Return: the list's element.
 */
struct hv_register_assoc vmm_value(__u32 name, __u64 value)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.reg64 = value;
	return reg;
}

/**
 * vmm_segment() - a segment register for a list
 * @name: which register
 * @selector: selector
 * @base: base
 * @limit: limit in bytes
 * @attributes: type, S, DPL, P in bits 7:0, AVL, L, D and G in bits 15:12
 *
 * Return: the list's element.
 */
struct hv_register_assoc vmm_segment(__u32 name, __u16 selector, __u64 base,
				     __u32 limit, __u16 attributes)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.segment.base = base;
	reg.value.segment.limit = limit;
	reg.value.segment.selector = selector;
	reg.value.segment.attributes = attributes;
	return reg;
}

/**
 * vmm_table() - a descriptor table register for a list
 * @name: which register
 * @base: base
 * @limit: limit in bytes
 *
 * Return: the list's element.
 */
struct hv_register_assoc vmm_table(__u32 name, __u64 base, __u16 limit)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.table.base = base;
	reg.value.table.limit = limit;
	return reg;
}

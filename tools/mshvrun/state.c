// SPDX-License-Identifier: GPL-2.0
/*
 * Saving and restoring a virtual processor's state.
 *
 * Model: registers by name, from a table of ranges, and then the states of
 * MSHV_GET_VP_STATE.  A register that the hypervisor does not have is left out,
 * which is right for the many that only some processors have; a restore needs all
 * that are in the file.
 *
 * The order matters when they are written.  The page of a SynIC needs its register
 * before it can hold anything, the local APIC's state needs the mode in APIC_BASE
 * and the SINTs, and the time stamp counters come last, one right after the other,
 * because they must agree.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hyperv/hv_register.h>

#include "machine.h"

#define MAX_REGISTERS	256
#define STATE_BUFFER	(16 * VMM_PAGE)

/*
 * Not here: what is in one of the states (vectors, local APIC, timers), what is a
 * command rather than a register (EOI, ICR, EOM, PRED_CMD), the count of
 * VP_RUNTIME, and suspension, which is the new processor's own.
 */
static const struct {
	__u32 first, last;
} ranges[] = {
	{ HV_X64_REGISTER_RAX, HV_X64_REGISTER_RFLAGS },
	{ HV_X64_REGISTER_EFER, HV_X64_REGISTER_EFER },
	{ HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR4 },
	{ HV_X64_REGISTER_XFEM, HV_X64_REGISTER_XFEM },
	{ HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR7 },
	{ HV_X64_REGISTER_ES, HV_X64_REGISTER_TR },
	{ HV_X64_REGISTER_IDTR, HV_X64_REGISTER_GDTR },
	{ HV_X64_REGISTER_KERNEL_GS_BASE, HV_X64_REGISTER_SFMASK },
	{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, HV_X64_REGISTER_MSR_MTRR_DEF_TYPE },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0,
	  HV_X64_REGISTER_MSR_MTRR_PHYS_BASEF },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0,
	  HV_X64_REGISTER_MSR_MTRR_PHYS_MASKF },
	{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000,
	  HV_X64_REGISTER_MSR_MTRR_FIX4KF8000 },
	{ HV_X64_REGISTER_TSC_AUX, HV_X64_REGISTER_DEBUG_CTL },
	{ HV_X64_REGISTER_SPEC_CTRL, HV_X64_REGISTER_SPEC_CTRL },
	{ HV_X64_REGISTER_VIRT_SPEC_CTRL, HV_X64_REGISTER_VIRT_SPEC_CTRL },
	{ HV_X64_REGISTER_TSX_CTRL, HV_X64_REGISTER_TSX_CTRL },
	{ HV_X64_REGISTER_XSS, HV_X64_REGISTER_INTERRUPT_SSP_TABLE_ADDR },
	{ HV_X64_REGISTER_TSC_DEADLINE, HV_X64_REGISTER_XFD_ERR },
	{ HV_X64_REGISTER_MSR_IA32_MISC_ENABLE,
	  HV_X64_REGISTER_MSR_IA32_MISC_ENABLE },
	{ HV_REGISTER_INTERNAL_ACTIVITY_STATE,
	  HV_REGISTER_INTERNAL_ACTIVITY_STATE },
	{ HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_PENDING_INTERRUPTION },
	{ HV_REGISTER_INTERRUPT_STATE, HV_REGISTER_INTERRUPT_STATE },
	{ HV_REGISTER_PENDING_EVENT0, HV_REGISTER_PENDING_EVENT1 },
	{ HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION,
	  HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION },
	{ HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS,
	  HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS },
	{ HV_REGISTER_GUEST_CRASH_P0, HV_REGISTER_GUEST_CRASH_P4 },
	{ HV_REGISTER_GUEST_OS_ID, HV_REGISTER_GUEST_OS_ID },
	{ HV_X64_REGISTER_HYPERCALL, HV_X64_REGISTER_HYPERCALL },
	{ HV_REGISTER_VP_ASSIST_PAGE, HV_REGISTER_VP_ASSIST_PAGE },
	{ HV_REGISTER_REFERENCE_TSC, HV_REGISTER_REFERENCE_TSC },
	{ HV_REGISTER_SINT0, HV_REGISTER_SCONTROL },
	{ HV_REGISTER_SIEFP, HV_REGISTER_SIMP },
	{ HV_X64_REGISTER_APIC_TPR, HV_X64_REGISTER_APIC_TPR },
	{ HV_X64_REGISTER_TSC, HV_X64_REGISTER_TSC },
};

/* In this order. */
static const __u8 states[] = {
	MSHV_VP_STATE_LAPIC,
	MSHV_VP_STATE_XSAVE,
	MSHV_VP_STATE_SIMP,
	MSHV_VP_STATE_SIEFP,
	MSHV_VP_STATE_SYNTHETIC_TIMERS,
};

static void *state_buffer(void)
{
	void *buffer = mmap(NULL, STATE_BUFFER, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buffer != MAP_FAILED)
		return buffer;
	vmm_fail(errno, "memory for a processor's state: %s", strerror(errno));
	return NULL;
}

/**
 * cpu_write_back() - write changes in the register page to the registers
 * @c: the processor, stopped
 *
 * The hypervisor reads the page when it next runs the processor, which is too late
 * for reading registers by name.
 *
 * Return: 0 or -errno.
 */
int cpu_write_back(struct cpu *c)
{
	struct hv_register_assoc regs[18];
	unsigned int i, count = 0;
	int ret;

	if (!c->page || !c->page->dirty)
		return 0;
	if (c->page->dirty & HV_BIT(HV_X64_REGISTER_CLASS_GENERAL))
		for (i = 0; i < 16; i++)
			regs[count++] = vmm_value(HV_X64_REGISTER_RAX + i,
						  c->page->gp_registers[i]);
	if (c->page->dirty & HV_BIT(HV_X64_REGISTER_CLASS_IP))
		regs[count++] = vmm_value(HV_X64_REGISTER_RIP, c->page->rip);
	if (c->page->dirty & HV_BIT(HV_X64_REGISTER_CLASS_FLAGS))
		regs[count++] = vmm_value(HV_X64_REGISTER_RFLAGS,
					  c->page->rflags);
	ret = vmm_set_registers(c->fd, c->index, regs, count);
	if (!ret)
		c->page->dirty = 0;
	return ret;
}

/* ---- saving -------------------------------------------------------------- */

static int save_registers(struct cpu *c, struct image_writer *w)
{
	struct hv_register_assoc regs[MAX_REGISTERS];
	unsigned int i, count = 0;
	__u32 name;
	int ret;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (name = ranges[i].first; name <= ranges[i].last; name++) {
			if (count == MAX_REGISTERS)
				return vmm_fail(E2BIG, "too many registers");
			memset(&regs[count], 0, sizeof(regs[count]));
			regs[count].name = name;
			ret = vmm_get_registers(c->fd, c->index, &regs[count],
						1);
			if (!ret)
				count++;
			else if (ret != -EINVAL)
				return ret;
		}
	}
	image_write(w, IMAGE_REGISTERS, c->index, 0, regs,
		    count * sizeof(regs[0]));
	return 0;
}

/**
 * cpu_save() - save a processor's state
 * @c: the processor, stopped
 * @w: the file
 *
 * Return: 0 or -errno.
 */
int cpu_save(struct cpu *c, struct image_writer *w)
{
	void *buffer = state_buffer();
	unsigned int i;
	__u32 size;
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = save_registers(c, w);
	for (i = 0; !ret && i < ARRAY_SIZE(states); i++) {
		size = STATE_BUFFER;
		ret = vmm_get_state(c->fd, states[i], buffer, &size);
		if (!ret)
			image_write(w, IMAGE_STATE, c->index, states[i],
				    buffer, size);
	}
	munmap(buffer, STATE_BUFFER);
	return ret;
}

/* ---- restoring ------------------------------------------------------------ */

static const struct image_section *
registers_of(struct cpu *c, const struct image *image)
{
	const struct image_section *s;

	s = image_find(image, IMAGE_REGISTERS, c->index, 0);
	if (s && s->size % sizeof(struct hv_register_assoc) == 0)
		return s;
	vmm_fail(EINVAL, "%s has no registers of processor %u", image->name,
		 c->index);
	return NULL;
}

/* One by one, so that the one that was refused can be reported. */
static int restore_registers(struct cpu *c, const struct image *image,
			     bool tsc)
{
	const struct image_section *s = registers_of(c, image);
	const struct hv_register_assoc *reg;
	size_t i;

	if (!s)
		return -EINVAL;
	reg = image_data(s);
	for (i = 0; i < s->size / sizeof(*reg); i++, reg++) {
		bool is_tsc = reg->name == HV_X64_REGISTER_TSC;

		if (is_tsc != tsc)
			continue;
		if (vmm_set_registers(c->fd, c->index, reg, 1))
			return vmm_fail(EINVAL,
					"register %#x of processor %u cannot be %#llx:%#llx here",
					reg->name, c->index,
					reg->value.reg128.high_part,
					reg->value.reg128.low_part);
	}
	return 0;
}

static int restore_state(struct cpu *c, const struct image *image, __u8 type,
			 void *buffer)
{
	const struct image_section *s;
	__u32 size = STATE_BUFFER;
	int ret;

	s = image_find(image, IMAGE_STATE, c->index, type);
	if (!s)
		return vmm_fail(EINVAL, "%s has no state %u of processor %u",
				image->name, type, c->index);
	/* The size here. */
	ret = vmm_get_state(c->fd, type, buffer, &size);
	if (ret)
		return ret;
	if (size != s->size)
		return vmm_fail(EINVAL,
				"state %u of a processor has %u bytes here, and %llu in %s",
				type, size, s->size, image->name);
	memcpy(buffer, image_data(s), size);
	size = STATE_BUFFER;
	return vmm_set_state(c->fd, type, buffer, &size);
}

/**
 * cpu_restore() - restore a processor's state, except its TSC
 * @c: the processor, which has not run
 * @image: the file
 *
 * Return: 0 or -errno.
 */
int cpu_restore(struct cpu *c, const struct image *image)
{
	void *buffer = state_buffer();
	unsigned int i;
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = restore_registers(c, image, false);
	for (i = 0; !ret && i < ARRAY_SIZE(states); i++)
		ret = restore_state(c, image, states[i], buffer);
	munmap(buffer, STATE_BUFFER);
	return ret;
}

/**
 * cpu_restore_tsc() - restore a processor's TSC
 * @c: the processor
 * @image: the file
 *
 * Return: 0 or -errno.
 */
int cpu_restore_tsc(struct cpu *c, const struct image *image)
{
	return restore_registers(c, image, true);
}

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: all that a root partition's driver uses.
 *
 * Model: kernels since 6.15 have headers of their own for the driver to use, which
 * name most things as these do.  No file can include both.  So the driver, and what of
 * lib/hv it is linked with, include this file only; in such a kernel the driver has
 * another file of this name, which stands on the kernel's headers and adds what they
 * lack, and this one is for programs.  The functions below are for the few structures of
 * which the fields have other names there.
 */
#ifndef _HYPERV_HV_ROOT_H
#define _HYPERV_HV_ROOT_H

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_stats.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_synic.h>
#include <hyperv/hv_system.h>
#include <hyperv/hv_types.h>
#include <hyperv/hv_vp.h>

#define HV_PORT_ID(id)		(id)
#define HV_CONNECTION_ID(id)	(id)

static inline const __u8 *hv_message_flags(const struct hv_message *message)
{
	return &message->header.message_flags;
}

/* Length of the instruction that was intercepted, and the guest's CR8. */
static inline const __u8 *
hv_intercept_length_cr8(const struct hv_x64_intercept_message_header *header)
{
	return &header->instruction_length_cr8;
}

static inline void hv_disable_features(struct hv_input_create_partition *in,
				       unsigned int bank, __u64 features)
{
	in->disabled_processor_features[bank] = features;
}

static inline void hv_disable_xsave_features(struct hv_input_create_partition *in,
					     __u64 features)
{
	in->disabled_processor_xsave_features = features;
}

static inline __u64
hv_access_state_flags(const struct hv_input_get_gpa_pages_access_state *in)
{
	return in->flags;
}

static inline void
hv_set_access_state_flags(struct hv_input_get_gpa_pages_access_state *in, __u64 flags)
{
	in->flags = flags;
}

static inline void hv_set_xsave_states(struct hv_vp_state_data *data, __u64 states)
{
	data->xsave.states = states;
}

/* A set of VPs as words, which are aligned: format, mask of banks, banks. */
static inline const __u64 *
hv_signal_bitset(const struct hv_vp_signal_bitset_scheduler_message *message)
{
	return (const __u64 *)&message->vp_bitset;
}

static inline void
hv_set_interrupt_control(struct hv_input_assert_virtual_interrupt *in, __u32 type,
			 __u32 flags)
{
	in->control.interrupt_type = type;
	in->control.flags = flags;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * One function for each kind of intercept message.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_register.h>
#include "child.h"
#include "gva.h"
#include "intercept.h"
#include "mmio.h"
#include "regs_fpu.h"
#include "report.h"

#define READ	HV_INTERCEPT_ACCESS_READ
#define WRITE	HV_INTERCEPT_ACCESS_WRITE
#define EXECUTE	HV_INTERCEPT_ACCESS_EXECUTE

#define SEND(vp, type, message, access, len)				\
	intercept_send(vp, type, &(message), sizeof(message), access, len)

void report_io(struct vp *vp)
{
	struct hv_x64_io_port_intercept_message m = {};
	const struct cpu_state *cpu = vp->cpu;
	const struct cpu_exit *e = &vp->exit;

	m.port_number = e->port.number;
	m.access_info = e->port.size;
	if (e->port.string)
		m.access_info |= HV_IO_PORT_ACCESS_STRING;
	if (e->port.rep)
		m.access_info |= HV_IO_PORT_ACCESS_REP;
	if (e->port.string)
		m.instruction_byte_count = insn_fetch(vp, m.instruction_bytes);
	m.rax = vp->gpr[GPR_RAX];
	segment_get(&cpu->ds, &m.ds_segment);
	segment_get(&cpu->es, &m.es_segment);
	m.rcx = vp->gpr[GPR_RCX];
	m.rsi = vp->gpr[GPR_RSI];
	m.rdi = vp->gpr[GPR_RDI];
	child_of(vp)->io_messages++;
	SEND(vp, HVMSG_X64_IO_PORT_INTERCEPT, m,
	     e->port.in ? READ : WRITE, e->port.length);
}

void report_memory(struct vp *vp)
{
	struct hv_x64_memory_intercept_message m = {};
	u8 wanted = vp->exit.memory.wanted;
	u64 gpa = vp->exit.memory.gpa, entry, gva;
	bool mapped, writes = false;
	u8 access = READ;
	int level;

	mapped = npt_lookup(vp->partition, gpa >> PAGE_SHIFT, &entry, &level);
	if (wanted == MAY_EXECUTE)
		access = EXECUTE;
	else if (wanted == MAY_WRITE)
		access = WRITE;
	m.cache_type = mapped ? HV_CACHE_TYPE_WRITE_BACK : HV_CACHE_TYPE_UNCACHED;
	m.tpr_priority = child_of(vp)->vapic.tpr >> 4;
	m.guest_physical_address = gpa;
	if (access != EXECUTE && !vp->exit.memory.walk) {
		m.instruction_byte_count = insn_fetch(vp, m.instruction_bytes);
		/* The kind of access, according to the instruction itself. */
		if (mmio_operand(vp, m.instruction_bytes, m.instruction_byte_count,
				 gpa, &gva, &writes)) {
			m.guest_virtual_address = gva;
			m.memory_access_info = HV_MEMORY_ACCESS_GVA_VALID |
					       HV_MEMORY_ACCESS_GVA_GPA_VALID;
			if (writes)
				access = WRITE;
		}
	}
	child_of(vp)->memory_messages++;
	SEND(vp, mapped ? HVMSG_GPA_INTERCEPT : HVMSG_UNMAPPED_GPA, m, access, 0);
}

void report_access(struct vp *vp, u64 gpa, bool write)
{
	vp->exit.memory.gpa = gpa;
	vp->exit.memory.wanted = write ? MAY_WRITE : MAY_READ;
	vp->exit.memory.walk = false;
	report_memory(vp);
}

void report_msr(struct vp *vp, u32 msr, bool write, u32 len)
{
	struct hv_x64_msr_intercept_message m = {
		.msr_number = msr,
		.rdx = vp->gpr[GPR_RDX],
		.rax = vp->gpr[GPR_RAX],
	};

	SEND(vp, HVMSG_X64_MSR_INTERCEPT, m, write ? WRITE : READ, len);
}

void report_cpuid(struct vp *vp, const struct cpuid_regs *result, u32 len)
{
	struct hv_x64_cpuid_intercept_message m = {
		.rax = vp->gpr[GPR_RAX],
		.rcx = vp->gpr[GPR_RCX],
		.rdx = vp->gpr[GPR_RDX],
		.rbx = vp->gpr[GPR_RBX],
		.default_result_rax = result->eax,
		.default_result_rcx = result->ecx,
		.default_result_rdx = result->edx,
		.default_result_rbx = result->ebx,
	};

	SEND(vp, HVMSG_X64_CPUID_INTERCEPT, m, EXECUTE, len);
}

void report_hypercall(struct vp *vp, u32 len)
{
	struct hv_x64_hypercall_intercept_message m = {
		.rax = vp->gpr[GPR_RAX],
		.rbx = vp->gpr[GPR_RBX],
		.rcx = vp->gpr[GPR_RCX],
		.rdx = vp->gpr[GPR_RDX],
		.r8 = vp->gpr[GPR_R8],
		.rsi = vp->gpr[GPR_RSI],
		.rdi = vp->gpr[GPR_RDI],
	};

	vp_state(vp);
	xmm_get(vp, m.xmm, sizeof(m.xmm));
	SEND(vp, HVMSG_HYPERCALL_INTERCEPT, m, EXECUTE, len);
}

void report_exception(struct vp *vp, u32 vector)
{
	struct hv_x64_exception_intercept_message m = {};
	struct cpu_state *cpu = vp->cpu;
	/* #DF, #TS, #NP, #SS, #GP, #PF, #AC and #CP push an error code. */
	u32 with_error = 0x00227d00;

	m.exception_vector = vector;
	if (with_error & BIT(vector)) {
		m.exception_info = HV_EXCEPTION_ERROR_CODE_VALID;
		m.error_code = vp->exit.exception.error;
	}
	if (vector == VECTOR_PF)
		m.exception_parameter = vp->exit.exception.address;
	m.instruction_byte_count = insn_fetch(vp, m.instruction_bytes);
	segment_get(&cpu->ds, &m.ds_segment);
	segment_get(&cpu->ss, &m.ss_segment);
	memcpy(&m.rax, vp->gpr, sizeof(vp->gpr));
	SEND(vp, HVMSG_X64_EXCEPTION_INTERCEPT, m, EXECUTE, 0);
}

void report_shutdown(struct vp *vp)
{
	struct hv_x64_unrecoverable_exception_message m = {};

	SEND(vp, HVMSG_UNRECOVERABLE_EXCEPTION, m, EXECUTE, 0);
}

/* RIP is after the instruction, where the VP continues when it is run again. */
void report_halt(struct vp *vp)
{
	struct hv_x64_halt_message m = {};

	SEND(vp, HVMSG_X64_HALT, m, EXECUTE, 0);
}

void report_unsupported(struct vp *vp)
{
	struct hv_x64_unsupported_feature_message m = {
		.vp_index = vp->index,
		.feature_parameter = vp->exit.number,
	};

	/* This message has no intercept header. */
	intercept_send_raw(vp, HVMSG_UNSUPPORTED_FEATURE, &m, sizeof(m));
}

void report_invalid(struct vp *vp)
{
	struct hv_x64_invalid_vp_register_message m = { .vp_index = vp->index };

	intercept_send_raw(vp, HVMSG_INVALID_VP_REGISTER_VALUE, &m, sizeof(m));
}

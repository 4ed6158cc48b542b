// SPDX-License-Identifier: GPL-2.0
/*
 * Messages and registers as text, for errors and traces.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mshvvm.h"

/* A text buffer; what does not fit is truncated. */
struct text {
	char *data;
	size_t size;
	size_t used;
};

static void __printf(2, 3)
add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	if (t->used >= t->size)
		return;
	va_start(args, format);
	n = vsnprintf(t->data + t->used, t->size - t->used, format, args);
	va_end(args);
	if (n > 0)
		t->used += n;
}

static const struct {
	__u32 type;
	const char *name;
} names[] = {
	{ HVMSG_NONE, "no message" },
	{ HVMSG_UNMAPPED_GPA, "unmapped memory" },
	{ HVMSG_GPA_INTERCEPT, "memory access denied" },
	{ HVMSG_UNACCEPTED_GPA, "unaccepted memory" },
	{ HVMSG_GPA_ATTRIBUTE_INTERCEPT, "memory attribute" },
	{ HVMSG_INVALID_VP_REGISTER_VALUE, "invalid register value" },
	{ HVMSG_UNRECOVERABLE_EXCEPTION, "unrecoverable exception" },
	{ HVMSG_UNSUPPORTED_FEATURE, "unsupported feature" },
	{ HVMSG_HYPERCALL_INTERCEPT, "hypercall" },
	{ HVMSG_SYNIC_EVENT_INTERCEPT, "SynIC event" },
	{ HVMSG_SYNIC_SINT_INTERCEPT, "SINT" },
	{ HVMSG_SYNIC_SINT_DELIVERABLE, "SINT deliverable" },
	{ HVMSG_X64_IO_PORT_INTERCEPT, "port" },
	{ HVMSG_X64_MSR_INTERCEPT, "MSR" },
	{ HVMSG_X64_CPUID_INTERCEPT, "CPUID" },
	{ HVMSG_X64_EXCEPTION_INTERCEPT, "exception" },
	{ HVMSG_X64_APIC_EOI, "APIC EOI" },
	{ HVMSG_REGISTER_INTERCEPT, "register" },
	{ HVMSG_X64_HALT, "halt" },
	{ HVMSG_X64_INTERRUPTION_DELIVERABLE, "interrupt deliverable" },
	{ HVMSG_X64_SIPI_INTERCEPT, "SIPI" },
};

/**
 * vmm_message_name() - name of a message type
 * @type: HVMSG_*
 *
 * Return: the name; never NULL.
 */
const char *vmm_message_name(__u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown message";
}

static const char *access_name(__u8 access)
{
	switch (access) {
	case HV_INTERCEPT_ACCESS_READ:
		return "read";
	case HV_INTERCEPT_ACCESS_WRITE:
		return "write";
	case HV_INTERCEPT_ACCESS_EXECUTE:
		return "execute";
	}
	return "access";
}

static void add_bytes(struct text *t, const __u8 *bytes, unsigned int count)
{
	if (count > 16)
		count = 16;
	if (count)
		add(t, ", bytes");
	while (count--)
		add(t, " %02x", *bytes++);
}

static void add_header(struct text *t,
		       const struct hv_x64_intercept_message_header *h)
{
	add(t, "; VP %u, CPL %u, %s, CS:RIP %04x:%llx (base %llx), RFLAGS %llx",
	    h->vp_index, h->execution_state & HV_X64_EXECUTION_CPL_MASK,
	    h->execution_state & HV_X64_EXECUTION_EFER_LMA ? "long mode" :
	    h->execution_state & HV_X64_EXECUTION_CR0_PE ? "protected mode" :
	    "real mode", h->cs_segment.selector, h->rip, h->cs_segment.base,
	    h->rflags);
}

static void add_memory(struct text *t,
		       const struct hv_x64_memory_intercept_message *m)
{
	add(t, " %s at %llx", access_name(m->header.intercept_access_type),
	    m->guest_physical_address);
	if (m->memory_access_info & HV_MEMORY_ACCESS_GVA_VALID)
		add(t, " (virtual %llx)", m->guest_virtual_address);
	add_bytes(t, m->instruction_bytes, m->instruction_byte_count);
	add_header(t, &m->header);
}

static void add_port(struct text *t,
		     const struct hv_x64_io_port_intercept_message *m)
{
	add(t, " %#x %s, %u bytes%s%s, RAX %llx", m->port_number,
	    access_name(m->header.intercept_access_type),
	    m->access_info & HV_IO_PORT_ACCESS_SIZE_MASK,
	    m->access_info & HV_IO_PORT_ACCESS_STRING ? ", string" : "",
	    m->access_info & HV_IO_PORT_ACCESS_REP ? ", repeated" : "",
	    m->rax);
	add_header(t, &m->header);
}

static void add_exception(struct text *t,
			  const struct hv_x64_exception_intercept_message *m)
{
	add(t, " %u, error code %x, parameter %llx", m->exception_vector,
	    m->error_code, m->exception_parameter);
	add_bytes(t, m->instruction_bytes, m->instruction_byte_count);
	add_header(t, &m->header);
}

/**
 * vmm_describe() - describe a message on one line
 * @message: the message
 * @text: buffer
 * @size: its size
 *
 * Return: the length of the text; @size or more means that it was truncated.
 */
int vmm_describe(const struct hv_message *message, char *text, size_t size)
{
	const void *payload = message->u.bytes;
	const struct hv_x64_msr_intercept_message *msr = payload;
	const struct hv_x64_cpuid_intercept_message *cpuid = payload;
	const struct hv_x64_unsupported_feature_message *feature = payload;
	const struct hv_x64_apic_eoi_message *eoi = payload;
	struct text t = { .data = text, .size = size };
	__u32 type = message->header.message_type;

	add(&t, "%s (%#x)", vmm_message_name(type), type);
	switch (type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		add_memory(&t, payload);
		break;
	case HVMSG_X64_IO_PORT_INTERCEPT:
		add_port(&t, payload);
		break;
	case HVMSG_X64_EXCEPTION_INTERCEPT:
		add_exception(&t, payload);
		break;
	case HVMSG_X64_MSR_INTERCEPT:
		add(&t, " %#x %s, RDX %llx, RAX %llx", msr->msr_number,
		    access_name(msr->header.intercept_access_type), msr->rdx,
		    msr->rax);
		add_header(&t, &msr->header);
		break;
	case HVMSG_X64_CPUID_INTERCEPT:
		add(&t, " leaf %llx, subleaf %llx", cpuid->rax, cpuid->rcx);
		add_header(&t, &cpuid->header);
		break;
	case HVMSG_UNSUPPORTED_FEATURE:
		add(&t, " %u, parameter %llx; VP %u", feature->feature_code,
		    feature->feature_parameter, feature->vp_index);
		break;
	case HVMSG_X64_APIC_EOI:
		add(&t, " of vector %#x; VP %u", eoi->interrupt_vector,
		    eoi->vp_index);
		break;
	case HVMSG_INVALID_VP_REGISTER_VALUE:
		add(&t, "; VP %u", message->u.bytes[0] |
		    message->u.bytes[1] << 8);
		break;
	case HVMSG_UNRECOVERABLE_EXCEPTION:
	case HVMSG_X64_HALT:
		add_header(&t, payload);
		break;
	}
	return t.used;
}

static const struct {
	__u32 name;
	const char *text;
} dump[] = {
	{ HV_X64_REGISTER_RAX, "RAX" }, { HV_X64_REGISTER_RBX, "RBX" },
	{ HV_X64_REGISTER_RCX, "RCX" }, { HV_X64_REGISTER_RDX, "RDX" },
	{ HV_X64_REGISTER_RSI, "RSI" }, { HV_X64_REGISTER_RDI, "RDI" },
	{ HV_X64_REGISTER_RBP, "RBP" }, { HV_X64_REGISTER_RSP, "RSP" },
	{ HV_X64_REGISTER_R8, "R8 " }, { HV_X64_REGISTER_R9, "R9 " },
	{ HV_X64_REGISTER_R10, "R10" }, { HV_X64_REGISTER_R11, "R11" },
	{ HV_X64_REGISTER_R12, "R12" }, { HV_X64_REGISTER_R13, "R13" },
	{ HV_X64_REGISTER_R14, "R14" }, { HV_X64_REGISTER_R15, "R15" },
	{ HV_X64_REGISTER_RIP, "RIP" }, { HV_X64_REGISTER_RFLAGS, "RFL" },
	{ HV_X64_REGISTER_CR0, "CR0" }, { HV_X64_REGISTER_CR2, "CR2" },
	{ HV_X64_REGISTER_CR3, "CR3" }, { HV_X64_REGISTER_CR4, "CR4" },
	{ HV_X64_REGISTER_EFER, "EFR" }, { HV_X64_REGISTER_APIC_BASE, "APB" },
	{ HV_X64_REGISTER_CS, "CS " }, { HV_X64_REGISTER_SS, "SS " },
	{ HV_X64_REGISTER_DS, "DS " }, { HV_X64_REGISTER_ES, "ES " },
	{ HV_X64_REGISTER_FS, "FS " }, { HV_X64_REGISTER_GS, "GS " },
	{ HV_X64_REGISTER_TR, "TR " }, { HV_X64_REGISTER_LDTR, "LDT" },
	{ HV_X64_REGISTER_GDTR, "GDT" }, { HV_X64_REGISTER_IDTR, "IDT" },
};

#define DUMP_COUNT	(ARRAY_SIZE(dump))
#define DUMP_PER_LINE	4

static void add_register(struct text *t, const char *name,
			 const struct hv_register_assoc *reg)
{
	const union hv_register_value *v = &reg->value;

	switch (reg->name) {
	case HV_X64_REGISTER_ES ... HV_X64_REGISTER_TR:
		add(t, "%s %04x base %016llx limit %08x attributes %04x\n",
		    name, v->segment.selector, v->segment.base,
		    v->segment.limit, v->segment.attributes);
		break;
	case HV_X64_REGISTER_IDTR:
	case HV_X64_REGISTER_GDTR:
		add(t, "%s base %016llx limit %04x\n", name, v->table.base,
		    v->table.limit);
		break;
	default:
		add(t, "%s %016llx", name, v->reg64);
	}
}

/**
 * vmm_dump_registers() - describe a processor's registers on several lines
 * @fd: the processor or its partition
 * @index: which processor
 * @text: buffer
 * @size: its size
 *
 * Return: 0, or -errno if they cannot be read.
 */
int vmm_dump_registers(int fd, __u32 index, char *text, size_t size)
{
	struct hv_register_assoc regs[DUMP_COUNT];
	struct text t = { .data = text, .size = size };
	unsigned int i;
	int ret;

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < DUMP_COUNT; i++)
		regs[i].name = dump[i].name;
	ret = vmm_get_registers(fd, index, regs, DUMP_COUNT);
	if (ret)
		return ret;
	for (i = 0; i < DUMP_COUNT; i++) {
		add_register(&t, dump[i].text, &regs[i]);
		if (regs[i].name < HV_X64_REGISTER_ES ||
		    regs[i].name > HV_X64_REGISTER_GDTR)
			add(&t, i % DUMP_PER_LINE == DUMP_PER_LINE - 1 ? "\n" :
			    "  ");
	}
	if (t.used && t.used < size && text[t.used - 1] == '\n')
		text[t.used - 1] = 0;
	return 0;
}

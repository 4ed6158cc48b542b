// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile VMM: everything that can be done to a guest between two runs.
 *
 * Model: the world is one partition with one or two processors (depending on the
 * round's seed), one thread for each.  Unlike in fuzz_ops.c, arguments have the
 * right form; names, codes and values vary.  Values are extreme, or the current
 * ones with a bit or two flipped, so that many are accepted and the guest runs with
 * them.  A guest that cannot continue is restarted by an operation of its own.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_property.h>

#include "fuzz.h"
#include "fuzz_vmm.h"

#define VPS_MAX		2
#define RUNS_MAX	8	/* in one operation */
#define SET_MAX		6	/* registers in one call */
#define AREA_GPA	0x200000
#define LONG_ENTRY	0x2000
#define STATE_SIZE	VMM_PAGE
#define CODE_END	(LONG_ENTRY + VMM_PAGE)

static struct tvm machine;
static __u64 *page_of[VPS_MAX];	/* the register page, in words */

/* For ever: floating point, CPUID, memory, a port, all registers. */
static const __u8 guest_real[] = {
	0xba, 0xf8, 0x03,		/* mov dx, port */
	0xdb, 0xe3, 0xd9, 0xe8,		/* fninit; fld1 */
	0x0f, 0xa2,			/* cpuid */
	0xba, 0xf8, 0x03,
	0xef,				/* out dx, ax */
	0x89, 0x05, 0x83, 0xc7, 0x40,	/* mov [di], ax; add di, 64 */
	0xeb, 0xee,			/* jmp to "fninit" */
};

static const __u8 guest_long[] = {
	0xdb, 0xe3, 0xd9, 0xe8,		/* fninit; fld1 */
	0x0f, 0xa2,			/* cpuid */
	0xb9, 0x20, 0, 0, 0x40, 0x0f, 0x32,	/* rdmsr of the time */
	0x66, 0xba, 0xf8, 0x03, 0xef,	/* out dx, eax */
	0xfb, 0xf4,			/* sti; hlt */
	0xeb, 0xe9,			/* jmp to "fninit" */
};

/* --- numbers ----------------------------------------------------------------------- */

/* An extreme value, or one close to the current one. */
static __u64 value_near(struct fuzzer *f, __u64 now)
{
	switch (fz_below(f, 8)) {
	case 0:
		return fz_odd_number(f);
	case 1:	/* features are single bits at the low end */
		return fz_below(f, 1024);
	case 2:
		return now ^ 1ULL << fz_below(f, fz_one_in(f, 2) ? 16 : 64);
	case 3:
		return now ^ 1ULL << fz_below(f, 16) ^ 1ULL << fz_below(f, 16);
	case 4:	/* an address, and bits below it */
		return fz_below(f, 2 * FUZZ_AREA) & ~(fz_below(f, 2) * (VMM_PAGE - 1));
	case 5:
		return 1ULL << fz_below(f, 64) | fz_below(f, 256);
	case 6:
		return now + fz_below(f, 3) - 1;
	default:
		return now;
	}
}

static __u32 number_of(struct fuzzer *f, const struct range *range, unsigned int nr)
{
	const struct range *r = &range[fz_below(f, nr)];

	if (fz_one_in(f, 40))
		return fz_odd_number(f);
	/* Sometimes the neighbour that does not exist. */
	return r->first + fz_below(f, r->last - r->first + 1 + fz_one_in(f, 8));
}

#define NUMBER_OF(f, ranges)	number_of(f, ranges, ARRAY_SIZE(ranges))

/* --- processors -------------------------------------------------------------------- */

/* Mostly its own. */
static unsigned int vp_of(struct fuzzer *f)
{
	return fz_one_in(f, 6) ? fz_below(f, VPS_MAX) : f->id % VPS_MAX;
}

static long op_run(struct fuzzer *f)
{
	unsigned int index = vp_of(f), runs = 1 + fz_below(f, RUNS_MAX), i;
	struct hv_message message;
	struct tvm t = machine;
	long ret = 0;

	fz_say(f, "run vp %u, %u times", index, runs);
	for (i = 0; i < runs && !ret; i++) {
		ret = vmm_run(t.vp[index], &message);
		if (!ret && message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT) {
			t.message = message;
			ret = tvm_skip(&t, index);
		}
	}
	return ret;
}

static long start(struct fuzzer *f, unsigned int index)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_CR0, 0x60000010),
		vmm_value(HV_X64_REGISTER_CR4, 0),
		vmm_value(HV_X64_REGISTER_EFER, 0),
		vmm_value(HV_X64_REGISTER_XFEM, 1),
		vmm_value(HV_X64_REGISTER_DR7, 0x400),
		vmm_value(HV_REGISTER_EXPLICIT_SUSPEND, 0),
		vmm_value(HV_X64_REGISTER_RDI, CODE_END),
	};
	struct tvm t = machine;

	if (fz_one_in(f, 2))
		return tvm_long_mode(&t, index, LONG_ENTRY);
	/* It writes its data behind its code. */
	vmm_set_registers(t.vp[index], index, regs, ARRAY_SIZE(regs));
	return tvm_real_mode(&t, index, TVM_CODE);
}

static long op_start(struct fuzzer *f)
{
	unsigned int index = vp_of(f);

	fz_say(f, "start vp %u", index);
	return start(f, index);
}

static long op_reset(struct fuzzer *f)
{
	unsigned int index = vp_of(f);

	fz_say(f, "reset vp %u", index);
	return ioctl(machine.vp[index], MSHV_RESET_VP) ? -errno : 0;
}

static long op_get_registers(struct fuzzer *f)
{
	struct hv_register_assoc regs[SET_MAX] = { };
	unsigned int index = vp_of(f), nr = 1 + fz_below(f, SET_MAX), i;

	for (i = 0; i < nr; i++)
		regs[i].name = NUMBER_OF(f, registers);
	fz_say(f, "get registers of vp %u: %#x ...", index, regs[0].name);
	return vmm_get_registers(machine.vp[index], index, regs, nr);
}

static long op_set_register(struct fuzzer *f)
{
	struct hv_register_assoc reg = { .name = NUMBER_OF(f, registers) };
	unsigned int index = vp_of(f);

	vmm_get_registers(machine.vp[index], index, &reg, 1);
	reg.value.reg128.low_part = value_near(f, reg.value.reg128.low_part);
	if (fz_one_in(f, 3))
		reg.value.reg128.high_part = value_near(f, reg.value.reg128.high_part);
	fz_say(f, "set register %#x of vp %u to %#llx:%#llx", reg.name, index,
	       reg.value.reg128.high_part, reg.value.reg128.low_part);
	return vmm_set_registers(machine.vp[index], index, &reg, 1);
}

/* What the hypervisor reads from the page when the processor runs. */
static long op_register_page(struct fuzzer *f)
{
	unsigned int index = vp_of(f), i, nr = 1 + fz_below(f, 4);
	const size_t used = sizeof(struct hv_vp_register_page) / 8;
	__u64 *words = page_of[index], word;
	size_t at;

	fz_say(f, "register page of vp %u, %u words", index, nr);
	if (!words)
		return -ENOENT;
	for (i = 0; i < nr; i++) {
		at = fz_below(f, fz_one_in(f, 8) ? VMM_PAGE / 8 : used);
		word = value_near(f, words[at]);
		__atomic_store_n(&words[at], word, __ATOMIC_RELAXED);
	}
	/*
	 * Version and validity stay in the lower half; the upper one has the dirty
	 * bits.
	 */
	word = fz_one_in(f, 8) ? fz_odd_number(f) :
				 fz_below(f, HV_X64_REGISTER_CLASS_DEFINED_MASK + 1);
	__atomic_store_n(&words[0], (__u32)words[0] | word << 32, __ATOMIC_RELAXED);
	return 0;
}

static long op_state(struct fuzzer *f)
{
	__u8 type = fz_below(f, MSHV_VP_STATE_COUNT + fz_one_in(f, 8));
	unsigned int index = vp_of(f), bits = fz_below(f, 8), i;
	__u32 size = STATE_SIZE, used;
	__u64 *words = (__u64 *)f->buffer, at;
	long ret;

	fz_say(f, "state %u of vp %u, %u words changed", type, index, bits);
	ret = vmm_get_state(machine.vp[index], type, f->buffer, &size);
	if (ret)
		return ret;
	used = size / 8 ?: 1;
	for (i = 0; i < bits; i++) {
		/* The head of an XSAVE area describes the rest. */
		at = fz_below(f, used);
		if (fz_one_in(f, 3))
			at = 64 + fz_below(f, 8);
		words[at] = value_near(f, words[at]);
	}
	size = STATE_SIZE;
	return vmm_set_state(machine.vp[index], type, f->buffer, &size);
}

static long op_translate(struct fuzzer *f)
{
	__u64 gva = value_near(f, fz_below(f, FUZZ_AREA)), gpa;
	unsigned int index = vp_of(f);
	__u32 result;

	fz_say(f, "translate %#llx of vp %u", gva, index);
	return vmm_translate(machine.vp[index], index, gva, fz_below(f, 0x800), &gpa,
			     &result);
}

/* --- the partition --------------------------------------------------------------------- */

static long op_property(struct fuzzer *f)
{
	__u32 code = NUMBER_OF(f, properties);
	__u64 value = 0;
	long ret = vmm_get_property(machine.part, code, &value);

	if (!fz_one_in(f, 4)) {
		value = value_near(f, value);
		fz_say(f, "set property %#x to %#llx", code, value);
		return vmm_set_property(machine.part, code, value);
	}
	fz_say(f, "get property %#x: %#llx", code, value);
	return ret;
}

static long op_property_ex(struct fuzzer *f)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = NUMBER_OF(f, properties), .arg = fz_odd_number(f),
	};
	struct vmm_call call = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX, .in = &in, .in_size = sizeof(in),
		.out = f->buffer, .out_size = VMM_PAGE,
	};

	fz_say(f, "get property %#x by the longer call", in.property_code);
	return vmm_hvcall(machine.part, &call);
}

static long op_intercept(struct fuzzer *f)
{
	__u32 type = fz_below(f, 0x15), access = fz_one_in(f, 3) ? 0 : fz_below(f, 9);
	__u64 parameter = fz_one_in(f, 2) ? fz_below(f, 64) : NUMBER_OF(f, msrs);

	if (fz_one_in(f, 8))
		parameter = fz_odd_number(f);
	fz_say(f, "intercept %#x access %u parameter %#llx", type, access, parameter);
	return vmm_intercept(machine.part, type, access, parameter);
}

static __u32 any_vp(struct fuzzer *f)
{
	return fz_one_in(f, 2) ? HV_ANY_VP : fz_below(f, 3);
}

static long op_cpuid_result(struct fuzzer *f)
{
	struct vmm_cpuid leaf = {
		.leaf = fz_below(f, 0x20) | fz_below(f, 2) << 31 | fz_below(f, 2) << 30,
		.subleaf = fz_below(f, 4), .subleaf_specific = fz_below(f, 2),
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		leaf.value[i] = fz_odd_number(f);
		leaf.mask[i] = fz_odd_number(f);
	}
	fz_say(f, "result of CPUID %#x.%u", leaf.leaf, leaf.subleaf);
	return vmm_cpuid(machine.part, any_vp(f), &leaf);
}

static long op_msr_result(struct fuzzer *f)
{
	struct hv_input_register_intercept_result in = {
		.vp_index = any_vp(f), .intercept_type = HV_INTERCEPT_TYPE_X64_MSR,
		.parameters.msr = { NUMBER_OF(f, msrs), fz_below(f, 4), fz_below(f, 3) },
	};
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &in, .in_size = sizeof(in),
	};

	fz_say(f, "result of MSR %#x", in.parameters.msr.msr_index);
	return vmm_hvcall(machine.part, &call);
}

static long op_cpuid_values(struct fuzzer *f)
{
	struct {
		struct hv_input_get_vp_cpuid_values head;
		struct hv_cpuid_leaf_info leaf;
	} in = {
		.head = { .vp_index = fz_below(f, 3), .flags = fz_below(f, 4) },
		.leaf = { fz_below(f, 0x20) | fz_below(f, 2) << 31, fz_below(f, 64),
			  value_near(f, 3), value_near(f, 0) },
	};
	struct vmm_call call = {
		.code = HVCALL_GET_VP_CPUID_VALUES, .reps = 1, .in = &in,
		.in_size = sizeof(in), .out = f->buffer, .out_size = 16,
	};

	fz_say(f, "values of CPUID %#x.%u xfem %#llx", in.leaf.eax, in.leaf.ecx,
	       in.leaf.xfem);
	return vmm_hvcall(machine.part, &call);
}

static long op_assert(struct fuzzer *f)
{
	__u32 type = fz_below(f, HV_X64_INTERRUPT_TYPE_MAXIMUM + 1), vector = fz_below(f, 257);
	bool level = fz_below(f, 2), logical = fz_below(f, 2);
	__u64 to = fz_one_in(f, 8) ? fz_odd_number(f) : fz_below(f, 4);

	fz_say(f, "interrupt type %u level %u logical %u to %#llx vector %#x", type, level,
	       logical, to, vector);
	return vmm_assert(machine.part, type, level, logical, to, vector);
}

/* Messages, events, and the end of an interrupt line. */
static long op_direct(struct fuzzer *f)
{
	static const __u16 codes[] = {
		HVCALL_SIGNAL_EVENT_DIRECT, HVCALL_POST_MESSAGE_DIRECT,
		HVCALL_CLEAR_VIRTUAL_INTERRUPT,
	};
	static const __u16 sizes[] = { 24, 264, 8 };
	unsigned int which = fz_below(f, ARRAY_SIZE(codes)), i;
	struct vmm_call call = {
		.code = codes[which], .in = f->buffer, .in_size = sizes[which],
		.out = which ? NULL : f->buffer + VMM_PAGE, .out_size = which ? 0 : 8,
	};

	memset(f->buffer, 0, sizes[which]);
	for (i = 8; i + 4 <= 40 && i + 4 <= sizes[which]; i += 4)
		*(__u32 *)(f->buffer + i) = fz_one_in(f, 6) ? fz_odd_number(f) :
							      fz_below(f, 4);
	fz_say(f, "call %#x", call.code);
	return vmm_hvcall(machine.part, &call);
}

static long op_memory(struct fuzzer *f)
{
	static const __u64 bases[] = { 0, 0x80000, AREA_GPA, 0xfee00000, 0xfffff000 };
	__u64 gpa = PICK(f, bases) + fz_below(f, 4) * VMM_PAGE;
	__u64 size = (1 + fz_below(f, 32)) * VMM_PAGE;
	/* The guest's own memory is writable elsewhere. */
	__u8 *at = fz_area_of(f), flags;
	bool own = at < machine.memory + FUZZ_AREA && machine.memory < at + size;

	flags = own || fz_one_in(f, 2) ? fz_below(f, 2) * MEM_WRITE : MEM_EXEC;
	if (fz_one_in(f, 2)) {
		fz_say(f, "unmap %#llx size %#llx", gpa, size);
		return vmm_unmap(machine.part, gpa, size, at);
	}
	fz_say(f, "map %#llx size %#llx flags %u", gpa, size, flags);
	return vmm_map(machine.part, gpa, size, at, flags);
}

/*
 * All of the guest's memory, of which no page is both executable and writable: QEMU 10
 * hangs if code is in one of the page tables through which it is fetched, and sets an
 * accessed bit there.
 */
static long map_all(void)
{
	static const struct {
		__u64 from, to;
		__u8 flags;
	} parts[] = {
		{ 0, TVM_CODE, MEM_WRITE },
		{ TVM_CODE, CODE_END, MEM_EXEC },
		{ CODE_END, FUZZ_AREA, MEM_WRITE },
	};
	unsigned int i;
	long ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(parts); i++)
		ret = vmm_map(machine.part, parts[i].from, parts[i].to - parts[i].from,
			      machine.memory + parts[i].from, parts[i].flags);
	return ret;
}

/* Map the guest's own memory again as it was. */
static long op_memory_anew(struct fuzzer *f)
{
	fz_say(f, "map all again");
	vmm_unmap(machine.part, 0, FUZZ_AREA, machine.memory);
	return map_all();
}

static long op_access_states(struct fuzzer *f)
{
	struct mshv_gpap_access_bitmap arg = {
		.access_type = fz_below(f, 2), .access_op = fz_below(f, 3),
		.page_count = 1 + fz_below(f, 600), .gpap_base = fz_below(f, 300),
		.bitmap_ptr = (__u64)f->buffer,
	};

	fz_say(f, "access states of %#llx + %#llx", arg.gpap_base, arg.page_count);
	return ioctl(machine.part, MSHV_GET_GPAP_ACCESS_BITMAP, &arg) ? -errno : 0;
}

static const struct fuzz_choice operations[] = {
	{ op_run, 20 },			{ op_start, 4 },
	{ op_reset, 1 },		{ op_get_registers, 6 },
	{ op_set_register, 30 },	{ op_register_page, 6 },
	{ op_state, 8 },		{ op_translate, 4 },
	{ op_property, 6 },		{ op_property_ex, 2 },
	{ op_intercept, 4 },		{ op_cpuid_result, 2 },
	{ op_msr_result, 2 },		{ op_cpuid_values, 2 },
	{ op_assert, 8 },		{ op_direct, 4 },
	{ op_memory, 4 },		{ op_memory_anew, 2 },
	{ op_access_states, 2 },
};

static unsigned int vps_of(const struct fuzz_world *world)
{
	return 1 + world->seed % VPS_MAX;
}

static void prepare(struct fuzz_world *world)
{
	static const __u64 flags[] = {
		TVM_FLAGS, TVM_FLAGS, TVM_FLAGS & ~HV_BIT64(MSHV_PT_BIT_X2APIC),
		HV_BIT64(MSHV_PT_BIT_GPA_SUPER_PAGES),
	};
	struct tvm *t = &machine;
	unsigned int i;

	fuzz_world_init(world);
	tvm_open(t);
	t->part = vmm_create_v1(t->dev, flags[world->seed / VPS_MAX % ARRAY_SIZE(flags)]);
	vmm_set_property(t->part, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
			 VMM_SYNTHETIC_FEATURES);
	t->memory = world->area[0];
	t->size = FUZZ_AREA;
	memcpy(t->memory + TVM_CODE, guest_real, sizeof(guest_real));
	memcpy(t->memory + LONG_ENTRY, guest_long, sizeof(guest_long));
	if (vmm_initialize(t->part) || map_all())
		_exit(4);
	for (i = 0; i < vps_of(world); i++) {
		if (tvm_vp(t, i) < 0 || tvm_real_mode(t, i, TVM_CODE))
			_exit(4);
		page_of[i] = vmm_map_page(t->vp[i], MSHV_VP_MMAP_OFFSET_REGISTERS);
		world->fd[FUZZ_VP][i] = t->vp[i];
	}
}

static void operation(struct fuzzer *f)
{
	if (f->id < vps_of(f->world))
		fuzz_choose(f, operations, ARRAY_SIZE(operations));
}

const struct fuzz_grammar fuzz_grammar = {
	.prepare = prepare,
	.operation = operation,
	.rounds = 4,
	.threads = VPS_MAX,
	.ops = 400,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Execution of instructions that access memory: see decode.h.
 *
 * Model: an instruction reads its operands, computes, writes memory, and only then
 * changes registers, so that it can be repeated after a failed access.  Strings do
 * so for each element.
 */
#include "decode-internal.h"

#define FLAG_CF		HV_BIT64(0)
#define FLAG_PF		HV_BIT64(2)
#define FLAG_AF		HV_BIT64(4)
#define FLAG_ZF		HV_BIT64(6)
#define FLAG_SF		HV_BIT64(7)
#define FLAG_DF		HV_BIT64(10)
#define FLAG_OF		HV_BIT64(11)
#define FLAG_RF		HV_BIT64(16)
#define FLAGS_STATUS	(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | \
			 FLAG_OF)

static __u64 hv_insn_mask(unsigned int size)
{
	return size == 8 ? ~0ULL : HV_BIT64(8 * size) - 1;
}

static __u64 hv_insn_sign_extend(__u64 value, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (__u64)((__s64)(value << unused) >> unused);
}

static void hv_insn_set_gpr(struct hv_insn_state *state, __u8 number,
			    unsigned int size, __u64 value)
{
	__u64 mask = hv_insn_mask(size);

	/* Doublewords clear the upper half, smaller operands preserve the rest. */
	if (size == 4)
		state->gpr[number] = value & mask;
	else
		state->gpr[number] = (state->gpr[number] & ~mask) |
				     (value & mask);
}

static __u64 hv_insn_get_reg(const struct hv_insn *insn,
			     const struct hv_insn_state *state)
{
	__u64 value = state->gpr[insn->reg];

	if (insn->flags & HV_INSN_HIGH_BYTE)
		value >>= 8;
	return value & hv_insn_mask(insn->operand_size);
}

static void hv_insn_set_reg(const struct hv_insn *insn,
			    struct hv_insn_state *state, __u64 value)
{
	if (insn->flags & HV_INSN_HIGH_BYTE)
		state->gpr[insn->reg] = (state->gpr[insn->reg] & ~0xff00ULL) |
					(value & 0xff) << 8;
	else
		hv_insn_set_gpr(state, insn->reg, insn->operand_size, value);
}

static __u64 hv_insn_source(const struct hv_insn *insn,
			    const struct hv_insn_state *state)
{
	if (insn->flags & HV_INSN_IMMEDIATE)
		return insn->immediate & hv_insn_mask(insn->operand_size);
	return hv_insn_get_reg(insn, state);
}

/* Zero, sign and parity, and the three flags that the caller has computed. */
static __u64 hv_insn_flags(__u64 rflags, __u64 result, unsigned int size,
			   int carry, int adjust, int overflow)
{
	unsigned int parity = result & 0xff;

	parity ^= parity >> 4;
	parity ^= parity >> 2;
	parity ^= parity >> 1;

	rflags &= ~FLAGS_STATUS;
	if (carry)
		rflags |= FLAG_CF;
	if (!(parity & 1))
		rflags |= FLAG_PF;
	if (adjust)
		rflags |= FLAG_AF;
	if (!(result & hv_insn_mask(size)))
		rflags |= FLAG_ZF;
	if (result >> (8 * size - 1) & 1)
		rflags |= FLAG_SF;
	if (overflow)
		rflags |= FLAG_OF;
	return rflags;
}

static __u64 hv_insn_add(__u64 a, __u64 b, int carry, unsigned int size,
			 __u64 *rflags)
{
	__u64 result = (a + b + carry) & hv_insn_mask(size);
	unsigned int top = 8 * size - 1;

	*rflags = hv_insn_flags(*rflags, result, size,
				((a & b) | ((a | b) & ~result)) >> top & 1,
				(a ^ b ^ result) >> 4 & 1,
				((a ^ result) & (b ^ result)) >> top & 1);
	return result;
}

static __u64 hv_insn_subtract(__u64 a, __u64 b, int borrow, unsigned int size,
			      __u64 *rflags)
{
	__u64 result = (a - b - borrow) & hv_insn_mask(size);
	unsigned int top = 8 * size - 1;

	*rflags = hv_insn_flags(*rflags, result, size,
				((~a & b) | ((~a | b) & result)) >> top & 1,
				(a ^ b ^ result) >> 4 & 1,
				((a ^ b) & (a ^ result)) >> top & 1);
	return result;
}

static __u64 hv_insn_logic(__u64 result, unsigned int size, __u64 *rflags)
{
	result &= hv_insn_mask(size);
	*rflags = hv_insn_flags(*rflags, result, size, 0, 0, 0);
	return result;
}

/* The two-operand operations, a being the destination. */
static __u64 hv_insn_alu(unsigned int op, __u64 a, __u64 b, unsigned int size,
			 __u64 *rflags)
{
	int carry = !!(*rflags & FLAG_CF);

	switch (op) {
	case HV_INSN_ADD:
	case HV_INSN_XADD:
		return hv_insn_add(a, b, 0, size, rflags);
	case HV_INSN_ADC:
		return hv_insn_add(a, b, carry, size, rflags);
	case HV_INSN_SBB:
		return hv_insn_subtract(a, b, carry, size, rflags);
	case HV_INSN_OR:
		return hv_insn_logic(a | b, size, rflags);
	case HV_INSN_AND:
	case HV_INSN_TEST:
		return hv_insn_logic(a & b, size, rflags);
	case HV_INSN_XOR:
		return hv_insn_logic(a ^ b, size, rflags);
	default:
		return hv_insn_subtract(a, b, 0, size, rflags);
	}
}

static int hv_insn_condition(unsigned int condition, __u64 rflags)
{
	int sign_differs = !!(rflags & FLAG_SF) != !!(rflags & FLAG_OF);
	int holds;

	switch (condition >> 1) {
	case 0:
		holds = !!(rflags & FLAG_OF);
		break;
	case 1:
		holds = !!(rflags & FLAG_CF);
		break;
	case 2:
		holds = !!(rflags & FLAG_ZF);
		break;
	case 3:
		holds = !!(rflags & (FLAG_CF | FLAG_ZF));
		break;
	case 4:
		holds = !!(rflags & FLAG_SF);
		break;
	case 5:
		holds = !!(rflags & FLAG_PF);
		break;
	case 6:
		holds = sign_differs;
		break;
	default:
		holds = sign_differs || rflags & FLAG_ZF;
		break;
	}
	return holds != (int)(condition & 1);
}

static __u64 hv_insn_one_operand(unsigned int op, __u64 value,
				 unsigned int size, __u64 *rflags)
{
	__u64 carry = *rflags & FLAG_CF, result;

	if (op == HV_INSN_NOT)
		return ~value & hv_insn_mask(size);
	if (op == HV_INSN_NEG)
		return hv_insn_subtract(0, value, 0, size, rflags);

	/* These two do not affect the carry flag. */
	if (op == HV_INSN_INC)
		result = hv_insn_add(value, 1, 0, size, rflags);
	else
		result = hv_insn_subtract(value, 1, 0, size, rflags);
	*rflags = (*rflags & ~FLAG_CF) | carry;
	return result;
}

/* Read, compute, write back: for results that go to memory. */
static int hv_insn_modify(const struct hv_insn *insn,
			  struct hv_insn_state *state,
			  const struct hv_insn_bus *bus)
{
	__u64 address = hv_insn_address(insn, state);
	__u64 rflags = state->rflags, old, result;
	unsigned int size = insn->memory_size;
	int ret;

	ret = bus->read(bus->opaque, address, size, &old);
	if (ret)
		return ret;

	switch (insn->op) {
	case HV_INSN_INC:
	case HV_INSN_DEC:
	case HV_INSN_NOT:
	case HV_INSN_NEG:
		result = hv_insn_one_operand(insn->op, old, size, &rflags);
		break;
	case HV_INSN_XCHG:
		result = hv_insn_get_reg(insn, state);
		break;
	default:
		result = hv_insn_alu(insn->op, old, hv_insn_source(insn, state),
				     size, &rflags);
		break;
	}

	if (insn->flags & HV_INSN_WRITES) {
		ret = bus->write(bus->opaque, address, size, result);
		if (ret)
			return ret;
	}
	if (insn->op == HV_INSN_XCHG || insn->op == HV_INSN_XADD)
		hv_insn_set_reg(insn, state, old);
	state->rflags = rflags;
	return HV_INSN_OK;
}

/* Everything whose result goes to a register. */
static int hv_insn_load(const struct hv_insn *insn, struct hv_insn_state *state,
			const struct hv_insn_bus *bus)
{
	__u64 rflags = state->rflags, value;
	int ret;

	ret = bus->read(bus->opaque, hv_insn_address(insn, state),
			insn->memory_size, &value);
	if (ret)
		return ret;

	switch (insn->op) {
	case HV_INSN_MOV:
	case HV_INSN_MOVZX:
		break;
	case HV_INSN_MOVSX:
		value = hv_insn_sign_extend(value, insn->memory_size);
		break;
	case HV_INSN_CMOVCC:
		if (!hv_insn_condition(HV_INSN_CONDITION(insn), rflags))
			value = hv_insn_get_reg(insn, state);
		break;
	default:
		value = hv_insn_alu(insn->op, hv_insn_get_reg(insn, state),
				    value, insn->operand_size, &rflags);
		state->rflags = rflags;
		if (insn->op == HV_INSN_CMP)
			return HV_INSN_OK;
		break;
	}
	hv_insn_set_reg(insn, state, value);
	return HV_INSN_OK;
}

static int hv_insn_cmpxchg(const struct hv_insn *insn,
			   struct hv_insn_state *state,
			   const struct hv_insn_bus *bus)
{
	__u64 address = hv_insn_address(insn, state);
	__u64 rflags = state->rflags, accumulator, old;
	unsigned int size = insn->operand_size;
	int ret;

	ret = bus->read(bus->opaque, address, size, &old);
	if (ret)
		return ret;
	accumulator = state->gpr[HV_INSN_RAX] & hv_insn_mask(size);
	hv_insn_subtract(accumulator, old, 0, size, &rflags);
	if (accumulator == old) {
		ret = bus->write(bus->opaque, address, size,
				 hv_insn_get_reg(insn, state));
		if (ret)
			return ret;
	} else {
		hv_insn_set_gpr(state, HV_INSN_RAX, size, old);
	}
	state->rflags = rflags;
	return HV_INSN_OK;
}

static int hv_insn_bit(const struct hv_insn *insn, struct hv_insn_state *state,
		       const struct hv_insn_bus *bus)
{
	unsigned int bits = 8 * insn->operand_size, bit;
	struct hv_insn target = *insn;
	__u64 address, value, result;
	__s64 offset;
	int ret;

	if (insn->flags & HV_INSN_IMMEDIATE) {
		bit = insn->immediate & (bits - 1);
	} else {
		/* The register may select a bit far away, in both directions. */
		offset = hv_insn_sign_extend(hv_insn_get_reg(insn, state),
					     insn->operand_size);
		bit = offset & (bits - 1);
		target.displacement += (offset - bit) / 8;
	}
	address = hv_insn_address(&target, state);

	ret = bus->read(bus->opaque, address, insn->operand_size, &value);
	if (ret)
		return ret;
	switch (insn->op) {
	case HV_INSN_BTS:
		result = value | HV_BIT64(bit);
		break;
	case HV_INSN_BTR:
		result = value & ~HV_BIT64(bit);
		break;
	default:
		result = value ^ HV_BIT64(bit);
		break;
	}
	if (insn->flags & HV_INSN_WRITES) {
		ret = bus->write(bus->opaque, address, insn->operand_size,
				 result);
		if (ret)
			return ret;
	}
	state->rflags &= ~FLAG_CF;
	if (value >> bit & 1)
		state->rflags |= FLAG_CF;
	return HV_INSN_OK;
}

static __u64 hv_insn_stack_address(const struct hv_insn *insn,
				   const struct hv_insn_state *state,
				   __u64 rsp)
{
	if (insn->mode == HV_INSN_MODE_64)
		return rsp;
	return (state->segment_base[HV_INSN_SS] +
		(rsp & hv_insn_mask(state->stack_size))) & 0xffffffffULL;
}

static void hv_insn_set_rsp(const struct hv_insn *insn,
			    struct hv_insn_state *state, __u64 rsp)
{
	hv_insn_set_gpr(state, HV_INSN_RSP, insn->mode == HV_INSN_MODE_64 ?
			8 : state->stack_size, rsp);
}

static int hv_insn_push(const struct hv_insn *insn, struct hv_insn_state *state,
			const struct hv_insn_bus *bus)
{
	__u64 rsp = state->gpr[HV_INSN_RSP] - insn->operand_size, value;
	int ret;

	ret = bus->read(bus->opaque, hv_insn_address(insn, state),
			insn->operand_size, &value);
	if (ret)
		return ret;
	ret = bus->write(bus->opaque, hv_insn_stack_address(insn, state, rsp),
			 insn->operand_size, value);
	if (ret)
		return ret;
	hv_insn_set_rsp(insn, state, rsp);
	return HV_INSN_OK;
}

static int hv_insn_pop(const struct hv_insn *insn, struct hv_insn_state *state,
		       const struct hv_insn_bus *bus)
{
	struct hv_insn_state after = *state;
	__u64 rsp = state->gpr[HV_INSN_RSP], value;
	int ret;

	ret = bus->read(bus->opaque, hv_insn_stack_address(insn, state, rsp),
			insn->operand_size, &value);
	if (ret)
		return ret;
	/* An address that depends on RSP uses its value after the increment. */
	hv_insn_set_rsp(insn, &after, rsp + insn->operand_size);
	ret = bus->write(bus->opaque, hv_insn_address(insn, &after),
			 insn->operand_size, value);
	if (ret)
		return ret;
	state->gpr[HV_INSN_RSP] = after.gpr[HV_INSN_RSP];
	return HV_INSN_OK;
}

static void hv_insn_advance(const struct hv_insn *insn,
			    struct hv_insn_state *state, __u8 number)
{
	__u64 step = insn->memory_size;

	if (state->rflags & FLAG_DF)
		step = -step;
	hv_insn_set_gpr(state, number, insn->address_size,
			state->gpr[number] + step);
}

static int hv_insn_element(const struct hv_insn *insn,
			   struct hv_insn_state *state,
			   const struct hv_insn_bus *bus)
{
	int from = insn->op != HV_INSN_STOS && insn->op != HV_INSN_SCAS;
	int to = insn->op != HV_INSN_LODS;
	unsigned int size = insn->memory_size;
	__u64 value, other;
	int ret;

	value = hv_insn_get_reg(insn, state);
	if (from) {
		ret = bus->read(bus->opaque, hv_insn_address(insn, state), size,
				&value);
		if (ret)
			return ret;
	}

	switch (insn->op) {
	case HV_INSN_MOVS:
	case HV_INSN_STOS:
		ret = bus->write(bus->opaque, hv_insn_destination(insn, state),
				 size, value);
		break;
	case HV_INSN_LODS:
		hv_insn_set_reg(insn, state, value);
		ret = HV_INSN_OK;
		break;
	default:
		ret = bus->read(bus->opaque, hv_insn_destination(insn, state),
				size, &other);
		if (!ret)
			hv_insn_subtract(value, other, 0, size, &state->rflags);
		break;
	}
	if (ret)
		return ret;
	if (from)
		hv_insn_advance(insn, state, HV_INSN_RSI);
	if (to)
		hv_insn_advance(insn, state, HV_INSN_RDI);
	return HV_INSN_OK;
}

/* Sets @again if a repetition is not complete. */
static int hv_insn_string(const struct hv_insn *insn,
			  struct hv_insn_state *state,
			  const struct hv_insn_bus *bus, int *again)
{
	int compares = insn->op == HV_INSN_CMPS || insn->op == HV_INSN_SCAS;
	__u64 mask = hv_insn_mask(insn->address_size);
	int i, ret;

	if (!(insn->flags & (HV_INSN_REP | HV_INSN_REPNE)))
		return hv_insn_element(insn, state, bus);

	for (i = 0; i < HV_INSN_MAX_ITERATIONS; i++) {
		if (!(state->gpr[HV_INSN_RCX] & mask))
			return HV_INSN_OK;
		if (i && bus->go_on && !bus->go_on(bus->opaque))
			break;
		ret = hv_insn_element(insn, state, bus);
		if (ret)
			return ret;
		hv_insn_set_gpr(state, HV_INSN_RCX, insn->address_size,
				state->gpr[HV_INSN_RCX] - 1);
		if (compares && !(state->rflags & FLAG_ZF) !=
				!(insn->flags & HV_INSN_REP))
			return HV_INSN_OK;
	}
	*again = !!(state->gpr[HV_INSN_RCX] & mask);
	return HV_INSN_OK;
}

static int hv_insn_store(const struct hv_insn *insn,
			 struct hv_insn_state *state,
			 const struct hv_insn_bus *bus)
{
	__u64 value;

	if (insn->op == HV_INSN_SETCC)
		value = hv_insn_condition(HV_INSN_CONDITION(insn),
					  state->rflags);
	else
		value = hv_insn_source(insn, state);
	return bus->write(bus->opaque, hv_insn_address(insn, state),
			  insn->memory_size, value);
}

static int hv_insn_perform(const struct hv_insn *insn,
			   struct hv_insn_state *state,
			   const struct hv_insn_bus *bus, int *again)
{
	switch (insn->op) {
	case HV_INSN_NOP:
		return HV_INSN_OK;
	case HV_INSN_MOVS:
	case HV_INSN_STOS:
	case HV_INSN_LODS:
	case HV_INSN_CMPS:
	case HV_INSN_SCAS:
		return hv_insn_string(insn, state, bus, again);
	case HV_INSN_CMPXCHG:
		return hv_insn_cmpxchg(insn, state, bus);
	case HV_INSN_BT:
	case HV_INSN_BTS:
	case HV_INSN_BTR:
	case HV_INSN_BTC:
		return hv_insn_bit(insn, state, bus);
	case HV_INSN_PUSH:
		return hv_insn_push(insn, state, bus);
	case HV_INSN_POP:
		return hv_insn_pop(insn, state, bus);
	case HV_INSN_SETCC:
		return hv_insn_store(insn, state, bus);
	case HV_INSN_OTHER:
		return HV_INSN_UNSUPPORTED;
	default:
		break;
	}

	if (insn->op > HV_INSN_CMOVCC)
		return HV_INSN_UNSUPPORTED;
	if (insn->flags & HV_INSN_TO_REGISTER)
		return hv_insn_load(insn, state, bus);
	if (insn->flags & HV_INSN_READS)
		return hv_insn_modify(insn, state, bus);
	return hv_insn_store(insn, state, bus);
}

/**
 * hv_insn_execute() - execute an instruction that accesses memory
 * @insn: the instruction, from hv_insn_decode()
 * @state: registers, changed as the instruction changes them
 * @bus: memory
 *
 * A string instruction with a prefix does at most %HV_INSN_MAX_ITERATIONS elements,
 * or fewer if @bus ends it; then, or when an access fails, RIP stays on it and the
 * registers show its progress.  Any other instruction is done or has changed
 * nothing.  Accesses are not atomic, even with a LOCK prefix.
 *
 * Return: %HV_INSN_OK, %HV_INSN_UNSUPPORTED, or what a function of @bus has returned.
 */
int hv_insn_execute(const struct hv_insn *insn, struct hv_insn_state *state,
		    const struct hv_insn_bus *bus)
{
	int again = 0, ret;

	if (!(insn->flags & HV_INSN_MEMORY))
		return HV_INSN_UNSUPPORTED;
	ret = hv_insn_perform(insn, state, bus, &again);
	if (ret || again)
		return ret;

	state->rflags &= ~FLAG_RF;
	state->rip += insn->length;
	if (insn->mode != HV_INSN_MODE_64)
		state->rip &= 0xffffffffULL;
	return HV_INSN_OK;
}

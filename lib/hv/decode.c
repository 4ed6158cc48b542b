// SPDX-License-Identifier: GPL-2.0
/*
 * Decoder of x86 instructions: see decode.h.
 *
 * Model: prefixes, then an opcode in one of four maps, then two tables: whether
 * there is a ModRM byte, and how long the immediate is.  When the length is known,
 * a second step determines the meaning.
 */
#include "decode-internal.h"

#define CR0_PE		HV_BIT64(0)
#define EFER_LMA	HV_BIT64(10)
#define RFLAGS_VM	HV_BIT64(17)
#define CS_LONG		0x2000
#define CS_DEFAULT	0x4000

#define REX_B		0x01
#define REX_X		0x02
#define REX_R		0x04
#define REX_W		0x08

/* Shape of an opcode: bits 3:0 the immediate, the others as named. */
#define I0	0x00	/* none */
#define I1	0x01	/* byte */
#define I2	0x02	/* word */
#define IZ	0x03	/* word or doubleword by operand size */
#define IV	0x04	/* word, doubleword or quadword */
#define IE	0x05	/* ENTER: word and byte */
#define IF	0x06	/* far pointer */
#define IA	0x07	/* as long as an address */
#define IM	0x0f
#define M	0x10	/* ModRM */
#define N	0x20	/* not in 64-bit mode */
#define X	0x40	/* no instruction, or unsupported */
#define R	0x80	/* ModRM, but names registers whatever its mode bits */

#define MI	(M | I1)
#define MZ	(M | IZ)
#define NM	(N | M)

static const __u8 hv_insn_map0[256] = {
	/* 00 */ M, M, M, M, I1, IZ, N, N, M, M, M, M, I1, IZ, N, X,
	/* 10 */ M, M, M, M, I1, IZ, N, N, M, M, M, M, I1, IZ, N, N,
	/* 20 */ M, M, M, M, I1, IZ, X, N, M, M, M, M, I1, IZ, X, N,
	/* 30 */ M, M, M, M, I1, IZ, X, N, M, M, M, M, I1, IZ, X, N,
	/* 40 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 50 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 60 */ N, N, NM, M, X, X, X, X, IZ, MZ, I1, MI, 0, 0, 0, 0,
	/* 70 */ I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1, I1,
	/* 80 */ MI, MZ, N | MI, MI, M, M, M, M, M, M, M, M, M, M, M, M,
	/* 90 */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, N | IF, 0, 0, 0, 0, 0,
	/* a0 */ IA, IA, IA, IA, 0, 0, 0, 0, I1, IZ, 0, 0, 0, 0, 0, 0,
	/* b0 */ I1, I1, I1, I1, I1, I1, I1, I1, IV, IV, IV, IV, IV, IV, IV, IV,
	/* c0 */ MI, MI, I2, 0, NM, NM, MI, MZ, IE, 0, I2, 0, 0, I1, N, 0,
	/* d0 */ M, M, M, M, N | I1, N | I1, X, 0, M, M, M, M, M, M, M, M,
	/* e0 */ I1, I1, I1, I1, I1, I1, I1, I1, IZ, IZ, N | IF, I1, 0, 0, 0, 0,
	/* f0 */ X, 0, X, X, 0, 0, M, M, 0, 0, 0, 0, 0, 0, M, M,
};

static const __u8 hv_insn_map1[256] = {
	/* 00 */ M, M, M, M, X, 0, 0, 0, 0, 0, X, 0, X, M, 0, MI,
	/* 10 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* 20 */ R, R, R, R, X, X, X, X, M, M, M, M, M, M, M, M,
	/* 30 */ 0, 0, 0, 0, 0, 0, X, 0, X, X, X, X, X, X, X, X,
	/* 40 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* 50 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* 60 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* 70 */ MI, MI, MI, MI, M, M, M, 0, X, X, X, X, M, M, M, M,
	/* 80 */ IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ,
	/* 90 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* a0 */ 0, 0, 0, M, MI, M, X, X, 0, 0, 0, M, MI, M, M, M,
	/* b0 */ M, M, M, M, M, M, M, M, M, M, MI, M, M, M, M, M,
	/* c0 */ M, M, MI, M, MI, MI, MI, M, 0, 0, 0, 0, 0, 0, 0, 0,
	/* d0 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* e0 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	/* f0 */ M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
};

/* The bytes, and the prefixes so far. */
struct hv_insn_cursor {
	const __u8 *bytes;
	unsigned int count;
	unsigned int at;
	int operand_prefix;
	int address_prefix;
	int segment;		/* -1: none given */
};

static int hv_insn_fetch(struct hv_insn_cursor *c, unsigned int size,
			 __u64 *value)
{
	unsigned int i;

	*value = 0;
	for (i = 0; i < size; i++) {
		if (c->at >= HV_INSN_MAX_LENGTH)
			return HV_INSN_INVALID;
		if (c->at >= c->count)
			return HV_INSN_TRUNCATED;
		*value |= (__u64)c->bytes[c->at++] << 8 * i;
	}
	return HV_INSN_OK;
}

static int hv_insn_fetch_signed(struct hv_insn_cursor *c, unsigned int size,
				__s64 *value)
{
	unsigned int unused = 64 - 8 * size;
	__u64 raw;
	int ret;

	*value = 0;
	if (!size)
		return HV_INSN_OK;
	ret = hv_insn_fetch(c, size, &raw);
	if (!ret)
		*value = (__s64)(raw << unused) >> unused;
	return ret;
}

/* Returns 1 for a prefix, and records it. */
static int hv_insn_prefix(struct hv_insn *insn, struct hv_insn_cursor *c,
			  __u8 byte)
{
	if (insn->mode == HV_INSN_MODE_64 && (byte & 0xf0) == 0x40) {
		insn->rex = byte;
		return 1;
	}

	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		/* Four segments have no base in 64-bit mode. */
		if (insn->mode != HV_INSN_MODE_64)
			c->segment = byte >> 3 & 3;
		break;
	case 0x64:
		c->segment = HV_INSN_FS;
		break;
	case 0x65:
		c->segment = HV_INSN_GS;
		break;
	case 0x66:
		c->operand_prefix = 1;
		insn->flags |= HV_INSN_DATA_PREFIX;
		break;
	case 0x67:
		c->address_prefix = 1;
		break;
	case 0xf0:
		insn->flags |= HV_INSN_LOCK;
		break;
	case 0xf2:
		insn->flags &= ~HV_INSN_REP;
		insn->flags |= HV_INSN_REPNE;
		break;
	case 0xf3:
		insn->flags &= ~HV_INSN_REPNE;
		insn->flags |= HV_INSN_REP;
		break;
	default:
		return 0;
	}
	/* A REX prefix only counts immediately before the opcode. */
	insn->rex = 0;
	return 1;
}

static void hv_insn_sizes(struct hv_insn *insn, const struct hv_insn_cursor *c)
{
	switch (insn->mode) {
	case HV_INSN_MODE_16:
		insn->operand_size = c->operand_prefix ? 4 : 2;
		insn->address_size = c->address_prefix ? 4 : 2;
		break;
	case HV_INSN_MODE_32:
		insn->operand_size = c->operand_prefix ? 2 : 4;
		insn->address_size = c->address_prefix ? 2 : 4;
		break;
	default:
		insn->operand_size = c->operand_prefix ? 2 : 4;
		if (insn->rex & REX_W)
			insn->operand_size = 8;
		insn->address_size = c->address_prefix ? 4 : 8;
		break;
	}
}

static int hv_insn_address_16(struct hv_insn *insn, struct hv_insn_cursor *c)
{
	static const __u8 base[8] = {
		HV_INSN_RBX, HV_INSN_RBX, HV_INSN_RBP, HV_INSN_RBP,
		HV_INSN_RSI, HV_INSN_RDI, HV_INSN_RBP, HV_INSN_RBX,
	};
	static const __u8 index[4] = {
		HV_INSN_RSI, HV_INSN_RDI, HV_INSN_RSI, HV_INSN_RDI,
	};
	unsigned int mod = insn->modrm >> 6, rm = insn->modrm & 7;

	if (mod == 0 && rm == 6)
		return hv_insn_fetch_signed(c, 2, &insn->displacement);

	insn->base = base[rm];
	if (rm < 4)
		insn->index = index[rm];
	if (insn->base == HV_INSN_RBP)
		insn->segment = HV_INSN_SS;
	return hv_insn_fetch_signed(c, mod, &insn->displacement);
}

static int hv_insn_address_32(struct hv_insn *insn, struct hv_insn_cursor *c)
{
	unsigned int mod = insn->modrm >> 6, rm = insn->modrm & 7;
	unsigned int size = mod == 2 ? 4 : mod;
	__u64 sib;
	int ret;

	insn->base = rm | (insn->rex & REX_B ? 8 : 0);
	if (rm == 4) {
		ret = hv_insn_fetch(c, 1, &sib);
		if (ret)
			return ret;
		insn->scale = sib >> 6;
		insn->index = (sib >> 3 & 7) | (insn->rex & REX_X ? 8 : 0);
		if (insn->index == HV_INSN_RSP)
			insn->index = HV_INSN_NO_REGISTER;
		insn->base = (sib & 7) | (insn->rex & REX_B ? 8 : 0);
		rm = sib & 7;
		if (mod == 0 && rm == 5) {
			insn->base = HV_INSN_NO_REGISTER;
			size = 4;
		}
	} else if (mod == 0 && rm == 5) {
		insn->base = HV_INSN_NO_REGISTER;
		size = 4;
		if (insn->mode == HV_INSN_MODE_64)
			insn->flags |= HV_INSN_RIP_RELATIVE;
	}
	if (insn->base == HV_INSN_RSP || insn->base == HV_INSN_RBP)
		insn->segment = HV_INSN_SS;
	return hv_insn_fetch_signed(c, size, &insn->displacement);
}

static int hv_insn_modrm(struct hv_insn *insn, struct hv_insn_cursor *c,
			 int registers_only)
{
	__u64 byte;
	int ret;

	ret = hv_insn_fetch(c, 1, &byte);
	if (ret)
		return ret;
	insn->modrm = byte;
	insn->flags |= HV_INSN_MODRM;
	insn->reg = (byte >> 3 & 7) | (insn->rex & REX_R ? 8 : 0);
	if (byte >> 6 == 3 || registers_only) {
		insn->rm = (byte & 7) | (insn->rex & REX_B ? 8 : 0);
		return HV_INSN_OK;
	}

	insn->flags |= HV_INSN_MEMORY;
	if (insn->address_size == 2)
		return hv_insn_address_16(insn, c);
	return hv_insn_address_32(insn, c);
}

static unsigned int hv_insn_shape(const struct hv_insn *insn)
{
	switch (insn->map) {
	case 0:
		return hv_insn_map0[insn->opcode];
	case 1:
		return hv_insn_map1[insn->opcode];
	case 2:
		return M;
	default:
		return MI;
	}
}

static int hv_insn_immediate(struct hv_insn *insn, struct hv_insn_cursor *c,
			     unsigned int kind)
{
	unsigned int z = insn->operand_size == 2 ? 2 : 4;
	__u64 skipped;
	int ret;

	switch (kind) {
	case I0:
		return HV_INSN_OK;
	case I1:
		return hv_insn_fetch_signed(c, 1, &insn->immediate);
	case I2:
		return hv_insn_fetch_signed(c, 2, &insn->immediate);
	case IZ:
		return hv_insn_fetch_signed(c, z, &insn->immediate);
	case IV:
		return hv_insn_fetch_signed(c, insn->operand_size,
					    &insn->immediate);
	case IE:
		ret = hv_insn_fetch_signed(c, 2, &insn->immediate);
		return ret ? ret : hv_insn_fetch(c, 1, &skipped);
	case IF:
		ret = hv_insn_fetch_signed(c, z, &insn->immediate);
		return ret ? ret : hv_insn_fetch(c, 2, &skipped);
	default:
		/* An absolute address of an operand without ModRM. */
		insn->flags |= HV_INSN_MEMORY;
		return hv_insn_fetch_signed(c, insn->address_size,
					    &insn->displacement);
	}
}

static int hv_insn_opcode(struct hv_insn *insn, struct hv_insn_cursor *c)
{
	__u64 byte;
	int ret;

	do {
		ret = hv_insn_fetch(c, 1, &byte);
		if (ret)
			return ret;
	} while (hv_insn_prefix(insn, c, byte));

	while (insn->map < 2) {
		if (insn->map == 0 && byte == 0x0f)
			insn->map = 1;
		else if (insn->map == 1 && byte == 0x38)
			insn->map = 2;
		else if (insn->map == 1 && byte == 0x3a)
			insn->map = 3;
		else
			break;
		ret = hv_insn_fetch(c, 1, &byte);
		if (ret)
			return ret;
	}
	insn->opcode = byte;
	return HV_INSN_OK;
}

/*
 * C4, C5 and 62 are VEX and EVEX in 64-bit mode, and elsewhere when their
 * second byte looks like a register form; 8F is XOP unless it is POP.
 */
static int hv_insn_is_vector(const struct hv_insn *insn,
			     const struct hv_insn_cursor *c)
{
	__u8 byte = insn->opcode;

	if (insn->map)
		return 0;
	if (byte == 0x8f)
		return c->at < c->count && (c->bytes[c->at] & 0x1f) >= 8;
	if (byte != 0xc4 && byte != 0xc5 && byte != 0x62)
		return 0;
	if (insn->mode == HV_INSN_MODE_64)
		return 1;
	return c->at < c->count && c->bytes[c->at] >= 0xc0;
}

/**
 * hv_insn_mode() - the mode that determines default sizes
 * @cr0: control register
 * @efer: EFER
 * @rflags: flags
 * @cs_attributes: attributes of CS as in struct hv_x64_segment_register
 *
 * Return: HV_INSN_MODE_*.
 */
unsigned int hv_insn_mode(__u64 cr0, __u64 efer, __u64 rflags,
			  unsigned int cs_attributes)
{
	if (!(cr0 & CR0_PE))
		return HV_INSN_MODE_16;
	if (efer & EFER_LMA) {
		if (cs_attributes & CS_LONG)
			return HV_INSN_MODE_64;
	} else if (rflags & RFLAGS_VM) {
		return HV_INSN_MODE_16;
	}
	return cs_attributes & CS_DEFAULT ? HV_INSN_MODE_32 : HV_INSN_MODE_16;
}

/**
 * hv_insn_decode() - decode one instruction
 * @insn: result; all of it is written
 * @bytes: the instruction; no byte beyond it is needed
 * @count: number of bytes, at least
 * @mode: HV_INSN_MODE_*
 *
 * Return: %HV_INSN_OK, %HV_INSN_TRUNCATED, %HV_INSN_INVALID or
 * %HV_INSN_UNSUPPORTED.  @insn is only valid after the first.
 */
int hv_insn_decode(struct hv_insn *insn, const __u8 *bytes, unsigned int count,
		   unsigned int mode)
{
	struct hv_insn_cursor c = {
		.bytes = bytes, .count = count, .segment = -1,
	};
	unsigned int shape, immediate;
	int ret;

	*insn = (struct hv_insn){
		.op = HV_INSN_OTHER,
		.mode = mode,
		.segment = HV_INSN_DS,
		.reg = HV_INSN_NO_REGISTER,
		.rm = HV_INSN_NO_REGISTER,
		.base = HV_INSN_NO_REGISTER,
		.index = HV_INSN_NO_REGISTER,
	};

	ret = hv_insn_opcode(insn, &c);
	if (ret)
		return ret;
	hv_insn_sizes(insn, &c);

	shape = hv_insn_shape(insn);
	if (shape & X || hv_insn_is_vector(insn, &c))
		return HV_INSN_UNSUPPORTED;
	if (shape & N && mode == HV_INSN_MODE_64)
		return HV_INSN_INVALID;
	immediate = shape & IM;

	if (shape & (M | R)) {
		ret = hv_insn_modrm(insn, &c, shape & R);
		if (ret)
			return ret;
		/* Of its group only TEST has an immediate. */
		if (!insn->map && (insn->opcode & 0xfe) == 0xf6 &&
		    HV_INSN_GROUP(insn) < 2)
			immediate = insn->opcode & 1 ? IZ : I1;
	}
	ret = hv_insn_immediate(insn, &c, immediate);
	if (ret)
		return ret;

	if (c.segment >= 0)
		insn->segment = c.segment;
	insn->length = c.at;
	return hv_insn_classify(insn);
}

static __u64 hv_insn_register(const struct hv_insn_state *state, __u8 number)
{
	return number == HV_INSN_NO_REGISTER ? 0 : state->gpr[number];
}

/**
 * hv_insn_address() - linear address of the memory operand
 * @insn: an instruction with %HV_INSN_MEMORY
 * @state: the registers before it is executed
 *
 * For a bit test with a register the address is that of bit 0.
 *
 * Return: the address.
 */
__u64 hv_insn_address(const struct hv_insn *insn,
		      const struct hv_insn_state *state)
{
	__u64 address = insn->displacement;

	address += hv_insn_register(state, insn->base);
	address += hv_insn_register(state, insn->index) << insn->scale;
	if (insn->flags & HV_INSN_RIP_RELATIVE)
		address += state->rip + insn->length;
	if (insn->address_size < 8)
		address &= HV_BIT64(8 * insn->address_size) - 1;

	if (insn->mode != HV_INSN_MODE_64)
		return (address + state->segment_base[insn->segment]) &
		       0xffffffffULL;
	if (insn->segment == HV_INSN_FS || insn->segment == HV_INSN_GS)
		address += state->segment_base[insn->segment];
	return address;
}

/**
 * hv_insn_destination() - linear address that a string instruction writes
 * @insn: MOVS, STOS or INS; of CMPS and SCAS the operand that is at RDI
 * @state: the registers before it is executed
 *
 * Of MOVS and CMPS, hv_insn_address() is the operand at RSI.
 *
 * Return: the address.
 */
__u64 hv_insn_destination(const struct hv_insn *insn,
			  const struct hv_insn_state *state)
{
	struct hv_insn target = *insn;

	target.base = HV_INSN_RDI;
	target.segment = HV_INSN_ES;
	return hv_insn_address(&target, state);
}

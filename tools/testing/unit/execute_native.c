// SPDX-License-Identifier: GPL-2.0
/*
 * Execution of instructions: each is also run by this machine's processor, and
 * registers, flags and memory must be the same.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"
#include "generate.h"
#include "split.h"
#include "tap.h"

#define ROUNDS		400

_Static_assert(MIDDLE >= GENERATE_REACH && ARENA - MIDDLE >= GENERATE_REACH,
	       "what is generated stays in the arena");

struct code {
	__u8 *page;
	unsigned int size;
};

static void emit(struct code *code, const char *bytes, unsigned int count)
{
	memcpy(code->page + code->size, bytes, count);
	code->size += count;
}

static void emit_byte(struct code *code, unsigned int byte)
{
	code->page[code->size++] = byte;
}

/* mov between a register and [rdi + 8 * register] */
static void emit_move(struct code *code, unsigned int opcode, unsigned int gpr)
{
	emit_byte(code, gpr & 8 ? 0x4c : 0x48);
	emit_byte(code, opcode);
	emit_byte(code, 0x87 | (gpr & 7) << 3);
	emit_byte(code, 8 * gpr);
	emit(code, "\0\0", 3);
}

/* void f(struct context *): load all, run the instruction, store all. */
static void emit_function(struct code *code, const __u8 *insn,
			  unsigned int length)
{
	unsigned int i;

	code->size = 0;
	emit(code, "\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10);
	emit(code, "\x57", 1);				/* push rdi */
	emit(code, "\xff\xb7\x80\0\0\0\x9d", 7);	/* push flags; popf */
	for (i = 0; i < HV_INSN_GPRS; i++)
		if (i != HV_INSN_RSP && i != HV_INSN_RDI)
			emit_move(code, 0x8b, i);
	emit_move(code, 0x8b, HV_INSN_RDI);
	emit(code, (const char *)insn, length);
	emit(code, "\x48\x87\x3c\x24", 4);		/* xchg rdi, [rsp] */
	for (i = 0; i < HV_INSN_GPRS; i++)
		if (i != HV_INSN_RSP && i != HV_INSN_RDI)
			emit_move(code, 0x89, i);
	emit(code, "\x9c\x58\xfc", 3);			/* pushf; pop rax; cld */
	emit(code, "\x48\x89\x87\x80\0\0\0", 7);	/* mov [flags], rax */
	emit(code, "\x58", 1);				/* pop rax */
	emit_move(code, 0x89, HV_INSN_RAX);
	/* RAX has been stored; this slot is RDI's. */
	code->page[code->size - 4] = 8 * HV_INSN_RDI;
	emit(code, "\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3", 11);
}

__attribute__((no_sanitize("address", "undefined")))
static void run_native(const struct code *code, struct context *context)
{
	void (*function)(struct context *context);

	memcpy(&function, &code->page, sizeof(function));
	function(context);
}

/* Fill the arena, with equal operands more often than by chance. */
static void fill_arena(struct context *context, const struct kind *kind)
{
	unsigned int i;

	for (i = 0; i < ARENA; i++)
		native[i] = random_next() % 3 ? random_next() : 0;
	if (random_next() & 1)
		memset(native + MIDDLE - 300, context->gpr[HV_INSN_RAX] & 0xff,
		       600);
	/* Not if RAX has the number of a bit, and thus is part of an address. */
	if (!(kind->traits & KIND_BIT) && random_next() & 1)
		context->gpr[HV_INSN_RAX] = native[MIDDLE] *
					    0x0101010101010101ULL;
	memcpy(copy, native, ARENA);
}

static int interpret(const struct generated *g, const char *name,
		     struct hv_insn_state *state)
{
	struct hv_insn insn;
	int ret;

	memcpy(state->gpr, g->context.gpr, sizeof(state->gpr));
	state->rflags = g->context.rflags;
	ret = hv_insn_decode(&insn, g->bytes, g->length, HV_INSN_MODE_64);
	if (!tap_check(!ret && insn.length == g->length,
		       "%s: answer %d, length %u of %u", name, ret, insn.length,
		       g->length))
		return 0;
	ret = hv_insn_execute(&insn, state, &bus);
	return tap_check(!ret && state->rip == 0x1000 + g->length,
			 "%s: answer %d", name, ret);
}

static void compare(const struct hv_insn_state *state,
		    const struct context *context, const struct kind *kind)
{
	unsigned int i;

	tap_check(!memcmp(native, copy, ARENA), "%s: memory", kind->name);
	for (i = 0; i < HV_INSN_GPRS; i++)
		tap_check(i == HV_INSN_RSP || state->gpr[i] == context->gpr[i],
			  "%s: register %u is 0x%llx, not 0x%llx", kind->name,
			  i, (unsigned long long)state->gpr[i],
			  (unsigned long long)context->gpr[i]);
	tap_check(!((state->rflags ^ context->rflags) & kind->flags),
		  "%s: flags are 0x%llx, not 0x%llx", kind->name,
		  (unsigned long long)state->rflags & kind->flags,
		  (unsigned long long)context->rflags & kind->flags);
}

static void check_once(struct code *code, const struct kind *kind)
{
	struct hv_insn_state state = { .rip = 0x1000 };
	struct generated g;

	generate(&g, kind, (__u64)native + MIDDLE, FOR_PROCESSOR);
	fill_arena(&g.context, kind);
	/* With the current registers: some hosts never complete such an instruction. */
	if (!tap_check(!split_access(g.bytes, g.length, &g.context),
		       "%s: split, not run", kind->name))
		return;
	if (!interpret(&g, kind->name, &state))
		return;
	emit_function(code, g.bytes, g.length);
	run_native(code, &g.context);
	compare(&state, &g.context, kind);
}

static void check_kinds(struct code *code, unsigned int traits,
			const char *name)
{
	unsigned int i, round;

	for (i = 0; i < kind_count; i++) {
		if ((kinds[i].traits & KIND_STRING) != traits)
			continue;
		for (round = 0; round < ROUNDS; round++)
			check_once(code, &kinds[i]);
	}
	tap_group(name);
}

int main(void)
{
	struct code code;

	code.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#ifdef __x86_64__
	if (code.page != MAP_FAILED) {
		check_kinds(&code, 0, "as this processor does it");
		check_kinds(&code, KIND_STRING,
			    "strings as this processor does them");
	} else {
		tap_ok(1, "as this processor does it # SKIP no such memory");
	}
#else
	tap_ok(1, "as this processor does it # SKIP not x86-64");
#endif
	return tap_end();
}

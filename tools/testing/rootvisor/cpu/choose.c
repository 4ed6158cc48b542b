// SPDX-License-Identifier: GPL-2.0
/*
 * Chooses the kind of processor.  See rv/cpu.h for the model.
 */
#include <rv/cpu.h>
#include <rv/log.h>
#include <rv/npt.h>
#include "tcg.h"

/* If there is a second kind, this becomes a list. */
const struct cpu_ops *cpu_ops = &svm_ops;

void cpu_choose(void)
{
	const char *missing = cpu_ops->missing();

	if (missing)
		panic("%s", missing);
	npt_format = cpu_ops->npt;
	tcg_start();
	cpu_ops->start();
}

void cpu_hypercall_code(u8 *code)
{
	static const u8 endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const u8 ret = 0xc3;

	static_assert(sizeof(endbr64) + sizeof(cpu_ops->hypercall) + sizeof(ret) ==
		      HYPERCALL_CODE_SIZE, "");
	memcpy(code, endbr64, sizeof(endbr64));
	memcpy(code + sizeof(endbr64), cpu_ops->hypercall, sizeof(cpu_ops->hypercall));
	code[HYPERCALL_CODE_SIZE - 1] = ret;
}

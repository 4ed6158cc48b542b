// SPDX-License-Identifier: GPL-2.0
/*
 * Which kind of processor this is.  See rv/cpu.h for the model.
 */
#include <rv/cpu.h>
#include <rv/log.h>

/* With a second kind this becomes a list. */
const struct cpu_ops *cpu_ops = &svm_ops;

void cpu_choose(void)
{
	const char *missing = cpu_ops->missing();

	if (missing)
		panic("this processor has no %s", missing);
	npt_format = cpu_ops->npt;
}

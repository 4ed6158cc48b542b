/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kind of processor: what its virtualization is asked for.
 *
 * Model: each kind is a struct cpu_ops in cpu/, of which one is chosen at start.  Nothing
 * outside cpu/ knows which.  The registers, segments and flags of a VP are in struct
 * cpu_state whatever runs it.
 */
#ifndef _RV_CPU_H
#define _RV_CPU_H

#include <rv/base.h>
#include <rv/npt.h>

/**
 * struct cpu_ops - a kind of processor
 * @name: for messages
 * @missing: what this processor lacks to be used, or NULL
 * @npt: the format of nested page tables
 */
struct cpu_ops {
	const char *name;
	const char *(*missing)(void);
	struct npt_format npt;
};

extern const struct cpu_ops svm_ops;
extern const struct cpu_ops *cpu_ops;

/* Chooses the kind; panics when there is none.  The first thing at start. */
void cpu_choose(void);

#endif

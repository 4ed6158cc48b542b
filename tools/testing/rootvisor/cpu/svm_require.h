/* SPDX-License-Identifier: GPL-2.0 */
/* What SVM needs of a processor. */
#ifndef _RV_SVM_REQUIRE_H
#define _RV_SVM_REQUIRE_H

#include <rv/base.h>

/**
 * struct svm_facts - what a processor says about SVM
 * @max_leaf: the last extended CPUID leaf
 * @features: ECX of leaf 80000001
 * @nr_asids: EBX of leaf 8000000A
 * @details: EDX of leaf 8000000A
 * @vm_cr: the MSR; 0 if the processor has no SVM
 */
struct svm_facts {
	u32 max_leaf;
	u32 features;
	u32 nr_asids;
	u32 details;
	u64 vm_cr;
};

bool svm_present(const struct svm_facts *facts);

/* Why the processor cannot be used, as a line for the user, or NULL. */
const char *svm_refusal(const struct svm_facts *facts);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * What SVM needs of a processor (APM volume 2, 15.4): pure, so that it can be tested for
 * processors that do not exist here.
 */
#include "svm_require.h"

#define SVM_LEAF		0x8000000a
#define FEATURES_SVM		BIT(2)
#define DETAILS_NPT		BIT(0)
#define DETAILS_LOCK		BIT(2)
#define VM_CR_SVMDIS		BIT(4)
#define ASIDS_NEEDED		3	/* the host's, the root's, children's */

bool svm_present(const struct svm_facts *facts)
{
	return (facts->features & FEATURES_SVM) && facts->max_leaf >= SVM_LEAF;
}

const char *svm_refusal(const struct svm_facts *facts)
{
	if (!svm_present(facts))
		return "this processor has no SVM (QEMU needs to be version 10, with -cpu max)";
	if (facts->vm_cr & VM_CR_SVMDIS)
		return facts->details & DETAILS_LOCK ?
			"SVM is disabled with a key: enable it in the firmware's setup" :
			"SVM is disabled: enable it in the firmware's setup";
	if (!(facts->details & DETAILS_NPT))
		return "this processor has no nested paging";
	if (facts->nr_asids < ASIDS_NEEDED)
		return "this processor has too few ASIDs: three are needed";
	return NULL;
}

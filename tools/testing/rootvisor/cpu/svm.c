// SPDX-License-Identifier: GPL-2.0
/*
 * AMD's SVM (APM volume 2, chapter 15).
 */
#include <rv/cpu.h>
#include <rv/x86.h>

#define CPUID_EXTENDED		0x80000001
#define CPUID_EXTENDED_SVM	BIT(2)		/* ECX */
#define CPUID_SVM		0x8000000a
#define CPUID_SVM_NPT		BIT(0)		/* EDX */

#define NPT_PRESENT		BIT_ULL(0)
#define NPT_WRITE		BIT_ULL(1)
#define NPT_USER		BIT_ULL(2)	/* always set: nested walks are user ones */
#define NPT_ACCESSED		BIT_ULL(5)
#define NPT_DIRTY		BIT_ULL(6)
#define NPT_LARGE		BIT_ULL(7)
#define NPT_NX			BIT_ULL(63)
#define NPT_LEAF		(NPT_PRESENT | NPT_USER)

static const char *svm_missing(void)
{
	if (!(cpuid(CPUID_EXTENDED, 0).ecx & CPUID_EXTENDED_SVM) ||
	    cpuid(0x80000000, 0).eax < CPUID_SVM)
		return "SVM: use -cpu max and QEMU 10 or newer";
	if (!(cpuid(CPUID_SVM, 0).edx & CPUID_SVM_NPT))
		return "nested paging";
	return NULL;
}

const struct cpu_ops svm_ops = {
	.name = "SVM",
	.missing = svm_missing,
	.npt = {
		.rights = {
			[MAY_READ] = NPT_LEAF | NPT_NX,
			[MAY_READ | MAY_WRITE] = NPT_LEAF | NPT_WRITE | NPT_NX,
			[MAY_READ | MAY_EXECUTE] = NPT_LEAF,
			[MAY_ALL] = NPT_LEAF | NPT_WRITE,
		},
		.read = NPT_PRESENT,
		.write = NPT_WRITE,
		.execute_mask = NPT_NX,
		.large = NPT_LARGE,
		.accessed = NPT_ACCESSED,
		.dirty = NPT_DIRTY,
	},
};

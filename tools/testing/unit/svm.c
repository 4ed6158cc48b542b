// SPDX-License-Identifier: GPL-2.0
/* Processors that rootvisor refuses, and the line that says why. */
#include "../rootvisor/cpu/svm_require.c"
#undef ARRAY_SIZE

#include "tap.h"

#define LEAF		0x8000000a
#define HAS_SVM		4
#define HAS_NPT		1
#define LOCKED		4
#define DISABLED	0x10

static const struct {
	const char *name, *wanted;
	struct svm_facts facts;
} rows[] = {
	{ "nothing is missing", NULL, { LEAF, HAS_SVM, 3, HAS_NPT, 0 } },
	{ "other bits are set", NULL, { ~0u, ~0u, ~0u, ~0u, ~(u64)DISABLED } },
	{ "no SVM", "no SVM", { LEAF, ~HAS_SVM, 3, HAS_NPT, 0 } },
	{ "no leaf for SVM", "no SVM", { LEAF - 1, HAS_SVM, 3, HAS_NPT, 0 } },
	{ "disabled", "is disabled: enable it", { LEAF, HAS_SVM, 3, HAS_NPT, DISABLED } },
	{ "disabled with a key", "with a key", { LEAF, HAS_SVM, 3, HAS_NPT | LOCKED, DISABLED } },
	{ "no nested paging", "nested paging", { LEAF, HAS_SVM, 3, ~HAS_NPT, 0 } },
	{ "two ASIDs", "too few ASIDs", { LEAF, HAS_SVM, 2, HAS_NPT, 0 } },
};

static const char *find(const char *text, const char *part)
{
	for (; *text; text++)
		if (!strncmp(text, part, strlen(part)))
			return text;
	return NULL;
}

int main(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *said = svm_refusal(&rows[i].facts);

		tap_ok(rows[i].wanted ? said && find(said, rows[i].wanted) : !said, "%s: %s",
		       rows[i].name, said ? said : "usable");
	}
	return tap_end();
}

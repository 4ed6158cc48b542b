// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of memory for the hypervisor: how much is deposited, with how many
 * hypercalls, and what hides it from the root's kernel.
 *
 * Model: machines are created one after the other and stay; each line shows what one
 * step has added.  Guards and the direct map are counted by the driver's accounting,
 * the rest by rootvisor; without either there is no table.
 */
#include <errno.h>

#include "bench.h"
#include "driverbook.h"
#include <rootvisor/rvctl.h>

#define FEW_VPS		2
#define MANY_VPS	64
#define PARTITIONS	16

/* What is shown, in the order of the columns. */
enum {
	GIVEN,
	DEPOSITS,
	GUARDS,
	PAIRS,
	SINGLES,
	CHUNKS,
	SPLITS,
	INSTRUCTIONS,
	NR_FIGURES,
};

static const char * const names[NR_FIGURES] = {
	[GIVEN] = "given", [DEPOSITS] = "deposits", [GUARDS] = "guards",
	[PAIRS] = "pairs", [SINGLES] = "singles",
	[CHUNKS] = "chunks", [SPLITS] = "splits", [INSTRUCTIONS] = "instructions",
};

static const char * const headings[NR_FIGURES] = {
	[GIVEN] = "pages given", [DEPOSITS] = "deposits", [GUARDS] = "guards",
	[PAIRS] = "pairs", [SINGLES] = "single pages", [CHUNKS] = "chunks",
	[SPLITS] = "splits", [INSTRUCTIONS] = "instructions",
};

struct figures {
	long long value[NR_FIGURES];
};

static int look(struct figures *f)
{
	__u64 given, self, deposits;
	int ret;

	ret = rv_books(RV_BOOKS_DEPOSITED, 0, &given);
	if (!ret)
		ret = rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &self);
	if (!ret)
		ret = rv_count_call(HVCALL_DEPOSIT_MEMORY, &deposits);
	f->value[GIVEN] = given + self;
	f->value[DEPOSITS] = deposits;
	f->value[GUARDS] = driver_book("guards");
	f->value[PAIRS] = driver_book("guard_pairs");
	f->value[SINGLES] = driver_book("guard_singles");
	f->value[CHUNKS] = driver_book("chunks");
	f->value[SPLITS] = driver_book("direct_map_splits");
	return ret;
}

static int create(struct tvm *t, unsigned int partitions, unsigned int vps)
{
	unsigned int i, j;
	int ret = 0;

	for (i = 0; i < partitions && ret >= 0; i++) {
		t->part = vmm_create_v1(t->dev, TVM_FLAGS);
		ret = t->part < 0 ? t->part : vmm_initialize(t->part);
		for (j = 0; j < vps && ret >= 0; j++)
			ret = vmm_create_vp(t->part, j);
	}
	return ret < 0 ? ret : 0;
}

static const struct step {
	const char *name;
	unsigned int partitions;
	unsigned int vps;
} steps[] = {
	{ "a partition", 1, 0 },
	{ "a partition of 2 processors", 1, FEW_VPS },
	{ "a partition of 64 processors", 1, MANY_VPS },
	{ "16 partitions of 2 processors", PARTITIONS, FEW_VPS },
};

/* What a step costs.  The first one also pays for what the driver sets up once. */
static int measure(struct tvm *t, const struct step *s, struct figures *added)
{
	struct figures before;
	long long start;
	unsigned int i;
	int ret;

	ret = look(&before);
	start = meter_instructions();
	if (!ret)
		ret = create(t, s->partitions, s->vps);
	if (!ret) {
		before.value[INSTRUCTIONS] = start;
		added->value[INSTRUCTIONS] = meter_instructions();
		ret = look(added);
	}
	for (i = 0; i < NR_FIGURES; i++)
		added->value[i] -= before.value[i];
	if (start == UNKNOWN)
		added->value[INSTRUCTIONS] = UNKNOWN;
	return ret;
}

/**
 * held_run() - print the table
 * @json: file for JSON, or NULL
 *
 * Return: 0, or 1 after a message.
 */
int held_run(FILE *json)
{
	struct figures added;
	struct tvm t = { 0 };
	unsigned int i, j;
	int ret;

	ret = rv_open();
	if (!ret)
		ret = rv_mark();
	if (!ret)
		ret = tvm_open(&t);
	fputs("| held for", stdout);
	for (j = 0; j < NR_FIGURES; j++)
		printf(" | %s", headings[j]);
	fputs(" |\n|---", stdout);
	for (j = 0; j < NR_FIGURES; j++)
		fputs("|--:", stdout);
	puts("|");
	for (i = 0; !ret && i < ARRAY_SIZE(steps); i++) {
		const struct step *s = &steps[i];

		ret = measure(&t, s, &added);
		if (ret)
			break;
		printf("| %s", s->name);
		if (json)
			fprintf(json, "{\"group\": \"held\", \"operation\": \"%s\"", s->name);
		for (j = 0; j < NR_FIGURES; j++) {
			fputs(" | ", stdout);
			report_number(added.value[j]);
			if (json)
				report_json(json, names[j], added.value[j]);
		}
		puts(" |");
		if (json)
			fputs("}\n", json);
	}
	if (ret)
		fprintf(stderr, "mshvbench: held: %s (%s)\n", strerror(-ret), vmm_error());
	return !!ret;
}

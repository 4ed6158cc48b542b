// SPDX-License-Identifier: GPL-2.0
/*
 * Page walk: tables of every mode in a small memory, and the results of accesses
 * through them.
 *
 * Model: each case builds the tables that it needs, level by level, then walks
 * them.  The memory has exactly its size, and addresses outside of it are unmapped.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/pagewalk.h>

#include "tap.h"

#define PAGES		16
#define ROOT		0x1000		/* of all tables */

#define P		0x01ULL
#define W		0x02ULL
#define U		0x04ULL
#define PWT		0x08ULL
#define PCD		0x10ULL
#define A		0x20ULL
#define D		0x40ULL
#define PS		0x80ULL
#define PAT		0x1000ULL
#define NX		0x8000000000000000ULL

#define CR0_PE		0x1
#define CR0_WP		0x10000
#define CR0_PG		0x80000000ULL
#define CR4_PSE		0x10
#define CR4_PAE		0x20
#define CR4_LA57	0x1000
#define CR4_SMEP	0x100000
#define CR4_SMAP	0x200000
#define EFER_LMA	0x400
#define EFER_NXE	0x800
#define AC		0x40000

static __u8 *memory;
static unsigned int exchanges;		/* since the start of a case */
static int exchange_answer;		/* what the next exchanges say */

static int read_entry(void *opaque, __u64 gpa, unsigned int size, __u64 *entry)
{
	(void)opaque;
	tap_check(!(gpa % size), "0x%llx is not aligned",
		  (unsigned long long)gpa);
	if (gpa >= PAGES * 4096)
		return HV_TRANSLATE_GVA_GPA_UNMAPPED;
	*entry = 0;
	memcpy(entry, memory + gpa, size);
	return 0;
}

static int exchange_entry(void *opaque, __u64 gpa, unsigned int size, __u64 old,
			  __u64 new)
{
	__u64 now = 0;

	(void)opaque;
	exchanges++;
	if (exchange_answer)
		return exchange_answer;
	memcpy(&now, memory + gpa, size);
	if (now != old)
		return HV_WALK_CHANGED;
	memcpy(memory + gpa, &new, size);
	return 0;
}

static struct hv_walk walk;
static struct hv_walk_result result;

static void start(__u64 cr0, __u64 cr4, __u64 efer)
{
	memset(memory, 0, PAGES * 4096);
	exchanges = 0;
	exchange_answer = 0;
	walk = (struct hv_walk){
		.cr0 = cr0, .cr3 = ROOT, .cr4 = cr4, .efer = efer,
		.physical_bits = 40, .read = read_entry,
		.exchange = exchange_entry,
	};
}

static void start_64(__u64 cr4, __u64 efer)
{
	start(CR0_PE | CR0_WP | CR0_PG, CR4_PAE | cr4, EFER_LMA | efer);
}

static void put(unsigned int size, __u64 table, unsigned int index, __u64 entry)
{
	memcpy(memory + table + index * size, &entry, size);
}

static __u64 get(unsigned int size, __u64 table, unsigned int index)
{
	__u64 entry = 0;

	memcpy(&entry, memory + table + index * size, size);
	return entry;
}

/* A 4-level path of @flags to @leaf, the tables at 0x1000 to 0x4000. */
static void path_64(__u64 gva, __u64 leaf)
{
	put(8, 0x1000, gva >> 39 & 511, 0x2000 | P | W | U);
	put(8, 0x2000, gva >> 30 & 511, 0x3000 | P | W | U);
	put(8, 0x3000, gva >> 21 & 511, 0x4000 | P | W | U);
	put(8, 0x4000, gva >> 12 & 511, leaf);
}

static void want_gpa(const char *what, __u64 gva, unsigned int access,
		     __u64 gpa, __u64 page_size)
{
	int code = hv_walk(&walk, gva, access, &result);

	tap_check(!code && result.code == HV_TRANSLATE_GVA_SUCCESS &&
		  result.gpa == gpa && result.page_size == page_size &&
		  !result.vector,
		  "%s: code %d, 0x%llx of %llu bytes", what, code,
		  (unsigned long long)result.gpa,
		  (unsigned long long)result.page_size);
}

static void want_fault(const char *what, __u64 gva, unsigned int access,
		       __u32 code, unsigned int vector, __u32 error_code)
{
	int ret = hv_walk(&walk, gva, access, &result);

	tap_check((__u32)ret == code && result.code == code &&
		  result.vector == vector && result.error_code == error_code,
		  "%s: code %d, vector %u, error code 0x%x", what, ret,
		  result.vector, result.error_code);
}

#define NOT_PRESENT	HV_TRANSLATE_GVA_PAGE_NOT_PRESENT
#define PRIVILEGE	HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION
#define BAD_FLAGS	HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS

static void check_no_paging(void)
{
	start(0, 0, 0);
	want_gpa("real mode", 0xfffff, HV_WALK_WRITE, 0xfffff, 4096);
	start(CR0_PE, CR4_PAE, 0);
	want_gpa("protected mode", 0xfedcba98, HV_WALK_USER, 0xfedcba98, 4096);
	want_gpa("beyond 32 bits", 0x1fedcba98, 0, 0xfedcba98, 4096);
	tap_group("no paging");
}

static void check_32(void)
{
	start(CR0_PE | CR0_PG, CR4_PSE, 0);
	put(4, ROOT, 1, 0x2000 | P | W | U);
	put(4, 0x2000, 3, 0xabcde000 | P | W | U);
	want_gpa("4 KiB", 0x403123, HV_WALK_WRITE | HV_WALK_USER, 0xabcde123,
		 4096);
	want_gpa("upper half of the address", 0xffffffff00403123, 0, 0xabcde123,
		 4096);
	want_fault("no entry", 0x404000, HV_WALK_WRITE, NOT_PRESENT, 14, 2);
	want_fault("no table", 0x803000, HV_WALK_USER, NOT_PRESENT, 14, 4);

	put(4, ROOT, 2, 0x12c02000 | P | W | PS);
	want_gpa("4 MiB, bits 39:32", 0x812345, 0, 0x112c12345, 4 << 20);
	want_fault("4 MiB of the supervisor", 0x812345, HV_WALK_USER, PRIVILEGE,
		   14, 5);
	put(4, ROOT, 2, 0x12e02000 | P | W | PS);
	want_fault("4 MiB, reserved bit 21", 0x812345, 0, BAD_FLAGS, 14, 9);
	put(4, ROOT, 2, 0x12c02000 | P | W | PS);
	walk.physical_bits = 32;
	want_fault("4 MiB, address too wide", 0x812345, 0, BAD_FLAGS, 14, 9);
	walk.physical_bits = 40;
	walk.cr4 = 0;
	put(4, ROOT, 2, 0x2000 | P | W | PS);
	want_gpa("PS without PSE", 0x803123, 0, 0xabcde123, 4096);

	put(4, 0x2000, 3, 0xabcde000 | P);
	want_gpa("write without WP", 0x403000, HV_WALK_WRITE, 0xabcde000, 4096);
	walk.cr0 |= CR0_WP;
	want_fault("write with WP", 0x403000, HV_WALK_WRITE, PRIVILEGE, 14, 3);
	want_gpa("fetch", 0x403000, HV_WALK_FETCH, 0xabcde000, 4096);
	walk.cr3 = 0x10000000;
	want_fault("root outside", 0x403000, 0, HV_TRANSLATE_GVA_GPA_UNMAPPED,
		   0, 0);
	tap_check(result.gpa == 0x10000004, "address of the entry");
	tap_group("32-bit paging");
}

static void check_pae(void)
{
	start(CR0_PE | CR0_PG | CR0_WP, CR4_PAE, EFER_NXE);
	walk.cr3 = ROOT | 0x20;
	put(8, ROOT | 0x20, 3, 0x2000 | P);
	put(8, 0x2000, 511, 0x3000 | P | W | U);
	put(8, 0x3000, 511, 0xff12345000ULL | P | W | U);
	want_gpa("4 KiB", 0xfffff678, HV_WALK_WRITE | HV_WALK_USER,
		 0xff12345678ULL, 4096);
	put(8, 0x3000, 511, 0x12345000ULL | P | U | NX);
	want_fault("NX", 0xfffff678, HV_WALK_FETCH | HV_WALK_USER, PRIVILEGE,
		   14, 0x15);
	want_gpa("NX does not matter to a read", 0xfffff678, HV_WALK_USER,
		 0x12345678, 4096);
	walk.efer = 0;
	want_fault("NX without NXE", 0xfffff678, 0, BAD_FLAGS, 14, 9);
	walk.efer = EFER_NXE;
	put(8, 0x2000, 510, 0x7fe00000ULL | P | W | PS);
	want_gpa("2 MiB", 0xffdabcde, HV_WALK_WRITE, 0x7ffabcde, 2 << 20);
	put(8, 0x2000, 510, 0x7fe02000ULL | P | W | PS);
	want_fault("2 MiB, reserved bit 13", 0xffdabcde, 0, BAD_FLAGS, 14, 9);
	put(8, 0x2000, 510, 0x10000000000ULL | P | W | PS);
	want_fault("address too wide", 0xffdabcde, 0, BAD_FLAGS, 14, 9);
	put(8, 0x2000, 510, (1ULL << 52) | P | W | PS);
	want_fault("bit 52", 0xffdabcde, 0, BAD_FLAGS, 14, 9);
	put(8, ROOT | 0x20, 3, 0x2000 | P | W);
	want_fault("directory pointer with W", 0xfffff678, 0, BAD_FLAGS, 14, 9);
	put(8, ROOT | 0x20, 3, 0x2000 | P | PS);
	want_fault("directory pointer with PS", 0xfffff678, 0, BAD_FLAGS, 14,
		   9);
	put(8, ROOT | 0x20, 3, 0);
	want_fault("no directory", 0xfffff678, HV_WALK_FETCH, NOT_PRESENT, 14,
		   0x10);

	put(8, ROOT | 0x20, 3, 0x2000 | P);
	hv_walk(&walk, 0xfffff678, HV_WALK_SET_BITS, &result);
	tap_check(get(8, ROOT | 0x20, 3) == (0x2000 | P),
		  "a directory pointer is never marked");
	tap_check(get(8, 0x2000, 511) & A && get(8, 0x3000, 511) & A &&
		  exchanges == 2, "the others are");
	tap_group("PAE paging");
}

static void check_64(void)
{
	const __u64 low = 0x00007fedcba98765, high = 0xffff800000001abc;

	start_64(0, EFER_NXE);
	path_64(low, 0xabcdef000 | P | W | U);
	want_gpa("4 KiB", low, HV_WALK_WRITE | HV_WALK_USER, 0xabcdef765, 4096);
	path_64(high, 0x5000 | P | W);
	want_gpa("upper half", high, HV_WALK_WRITE | HV_WALK_FETCH, 0x5abc,
		 4096);
	want_fault("not canonical", 0x0000800000000000, 0, NOT_PRESENT, 13, 0);
	want_fault("not canonical above", 0xffff7fffffffffff, 0, NOT_PRESENT,
		   13, 0);
	want_fault("nothing there", 0, HV_WALK_WRITE | HV_WALK_USER,
		   NOT_PRESENT, 14, 6);

	put(8, 0x2000, low >> 30 & 511, 0x7fc0000000 | P | W | U | PS);
	want_gpa("1 GiB", low, HV_WALK_USER, 0x7fc0000000 + (low & 0x3fffffff),
		 1 << 30);
	put(8, 0x2000, low >> 30 & 511, 0x7fc0200000 | P | W | U | PS);
	want_fault("1 GiB, reserved bit", low, 0, BAD_FLAGS, 14, 9);
	put(8, 0x2000, low >> 30 & 511, 0x7fc0000000 | P | W | U | PS | PAT);
	want_gpa("1 GiB with PAT", low, 0, 0x7fc0000000 + (low & 0x3fffffff),
		 1 << 30);
	tap_check(result.cache_bits == 4, "PAT bit of a large page");

	put(8, 0x2000, low >> 30 & 511, 0x3000 | P | W | U);
	put(8, 0x3000, low >> 21 & 511, 0x600000 | P | W | U | PS | PCD | PWT);
	want_gpa("2 MiB", low, 0, 0x600000 + (low & 0x1fffff), 2 << 20);
	tap_check(result.cache_bits == 3, "PWT and PCD");
	put(8, 0x1000, low >> 39 & 511, 0x2000 | P | W | U | PS);
	want_fault("PS in the root", low, 0, BAD_FLAGS, 14, 9);
	put(8, 0x1000, low >> 39 & 511, 0x10000002000ULL | P | W | U);
	want_fault("table too far up", low, 0, BAD_FLAGS, 14, 9);
	put(8, 0x1000, low >> 39 & 511, 0xf00000000ULL | P | W | U);
	want_fault("table not in memory", low, 0, HV_TRANSLATE_GVA_GPA_UNMAPPED,
		   0, 0);
	put(8, 0x1000, low >> 39 & 511, 0x2000 | P | W | U | (0x7ffULL << 52));
	want_gpa("ignored bits 62:52", low, 0, 0x600000 + (low & 0x1fffff),
		 2 << 20);

	/* The rights of all levels are combined. */
	path_64(low, 0x5000 | P | W | U);
	put(8, 0x3000, low >> 21 & 511, 0x4000 | P | U);
	want_fault("not writable higher up", low, HV_WALK_WRITE | HV_WALK_USER,
		   PRIVILEGE, 14, 7);
	put(8, 0x3000, low >> 21 & 511, 0x4000 | P | W);
	want_fault("supervisor's higher up", low, HV_WALK_USER, PRIVILEGE, 14,
		   5);
	put(8, 0x3000, low >> 21 & 511, 0x4000 | P | W | U | NX);
	want_fault("NX higher up", low, HV_WALK_FETCH, PRIVILEGE, 14, 0x11);
	want_gpa("exempt", low, HV_WALK_FETCH | HV_WALK_EXEMPT, 0x5765, 4096);
	tap_check(!result.executable && result.user && result.writable,
		  "rights are told all the same");
	tap_group("4-level paging");
}

static void check_57(void)
{
	const __u64 gva = 0x00ff800000001abc;

	start_64(CR4_LA57, 0);
	put(8, ROOT, gva >> 48 & 511, 0x5000 | P | W | U);
	put(8, 0x5000, gva >> 39 & 511, 0x2000 | P | W | U);
	put(8, 0x2000, 0, 0x3000 | P | W | U);
	put(8, 0x3000, 0, 0x4000 | P | W | U);
	put(8, 0x4000, 1, 0x9000 | P | W | U);
	want_gpa("4 KiB", gva, HV_WALK_USER, 0x9abc, 4096);
	want_fault("not canonical", 0x01ff800000001abc, 0, NOT_PRESENT, 13, 0);
	put(8, ROOT, gva >> 48 & 511, 0x5000 | P | W | U | PS);
	want_fault("PS in the root", gva, 0, BAD_FLAGS, 14, 9);
	tap_group("5-level paging");
}

static void check_smep_smap(void)
{
	const __u64 gva = 0x400000;

	start_64(CR4_SMEP | CR4_SMAP, 0);
	path_64(gva, 0x5000 | P | W | U);
	want_fault("SMEP", gva, HV_WALK_FETCH, PRIVILEGE, 14, 0x11);
	want_gpa("the user may fetch", gva, HV_WALK_FETCH | HV_WALK_USER,
		 0x5000, 4096);
	want_fault("SMAP", gva, 0, PRIVILEGE, 14, 1);
	want_fault("SMAP write", gva, HV_WALK_WRITE, PRIVILEGE, 14, 3);
	want_gpa("SMAP is for the supervisor", gva,
		 HV_WALK_USER | HV_WALK_WRITE, 0x5000, 4096);
	want_gpa("ignored", gva, HV_WALK_IGNORE_SMAP, 0x5000, 4096);
	walk.rflags = AC;
	want_gpa("AC", gva, HV_WALK_WRITE, 0x5000, 4096);
	want_fault("AC and an implicit access", gva, HV_WALK_IMPLICIT,
		   PRIVILEGE, 14, 1);
	want_fault("AC and enforced", gva, HV_WALK_ENFORCE_SMAP, PRIVILEGE, 14,
		   1);
	want_fault("AC does not help a fetch", gva, HV_WALK_FETCH, PRIVILEGE,
		   14, 0x11);
	walk.rflags = 0;
	path_64(gva, 0x5000 | P | W);
	want_gpa("supervisor's page", gva, HV_WALK_FETCH, 0x5000, 4096);
	walk.cr4 &= ~CR4_SMEP;
	want_fault("fetch by the user, neither SMEP nor NXE", gva,
		   HV_WALK_FETCH | HV_WALK_USER, PRIVILEGE, 14, 5);
	tap_group("SMEP and SMAP");
}

static void check_bits(void)
{
	const __u64 gva = 0x400000;
	unsigned int before;

	start_64(0, 0);
	path_64(gva, 0x5000 | P | W | U);
	want_gpa("without the flag", gva, HV_WALK_WRITE, 0x5000, 4096);
	tap_check(!exchanges, "nothing is marked");
	want_gpa("read", gva, HV_WALK_SET_BITS, 0x5000, 4096);
	tap_check(exchanges == 4 && get(8, 0x1000, 0) & A &&
		  get(8, 0x2000, 0) & A && get(8, 0x3000, 2) & A,
		  "tables accessed");
	tap_check(get(8, 0x4000, 0) == (0x5000 | P | W | U | A),
		  "page accessed");
	want_gpa("write", gva, HV_WALK_SET_BITS | HV_WALK_WRITE, 0x5000, 4096);
	tap_check(exchanges == 5 && get(8, 0x4000, 0) & D &&
		  !(get(8, 0x3000, 2) & D), "page dirty, and nothing else");
	want_gpa("again", gva, HV_WALK_SET_BITS | HV_WALK_WRITE, 0x5000, 4096);
	tap_check(exchanges == 5, "no needless exchange");

	path_64(gva, 0x5000 | P);
	want_fault("a refused access", gva,
		   HV_WALK_SET_BITS | HV_WALK_WRITE | HV_WALK_USER, PRIVILEGE,
		   14, 7);
	tap_check(exchanges == 5, "marks nothing");

	exchange_answer = HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS;
	want_fault("tables in read-only memory", gva, HV_WALK_SET_BITS,
		   HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS, 0, 0);
	before = exchanges;
	exchange_answer = HV_WALK_CHANGED;
	want_fault("tables that change for ever", gva, HV_WALK_SET_BITS,
		   NOT_PRESENT, 0, 0);
	tap_check(exchanges - before < 100, "end of patience");
	tap_group("accessed and dirty bits");
}

static void check_control(void)
{
	tap_check(hv_walk_access_from_control(1, 0) == 0, "read");
	tap_check(hv_walk_access_from_control(2, 0) == HV_WALK_WRITE, "write");
	tap_check(hv_walk_access_from_control(4, 0) == HV_WALK_FETCH, "fetch");
	tap_check(hv_walk_access_from_control(1, 3) == HV_WALK_USER, "cpl 3");
	tap_check(hv_walk_access_from_control(0x41, 3) == 0, "supervisor");
	tap_check(hv_walk_access_from_control(0x81, 0) == HV_WALK_USER, "user");
	tap_check(hv_walk_access_from_control(0x9, 0) == HV_WALK_EXEMPT,
		  "exempt");
	tap_check(hv_walk_access_from_control(0x11, 0) == HV_WALK_SET_BITS,
		  "set bits");
	tap_check(hv_walk_access_from_control(0x101, 0) == HV_WALK_ENFORCE_SMAP,
		  "enforce");
	tap_check(hv_walk_access_from_control(0x201, 0) == HV_WALK_IGNORE_SMAP,
		  "override");
	tap_group("control flags of the hypercall");
}

static __u64 seed = 1;

static __u64 random_next(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 16 ^ seed << 40;
}

/* Any tables, any mode: the walk ends, with a valid code, and no stray access. */
static void check_random(void)
{
	unsigned int i, j;
	__u64 entry;
	int code;

	for (i = 0; i < 20000; i++) {
		start((random_next() & (CR0_PE | CR0_WP)) | CR0_PG,
		      random_next() & (CR4_PSE | CR4_PAE | CR4_LA57 | CR4_SMEP |
				       CR4_SMAP), random_next() & EFER_NXE);
		if (walk.cr4 & CR4_PAE && random_next() & 1)
			walk.efer |= EFER_LMA;
		walk.physical_bits = 32 + random_next() % 21;
		walk.cr3 = random_next() % (PAGES * 4096);
		for (j = 0; j < PAGES * 4096; j += 64) {
			/* Mostly entries that point to other tables. */
			entry = random_next() % PAGES << 12 |
				(random_next() & 0xfff) | P;
			if (!(random_next() % 8))
				entry = random_next();
			memcpy(memory + j + 8 * (random_next() % 8), &entry, 8);
		}
		code = hv_walk(&walk, random_next(), random_next() & 0xff,
			       &result);
		tap_check(code >= 0 && code <= HV_TRANSLATE_GVA_GPA_UNMAPPED &&
			  (code || result.gpa < 1ULL << 52),
			  "round %u: code %d", i, code);
	}
	tap_group("random tables");
}

int main(void)
{
	memory = malloc(PAGES * 4096);
	check_no_paging();
	check_32();
	check_pae();
	check_64();
	check_57();
	check_smep_smap();
	check_bits();
	check_control();
	check_random();
	free(memory);
	return tap_end();
}

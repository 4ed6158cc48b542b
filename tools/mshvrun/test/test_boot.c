// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest finds when it starts: boot_params, page tables, ACPI tables.  Offsets
 * are typed from the boot protocol and from ACPI.
 *
 * With an argument the ACPI tables are also written to files with that prefix, for
 * a disassembler.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "acpi.h"
#include "boot.h"
#include "layout.h"

#define LOW	(64 * MIB)

static __u8 *low;

static __u32 get32(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __u64 get64(const __u8 *p)
{
	__u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __u8 sum(const __u8 *p, size_t n)
{
	__u8 s = 0;

	while (n--)
		s += *p++;
	return s;
}

/* An image of 5 setup sectors and 3000 bytes that prefers 16 MiB. */
static void make_kernel(__u8 *image, size_t size)
{
	static const __u64 preferred = 16 * MIB;
	static const __u32 init_size = 8 * MIB, alignment = 2 * MIB;

	memset(image, 0, size);
	image[0x1f1] = 4;
	image[0x1fe] = 0x55;
	image[0x1ff] = 0xaa;
	image[0x200] = 0xeb;
	image[0x201] = 0x66;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x207] = 0x02;
	memset(image + 0x22c, 0xff, 3);
	image[0x22f] = 0x7f;
	memcpy(image + 0x230, &alignment, 4);
	image[0x234] = 1;
	image[0x236] = 0x03;
	image[0x239] = 0x08;	/* 2048 characters */
	memcpy(image + 0x258, &preferred, 8);
	memcpy(image + 0x260, &init_size, 4);
	memset(image + 5 * 512, 0x90, size - 5 * 512);
}

static void test_kernel(void)
{
	static __u8 image[5 * 512 + 3000];
	static __u8 initrd[5000];
	struct boot_guest g = {
		.kernel = { "k", image, sizeof(image) },
		.initrd = { "i", initrd, sizeof(initrd) },
		.cmdline = "console=ttyS0", .low = low, .low_size = LOW,
		.high_size = GIB, .rsdp = 0xe1230,
	};
	const __u8 *bp = low + 0x7000;
	static char text[4096];
	__u64 at, i, wrong;

	make_kernel(image, sizeof(image));
	memset(initrd, 0x77, sizeof(initrd));
	tap_ok(boot_load(&g) == 0, "a kernel is loaded: %s", g.error);
	tap_ok(g.entry == 16 * MIB + 0x200, "entry point");
	tap_ok(low[16 * MIB] == 0x90 && low[16 * MIB + 2999] == 0x90 &&
	       low[16 * MIB + 3000] == 0, "kernel is at its preferred address");
	tap_ok(!memcmp(bp + 0x202, "HdrS", 4), "setup header");
	tap_ok(bp[0x210] == 0xff && (bp[0x211] & 1), "loader type and flags");
	tap_ok(get64(bp + 0x70) == 0xe1230, "RSDP address");
	tap_ok(!strcmp((char *)low + get32(bp + 0x228), "console=ttyS0"),
	       "command line");
	at = get32(bp + 0x218);
	tap_ok(get32(bp + 0x21c) == sizeof(initrd) && at % 4096 == 0 &&
	       at + sizeof(initrd) <= LOW && low[at] == 0x77, "initrd");
	tap_ok(bp[0x1e8] == 4, "four e820 entries");
	tap_ok(get64(bp + 0x2d0) == 0 && get64(bp + 0x2d8) == 0x9fc00 &&
	       get32(bp + 0x2e0) == 1, "e820: below 640 KiB");
	tap_ok(get64(bp + 0x2e4) == 0xe0000 && get32(bp + 0x2f4) == 3,
	       "e820: ACPI tables");
	tap_ok(get64(bp + 0x2f8) == 0x100000 &&
	       get64(bp + 0x300) == LOW - 0x100000, "e820: above 1 MiB");
	tap_ok(get64(bp + 0x30c) == 4 * GIB && get64(bp + 0x314) == GIB,
	       "e820: above 4 GiB");
	tap_ok(get64(low + 0x9000) == 0xa003, "PML4");
	tap_ok(get64(low + 0xa000) == 0xb003 && get64(low + 0xa018) == 0xe003,
	       "PDPT");
	for (i = 0, wrong = 0; i < 2048; i++)
		wrong += get64(low + 0xb000 + 8 * i) != ((i << 21) | 0x83);
	tap_ok(!wrong, "first 4 GiB are mapped one to one");
	tap_ok(get64(low + 0x1010) == 0x00af9b000000ffff, "code segment");

	g.low_size = 20 * MIB;
	tap_ok(boot_load(&g) == 0 && g.entry == 2 * MIB + 0x200,
	       "moved down when its address is beyond memory");
	g.low_size = 10 * MIB;
	tap_ok(boot_load(&g) == -ENOMEM && strstr(g.error, "10 MiB") &&
	       strstr(g.error, "11 MiB"),
	       "initrd does not fit: %s", g.error);
	g.low_size = 8 * MIB;
	tap_ok(boot_load(&g) == -ENOMEM && strstr(g.error, "too little"),
	       "kernel does not fit: %s", g.error);
	g.low_size = MIB;
	tap_ok(boot_load(&g) == -ENOMEM, "no memory to speak of: %s", g.error);
	g.low_size = LOW;
	memset(text, 'x', sizeof(text) - 1);
	g.cmdline = text;
	tap_ok(boot_load(&g) == -E2BIG, "long command line: %s", g.error);
	g.cmdline = "";
	g.kernel.size = 5 * 512;
	tap_ok(boot_load(&g) == -ENOEXEC, "cut short: %s", g.error);
	g.kernel.size = 100;
	tap_ok(boot_load(&g) == -ENOEXEC, "too short for a header: %s", g.error);
	g.kernel.size = sizeof(image);
	image[0x236] = 0;
	tap_ok(boot_load(&g) == -ENOEXEC, "32-bit kernel: %s", g.error);
	image[0x202] = 0;
	tap_ok(boot_load(&g) == -ENOEXEC, "no magic: %s", g.error);
	memcpy(image, "\177ELF", 4);
	tap_ok(boot_load(&g) == -ENOEXEC && strstr(g.error, "ELF"),
	       "vmlinux: %s", g.error);
}

static void dump(const char *prefix, const char *name, const __u8 *table)
{
	char path[256];
	FILE *f;

	if (!prefix)
		return;
	snprintf(path, sizeof(path), "%s%s", prefix, name);
	f = fopen(path, "wb");
	if (!f || fwrite(table, get32(table + 4), 1, f) != 1)
		printf("# cannot write %s\n", path);
	if (f)
		fclose(f);
}

static int good_table(const __u8 *t, const char *signature)
{
	return !memcmp(t, signature, 4) && !sum(t, get32(t + 4));
}

static void test_acpi(const char *prefix)
{
	static __u8 area[0x20000];
	const __u8 *rsdp, *xsdt, *fadt, *madt, *dsdt;
	__u64 root;
	unsigned int cpus, i, found;

	tap_ok(acpi_build(area, sizeof(area), 0xe0000, 3, 9, &root) == 0,
	       "tables for 3 processors");
	rsdp = area + (root - 0xe0000);
	tap_ok(!memcmp(rsdp, "RSD PTR ", 8) && !sum(rsdp, 20) && !sum(rsdp, 36),
	       "RSDP");
	xsdt = area + (get64(rsdp + 24) - 0xe0000);
	tap_ok(good_table(xsdt, "XSDT") && get32(xsdt + 4) == 52, "XSDT");
	fadt = area + (get64(xsdt + 36) - 0xe0000);
	madt = area + (get64(xsdt + 44) - 0xe0000);
	tap_ok(good_table(fadt, "FACP") && get32(fadt + 4) == 276, "FADT");
	tap_ok(get32(fadt + 112) & (1 << 20), "hardware-reduced");
	tap_ok(get64(fadt + 248) == POWER_SLEEP_CONTROL &&
	       get64(fadt + 260) == POWER_SLEEP_STATUS &&
	       get64(fadt + 120) == POWER_RESET, "power registers");
	dsdt = area + (get64(fadt + 140) - 0xe0000);
	tap_ok(good_table(dsdt, "DSDT") && get32(fadt + 40) == get64(fadt + 140),
	       "DSDT");
	tap_ok(good_table(madt, "APIC") && get32(madt + 4) == 44 + 3 * 8 + 12,
	       "MADT");
	tap_ok(madt[44 + 8 + 3] == 1 && madt[44 + 24] == 1 &&
	       madt[44 + 26] == 9 && get32(madt + 44 + 28) == 0xfec00000,
	       "processors and IO-APIC");
	dump(prefix, "facp.dat", fadt);
	dump(prefix, "apic.dat", madt);
	dump(prefix, "dsdt.dat", dsdt);
	dump(prefix, "xsdt.dat", xsdt);

	cpus = 300;
	tap_ok(acpi_build(area, sizeof(area), 0xe0000, cpus, 0, &root) == 0,
	       "tables for 300 processors");
	rsdp = area + (root - 0xe0000);
	xsdt = area + (get64(rsdp + 24) - 0xe0000);
	madt = area + (get64(xsdt + 44) - 0xe0000);
	for (i = 44, found = 0; i < get32(madt + 4); i += madt[i + 1])
		found += madt[i] == 0 || madt[i] == 9;
	tap_ok(found == cpus, "all are there, the last ones as x2APIC");
	tap_ok(acpi_build(area, 200, 0xe0000, 1, 0, &root) == -ENOSPC,
	       "no room");
}

int main(int argc, char **argv)
{
	low = calloc(1, LOW);
	if (!low)
		return 1;
	test_kernel();
	test_acpi(argc > 1 ? argv[1] : NULL);
	free(low);
	return tap_end();
}

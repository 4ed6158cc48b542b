// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot, version 1: what boot loaders leave in memory, and command lines.
 *
 * It has addresses of 32 bits, so that it is in memory below 4 GiB here, too.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../rootvisor/boot/e820.c"
#include "../rootvisor/boot/info.c"
#include "../rootvisor/boot/multiboot1.c"
#undef ARRAY_SIZE

#include "tap.h"

static bool is(const char *said, const char *wanted)
{
	return said ? wanted && strstr(said, wanted) : !wanted;
}

static struct {
	struct info1 info;
	struct module1 modules[3];
	struct map1 map[2];
	char loader[32], line[64], args[64];
} *one;

static u32 low(const void *p)
{
	return (u32)ptr_pa(p);
}

static void begin1(const char *loader, const char *line, const char *args)
{
	memset(&boot_info, 0, sizeof(boot_info));
	e820_count = 0;
	memset(one, 0, sizeof(*one));
	snprintf(one->loader, sizeof(one->loader), "%s", loader);
	snprintf(one->line, sizeof(one->line), "%s", line);
	snprintf(one->args, sizeof(one->args), "%s", args);
	one->modules[0] = (struct module1){ .start = 0x1000, .end = 0x3000,
		.string = low(one->args) };
	one->modules[1] = (struct module1){ .start = 0x3000, .end = 0x4000 };
	one->modules[2] = (struct module1){ .start = 0x4000, .end = 0x5000 };
	one->map[0] = (struct map1){ 20, 0, 0x9fc00, E820_RAM };
	one->map[1] = (struct map1){ 20, 1 << 20, 1 << 30, E820_RAM };
	one->info = (struct info1){
		.flags = HAS_CMDLINE | HAS_MODULES | HAS_MAP | HAS_LOADER,
		.cmdline = low(one->line), .loader_name = low(one->loader),
		.mods_count = 2, .mods_addr = low(one->modules),
		.mmap_addr = low(one->map), .mmap_length = sizeof(one->map),
	};
}

static void said1(const char *what, const char *wanted)
{
	const char *wrong = multiboot1_read(ptr_pa(&one->info));

	tap_check(is(wrong, wanted), "%s: %s", what, wrong ?: "nothing is wrong");
}

static void test_one(void)
{
	begin1("qemu", "rootvisor.elf cpus=1", "vmlinuz quiet");
	said1("of QEMU's", NULL);
	tap_check(boot_info.kernel.base == 0x1000 && boot_info.kernel.size == 0x2000 &&
		  boot_info.initrd.base == 0x3000 && boot_info.initrd.size == 0x1000, "modules");
	tap_check(e820_count == 2 && e820[1].base == 1 << 20, "memory map");
	begin1("qemu", "x", "x");
	one->info.mods_count = 3;
	said1("three modules", "more modules");
	begin1("qemu", "x", "x");
	one->map[0].size = 8;
	said1("a short entry", "damaged");
	begin1("qemu", "x", "x");
	one->info.flags &= ~HAS_MAP;
	said1("no map", "no memory map");
	begin1("qemu", "x", "x");
	one->info.flags &= ~(HAS_MODULES | HAS_CMDLINE);
	said1("nothing but a map", NULL);
	tap_check(!boot_info.kernel.size && !boot_info.options[0], "nothing else");
	tap_group("version 1");
}

static const struct {
	const char *loader, *line, *args;	/* as given */
	const char *options, *root_args;	/* as they have to be */
} lines[] = {
	{ "qemu", "/a=b/rootvisor.elf cpus=1", "vmlinuz console=ttyS0", "cpus=1", "console=ttyS0" },
	{ "qemu", "build/rootvisor.elf", "vmlinuz", "", "" },
	{ "qemu", "rootvisor.elf  cpus=1", "a=b quiet", "cpus=1", "quiet" },
	{ "GRUB 2.12-9", "cpus=1 sched=root", "quiet console=ttyS0", "cpus=1 sched=root",
	  "quiet console=ttyS0" },
	{ "GRUB 2.06", "", "ro", "", "ro" },
	{ "GNU GRUB 0.97", "/boot/rootvisor.elf cpus=1", "/boot/vmlinuz ro", "cpus=1", "ro" },
	{ "", "cpus=1 log=debug", "console=ttyS0", "cpus=1 log=debug", "console=ttyS0" },
	{ "", "/boot/a=b.elf log=debug", "vmlinuz console=ttyS0", "log=debug", "console=ttyS0" },
	{ "iPXE 1.21", "rootvisor.elf cpus=1", "vmlinuz root=/dev/sda1", "cpus=1",
	  "root=/dev/sda1" },
};

static void test_lines(void)
{
	u32 i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		begin1(lines[i].loader, lines[i].line, lines[i].args);
		said1(lines[i].loader, NULL);
		tap_check(!strcmp(boot_info.options, lines[i].options) &&
			  !strcmp(boot_info.root_args, lines[i].root_args), "'%s': '%s', '%s'",
			  lines[i].loader, boot_info.options, boot_info.root_args);
	}
	tap_group("command lines with and without the name of a file");
}

int main(void)
{
	one = mmap(NULL, sizeof(*one), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (one == MAP_FAILED)
		return 1;
	test_one();
	test_lines();
	return tap_end();
}

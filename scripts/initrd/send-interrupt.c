// SPDX-License-Identifier: GPL-2.0
/*
 * Have a device send an interrupt that the kernel did not ask for.
 *
 * usage: send-interrupt msi ADDRESS DATA	the device's MSI, as it would be set up
 *	  send-interrupt like DEVICE NUMBER	what another device (0000:00:02.0) would
 *						send as its MSI of that number
 *	  send-interrupt pin ENTRY		its pin; each pin of PCI devices that is
 *						masked has ENTRY in the IO-APIC
 *
 * Model: the device is QEMU's "edu", which no driver uses.  It sends its interrupt
 * when its register says so, and can copy memory.  A copy of four bytes to the address
 * of MSIs is an MSI, of any device: QEMU does not send a requester id.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES		"/sys/bus/pci/devices"
#define EDU		0x11e81234u

#define PCI_COMMAND	0x04
#define COMMAND_ON	0x0006	/* memory, bus master; INTx not disabled */
#define PCI_CAPS	0x34
#define CAP_MSI		0x05
#define MSI_CONTROL	2
#define MSI_ADDRESS	4
#define MSI_DATA	8
#define MSI_DATA_64	12
#define MSI_ENABLE	0x0001
#define MSI_64BIT	0x0080

#define EDU_RAISE	0x60
#define EDU_LOWER	0x64
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define EDU_RUN		1u
#define EDU_TO_MEMORY	2u
#define EDU_BUFFER	0x40000u
#define EDU_BYTES	0x100000

#define IOAPIC_BASE	0xfec00000
#define IOAPIC_DATA	0x10
#define IOAPIC_ENTRY(n)	(0x10 + 2 * (n))
#define ENTRY_MASKED	0x10000u
#define FIRST_PIN	16
#define LAST_PIN	23
#define PINS		(LAST_PIN - FIRST_PIN + 1)

#define PAGE		4096

static int config;
static volatile __u8 *registers;

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "send-interrupt: ");
	perror(what);
	exit(1);
}

static __u32 get(int at, int bytes)
{
	__u32 v = 0;

	if (pread(config, &v, bytes, at) != bytes)
		fail("reading the configuration");
	return v;
}

static void put(int at, __u32 v, int bytes)
{
	if (pwrite(config, &v, bytes, at) != bytes)
		fail("writing the configuration");
}

static int open_in(const char *device, const char *file)
{
	char name[600];
	int fd;

	snprintf(name, sizeof(name), DEVICES "/%s/%s", device, file);
	fd = open(name, O_RDWR | O_CLOEXEC | O_SYNC);
	if (fd < 0)
		fail(name);
	return fd;
}

static void find_device(void)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *e;
	void *map;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		config = open_in(e->d_name, "config");
		if (get(0, 4) == EDU) {
			put(PCI_COMMAND, COMMAND_ON, 2);
			map = mmap(NULL, EDU_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
				   open_in(e->d_name, "resource0"), 0);
			if (map == MAP_FAILED)
				fail("mapping the device");
			registers = map;
			return;
		}
		close(config);
	}
	fprintf(stderr, "send-interrupt: there is no edu device\n");
	exit(1);
}

static volatile __u32 *reg32(int at)
{
	return (volatile __u32 *)(registers + at);
}

static int msi_data(int at)
{
	return at + (get(at + MSI_CONTROL, 2) & MSI_64BIT ? MSI_DATA_64 : MSI_DATA);
}

static int msi_capability(void)
{
	int at;

	for (at = get(PCI_CAPS, 1); at; at = get(at + 1, 1))
		if (get(at, 1) == CAP_MSI)
			return at;
	fprintf(stderr, "send-interrupt: no MSI\n");
	exit(1);
}

static void raise_and_lower(void)
{
	*reg32(EDU_RAISE) = 1;
	*reg32(EDU_LOWER) = 1;
}

static void send_msi(__u32 address, __u32 data)
{
	int at = msi_capability();

	put(at + MSI_ADDRESS, address, 4);
	put(at + MSI_ADDRESS + 4, 0, 4);
	put(msi_data(at), data, 2);
	put(at + MSI_CONTROL, MSI_ENABLE, 2);
	raise_and_lower();
	put(at + MSI_CONTROL, 0, 2);
}

static __u64 physical(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry;

	if (fd < 0 || pread(fd, &entry, 8, (unsigned long)p / PAGE * 8) != 8)
		fail("/proc/self/pagemap");
	close(fd);
	return (entry & ((1ull << 55) - 1)) * PAGE + (unsigned long)p % PAGE;
}

static void copy(__u64 from, __u64 to, __u32 direction)
{
	*(volatile __u64 *)(registers + EDU_SOURCE) = from;
	*(volatile __u64 *)(registers + EDU_TARGET) = to;
	*(volatile __u64 *)(registers + EDU_COUNT) = 4;
	*(volatile __u64 *)(registers + EDU_COMMAND) = EDU_RUN | direction;
	while (*(volatile __u64 *)(registers + EDU_COMMAND) & EDU_RUN)
		usleep(1000);
}

static void send_write(__u32 address, __u32 data)
{
	__u32 *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED || mlock(page, PAGE))
		fail("a page");
	*page = data;
	copy(physical(page), EDU_BUFFER, 0);
	copy(EDU_BUFFER, address, EDU_TO_MEMORY);
}

static void send_like(const char *device, __u32 number)
{
	int own = config, at;

	config = open_in(device, "config");
	at = msi_capability();
	if (!(get(at + MSI_CONTROL, 2) & MSI_ENABLE)) {
		fprintf(stderr, "send-interrupt: %s has no MSI switched on\n", device);
		exit(1);
	}
	send_write(get(at + MSI_ADDRESS, 4), get(msi_data(at), 2) | number);
	config = own;
}

static volatile __u32 *ioapic;

static __u32 ioapic_get(int reg)
{
	ioapic[0] = reg;
	return ioapic[IOAPIC_DATA / 4];
}

static void ioapic_put(int reg, __u32 v)
{
	ioapic[0] = reg;
	ioapic[IOAPIC_DATA / 4] = v;
}

static void send_pin(__u64 entry)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC), n;
	__u64 old[PINS];
	void *map;

	if (fd < 0)
		fail("/dev/mem");
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IOAPIC_BASE);
	if (map == MAP_FAILED)
		fail("mapping the IO-APIC");
	ioapic = map;
	for (n = 0; n < PINS; n++) {
		int reg = IOAPIC_ENTRY(FIRST_PIN + n);

		old[n] = ioapic_get(reg) | (__u64)ioapic_get(reg + 1) << 32;
		if (old[n] & ENTRY_MASKED) {
			ioapic_put(reg + 1, entry >> 32);
			ioapic_put(reg, (__u32)entry);
		}
	}
	raise_and_lower();
	for (n = 0; n < PINS; n++) {
		int reg = IOAPIC_ENTRY(FIRST_PIN + n);

		if (!(old[n] & ENTRY_MASKED))
			continue;
		ioapic_put(reg, (__u32)old[n]);
		ioapic_put(reg + 1, old[n] >> 32);
	}
}

int main(int argc, char **argv)
{
	__u64 a = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	__u32 b = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;

	if (argc < 3 || (strcmp(argv[1], "pin") && argc != 4)) {
		fputs("usage: send-interrupt msi ADDRESS DATA, like DEVICE NUMBER, or pin ENTRY\n",
		      stderr);
		return 2;
	}
	find_device();
	if (!strcmp(argv[1], "msi"))
		send_msi(a, b);
	else if (!strcmp(argv[1], "like"))
		send_like(argv[2], b);
	else
		send_pin(a);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Give way to another kernel: the two system calls of kexec, and nothing else.
 *
 * usage: kexec-to [-p] KERNEL INITRD COMMAND-LINE
 *
 * With -p the kernel is the one that a panic starts, and this program returns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_or_say(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fprintf(stderr, "kexec-to: %s: %s\n", name, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	int on_panic = argc > 1 && !strcmp(argv[1], "-p"), kernel, initrd;
	unsigned long flags = on_panic ? KEXEC_FILE_ON_CRASH : 0;

	argv += on_panic;
	if (argc - on_panic != 4) {
		fputs("usage: kexec-to [-p] KERNEL INITRD COMMAND-LINE\n", stderr);
		return 2;
	}
	kernel = open_or_say(argv[1]);
	initrd = open_or_say(argv[2]);
	if (kernel < 0 || initrd < 0)
		return 2;
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1,
		    argv[3], flags)) {
		perror("kexec-to: loading");
		return 1;
	}
	if (on_panic)
		return 0;
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	perror("kexec-to: starting");
	return 1;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * mshvrun: boots a Linux kernel as a guest of the hypervisor whose root
 * partition this is.
 *
 * Model: options, files, machine, then a loop that feeds the guest's console from
 * stdin, and saves the guest when requested, until the guest or a signal ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "acpi.h"
#include "boot.h"
#include "layout.h"
#include "machine.h"

#define DEFAULT_CMDLINE		"console=ttyS0"
#define DEFAULT_MEMORY		(256 * MIB)
#define MINIMUM_MEMORY		(2 * MIB)
#define MAXIMUM_MEMORY		(1024 * GIB)
#define CONSOLE_RETRY_MS	20	/* while the guest's FIFO is full */

struct options {
	const char *kernel;
	const char *initrd;
	const char *append;
	const char *save;
	const char *restore;
	unsigned int cpus;	/* 0 when not given, as for the memory */
	__u64 memory;
	unsigned int timeout;	/* seconds, 0 for none */
	bool trace;
};

static const char usage[] =
"usage: mshvrun --kernel BZIMAGE [OPTION]...\n"
"       mshvrun --restore FILE [OPTION]...\n"
"Boot a Linux kernel as a guest under Microsoft's hypervisor or rootvisor.\n"
"\n"
"  --kernel FILE     a bzImage\n"
"  --initrd FILE     its initial RAM disk\n"
"  --append TEXT     its command line (default: " DEFAULT_CMDLINE ")\n"
"  --cpus N          virtual processors (default: 1)\n"
"  --mem, --memory SIZE\n"
"                    memory, in MiB or with K, M or G (default: 256M)\n"
"  --save FILE       save the guest to FILE on SIGUSR2, or when it requests that\n"
"                    by outb(1, 0x604), and exit\n"
"  --restore FILE    resume a guest that was saved; the options from --kernel to\n"
"                    --memory cannot be given\n"
"  --timeout SECONDS end the guest after so long (default: none)\n"
"  --trace           describe each exit on stderr\n"
"  --version         print the version, and exit\n"
"\n"
"The guest's first serial port is stdin and stdout.  The exit status is the\n"
"byte that the guest wrote to port 0x603 before it powered off, else 0; 1 and\n"
"2 for errors before it ran, 3 when it requested a restart, 4 when it crashed,\n"
"5 when it was saved, 124 after the timeout, 128 + N after signal N.\n";

static int __printf(1, 2)
complain(const char *format, ...)
{
	va_list args;

	fputs("mshvrun: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_USAGE;
}

static int parse_number(const char *text, unsigned long maximum,
			unsigned int *value)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > maximum)
		return -EINVAL;
	*value = n;
	return 0;
}

static int parse_size(const char *text, __u64 *size)
{
	__u64 unit = MIB, n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *text == '-')
		return -EINVAL;
	switch (*end) {
	case 'k':
	case 'K':
		unit = KIB;
		end++;
		break;
	case 'm':
	case 'M':
		end++;
		break;
	case 'g':
	case 'G':
		unit = GIB;
		end++;
		break;
	}
	if (*end || n > MAXIMUM_MEMORY / unit)
		return -EINVAL;
	*size = n * unit / MIB * MIB;
	return *size < MINIMUM_MEMORY ? -EINVAL : 0;
}

static int parse_option(struct options *o, int option, const char *text)
{
	switch (option) {
	case 'k':
		o->kernel = text;
		return 0;
	case 'i':
		o->initrd = text;
		return 0;
	case 'a':
		o->append = text;
		return 0;
	case 'c':
		if (!parse_number(text, MACHINE_MAX_CPUS, &o->cpus))
			return 0;
		return complain("--cpus %s: a number from 1 to %u is needed",
				text, MACHINE_MAX_CPUS);
	case 'm':
		if (!parse_size(text, &o->memory))
			return 0;
		return complain("--mem %s: a size from %llu MiB to %llu GiB is needed",
				text, MINIMUM_MEMORY / MIB,
				MAXIMUM_MEMORY / GIB);
	case 't':
		if (!strcmp(text, "none"))
			o->timeout = 0;
		else if (parse_number(text, 1000000, &o->timeout))
			return complain("--timeout %s: seconds or \"none\" are needed",
					text);
		return 0;
	case 's':
		o->save = text;
		return 0;
	case 'r':
		o->restore = text;
		return 0;
	case 'T':
		o->trace = true;
		return 0;
	}
	return STATUS_USAGE;	/* getopt has printed the reason */
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option list[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "append", required_argument, NULL, 'a' },
		{ "cpus", required_argument, NULL, 'c' },
		{ "mem", required_argument, NULL, 'm' },
		{ "memory", required_argument, NULL, 'm' },
		{ "save", required_argument, NULL, 's' },
		{ "restore", required_argument, NULL, 'r' },
		{ "timeout", required_argument, NULL, 't' },
		{ "trace", no_argument, NULL, 'T' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int option, ret;

	while ((option = getopt_long(argc, argv, "h", list, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (option == 'V') {
			puts("mshvrun " VERSION);
			exit(0);
		}
		ret = parse_option(o, option, optarg);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return complain("%s: options begin with --; see --help",
				argv[optind]);
	if (o->restore && (o->kernel || o->initrd || o->append || o->cpus ||
			   o->memory))
		return complain("--restore: the machine is described by the file; see --help");
	if (!o->kernel && !o->restore)
		return complain("--kernel is missing; see --help");
	return 0;
}

static int load_file(const char *what, const char *name,
		     struct boot_file *file)
{
	struct stat st;
	void *data;
	int fd;

	file->name = name;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		complain("%s %s: %s", what, name, strerror(errno));
		return STATUS_ERROR;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		complain("%s %s: not a file with contents", what, name);
		close(fd);
		return STATUS_ERROR;
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED) {
		complain("%s %s: %s", what, name, strerror(errno));
		return STATUS_ERROR;
	}
	file->data = data;
	file->size = st.st_size;
	return 0;
}

static void unload_file(struct boot_file *file)
{
	if (file->data)
		munmap((void *)file->data, file->size);
}

/* The terminal passes every key except those that generate signals. */
static bool console_raw(struct termios *saved)
{
	struct termios raw;

	if (tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, saved))
		return false;
	raw = *saved;
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_iflag &= ~(ICRNL | IXON);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* Returns false at the end of input. */
static bool console_feed(struct machine *m)
{
	__u8 bytes[UART_FIFO];
	unsigned int room;
	ssize_t i, n;

	pthread_mutex_lock(&m->lock);
	room = uart_room(&m->uart);
	pthread_mutex_unlock(&m->lock);
	if (!room)
		return true;
	n = read(STDIN_FILENO, bytes, room);
	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	pthread_mutex_lock(&m->lock);
	for (i = 0; i < n; i++)
		uart_receive(&m->uart, bytes[i]);
	pthread_mutex_unlock(&m->lock);
	return true;
}

static bool console_has_room(struct machine *m)
{
	bool room;

	pthread_mutex_lock(&m->lock);
	room = uart_room(&m->uart);
	pthread_mutex_unlock(&m->lock);
	return room;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* A guest that cannot be saved continues. */
static void save(struct machine *m)
{
	__u64 size = 0;

	machine_pause(m);
	if (atomic_load(&m->ended))
		return;
	if (!machine_save(m, &size)) {
		machine_end(m, STATUS_SAVED, "the guest is saved to %s, %llu MiB",
			    m->save, size / MIB);
		return;
	}
	complain("the guest could not be saved: %s", vmm_error());
	machine_resume(m);
}

static void on_signal(struct machine *m, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR2)
		save(m);
	else
		machine_end(m, STATUS_SIGNAL + info.ssi_signo, "ended by %s",
			    strsignal(info.ssi_signo));
}

static void on_save_event(struct machine *m)
{
	__u64 count;

	if (read(m->save_event, &count, sizeof(count)) == sizeof(count))
		save(m);
}

static void wait_for_end(struct machine *m, int signals, unsigned int timeout)
{
	long long deadline = now_ms() + timeout * 1000LL;
	bool input = true;

	while (!atomic_load(&m->ended)) {
		bool room = console_has_room(m);
		struct pollfd fds[] = {
			{ .fd = m->end_event, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = input && room ? STDIN_FILENO : -1,
			  .events = POLLIN },
			{ .fd = m->save_event, .events = POLLIN },
		};
		long long wait = -1;

		if (timeout) {
			wait = deadline - now_ms();
			if (wait <= 0) {
				machine_end(m, STATUS_TIMEOUT,
					    "still running after %u seconds",
					    timeout);
				break;
			}
		}
		if (input && !room && (wait < 0 || wait > CONSOLE_RETRY_MS))
			wait = CONSOLE_RETRY_MS;
		if (poll(fds, ARRAY_SIZE(fds), wait) <= 0)
			continue;
		if (fds[1].revents)
			on_signal(m, signals);
		if (fds[3].revents)
			on_save_event(m);
		if (fds[2].revents)
			input = console_feed(m);
	}
}

static int load_guest(struct machine *m, const struct options *o,
		      const struct boot_file *kernel,
		      const struct boot_file *initrd)
{
	struct boot_guest g = {
		.kernel = *kernel,
		.initrd = *initrd,
		.cmdline = o->append,
		.low = m->low,
		.low_size = m->low_size,
		.high_size = m->high_size,
	};

	if (acpi_build(m->low + LAYOUT_ACPI, LAYOUT_ACPI_SIZE, LAYOUT_ACPI,
		       m->cpu_count, MACHINE_IOAPIC_ID, &g.rsdp))
		return vmm_fail(ENOSPC, "no room for the ACPI tables of %u processors",
				m->cpu_count);
	if (boot_load(&g))
		return vmm_fail(ENOEXEC, "%s", g.error);
	return cpu_boot(&m->cpus[0], g.entry);
}

static int run(struct machine *m, const struct options *o, int signals)
{
	struct termios saved;
	unsigned int i;
	bool raw;
	int ret = 0;

	raw = console_raw(&saved);
	for (i = 0; !ret && i < m->cpu_count; i++)
		ret = cpu_start(&m->cpus[i]);
	if (ret)
		machine_end(m, STATUS_ERROR, "%s", vmm_error());
	wait_for_end(m, signals, o->timeout);
	cpu_join(m);
	if (raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	if (m->end_text[0])
		fprintf(stderr, "mshvrun: %s\n", m->end_text);
	return m->end_status;
}

/* Errors in files are reported before the hypervisor is used. */
static int load_files(const struct options *o, struct boot_file *kernel,
		      struct boot_file *initrd)
{
	struct boot_guest g = { 0 };
	int ret;

	ret = load_file("kernel", o->kernel, kernel);
	if (!ret && o->initrd)
		ret = load_file("initrd", o->initrd, initrd);
	if (ret)
		return ret;
	g.kernel = *kernel;
	if (!boot_check(&g))
		return 0;
	complain("%s", g.error);
	return STATUS_ERROR;
}

static int catch_signals(bool saves)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (saves)
		sigaddset(&set, SIGUSR2);
	/* Blocked before any thread exists, hence in all of them. */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Fill in the defaults. */
static void fill_in(struct options *o)
{
	if (!o->append)
		o->append = DEFAULT_CMDLINE;
	if (!o->cpus)
		o->cpus = 1;
	if (!o->memory)
		o->memory = DEFAULT_MEMORY;
}

static int run_new(struct machine *m, const struct options *o, int signals)
{
	const struct image_machine wanted = {
		.cpus = o->cpus,
		.memory = o->memory,
	};
	struct boot_file kernel = { 0 }, initrd = { 0 };
	int ret;

	ret = load_files(o, &kernel, &initrd);
	if (ret)
		return ret;
	ret = machine_create(m, &wanted, o->trace);
	if (!ret)
		ret = load_guest(m, o, &kernel, &initrd);
	unload_file(&kernel);
	unload_file(&initrd);
	if (!ret)
		return run(m, o, signals);
	complain("%s", vmm_error());
	return STATUS_ERROR;
}

/* A header with a correct checksum may come from another program. */
static int check_machine(const struct image *image)
{
	const struct image_machine *m = &image->machine;

	if (m->cpus >= 1 && m->cpus <= MACHINE_MAX_CPUS && !m->reserved &&
	    m->memory >= MINIMUM_MEMORY && m->memory <= MAXIMUM_MEMORY &&
	    m->memory % MIB == 0 && m->clock)
		return 0;
	return vmm_fail(EINVAL,
			"%s describes an impossible machine: %u processors, %llu bytes",
			image->name, m->cpus, m->memory);
}

static int run_saved(struct machine *m, const struct options *o, int signals)
{
	struct image image;
	int ret = image_open(&image, o->restore);

	if (!ret)
		ret = check_machine(&image);
	if (!ret)
		ret = machine_create(m, &image.machine, o->trace);
	if (!ret)
		ret = machine_restore(m, &image);
	image_close(&image);
	if (!ret)
		return run(m, o, signals);
	complain("%s", vmm_error());
	return STATUS_ERROR;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	static struct machine m = { .part = -1, .end_event = -1,
				    .save_event = -1 };
	int signals, ret;

	ret = parse_options(&o, argc, argv);
	if (ret)
		return ret;
	signals = catch_signals(o.save);
	if (signals < 0) {
		complain("signalfd: %s", strerror(errno));
		return STATUS_ERROR;
	}
	m.save = o.save;
	if (o.restore) {
		ret = run_saved(&m, &o, signals);
	} else {
		fill_in(&o);
		ret = run_new(&m, &o, signals);
	}
	machine_destroy(&m);
	close(signals);
	return ret;
}

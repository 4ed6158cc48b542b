// SPDX-License-Identifier: GPL-2.0
/*
 * hostroot-init: the first program in a root partition started by rootvm --host-root;
 * relays to and from rootvm.
 *
 * Model: scripts/initrd/hostroot.sh has mounted everything, put this program and what it
 * needs into a folder below /run, and left the file system for the writes open as
 * OVERLAY_FD.  The command is a child.  When it has ended, all remaining processes are
 * killed and pending output is sent; the machine is powered off when rootvm has received
 * all of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "command.h"
#include "settings.h"
#include "stream.h"

#define OWN_FOLDER	"/run/rootvm"
#define OVERLAY_FD	9
#define PORT_FOLDER	"/sys/class/virtio-ports"
#define OWN_FAILURE	125
#define KIB		1024
/* In microseconds; the kernel finds ports one after the other. */
#define PORT_WAIT	10000
/* A process that cannot be killed delays the end by so many periods. */
#define STUCK_PERIODS	12

enum { IN, OUT, ERR, STREAMS };

static struct settings settings;
static struct command command;
static struct channel channel;
static struct stream streams[STREAMS];
static int ports[PORTS];
static int signal_fd;
static u64 overlay_used_before;

/* Progress. */
static bool begun;
static bool command_ended;
static bool all_killed;
static bool told_end;
static bool goodbye;
static int status = OWN_FAILURE;
static int stuck;

/* --- ports --------------------------------------------------------------------------- */

static int open_port(const char *device)
{
	char path[sizeof("/dev/") + NAME_MAX];

	snprintf(path, sizeof(path), "/dev/%s", device);
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* The number of one of our ports, by the kernel's device name, or -1. */
static int port_number(const char *device)
{
	static const char *const names[PORTS] = PORT_NAMES;
	char path[sizeof(PORT_FOLDER "//name") + NAME_MAX], name[64] = "";
	FILE *f;
	int i;

	snprintf(path, sizeof(path), PORT_FOLDER "/%s/name", device);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%63s", name) != 1)
		name[0] = '\0';
	fclose(f);
	for (i = 0; i < PORTS; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}

static int find_ports(void)
{
	DIR *folder = opendir(PORT_FOLDER);
	int i, found = 0;
	struct dirent *d;

	while (folder && (d = readdir(folder))) {
		i = d->d_name[0] == '.' ? -1 : port_number(d->d_name);
		if (i >= 0 && ports[i] < 0)
			ports[i] = open_port(d->d_name);
	}
	if (folder)
		closedir(folder);
	for (i = 0; i < PORTS; i++)
		found += ports[i] >= 0;
	return found;
}

static bool connected(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && !(p.revents & POLLHUP);
}

/* Reading a port that is not connected yet returns end of file. */
static void open_ports(void)
{
	int i;

	for (i = 0; i < PORTS; i++)
		ports[i] = -1;
	while (find_ports() < PORTS)
		usleep(PORT_WAIT);
	for (i = 0; i < PORTS; i++)
		while (!connected(ports[i]))
			usleep(PORT_WAIT);
}

/* --- the end ------------------------------------------------------------------------- */

static u64 overlay_used(void)
{
	struct statfs s;

	if (fstatfs(OVERLAY_FD, &s))
		return 0;
	return (u64)(s.f_blocks - s.f_bfree) * (u64)s.f_bsize;
}

static void tell_end(void)
{
	u64 used = overlay_used();

	/* Flush writes that are kept on this machine's disks. */
	sync();
	if (used > overlay_used_before)
		channel_say(&channel, "dropped %llu",
			    (unsigned long long)((used - overlay_used_before) / KIB));
	channel_say(&channel, "end %llu %llu", (unsigned long long)streams[OUT].given,
		    (unsigned long long)streams[ERR].given);
	told_end = true;
}

/* The hypervisor logs it; so does the console, for a run without a hypervisor. */
static void report_status(void)
{
	int console = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	char number[16];
	pid_t child;

	dprintf(console, "rootvm: the command ended with status %d\n", status);
	tcdrain(console);
	snprintf(number, sizeof(number), "%d", status);
	child = fork();
	if (!child) {
		int none = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(none, STDOUT_FILENO);
		dup2(none, STDERR_FILENO);
		execl(OWN_FOLDER "/bin/rvctl", "rvctl", "exit", number, NULL);
		_exit(STATUS_NOT_FOUND);
	}
	waitpid(child, NULL, 0);
}

__attribute__((noreturn))
static void power_off(void)
{
	report_status();
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void fail(const char *why)
{
	channel_say(&channel, "failed %s", why);
	status = OWN_FAILURE;
	command_ended = true;
	all_killed = true;
	streams[OUT].ended = true;
	streams[ERR].ended = true;
}

/* --- the command --------------------------------------------------------------------- */

static void begin(void)
{
	const char *failed = settings_read(&settings, OWN_FOLDER "/settings");

	if (!failed)
		failed = command_start(&command, &settings);
	if (failed) {
		fail(failed);
		return;
	}
	/* Keeps what the channel has already reported about them. */
	streams[IN].from = ports[IN];
	streams[IN].to = command.in;
	streams[OUT].from = command.out;
	streams[ERR].from = command.err;
	streams[ERR].ended = command.err < 0;
	begun = true;
	channel_say(&channel, "begun");
}

static void wait_for_children(void)
{
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (!begun || pid != command.pid)
			continue;
		status = WIFSIGNALED(how) ? STATUS_SIGNAL + WTERMSIG(how) : WEXITSTATUS(how);
		command_ended = true;
	}
	if (!command_ended)
		return;
	if (pid < 0)
		all_killed = true;
	else
		kill(-1, SIGKILL);
}

/* The standard input is at its end, or its reader is gone. */
static void close_input(void)
{
	bool shared = command.in == command.terminal;

	if (!begun || streams[IN].to < 0 || !(stream_done(&streams[IN]) || streams[IN].broken))
		return;
	if (!shared)
		close(streams[IN].to);
	streams[IN].to = -1;
	stream_break(&streams[IN]);
}

static void close_output(int i)
{
	if (!begun || streams[i].ended)
		return;
	stream_break(&streams[i]);
	/* The writer gets an error; a terminal's output is still read, and discarded. */
	if (streams[i].from == command.terminal)
		return;
	close(streams[i].from);
	streams[i].ended = true;
}

static void set_size(const char *numbers)
{
	if (sscanf(numbers, "%hu %hu", &settings.size.ws_row, &settings.size.ws_col) == 2 &&
	    begun)
		command_size(&command, &settings.size);
}

static void heard(const char *line)
{
	unsigned long long bytes;
	unsigned int n;

	if (!strncmp(line, "size ", 5))
		set_size(line + 5);
	else if (!strcmp(line, "go") && !begun && !command_ended)
		begin();
	else if (sscanf(line, "signal %u", &n) == 1 && begun && !command_ended)
		command_signal(&command, (int)n);
	else if (sscanf(line, "input-end %llu", &bytes) == 1)
		stream_set_length(&streams[IN], bytes);
	else if (sscanf(line, "closed %u", &n) == 1 && (n == OUT || n == ERR))
		close_output((int)n);
	else if (!strcmp(line, "bye"))
		goodbye = true;
}

/* --- the loop ------------------------------------------------------------------------ */

static bool output_passed_on(void)
{
	return stream_done(&streams[OUT]) && stream_done(&streams[ERR]);
}

static void sign_of_life(void)
{
	static time_t last;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - last < ALIVE_PERIOD)
		return;
	last = now.tv_sec;
	channel_say(&channel, "alive");
	if (!command_ended || told_end || ++stuck < STUCK_PERIODS)
		return;
	/* Its pipes are still open; their contents are lost. */
	all_killed = true;
	streams[OUT].ended = true;
	streams[ERR].ended = true;
}

static void pass_on(void)
{
	struct pollfd fds[2 + 2 * STREAMS];
	struct signalfd_siginfo info;
	int i, n;

	fds[0] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
	channel_poll(&channel, &fds[1]);
	for (i = 0; i < STREAMS; i++)
		stream_poll(&streams[i], &fds[2 + 2 * i]);
	n = poll(fds, ARRAY_SIZE(fds), ALIVE_PERIOD * 1000);
	sign_of_life();
	if (n <= 0)
		return;
	if (fds[0].revents && read(signal_fd, &info, sizeof(info)) > 0)
		wait_for_children();
	channel_move(&channel, &fds[1]);
	for (i = 0; i < STREAMS; i++)
		stream_move(&streams[i], &fds[2 + 2 * i]);
	close_input();
}

int main(void)
{
	sigset_t set;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	fcntl(OVERLAY_FD, F_SETFD, FD_CLOEXEC);
	overlay_used_before = overlay_used();

	open_ports();
	for (i = 0; i < STREAMS; i++)
		stream_init(&streams[i], -1, i == IN ? -1 : ports[i]);
	streams[IN].counted = true;
	channel.fd = ports[PORT_CHANNEL];
	channel.heard = heard;
	channel_say(&channel, "ready");
	while (!goodbye) {
		pass_on();
		if (command_ended && all_killed && output_passed_on() && !told_end)
			tell_end();
	}
	power_off();
}

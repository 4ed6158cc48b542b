// SPDX-License-Identifier: GPL-2.0
/*
 * hostroot-relay: the end of rootvm --host-root on this machine.
 *
 * Model: it starts QEMU, which has one end of a socket pair for each port, and relays the
 * command's standard descriptors, its signals, and the size of its terminal.  What the
 * root says on the channel is also written to LOG, so that rootvm knows that the machine
 * is alive, and how it ended.
 *
 * With --child-of it executes another program, which is killed when process PID ends.
 *
 * Signals come from rootvm, its parent.  Those from the terminal or to a process group
 * reach rootvm as well, so they are ignored here.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "stream.h"
#include "terminal.h"

#define LOG		"channel.log"
#define QEMU_LOG	"qemu.log"
/* Keeps descriptors clear of those that QEMU gets. */
#define OUT_OF_THE_WAY	16

enum { IN, OUT, ERR, STREAMS };

static struct channel channel;
static struct stream streams[STREAMS];
static bool has_terminal;
static bool told_input_end;
static bool told_closed[STREAMS];
/* Total output as reported by the root, and whether that was acknowledged. */
static bool end_known;
static u64 output_end[STREAMS];
static bool said_bye;

static FILE *log_file;
static pid_t self;
static pid_t parent;
static pid_t qemu;
static bool qemu_ended;
static int qemu_status;

__attribute__((noreturn))
static void die(const char *what)
{
	fprintf(stderr, "rootvm: relay: %s: %s\n", what, strerror(errno));
	terminal_restore();
	exit(125);
}

static void write_log(const char *line)
{
	fprintf(log_file, "%s\n", line);
	fflush(log_file);
}

/* --- QEMU ------------------------------------------------------------------------ */

/* Leaves the terminal's foreground group, and is killed when its parent ends. */
static void become_child_of(pid_t pid)
{
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != pid)
		_exit(125);
}

static void become_qemu(char **argv, const int theirs[PORTS], const sigset_t *mask)
{
	int i, log = open(QEMU_LOG, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int none = open("/dev/null", O_RDONLY | O_CLOEXEC);

	become_child_of(self);
	dup2(none, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	for (i = 0; i < PORTS; i++)
		dup2(theirs[i], FIRST_FD + i);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static int out_of_the_way(int fd, int flags)
{
	int to = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	if (to < 0 || fcntl(to, F_SETFL, flags))
		die("socket");
	close(fd);
	return to;
}

static void start_qemu(char **argv, int ours[PORTS], const sigset_t *mask)
{
	int theirs[PORTS], pair[2], i;

	for (i = 0; i < PORTS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			die("socketpair");
		ours[i] = out_of_the_way(pair[0], O_NONBLOCK);
		theirs[i] = out_of_the_way(pair[1], 0);
	}
	qemu = fork();
	if (qemu < 0)
		die("fork");
	if (!qemu)
		become_qemu(argv, theirs, mask);
	for (i = 0; i < PORTS; i++)
		close(theirs[i]);
}

static void end_qemu(void)
{
	if (!qemu_ended)
		kill(qemu, SIGKILL);
}

/* --- the channel ------------------------------------------------------------------- */

static void say_size(void)
{
	unsigned int rows, columns;

	if (has_terminal && terminal_size(&rows, &columns))
		channel_say(&channel, "size %u %u", rows, columns);
}

static void heard(const char *line)
{
	unsigned long long out, err;

	write_log(line);
	if (!strcmp(line, "ready")) {
		say_size();
		channel_say(&channel, "go");
	} else if (!strcmp(line, "begun") && has_terminal) {
		terminal_make_raw();
		streams[IN].from = STDIN_FILENO;
	} else if (sscanf(line, "end %llu %llu", &out, &err) == 2) {
		end_known = true;
		output_end[OUT] = out;
		output_end[ERR] = err;
	}
}

/* If the reader is gone, the root may have discarded some itself. */
static bool arrived(int i)
{
	return streams[i].broken || streams[i].given >= output_end[i];
}

static bool all_arrived(void)
{
	return end_known && arrived(OUT) && arrived(ERR);
}

/* Reports the state of the streams to the root. */
static void tell(void)
{
	int i;

	if (stream_done(&streams[IN]) && !told_input_end) {
		channel_say(&channel, "input-end %llu", (unsigned long long)streams[IN].taken);
		told_input_end = true;
	}
	for (i = OUT; i <= ERR; i++) {
		if (streams[i].broken && !told_closed[i]) {
			channel_say(&channel, "closed %d", i);
			told_closed[i] = true;
		}
	}
	if (all_arrived() && !said_bye) {
		channel_say(&channel, "bye");
		said_bye = true;
	}
}

/* --- the terminal and signals ------------------------------------------------------- */

static size_t filter_keys(unsigned char *keys, size_t count)
{
	bool quit = false;

	count = terminal_filter(keys, count, &quit);
	if (quit) {
		write_log("quit");
		end_qemu();
	}
	return count;
}

static void take_signal(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		qemu_ended |= waitpid(qemu, &qemu_status, WNOHANG) == qemu;
	else if (info.ssi_signo == SIGWINCH)
		say_size();
	else if ((pid_t)info.ssi_pid == parent)
		channel_say(&channel, "signal %u", info.ssi_signo);
}

static int watch_signals(sigset_t *before)
{
	const int signals[] = { SIGCHLD, SIGWINCH, SIGHUP, SIGINT, SIGQUIT, SIGTERM,
				SIGUSR1, SIGUSR2 };
	sigset_t set;
	size_t i;
	int fd;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	signal(SIGPIPE, SIG_IGN);
	/* The terminal may be made raw while in the background. */
	signal(SIGTTOU, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	return fd;
}

/* --- the loop ------------------------------------------------------------------------ */

static bool through(void)
{
	return qemu_ended && stream_done(&streams[OUT]) && stream_done(&streams[ERR]);
}

/* A slow reader must not make rootvm end the machine. */
static void log_hold_up(void)
{
	static time_t last;
	static u64 last_given;
	u64 given = streams[OUT].given + streams[ERR].given;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - last < ALIVE_PERIOD)
		return;
	if (given == last_given && (stream_holds(&streams[OUT]) || stream_holds(&streams[ERR])))
		write_log("held up");
	last = now.tv_sec;
	last_given = given;
}

static void pass_on(int signal_fd)
{
	struct pollfd fds[2 + 2 * STREAMS];
	int i, n;

	fds[0] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
	channel_poll(&channel, &fds[1]);
	for (i = 0; i < STREAMS; i++)
		stream_poll(&streams[i], &fds[2 + 2 * i]);
	n = poll(fds, ARRAY_SIZE(fds), ALIVE_PERIOD * 1000);
	if (n < 0 && errno != EINTR)
		die("poll");
	log_hold_up();
	if (n <= 0)
		return;
	if (fds[0].revents)
		take_signal(signal_fd);
	if (channel_move(&channel, &fds[1]))
		channel.fd = -1;
	for (i = 0; i < STREAMS; i++)
		stream_move(&streams[i], &fds[2 + 2 * i]);
	tell();
}

static void usage(void)
{
	fprintf(stderr, "usage: hostroot-relay [--terminal] -- QEMU [ARGUMENT]...\n"
			"       hostroot-relay --child-of PID -- PROGRAM [ARGUMENT]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int ours[PORTS], signal_fd, arg = 1;
	sigset_t before;

	if (argc > 4 && !strcmp(argv[1], "--child-of") && !strcmp(argv[3], "--")) {
		become_child_of(atoi(argv[2]));
		execvp(argv[4], argv + 4);
		perror(argv[4]);
		return 127;
	}
	if (arg < argc && !strcmp(argv[arg], "--terminal")) {
		has_terminal = true;
		arg++;
	}
	if (arg + 1 >= argc || strcmp(argv[arg], "--"))
		usage();
	self = getpid();
	parent = getppid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_file = fopen(LOG, "ae");
	if (!log_file)
		die(LOG);
	signal_fd = watch_signals(&before);
	start_qemu(argv + arg + 1, ours, &before);

	channel.fd = ours[PORT_CHANNEL];
	channel.heard = heard;
	/* Until the command runs, keys are for rootvm. */
	stream_init(&streams[IN], has_terminal ? -1 : STDIN_FILENO, ours[IN]);
	stream_init(&streams[OUT], ours[OUT], STDOUT_FILENO);
	stream_init(&streams[ERR], ours[ERR], STDERR_FILENO);
	if (has_terminal)
		streams[IN].filter = filter_keys;
	while (!through())
		pass_on(signal_fd);
	terminal_restore();
	return WIFSIGNALED(qemu_status) ? 128 + WTERMSIG(qemu_status) :
					  WEXITSTATUS(qemu_status);
}

// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "direct.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define TTY_GROUP	5
#define TTY_MODE	0620
/* The kernel's maximum, which a caller's limit may exceed. */
#define MAX_OPEN_FILES	(1024 * 1024)

static char why[8192];

static const char *reason(const char *what)
{
	snprintf(why, sizeof(why), "%s: %s", what, strerror(errno));
	return why;
}

/* --- its descriptors --------------------------------------------------------------- */

/* A pipe; end @ours is ours, the other one the command's. */
static bool make_pipe(const struct settings *s, int ours, int *our_end, int *its_end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) || fchown(fds[0], s->uid, s->gid))
		return false;
	*our_end = fds[ours];
	*its_end = fds[!ours];
	return !fcntl(*our_end, F_SETFL, O_NONBLOCK);
}

static bool make_terminal(const struct settings *s, int *master, int *slave)
{
	char name[64];
	int unlocked = 0;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlocked) ||
	    ptsname_r(*master, name, sizeof(name)))
		return false;
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *slave >= 0 && !ioctl(*slave, TIOCSWINSZ, &s->size) &&
	       !fchown(*slave, s->uid, TTY_GROUP) && !fchmod(*slave, TTY_MODE);
}

static bool make_descriptors(struct command *c, const struct settings *s, int its[3])
{
	*c = (struct command){ .in = -1, .out = -1, .err = -1, .terminal = -1 };
	if (s->terminal) {
		if (!make_terminal(s, &c->terminal, &its[0]))
			return false;
		c->in = c->terminal;
		c->out = c->terminal;
		its[1] = its[0];
		its[2] = its[0];
	} else if (!make_pipe(s, 1, &c->in, &its[0]) || !make_pipe(s, 0, &c->out, &its[1])) {
		return false;
	}
	return s->terminal_err || make_pipe(s, 0, &c->err, &its[2]);
}

/* --- its process ------------------------------------------------------------------- */

static rlim_t at_most(rlim_t value, rlim_t top)
{
	return value < top ? value : top;
}

static bool set_limits(const struct settings *s)
{
	size_t i;

	for (i = 0; i < s->limit_count; i++) {
		struct rlimit value = s->limits[i].value;

		if (s->limits[i].resource == RLIMIT_NOFILE) {
			value.rlim_cur = at_most(value.rlim_cur, MAX_OPEN_FILES);
			value.rlim_max = at_most(value.rlim_max, MAX_OPEN_FILES);
		}
		if (setrlimit(s->limits[i].resource, &value))
			return false;
	}
	return true;
}

static const char *become_user(const struct settings *s)
{
	if (chdir(s->folder))
		return reason(s->folder);
	umask(s->umask);
	if (!set_limits(s))
		return reason("limits");
	/* While it still has the privileges for this. */
	if (s->no_direct && !refuse_direct_access())
		return reason("a filter for O_DIRECT");
	if (setgroups(s->group_count, s->groups) || setgid(s->gid) || setuid(s->uid))
		return reason("user");
	return NULL;
}

static const char *take_descriptors(const struct settings *s, const int its[3])
{
	int fd;

	if (setsid() < 0)
		return reason("session");
	if (s->terminal && ioctl(its[0], TIOCSCTTY, 0))
		return reason("terminal");
	/* None of @its is below 3: those descriptors are the console's. */
	for (fd = 0; fd < 3; fd++)
		if (dup2(its[fd], fd) < 0)
			return reason("descriptors");
	return NULL;
}

static void restore_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn))
static void run(const struct settings *s, const int its[3], int report)
{
	const char *failed = take_descriptors(s, its) ?: become_user(s);

	if (failed) {
		(void)!write(report, failed, strlen(failed));
		_exit(STATUS_NOT_EXECUTABLE);
	}
	close(report);
	restore_signals();
	/* A program is searched for in the PATH of its own environment. */
	environ = s->environment;
	execvp(s->command[0], s->command);
	fprintf(stderr, "rootvm: %s: %s\n", s->command[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

const char *command_start(struct command *c, const struct settings *s)
{
	int its[3], report[2];
	ssize_t n;

	if (!make_descriptors(c, s, its) || pipe2(report, O_CLOEXEC))
		return reason("descriptors");
	c->pid = fork();
	if (c->pid < 0)
		return reason("fork");
	if (!c->pid)
		run(s, its, report[1]);
	close(its[0]);
	if (!s->terminal)
		close(its[1]);
	if (!s->terminal_err)
		close(its[2]);
	close(report[1]);
	n = read(report[0], why, sizeof(why) - 1);
	close(report[0]);
	if (n <= 0)
		return NULL;
	why[n] = '\0';
	return why;
}

void command_signal(const struct command *c, int signal)
{
	/* Like the terminal: to all foreground processes. */
	bool group = signal == SIGINT || signal == SIGQUIT;

	kill(group ? -c->pid : c->pid, signal);
}

void command_size(const struct command *c, const struct winsize *size)
{
	ioctl(c->terminal, TIOCSWINSZ, size);
}

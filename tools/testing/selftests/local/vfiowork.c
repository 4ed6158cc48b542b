// SPDX-License-Identifier: GPL-2.0
/* A program that has a device at work, and how it ends: see vfiowork.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfiowork.h"
#include "waits.h"

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) == 1;
}

/* Returns when the device is requested.  What it says may be left unread. */
static int do_work(const struct work *work, int says, bool listens)
{
	int ret, asked = -1;
	struct vfiodev v;

	ret = work->begin(&v, work->name, work->arg);
	if (!ret && listens)
		ret = vfiodev_asked(&v, &asked);
	while (!ret && !readable(asked)) {
		ret = work->piece(work->arg);
		if (write(says, "", 1) < 0 && errno != EAGAIN)
			ret = -errno;
	}
	vfiodev_close(&v);
	return ret;
}

int worker_start(struct worker *w, const struct work *work, bool listens)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	w->pid = fork();
	if (!w->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		_exit(do_work(work, ends[1], listens) ? 1 : 0);
	}
	close(ends[1]);
	w->goes_on = ends[0];
	return w->pid > 0 && worker_goes_on(w) ? 0 : -1;
}

bool worker_goes_on(struct worker *w)
{
	char said[4096];

	while (read(w->goes_on, said, sizeof(said)) > 0)
		;
	/* What it says after that; an end of the file is no byte. */
	return wait_readable(w->goes_on) && read(w->goes_on, said, 1) == 1;
}

int worker_wait(struct worker *w)
{
	int status;

	if (waitpid(w->pid, &status, 0) != w->pid)
		return -1;
	close(w->goes_on);
	return status;
}

int worker_kill(struct worker *w)
{
	kill(w->pid, SIGKILL);
	return WTERMSIG(worker_wait(w)) == SIGKILL ? 0 : -1;
}

pid_t unbind_begin(const char *name)
{
	pid_t pid = fork();

	if (!pid)
		_exit(vfiodev_unbind(name) ? 1 : 0);
	return pid;
}

bool unbind_waits(pid_t pid)
{
	return wait_until(stands_in(pid, SYS_write, 0));
}

int unbind_end(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

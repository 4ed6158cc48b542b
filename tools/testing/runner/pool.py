# SPDX-License-Identifier: GPL-2.0
"""Runs jobs, some in parallel, and kills those that do not end by themselves.

Model: each job is a process ("run.py exec") in a session and with a mark of its
own.  The pool checks all of them once a second and adds up what each has used
(limits.py).  When a job has ended, or was killed, any process that still has
its mark is killed and reported; then its results are read.  The pool itself waits for
nothing but time, so that no job can block it.

Words: outcome, how a job ended; extra, a job that is started only if it will
have ended by a certain time, and which is not waited for after that.
"""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from limits import MARK, Clock, ProcessTable, Usage, command_line, end_processes
from progress import span, status_text
from results import FAIL, OK, SKIP, Result, one_line, read_results

POLL = 0.1
LAST_LINES = 12
TAIL_BYTES = 65536
LINE_LENGTH = 200
ATTEMPTS = 2
# The file by which a job reports that it is over.
STATUS = "status"
# Own seconds that processes of a job may need to follow it.
GRACE = 5.0
RUN = Path(__file__).with_name("run.py")
PR_SET_CHILD_SUBREAPER = 36
# What rootvm says when QEMU's emulation has failed and not what it emulates.
EMULATOR_FAILED = re.compile(r"^rootvm: .*QEMU has undone a VM exit", re.MULTILINE)


@dataclass
class Outcome:
    """What became of a job."""
    job: object
    results: list = field(default_factory=list)
    wall: float = 0.0
    processor: float = 0.0
    own: float = 0.0
    folder: Path = None
    left_out: str = ""		# why it was not run, or not to its end
    repeated: str = ""

    def count(self, state):
        return sum(r.state == state for r in self.results)

    @property
    def failed(self):
        return self.count(FAIL) > 0

    def line(self):
        """One line for a person."""
        name = self.job.name
        if not self.folder:
            return f"skip {name}: {self.results[0].why}"
        state = "not ok" if self.failed else "ok"
        text = f"{state} {name}: {self.count(OK)} passed, {self.count(FAIL)} failed"
        if self.count(SKIP):
            text += f", {self.count(SKIP)} skipped"
        text += f", {span(self.wall)}, {span(self.processor)} of processor time"
        return text + (f" ({self.repeated}: repeated)" if self.repeated else "")


class Running:
    """A job that has been started."""

    def __init__(self, job, folder, mark, process, attempt, extra, repeated):
        self.job = job
        self.folder = folder
        self.mark = mark
        self.process = process
        self.attempt = attempt
        self.extra = extra
        self.repeated = repeated
        self.usage = Usage()
        self.started = time.monotonic()
        self.own_at_end = None

    @property
    def wall(self):
        return time.monotonic() - self.started

    def status(self):
        """How the job's function has ended; None if it has not."""
        try:
            return int((self.folder / STATUS).read_text())
        except (OSError, ValueError):
            return self.process.poll()

    def over_limit(self, stretch):
        """Why the job is to be ended, if it is."""
        job, usage = self.job, self.usage
        processor, own = job.processor * stretch, job.own * stretch
        if usage.processor > processor:
            return f"no end after {processor:g} s of processor time"
        if usage.own > own:
            return f"no end after {own:g} s of own time"
        if self.output_size() > job.output << 20:
            return f"no end after {job.output} MiB of output"
        return ""

    def output_size(self):
        size = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if name == "log" or name.endswith(".log"):
                    try:
                        size += os.stat(os.path.join(folder, name)).st_size
                    except OSError:
                        pass
        return size


class Pool:
    """All jobs of a run."""

    def __init__(self, settings, history, progress):
        self.settings = settings
        self.history = history
        self.progress = progress
        self.table = ProcessTable()
        self.clock = Clock(self.table)
        self.running = []
        self.outcomes = []
        self.total = 0
        self.serial = 0

    # --- the loop ---

    def run(self, jobs, extras=()):
        """Runs jobs, the longest first, then extras as long as there is time."""
        adopt_orphans()
        queue = sorted(jobs, key=self.history.took, reverse=True)
        later = sorted(extras, key=self.history.last)
        self.total = len(queue)
        try:
            while queue or later or self.running:
                self._start(queue, later)
                time.sleep(POLL)
                self._look()
                self.progress.status(lambda: self._status(queue))
        except KeyboardInterrupt:
            self._stop(queue + later)
        return self.outcomes

    def _start(self, queue, later):
        while len(self.running) < self.settings.parallel and (queue or later):
            if queue:
                self._launch(queue.pop(0))
                continue
            job = later.pop(0)
            if not self.history.known(job):
                self._leave_out(job, "it has not passed here yet: make test-all")
                continue
            if time.time() + self.history.took(job) > self.settings.extras_until:
                self._leave_out(job, "no time left for it")
                continue
            self.total += 1
            self._launch(job, extra=True)

    def _look(self):
        sampled = self.clock.due()
        if sampled:
            self.clock.sample()
            jobs = self.table.scan()
            for job in self.running:
                job.usage.sample(self.table, self.clock, jobs.get(job.mark, []))
        for job in list(self.running):
            status = job.status()
            if status is not None:
                self._ended(job, status)
            elif sampled:
                self._check(job)
        reap_orphans([j.process.pid for j in self.running])

    def _check(self, job):
        why = job.over_limit(self.settings.stretch(job.job))
        if why:
            self._end(job)
            said = last_lines(job.folder / "log", 1)
            results = read_results(job.folder / "results")
            self._finish(job, results + [Result("", FAIL, f"{why}; last line: {said}")])
        elif job.extra and time.time() > self.settings.extras_end:
            self._end(job)
            self.running.remove(job)
            shutil.rmtree(job.folder)
            self._leave_out(job.job, "it did not end in time")

    # --- one job ---

    def _launch(self, job, attempt=1, extra=False, repeated=""):
        reason = self.settings.missing_part(job)
        if reason:
            self._report(Outcome(job, [Result("", SKIP, reason)]))
            return
        folder = self.settings.folder / "jobs" / job.name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tmp").mkdir(parents=True)
        self.serial += 1
        # The marks of jobs within a job begin with its own.
        outer = f"{os.environ[MARK]}/" if os.environ.get(MARK) else ""
        mark = f"{outer}{job.name}.{os.getpid()}.{self.serial}"
        with open(folder / "log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-B", RUN, "exec", job.name, "--folder", folder,
                 *self.settings.passed_on(job)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, MARK: mark, "TMPDIR": str(folder / "tmp")})
        self.running.append(Running(job, folder, mark, process, attempt, extra, repeated))

    def _end(self, job):
        """Kills what there is of a job; returns what could not be killed."""
        left = end_processes(self.table, job.mark)
        job.process.wait()
        keep_machine_logs(job.folder)
        return left

    def _ended(self, job, status):
        """The job's function has returned; its processes should have gone as well."""
        if job.own_at_end is None:
            job.own_at_end = job.usage.own
        left = [command_line(self.table, p) for p in self._processes(job)]
        if left and job.usage.own - job.own_at_end < GRACE:
            return
        self._end(job)
        results = read_results(job.folder / "results")
        if status:
            results.append(Result("", FAIL, f"broke off with status {status}: "
                                  + last_lines(job.folder / "log", 1)))
        elif not results:
            results.append(Result("", FAIL, "no results"))
        if left:
            results.append(Result("", FAIL, "left running: " + "; ".join(left)))
        self._finish(job, results)

    def _processes(self, job):
        """All of a job but its first process, which only waits for the others."""
        return [p for p in self.table.scan().get(job.mark, [])
                if p.state != "Z" and p.pid != job.process.pid]

    def _finish(self, job, results):
        self.running.remove(job)
        shutil.rmtree(job.folder / "tmp", ignore_errors=True)
        outcome = Outcome(job.job, results, job.wall, job.usage.processor, job.usage.own,
                          job.folder, repeated=job.repeated)
        if outcome.failed and job.attempt < ATTEMPTS and emulator_failed(job.folder / "log"):
            self.progress.say(f"{job.job.name}: QEMU's emulation failed, once more")
            self._launch(job.job, job.attempt + 1, job.extra, "QEMU's emulation failed")
            return
        self._report(outcome)

    def _leave_out(self, job, why):
        self.outcomes.append(Outcome(job, left_out=why))

    def _report(self, outcome):
        self.outcomes.append(outcome)
        for result in outcome.results:
            result.why = one_line(result.why)
        if outcome.failed:
            outcome.folder = self._keep(outcome.folder)
        if outcome.folder:
            # On a busy machine own time is the smaller one.
            self.history.note(outcome.job, max(outcome.own, outcome.processor),
                              not outcome.failed)
        self.progress.say(outcome.line())
        for result in outcome.results:
            if result.state == FAIL:
                self.progress.plain(f"  not ok {outcome.job.name}: {result}")
        if outcome.failed:
            self.progress.plain(last_lines(outcome.folder / "log", LAST_LINES))

    def _keep(self, folder):
        """The logs of failed jobs stand in one place."""
        kept = self.settings.folder / "failed" / folder.name
        kept.parent.mkdir(exist_ok=True)
        shutil.rmtree(kept, ignore_errors=True)
        return folder.rename(kept)

    # --- all of them ---

    def _status(self, queue):
        running = [(j.job.name, j.wall) for j in self.running]
        left = sum(self.history.took(job) for job in queue)
        left += sum(max(self.history.took(j.job) - j.usage.own, 0) for j in self.running)
        failed = sum(o.failed for o in self.outcomes)
        done = self.total - len(queue) - len(self.running)
        return status_text(done, self.total, failed, running, left / self.settings.parallel)

    def _stop(self, waiting):
        """Ctrl-c: no process stays, and what was not run is named."""
        for job in self.running:
            self._end(job)
            shutil.rmtree(job.folder / "tmp", ignore_errors=True)
            self._leave_out(job.job, "ended by a signal")
        for job in waiting:
            self._leave_out(job, "not begun")
        self.running = []
        raise KeyboardInterrupt


# --- what all of this needs of the system and of files ---

def adopt_orphans():
    """Processes whose parent ends become ours, so that we can wait for them."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(ours):
    """Waits for dead children that were adopted, without those of Popen."""
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None or dead.si_pid in ours:
            return
        os.waitpid(dead.si_pid, 0)


def keep_machine_logs(folder):
    """Logs of a machine that was ended stand in rootvm's work folder still."""
    for work in (folder / "tmp").glob("rootvm.*"):
        kept = folder / work.name
        for name in ("serial.log", "hypervisor.log", "qemu.log", "command-line"):
            if (work / name).exists():
                kept.mkdir(exist_ok=True)
                shutil.copy(work / name, kept / name)


def last_lines(path, count):
    """The end of a log, as text that a terminal can be trusted with."""
    try:
        with open(path, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    lines = [re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", line) for line in text.splitlines()]
    lines = [line[:LINE_LENGTH] for line in lines if line.strip()][-count:]
    return "\n".join(f"  | {line}" for line in lines) if count > 1 else "".join(lines)


def emulator_failed(log):
    return EMULATOR_FAILED.search(log.read_text(errors="replace"))

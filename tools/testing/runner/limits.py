# SPDX-License-Identifier: GPL-2.0
"""What a job uses, independently of the load of the machine, and how it is killed.

Model: a job is all processes that carry its mark in their environment, and their
descendants.  Once a second all of /proc is scanned.  A job has three measures,
none of which grows because the machine is busy with something else:

  processor time: of all its processes, including those that have exited;
  own time: a second counts unless one of the job's threads spent most of it
  waiting for a processor, or most of the machine's time was stolen by its host;
  output: the size of its logs.

A job that spins exceeds the first, one that is stopped or sleeps the second, one
that prints without end the third; one that is starved none.
"""

import os
import signal
import time
from pathlib import Path

MARK = "HV_ROOT_TEST_JOB"

# A sample that came late says nothing about the time in between.
SAMPLE = 1.0
# More than this part of a sample is "most of it".
MOST = 0.5
TICK = os.sysconf("SC_CLK_TCK")
NSEC = 1e9


def _read(path):
    """A file of /proc; the process may be gone at any time."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


class Process:
    """A line of /proc/PID/stat."""

    def __init__(self, pid, stat):
        # The name may hold blanks and brackets.
        fields = stat[stat.rindex(b")") + 2:].split()
        self.pid = pid
        self.state = fields[0].decode()
        self.parent = int(fields[1])
        self.own = (int(fields[11]) + int(fields[12])) / TICK
        self.children = (int(fields[13]) + int(fields[14])) / TICK
        self.started = int(fields[19])

    @property
    def key(self):
        return (self.pid, self.started)


class ProcessTable:
    """All processes, and which job each belongs to."""

    def __init__(self, proc="/proc"):
        self.proc = Path(proc)
        self.marks = {}

    def scan(self):
        """Processes by the mark of their job."""
        processes = {}
        for entry in os.listdir(self.proc):
            if not entry.isdigit():
                continue
            stat = _read(self.proc / entry / "stat")
            if b")" in stat:
                processes[int(entry)] = Process(int(entry), stat)
        # One without a mark may be about to become a job.
        self.marks = {p.key: self.marks[p.key] for p in processes.values()
                      if self.marks.get(p.key)}
        jobs = {}
        for process in processes.values():
            mark = self._mark(process, processes)
            # A job that runs jobs of its own (a test of the runner) has their
            # processes too.
            while mark:
                jobs.setdefault(mark, []).append(process)
                mark = mark.rpartition("/")[0]
        return jobs

    def _mark(self, process, processes):
        """A mark is kept: a process may change its environment or lose its parent."""
        if process.key not in self.marks:
            # So that a parent that is looked at meanwhile finds an end.
            self.marks[process.key] = ""
            mark = self._own_mark(process)
            parent = processes.get(process.parent)
            if not mark and parent:
                mark = self._mark(parent, processes)
            self.marks[process.key] = mark
        return self.marks[process.key]

    def _own_mark(self, process):
        prefix = MARK.encode() + b"="
        for variable in _read(self.proc / str(process.pid) / "environ").split(b"\0"):
            if variable.startswith(prefix):
                return variable[len(prefix):].decode(errors="replace")
        return ""

    def threads(self, process):
        """Of each thread: its id, state, and (time run, time waited, turns)."""
        task = self.proc / str(process.pid) / "task"
        try:
            tids = os.listdir(task)
        except OSError:
            return
        for tid in tids:
            times = _read(task / tid / "schedstat").split()
            stat = _read(task / tid / "stat")
            if len(times) == 3 and b")" in stat:
                state = stat[stat.rindex(b")") + 2:][:1].decode()
                yield tid, state, tuple(int(t) for t in times)

    def stolen(self):
        """Ticks that the host has taken, and all, since the machine was started."""
        fields = _read(self.proc / "stat").split(b"\n", 1)[0].split()[1:]
        ticks = [int(f) for f in fields[:8]]
        return (ticks[7] if len(ticks) > 7 else 0), sum(ticks)


class Clock:
    """Samples of the machine; late ones are no longer than the others."""

    def __init__(self, table, now=time.monotonic):
        self.table = table
        self.now = now
        self.last = now()
        self.steal = table.stolen()
        self.interval = 0.0
        self.robbed = False

    def due(self):
        return self.now() - self.last >= SAMPLE

    def sample(self):
        now = self.now()
        self.interval, self.last = now - self.last, now
        steal, total = self.table.stolen()
        taken, passed = steal - self.steal[0], total - self.steal[1]
        self.robbed = passed > 0 and taken > MOST * passed
        self.steal = (steal, total)


class Usage:
    """What one job has used up so far."""

    def __init__(self):
        self.processor = 0.0
        self.own = 0.0
        self._ended = {}
        self._threads = {}

    def sample(self, table, clock, processes):
        self._add_processor(processes)
        starved = self._starved(table, clock, processes)
        if not starved and not clock.robbed:
            self.own += min(clock.interval, SAMPLE)

    def _add_processor(self, processes):
        # Two ways that each miss something: one processes that have exited before they
        # were seen, the other those whose parent did not wait for them.
        for process in processes:
            self._ended[process.key] = process.own
        waited_for = sum(p.own + p.children for p in processes)
        self.processor = max(self.processor, waited_for, sum(self._ended.values()))

    def _starved(self, table, clock, processes):
        threads, starved = {}, False
        for process in processes:
            for tid, state, times in table.threads(process):
                key = (process.key, tid)
                threads[key] = times
                before = self._threads.get(key)
                if before and _waited(state, before, times, clock.interval):
                    starved = True
        self._threads = threads
        return starved


def _waited(state, before, now, interval):
    """Has a thread spent most of the interval waiting for a processor?"""
    most = MOST * interval * NSEC
    run, wait, turns = (b - a for a, b in zip(before, now))
    # The kernel counts a wait when it is over: one that goes on has no turn.
    return wait > most or (state == "R" and not turns and run < most)


def end_processes(table, mark, grace=10.0):
    """Ends all processes of a job; returns the command lines of those that stay."""
    left = []
    until = time.monotonic() + grace
    while True:
        left = [p for p in table.scan().get(mark, []) if p.state != "Z"]
        if not left or time.monotonic() > until:
            break
        for process in left:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    return [command_line(table, p) for p in left]


def command_line(table, process):
    text = _read(table.proc / str(process.pid) / "cmdline").replace(b"\0", b" ")
    return text.decode(errors="replace").strip() or f"process {process.pid}"


def processes_with(text, proc="/proc", where="cmdline"):
    """Ids of the processes whose command line, or environ, has a text, without this one."""
    found = []
    for entry in os.listdir(proc):
        if entry.isdigit() and int(entry) != os.getpid():
            if text.encode() in _read(Path(proc) / entry / where):
                found.append(int(entry))
    return found

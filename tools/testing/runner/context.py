# SPDX-License-Identifier: GPL-2.0
"""The environment of a job: its folder, its results, programs and machines.

Model: a job runs in a process of its own and gets one Context.  Programs run with
their output in the job's log; TAP in it becomes results line by line, so that
the results of a program count even if it is killed.  A machine is run by
scripts/rootvm, with its logs below the job's folder.
"""

import fcntl
import os
import re
import shlex
import subprocess
from pathlib import Path

from results import FAIL, OK, SKIP, Result, ResultFile, TapReader

TOP = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hv-root"
USUAL_KERNEL = "6.12"
# Kernels that check themselves, which makes them slow.
CHECKING = ("debug", "kcsan")


def library(function, *args, kernel=""):
    """What a function of scripts/lib.sh prints."""
    call = " ".join([function, *map(shlex.quote, map(str, args))])
    done = subprocess.run(["bash", "-c", f". scripts/lib.sh; {call}"], cwd=TOP, text=True,
                          env={**os.environ, "ROOT_KERNEL": kernel}, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return done.stdout.strip()


def machine_text(path):
    """A console's text: without carriage returns; empty if there is none."""
    try:
        return path.read_bytes().replace(b"\r", b"").decode(errors="replace")
    except OSError:
        return ""


class Context:
    """One job's surroundings."""

    def __init__(self, name, folder, build, kernel=""):
        self.name = name
        self.dir = Path(folder)
        self.build = Path(build)
        self.kernel = "" if kernel == USUAL_KERNEL else kernel
        self.log = self.dir / "log"
        self.results = ResultFile(self.dir / "results")
        self.failed = 0
        os.environ["ROOT_KERNEL"] = self.kernel
        os.environ["O"] = str(self.build)

    # --- results ---

    def emit(self, result):
        self.failed += result.state == FAIL
        self.results.add(result)

    def ok(self, name):
        self.emit(Result(name, OK))

    def not_ok(self, name, why=""):
        self.emit(Result(name, FAIL, why))

    def skip(self, name, why):
        self.emit(Result(name, SKIP, why))

    def check(self, name, holds, why=""):
        """Whether something holds; returns it."""
        self.emit(Result(name, OK) if holds else Result(name, FAIL, why))
        return bool(holds)

    def tap(self, text, prefix=""):
        """Results from TAP that is there already."""
        reader = TapReader(self.emit, prefix)
        for line in text.splitlines():
            reader.feed(line)
        reader.end()

    # --- programs ---

    def run(self, argv, feed=None, **options):
        """A program, with its output in the log and each line given to feed."""
        argv = [str(a) for a in argv]
        with open(self.log, "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, cwd=options.get("cwd", TOP),
                                     env={**os.environ, **options.get("env", {})},
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for line in child.stdout:
                log.write(line)
                log.flush()
                if feed:
                    feed(line.replace(b"\r", b"").decode(errors="replace"))
            status = child.wait()
        return 128 - status if status < 0 else status

    def run_tap(self, argv, prefix="", **options):
        """A program that prints TAP; its status counts as well."""
        reader = TapReader(self.emit, prefix)
        status = self.run(argv, feed=reader.feed, **options)
        reader.end()
        if status and not reader.failed:
            self.not_ok(prefix.strip(": ") or "exit status", f"exit status {status}")
        return status

    def output(self, argv, **options):
        """Status and text of a program that says little."""
        lines = []
        status = self.run(argv, feed=lines.append, **options)
        return status, "".join(lines)

    def last_line(self):
        lines = machine_text(self.log).strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def says(self, pattern, path=None):
        """Is there such a line in the log, or in a file?"""
        return re.search(pattern, machine_text(path or self.log), re.MULTILINE)

    # --- machines ---

    @property
    def module(self):
        return Path(library("module_file", self.build, kernel=self.kernel))

    def build_module(self):
        """The driver for a kernel that the run itself is not about."""
        name = Path(self.kernel).name
        with open(self.build / f".module-{name}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.run([self.script("build-module")]):
                raise RuntimeError(f"no module for the kernel {self.kernel}")

    def script(self, name):
        return TOP / "scripts" / name

    def rootvm(self, *options, command=(), feed=None):
        """Runs a root partition; returns the status of rootvm."""
        argv = [self.script("rootvm"), "--no-build", "--rootvisor", "poison=on", *options]
        if command:
            argv += ["--", *command]
        return self.run(argv, feed=feed)

    def machine(self, *options, command=(), log="machine", module=True, feed=None):
        """The same with the driver, and with logs in a folder below the job's."""
        if module:
            options = ("--module", self.module, *options)
        return self.rootvm("--log", self.dir / log, *options, command=command, feed=feed)

    def step(self, name):
        """The option that puts a program of scripts/initrd into the root's PATH."""
        return ["--file", f"{TOP}/scripts/initrd/{name}:/.rootvm/bin/{name}"]

    def console(self, log="machine"):
        return machine_text(self.dir / log / "serial.log")

    def hypervisor(self, log="machine"):
        return machine_text(self.dir / log / "hypervisor.log")

    def console_says(self, name, pattern, log="machine"):
        return self.check(name, re.search(pattern, self.console(log), re.MULTILINE))

    def hypervisor_says(self, name, pattern, log="machine"):
        return self.check(name, re.search(pattern, self.hypervisor(log), re.MULTILINE))

    def ended(self, status, wanted=0):
        """A machine that ended in another way than it should is a failure."""
        if status != wanted:
            self.not_ok("the root ends properly", f"status {status}: {self.last_line()}")

    def balanced(self, log="machine"):
        """Nothing is left in the hypervisor's books."""
        path = self.dir / log / "hypervisor.log"
        left = library("books_left", path) if path.exists() else "no log"
        self.check("books are balanced", not left, left)

# SPDX-License-Identifier: GPL-2.0
"""Jobs with mainline's own driver, mshv_root, as the yardstick.

Model: the selftests run one after the other in a root.  A test that takes the root's kernel
with it costs no other: the next machine goes on behind it.  What each test has come to
is held against a list of those that this driver is known to fail (mainline.list), so that a
test that begins to fail, or passes all of a sudden, is noticed.
"""

import re
import subprocess

from context import TOP, machine_text
from kinds.selftests import Splitter
from results import FAIL, OK, SKIP

MODULE = "mshv_root"
LIST = TOP / "tools/testing/runner/mainline.list"
# Of own time: a test that says nothing for so long hangs.
SILENCE = 30
# Of mshvbench, those that need nothing of this tree's driver.
OPERATIONS = 20
# A test waits in vain this many times a millisecond: many will.
LOOKS = 5000
# The first complaint of the kernel ends it, and so belongs to the test that has caused it; the
# console, which shows nothing while tests run, then gets the log.
STRICT = "oops=panic panic_on_warn=1 panic_print=0x20"
FAILS, ENDS, HANGS, VARIES = "fails", "ends", "hangs", "varies"
COMPLAINT = re.compile(r"\] ?((?:BUG|WARNING|UBSAN|Oops|INFO: task|general protection|"
                       r"watchdog|rcu: INFO).*)$", re.M)
PANIC = re.compile(r"\] ?(Kernel panic - not syncing: .*)$", re.M)
RUN = re.compile(r"^#  RUN +(\S+) \.\.\.$")


class Known:
    """The list: tests by name, how each fails, and under which conditions."""

    LINE = re.compile(r"^\t(\w+)\s+(\S+ \S+)((?: \S+)*)$")

    def __init__(self, path, conditions, names):
        self.how = {}
        self.problems = []
        for line in path.read_text().splitlines():
            found = self.LINE.match(line)
            if found and found.group(1) in (FAILS, ENDS, HANGS, VARIES):
                program = found.group(2).split()[0]
                if program in names and set(found.group(3).split()) <= conditions:
                    self.how[found.group(2)] = found.group(1)
            elif line.startswith("\t"):
                self.problems.append(line.strip())


class Watcher(Splitter):
    """A Splitter that keeps the results, and knows which test is running."""

    def __init__(self, context, found):
        super().__init__(context)
        self.found = found
        self.program = self.test = ""
        self.finished = False

    def emit(self, result):
        self.found[result.name] = (FAILS if result.state == FAIL else result.state, result.why)
        self.test = ""

    def feed(self, line):
        begin = self.BEGIN.match(line.rstrip("\n"))
        running = RUN.match(line.rstrip("\n"))
        if begin:
            self.program, self.test = begin.group(1), ""
        elif running:
            self.test = f"{self.program} {running.group(1)}"
        elif line.startswith("# all ran"):
            self.finished = True
        super().feed(line)
        if self.program in self.ended:
            self.program = ""


def tests(build, program):
    """Names of a program's tests: the harness lists fixtures, variants and tests in columns."""
    said = subprocess.run([build / "selftests" / program, "-l"], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    names, fixture, variants, of = [], "", [], []
    for line in [*said.splitlines()[1:], "---"]:
        if line.startswith("---"):
            names += [".".join(filter(None, (fixture, v, test)))
                      for v in variants or [""] for test in of]
            fixture, variants, of = "", [], []
            continue
        cut = max(20, len(line.split(" ")[0])) + 1
        fixture = line[:cut].strip() or fixture
        words = line[cut:].split()
        if line[cut:cut + 1] != " ":
            variants.append(words.pop(0))
        of += words
    return names


class Sweep:
    """Programs in as many machines as it takes; what has become of each test is in found."""

    def __init__(self, context, *options):
        self.context = context
        self.options = options
        self.found = {}
        self.machines = 0

    def run(self, wanted):
        todo = [(program, ()) for program in wanted]
        while todo:
            todo = self._machine(todo)

    def _machine(self, todo):
        """One machine; returns what is left to do."""
        t, log = self.context, f"machine-{self.machines}"
        self.machines += 1
        watcher = Watcher(t, self.found)
        command = [" ".join([program, *(f"-r {test}" for test in of)]) for program, of in todo]
        status = t.machine("--kernel", t.kernel, "--timeout", SILENCE, "--append", STRICT,
                           *t.step("run-selftests"), *self.options, log=log, module=False,
                           feed=watcher.feed, command=["env", f"MSHV_LOOKS={LOOKS}",
                                                       "run-selftests", *command])
        if watcher.finished:
            watcher.finish([program for program, _ in todo])
            t.ended(status)
            return []
        return self._rest(todo, watcher, self._reason(log))

    def _reason(self, log):
        console = machine_text(self.context.dir / log / "serial.log")
        complaint = COMPLAINT.search(console) or PANIC.search(console)
        return (ENDS, complaint.group(1)) if complaint else (HANGS, self.context.last_line())

    def _rest(self, todo, watcher, reason):
        """The tests behind the one that has ended the machine."""
        if not watcher.program:
            self.context.not_ok("a machine ends between two tests", reason[1])
            return []
        if watcher.test:
            self.found[watcher.test] = reason
        else:
            self.context.not_ok(watcher.program, f"the machine ends beside its tests: {reason[1]}")
        done = [program for program, _ in todo].index(watcher.program)
        program, of = todo[done]
        left = [test for test in of or tests(self.context.build, program)
                if f"{program} {test}" not in self.found]
        if not watcher.test or not left:
            return todo[done + 1:]
        return [(program, left), *todo[done + 1:]]


def judge(t, known, found):
    """Holds what has been found against the list."""
    for line in known.problems:
        t.not_ok("the list can be read", line)
    for name, (state, why) in found.items():
        expected = known.how.get(name)
        if state == SKIP:
            t.skip(name, why)
        elif state == OK:
            t.check(name, expected in (None, VARIES), "passes: it is in the list of failures")
        else:
            t.check(name, expected in (state, VARIES), f"{state}: {why}")
    absent = [name for name in known.how if name not in found]
    t.check("all that is in the list was run", not absent, ", ".join(absent))


def selftests(t, cpus, sched, only):
    """What any driver must pass, by mainline's driver."""
    names = sorted(only)
    sweep = Sweep(t, "--cpus", cpus, "--sched", sched, "--module", MODULE)
    sweep.run(names)
    judge(t, Known(LIST, {sched, str(cpus)}, names), sweep.found)


def qemu_guest(t, cpus, sched, guest_cpus):
    """Stock QEMU, which was written for this driver."""
    status = t.run([t.script("run-qemu"), "--cpus", cpus, "--sched", sched, "--driver", MODULE,
                    "--guest-cpus", guest_cpus, "--log", t.dir / "machine"])
    t.check("QEMU boots a Linux guest that uses disk and network", status == 0, t.last_line())


def bench(t, sched):
    """mshvbench counts what it counts of this tree's driver."""
    status = t.machine("--sched", sched, "--record", "--kernel", t.kernel, "--mem", "4G",
                       "--module", MODULE, "--file", f"{t.build}/bench/mshvbench:/mshvbench",
                       module=False, command=["/mshvbench"])
    t.ended(status)
    rows = re.findall(r"^\| \w+ \| (.+?) \| \d+ \| \d+ \| \d+ ", t.console(), re.M)
    t.check("operations are counted", len(rows) >= OPERATIONS, f"{len(rows)} of them")
    t.balanced()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which lines of the driver and of the hypervisor the tests run, and which branches.

Model: everything is built for gcov in a folder of its own.  A "run" is a machine whose RAM
is a file; when it has ended, the counters of the hypervisor and of the driver are in that
file, at addresses that the hypervisor's symbols and the driver's sections tell.  So
neither the driver nor the hypervisor has code for this, and the kernels are the same as
for other tests.  But the platform layer is in a kernel of its own, which keeps a list of
counters (CONFIG_GCOV_KERNEL).  Unit tests write their counts themselves.

The driver is not unloaded, because its counters would be gone: tests that do so fail here,
and what runs then is not seen.

usage: coverage.py BUILD; results in BUILD/coverage: table.txt, html
       coverage.py BUILD --again [RUN]...; the last measurement is read again, with the
       exceptions as they are now, after these runs have been repeated
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools/testing/runner"))
# pylint: disable=wrong-import-position
import sides
from counters import listed, objects
from lines import Coverage
from kinds import selftests, series
from memory import Physical, Virtual

# A branch in a copy of an inline function would be one of its own.
FLAGS = "-fprofile-arcs -ftest-coverage -fprofile-update=atomic -fno-early-inlining"
# Programs that the selftests need.
PROGRAMS = ("rvctl", "hostroot", "mshvrun", "mshvstat", "selftests", "guest", "guest-initrd")
SILENCE = 600
PROGRAM_LIMIT = 3600
# A kernel with the driver and the platform layer in it.
BUILT_IN = "coverage"
CPU_GUEST = "mshvrun --kernel /cpu.img --mem 16 --cpus 4"
GUEST = "mshvrun --kernel /guest/vmlinuz --initrd /guest/initrd.gz --append console=ttyS0"


@dataclass
class Run:
    """A machine, and what it runs."""
    name: str
    cpus: int
    sched: str
    command: str
    kernel: str = ""
    memory: str = "2G"
    options: tuple = ()
    # Functions of a folder, which return further options.
    hardware: tuple = ()
    status: int = 0


# Where most branches depend on what an attacker tries.
FUZZ = "FUZZ_ROUNDS=8 run-selftests fuzz_vmm fuzz_root && FUZZ_ROUNDS=3 run-selftests fuzz_guest"
# What else can be asked of the hypervisor at boot; the last of each counts.
OPTIONS = ("--rootvisor", "control=on root_compat=guest root_compat=strict icount=1 icount=0 "
           "park=none touch=mc log=debug touch=gp vectors=strict interrupts=count rules=off "
           "tick=1000 fail=7c,b,0,1 ")
# Calls that a kernel makes while it boots, and which fail once.
REFUSED = ("--rootvisor", "fail=76,5,1,1 fail=87,5,0,1 fail=46,6,0,1 fail=7b,5,0,1 fail=6f,5,0,1")
WANT_MEMORY = ("--rootvisor", "fail=76,b,0,2 fail=4e,73,0,1 fail=4e,75,0,1 fail=4e,83,0,1 "
               "fail=7c,b,1,1 fail=7c,75,1,1")
RUNS = (
    Run("selftests-1-root", 1, "root", "run-selftests"),
    Run("selftests-2-classic", 2, "classic", "run-selftests"),
    # The only kernel that lets allocations fail.  Its store of stacks allocates now and
    # then, and with it the n-th allocation would not be the same twice.
    Run("failnth", 1, "root", "run-selftests failnth", kernel="debug", memory="3G",
        options=("--append", "stack_depot_disable=on")),
    Run("races", 2, "root", "run-selftests antagonist ending fuzz hotplug kick movable",
        options=("--threads",)),
    Run("fuzz-2-root", 2, "root", FUZZ),
    Run("fuzz-2-classic", 2, "classic", FUZZ),
    Run("quarantine", 1, "root", "MSHV_QUARANTINE=y /selftests/quarantine"),
    Run("reboot", 2, "root", selftests.REBOOT, status=125),
    Run("shares-1-classic", 1, "classic", "run-selftests shares"),
    Run("guest-1-root", 1, "root", GUEST + " --cpus 1"),
    Run("guest-2-classic", 2, "classic", GUEST + " --cpus 2"),
    Run("guest-options", 2, "root", GUEST + " --cpus 2", options=OPTIONS),
    # It fails where QEMU's processor does (tools/testing/guest/cpu/known).
    Run("cpu-2-root", 2, "root", CPU_GUEST, status=1),
    Run("cpu-2-classic", 2, "classic", CPU_GUEST, status=1),
    Run("built-in-2-root", 2, "root", "run-selftests", kernel=BUILT_IN),
    Run("series-3", 3, "root", "series-steps 3", kernel=BUILT_IN,
        hardware=(series.devices, series.networks)),
    Run("intremap-4", 4, "root", "count-steps 4", kernel=BUILT_IN, options=("--intremap",),
        hardware=(series.devices,)),
    Run("refused-3", 3, "root", "true", kernel=BUILT_IN, options=REFUSED),
    Run("want-memory-3", 3, "root", "true", kernel=BUILT_IN, options=WANT_MEMORY),
)


def say(text):
    print(f"coverage: {text}", file=sys.stderr, flush=True)


class Measurement:
    """The folders of one measurement."""

    def __init__(self, build):
        self.folder = build / "coverage"
        self.environment = {**os.environ, "O": str(self.folder), "TARGETS_BUILT": "all"}
        self.built_in = None

    def call(self, log, *argv, **environment):
        """A program, with its output in a log; fails if it does."""
        path = self.folder / log
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as out:
            return subprocess.run([str(a) for a in argv], cwd=TOP, check=False,
                                  env={**self.environment, **environment},
                                  stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT).returncode

    def need(self, log, *argv, **environment):
        if self.call(log, *argv, **environment):
            sys.exit(f"coverage: {argv[0]} has failed, see {self.folder / log}")

    # --- building ---

    def module(self, kernel):
        """The driver for a kernel; just its name if that has it."""
        if kernel == BUILT_IN:
            return "mshv"
        suffix = f"-{kernel}" if kernel else ""
        return self.folder / f"modules{suffix}" / "mshv.ko"

    def build(self):
        """Everything that runs."""
        say("building")
        make = ["make", "--no-print-directory", f"O={self.folder}"]
        self.need("build.log", *make, *PROGRAMS)
        self.need("build-modules.log", *make, "modules")
        # No code reads the counters there, so none is needed to add them up.
        self.need("build-rootvisor.log", "make", "-C", "tools/testing/rootvisor",
                  f"O={self.folder}/rootvisor", "CC=gcc -Wl,--defsym=__gcov_merge_add=0",
                  f"EXTRA_CFLAGS={FLAGS} -fprofile-info-section=.rv.gcov")
        log = self.folder / "build-kernel.log"
        with open(log, "wb") as errors:
            done = subprocess.run([TOP / "scripts/build-series", "--coverage"], cwd=TOP,
                                  check=False, text=True,
                                  env={**os.environ, "O": str(self.folder.parent)},
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        if done.returncode:
            sys.exit(f"coverage: scripts/build-series has failed, see {log}")
        self.built_in = Path(done.stdout.strip())
        for kernel in sorted({run.kernel for run in RUNS} - {BUILT_IN}):
            self.need(f"build-module{kernel}.log", "scripts/build-module",
                      f"KCFLAGS={FLAGS} -fprofile-info-section=.gcov_info",
                      "LDFLAGS_mshv.o=--defsym=__gcov_merge_add=0", ROOT_KERNEL=kernel)

    # --- running ---

    def run(self, run):
        """A machine; its status does not matter, what it has run does."""
        say(f"{run.name} begins")
        folder = self.folder / "runs" / run.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        file = f"memory-backend-file,id=memory,size={run.memory},share=on,mem-path={folder}/ram"
        steps = [option for step in ("coverage-run", "run-selftests", "series-steps", "count-steps")
                 for option in ("--file", f"{TOP}/scripts/initrd/{step}:/.rootvm/bin/{step}")]
        kernel = str(self.built_in) if run.kernel == BUILT_IN else run.kernel
        hardware = [option for part in run.hardware for option in part(folder)]
        status = self.call(
            f"runs/{run.name}.log", "scripts/rootvm", "--no-build", "--accel", "tcg",
            "--log", folder, "--module", self.module(run.kernel), "--cpus", run.cpus,
            "--sched", run.sched, "--mem", run.memory, "--timeout", SILENCE,
            "--rootvisor", "poison=on", *steps,
            "--file", f"{self.folder}/guest/cpu.img:/cpu.img", *hardware, *run.options,
            "--qemu-arg", "-object", "--qemu-arg", file,
            "--qemu-arg", "-machine", "--qemu-arg", "memory-backend=memory", "--",
            "coverage-run", "sh", "-c", f"export SELFTEST_LIMIT={PROGRAM_LIMIT}; {run.command}",
            ROOT_KERNEL=kernel)
        say(f"{run.name} has ended with status {status}")
        return status

    def run_all(self, runs):
        """What has not ended as it should."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            statuses = list(pool.map(self.run, runs))
        for run in runs:
            self.extract(run)
        return [f"{run.name}: status {status}" for run, status in zip(runs, statuses)
                if status != run.status]

    def run_units(self):
        """Unit tests, without the sanitizers, whose branches would count too."""
        say("unit tests")
        folder = self.folder / "unit"
        for old in folder.rglob("*.gcda"):
            old.unlink()
        self.need("unit.log", "make", "-C", "tools/testing/unit", f"O={folder}", "SANITIZE=",
                  f"CFLAGS=-O1 -g {FLAGS} -Wno-maybe-uninitialized", "run")

    # --- reading ---

    def counts_of_hypervisor(self, memory, folder):
        listing = output("nm", self.folder / "rootvisor" / "rootvisor64.elf")
        start, end = (int(re.search(rf"^(\w+) \w {name}$", listing, re.M)[1], 16)
                      for name in ("__gcov_start", "__gcov_end"))
        return [o.write(folder) for o in objects(memory, start, (end - start) // 8)]

    def counts_of_driver(self, run, memory, folder):
        said = (self.folder / "runs" / f"{run.name}.log").read_bytes().decode(errors="replace")
        at = {name: int(value, 16) for name, value in
              re.findall(r"^# coverage: (\w+) (?:0x)?([0-9a-f]+)\r*$", said, re.M)}
        space = Virtual(memory, at["tables"] - at["text"] + at["code"])
        if run.kernel == BUILT_IN:
            return self.counts_of_kernel(space, at, folder)
        if len(at) != 4:
            sys.exit(f"coverage: {run.name}: the driver was not loaded")
        size = re.search(r" \.gcov_info +PROGBITS +\S+ \S+ (\w+)",
                         output("readelf", "-SW", self.module(run.kernel)))
        return [o.write(folder) for o in objects(space, at["list"], int(size[1], 16) // 8)]

    def counts_of_kernel(self, space, at, folder):
        symbols = (self.built_in / "System.map").read_text(encoding="utf-8")
        head, text = (int(re.search(rf"^(\w+) \w {name}$", symbols, re.M)[1], 16)
                      for name in ("gcov_info_head", "_text"))

        def below(path, suffix):
            return str(path.with_suffix(suffix)).rpartition("/build/")[2]

        def notes(path):
            return self.built_in / "notes" / below(path, ".gcno")

        def own(path):
            # Mainline's files beside ours are not in this tree.
            return notes(path).exists() and (TOP / below(path, ".c")).exists()

        return [o.write(folder) for o in
                listed(space, head - text + at["text"], own, notes)]

    def extract(self, run):
        """The counts that a run has left in its memory, as files for gcov."""
        memory = Physical(self.folder / "runs" / run.name / "ram")
        folder = self.folder / "counts" / run.name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "rootvisor").mkdir(parents=True)
        (folder / "driver").mkdir()
        self.counts_of_hypervisor(memory, folder / "rootvisor")
        self.counts_of_driver(run, memory, folder / "driver")
        # It is large.
        (self.folder / "runs" / run.name / "ram").unlink()

    def read_all(self):
        coverage = Coverage()
        for run in RUNS:
            folder = self.folder / "counts" / run.name
            coverage.add_counts(sorted((folder / "rootvisor").rglob("*.gcda")),
                                TOP / "tools/testing/rootvisor")
            coverage.add_counts(sorted((folder / "driver").rglob("*.gcda")),
                                TOP if run.kernel == BUILT_IN else
                                self.module(run.kernel).parent / "src")
        coverage.add_counts(sorted((self.folder / "unit").rglob("*.gcda")),
                            TOP / "tools/testing/unit")
        return coverage

    def write(self, coverage):
        """Table and pages; what is wrong with them."""
        text, wrong = sides.table(coverage)
        found = sides.one_sided(coverage, TOP)
        wrong += sides.differences(found, sides.read_exceptions(
            Path(__file__).with_name("exceptions")))
        (self.folder / "table.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
        (self.folder / "one-sided.txt").write_text(
            "".join(f"{name}: {text}\n" for name, lines in found.items() for _, text in lines),
            encoding="utf-8")
        coverage.write_tracefile(self.folder / "coverage.info", TOP)
        lcov = output("scripts/fetch", "lcov").strip()
        self.need("genhtml.log", f"{lcov}/genhtml", "--branch-coverage", "--quiet", "--prefix", TOP,
                  "--output-directory", self.folder / "html", self.folder / "coverage.info")
        print("\n".join(text))
        return wrong


def output(*argv):
    return subprocess.run([str(a) for a in argv], cwd=TOP, check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def main():
    if len(sys.argv) < 2 or sys.argv[2:3] not in ([], ["--again"]):
        sys.exit("usage: coverage.py BUILD [--again [RUN]...]")
    runs = [run for run in RUNS if run.name in sys.argv[3:]] if sys.argv[2:] else list(RUNS)
    if sys.argv[2:] and len(runs) != len(sys.argv[3:]):
        sys.exit(f"coverage: runs are {' '.join(run.name for run in RUNS)}")
    measurement = Measurement(Path(sys.argv[1]).resolve())
    if runs:
        measurement.build()
    if not sys.argv[2:]:
        measurement.run_units()
    bad = measurement.run_all(runs)
    bad += measurement.write(measurement.read_all())
    for text in bad:
        print(text)
    say(f"table.txt, one-sided.txt and html/index.html are in {measurement.folder}")
    say(f"{len(bad)} differences from what is wanted" if bad else "all is as it is wanted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

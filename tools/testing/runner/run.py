#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The test runner: runs the jobs of a table and reports their results.

Model: "run" chooses jobs and has a pool run them; each job is this program again,
as "exec", in a process of its own.  The last line that "run" prints is
"N passed, N failed, N skipped", and its status is 0 only if something has passed
and nothing has failed.

Files: jobs.py has the jobs, pool.py runs them, limits.py limits them, context.py is
their environment, results.py, output.py and report.py are about their results.
"""

import argparse
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import report
from context import CACHE, CHECKING, TOP, Context, library
from history import History
from output import write_all
from pool import STATUS, Pool, adopt_orphans
from progress import Progress, span
from results import FAIL, OK, SKIP

MINUTE = 60
DEBUG_STRETCH = 6
SIGNALLED = 130


@dataclass
class Settings:
    """How this run does things; made from the command line."""
    folder: Path
    build: Path
    kernel: str
    table: Path
    parallel: int
    extras_until: float = 0.0
    extras_end: float = 0.0
    parts: dict = None

    def passed_on(self, job):
        return ["--build", self.build, "--kernel", job.kernel or self.kernel,
                "--table", self.table]

    def stretch(self, job):
        """How much longer than usual a job may take."""
        return DEBUG_STRETCH if {job.kernel, self.kernel} & set(CHECKING) else 1

    def missing_part(self, job):
        """Why a job cannot be run for want of a part."""
        if not job.part:
            return ""
        if self.parts is None:
            self.parts = {}
        if job.part not in self.parts:
            have = subprocess.run([TOP / "scripts/parts", "--have", job.part], check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  env={**os.environ, "O": str(self.build)})
            self.parts[job.part] = have.returncode == 0
        if self.parts[job.part]:
            return ""
        return f"'{job.part}' has not been built (make parts-all)"


def load_table(path):
    spec = importlib.util.spec_from_file_location("jobs_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TABLE


def parse_arguments():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.split("\n", 1)[0])
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--build", type=Path, default=Path(os.environ.get("O", TOP / "build")),
                        help="what is built stands here (default: $O, or build)")
    common.add_argument("--kernel", default=os.environ.get("ROOT_KERNEL", ""),
                        help="the root's kernel (default: $ROOT_KERNEL, or the usual one)")
    common.add_argument("--table", type=Path, default=Path(__file__).with_name("jobs.py"),
                        help="a file with TABLE, the jobs")
    common.add_argument("--suite", default="test", help="test, all, smoke, soak (default test)")
    run = commands.add_parser("run", parents=[common], help="run jobs")
    run.add_argument("pattern", nargs="?", default="", help="only jobs whose names match")
    run.add_argument("--parallel", type=int, default=default_parallel(),
                     help="jobs at a time (default: processors, as far as memory allows)")
    run.add_argument("--folder", type=Path, help="where results go (default: BUILD/test...)")
    run.add_argument("--history", type=Path, default=CACHE / "test-times.json",
                     help="where the times of jobs are kept")
    run.add_argument("--fill", type=float, metavar="MINUTES",
                     help="then start jobs of the suite 'all' that end before this minute")
    run.add_argument("--grace", type=float, metavar="MINUTES", default=10.0,
                     help="those that are not over so long after it are ended (default 10)")
    run.add_argument("--since", type=float, default=time.time(), metavar="SECONDS",
                     help="minutes of --fill are counted from this time of the epoch")
    list_ = commands.add_parser("list", parents=[common], help="list jobs")
    list_.add_argument("pattern", nargs="?", default="")
    list_.add_argument("--history", type=Path, default=CACHE / "test-times.json")
    page = commands.add_parser("report", parents=[common], help="write the last run as a page")
    page.add_argument("--folder", type=Path)
    job = commands.add_parser("exec", parents=[common], help="one job, for the runner itself")
    job.add_argument("name")
    job.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        arguments.pattern = re.compile(getattr(arguments, "pattern", ""))
    except re.error as error:
        parser.error(f"the pattern cannot be used: {error}")
    return arguments


# A machine of a job, with all around it.
JOB_MEMORY = 5 << 30


def default_parallel():
    if os.environ.get("TEST_PARALLEL", "").isdigit():
        return max(1, int(os.environ["TEST_PARALLEL"]))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(len(os.sched_getaffinity(0)), memory // JOB_MEMORY))


def results_folder(arguments):
    if arguments.folder:
        return arguments.folder
    suffix = library("kernel_suffix", kernel=arguments.kernel)
    return arguments.build / f"test{suffix}"


# --- exec ---

def run_job(arguments):
    job = load_table(arguments.table).jobs[arguments.name]
    context = Context(job.name, arguments.folder, arguments.build, arguments.kernel)
    try:
        if job.kernel:
            context.build_module()
        job.function(context, *job.args, **job.options)
    except Exception as error:	# pylint: disable=broad-except
        traceback.print_exc()
        context.not_ok("", f"broke off: {error.__class__.__name__}: {error}")
    return 0


def command_exec(arguments):
    """The job's first process: all others descend from it, however they are started,
    and it stays until they have gone.  A file reports that the job is over."""
    adopt_orphans()
    # Ignored where the run itself is in a shell's background; a job may be about them.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    job = os.fork()
    if not job:
        return run_job(arguments)
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return 0
        if pid == job:
            (arguments.folder / STATUS).write_text(str(os.waitstatus_to_exitcode(status)))


# --- list ---

def command_list(arguments):
    table = load_table(arguments.table)
    history = History(arguments.history, arguments.kernel)
    for job in table.select(arguments.suite, arguments.pattern, arguments.kernel):
        print(f"{job.name:28} {span(history.took(job)):>7}  {job.about}")
    return 0


# --- run ---

def choose_jobs(arguments):
    """The jobs that were asked for, and those to fill the time with."""
    table = load_table(arguments.table)
    jobs = table.select(arguments.suite, arguments.pattern, arguments.kernel)
    extras = []
    if arguments.fill is not None:
        extras = [job for job in table.select("all", arguments.pattern, arguments.kernel)
                  if job not in jobs]
    return jobs, extras


def prepare_folder(folder):
    """What a run before has left goes, and only that."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["rm", "-rf", *(folder / n for n in (
        "jobs", "failed", "results.ktap", "junit.xml", "results.json", "report.html"))],
        check=True)


def prepare_kernel(kernel):
    """A kernel that is built here is looked at once, and not by each job."""
    folder = library("kernel_folder", kernel)
    if not folder:
        sys.exit(f"the kernel '{kernel}' could not be built")
    if kernel.startswith("series"):
        os.environ["SERIES_BUILT"] = f"{kernel} {folder}"


def command_run(arguments):
    jobs, extras = choose_jobs(arguments)
    if not jobs and not extras:
        print(f"no job matches '{arguments.pattern.pattern}' (make test-list)", file=sys.stderr)
        return 2
    folder = results_folder(arguments).absolute()
    prepare_folder(folder)
    settings = Settings(folder, arguments.build.absolute(), arguments.kernel,
                        arguments.table.absolute(), max(1, arguments.parallel))
    if arguments.kernel in (*CHECKING, "series", "series-7.3", "7.3"):
        prepare_kernel(arguments.kernel)
    if arguments.fill is not None:
        settings.extras_until = arguments.since + arguments.fill * MINUTE
        settings.extras_end = settings.extras_until + arguments.grace * MINUTE
    pool = Pool(settings, History(arguments.history, arguments.kernel), Progress())
    started = time.time()
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    interrupted_by = 0
    try:
        pool.run(jobs, extras)
    except KeyboardInterrupt:
        interrupted_by = SIGNALLED
    pool.progress.wipe()
    write_all(folder, pool.outcomes, {"kernel": arguments.kernel or "usual",
                                      "started": started, "seconds": time.time() - started})
    status = summary(pool.outcomes, folder)
    return interrupted_by or status


def interrupted(number, frame):
    raise KeyboardInterrupt


def summary(outcomes, folder):
    """Prints the results; returns 1 if something has failed."""
    results = [(o, r) for o in outcomes for r in o.results]
    skipped = {}
    for outcome, result in results:
        if result.state == SKIP:
            skipped.setdefault(result.why or "without a reason", []).append(outcome.job.name)
    for why, names in sorted(skipped.items(), key=lambda item: -len(item[1])):
        print(f"skip: {len(names)} in {', '.join(sorted(set(names)))}: {why}")
    for outcome in outcomes:
        if outcome.left_out:
            print(f"not run: {outcome.job.name}: {outcome.left_out}")
    for outcome, result in results:
        if result.state == FAIL:
            print(f"not ok {outcome.job.name}: {result}")
    passed, failed, skips = (sum(r.state == s for _, r in results) for s in (OK, FAIL, SKIP))
    if failed:
        print(f"logs of the jobs that failed: {folder / 'failed'}")
    print(f"{passed} passed, {failed} failed, {skips} skipped", flush=True)
    return 1 if failed or not passed else 0


def command_report(arguments):
    folder = results_folder(arguments)
    source = folder / "results.json"
    if not source.exists():
        print(f"{source}: no such file; make test writes it", file=sys.stderr)
        return 2
    page = folder / "report.html"
    page.write_text(report.make_page(json.loads(source.read_text(encoding="utf-8"))),
                    encoding="utf-8")
    print(page)
    return 0


def main():
    # Tests mean the same on every machine, unless "make test ACCEL=kvm" asks for it.
    os.environ.setdefault("ROOTVM_ACCEL", "tcg")
    arguments = parse_arguments()
    return {"run": command_run, "list": command_list, "report": command_report,
            "exec": command_exec}[arguments.command](arguments)


if __name__ == "__main__":
    sys.exit(main())

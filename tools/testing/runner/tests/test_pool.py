# SPDX-License-Identifier: GPL-2.0
"""Jobs that do not do what they should: each is one failure, and nothing is left."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import tap

# pylint: disable=wrong-import-position
from limits import MARK, ProcessTable

HERE = Path(__file__).resolve().parent
MARKED = "test-of-the-runner"


def arguments(folder, suite, *options):
    return [sys.executable, "-B", tap.RUNNER / "run.py", "run", "--table",
            HERE / "bad_jobs.py", "--suite", suite, "--folder", folder / "results",
            "--history", folder / "times.json", *options]


class Run(unittest.TestCase):
    """Runs the table of bad jobs."""

    suite = "test"
    options = ()
    times = {}

    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temp.name)
        (cls.folder / "times.json").write_text(json.dumps(cls.times))
        outer = f"{os.environ[MARK]}/" if os.environ.get(MARK) else ""
        cls.mark = f"{outer}{MARKED}-{os.getpid()}-{cls.__name__}"
        done = subprocess.run(arguments(cls.folder, cls.suite, *cls.options), check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, MARK: cls.mark, "ROOT_KERNEL": ""})
        cls.status, cls.said = done.returncode, done.stdout
        cls.left = ProcessTable().scan().get(cls.mark, [])
        results = json.loads((cls.folder / "results/results.json").read_text())
        cls.jobs = {job["name"]: job for job in results["jobs"]}

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    def failures(self, name):
        return [why or what for what, state, why in self.jobs[name]["results"]
                if state == "not ok"]

    def one_failure(self, name, pattern):
        failures = self.failures(name)
        self.assertEqual(len(failures), 1, self.said)
        self.assertRegex(failures[0], pattern)

    def nothing_is_left(self):
        self.assertEqual([p.pid for p in self.left], [])


class BadJobs(Run):
    """Jobs without a machine."""

    options = ("--parallel", "3")

    def test_status(self):
        """The run fails, and the last line counts"""
        self.assertEqual(self.status, 1)
        self.assertRegex(self.said.splitlines()[-1], r"^\d+ passed, \d+ failed, 0 skipped$")

    def test_good(self):
        """A good job is not disturbed"""
        self.assertEqual(self.jobs["good"]["results"], [["good", "ok", ""]])

    def test_spins(self):
        """A job that spins is ended, and what it had found is kept"""
        self.one_failure("spins", "no end after 5 s of processor time; last line: ok 1 a")
        self.assertEqual(self.jobs["spins"]["results"][:2],
                         [["before", "ok", ""], ["a", "ok", ""]])

    def test_forks(self):
        """So is one that does so in many short processes"""
        self.one_failure("forks", "no end after 5 s of processor time")

    def test_sleeps(self):
        """A job that sleeps is ended, with its last line"""
        self.one_failure("sleeps", "no end after 5 s of own time; last line: gone to sleep")

    def test_prints(self):
        """A job that prints for ever is ended"""
        self.one_failure("prints", "no end after 4 MiB of output")

    def test_dies(self):
        """A job that dies has failed"""
        self.one_failure("dies", "broke off with status -9")

    def test_raises(self):
        """An error in a job is its failure"""
        self.one_failure("raises", "ValueError: an odd value")

    def test_says_nothing(self):
        """A job without a result has failed"""
        self.one_failure("says_nothing", "no results")

    def test_leaves(self):
        """A job that leaves a process behind has failed"""
        self.one_failure("leaves", "left running: sleep")

    def test_logs(self):
        """The logs of jobs that failed stand in one folder, which is named"""
        self.assertIn(f"failed: {self.folder}/results/failed", self.said)
        failed = sorted(p.name for p in (self.folder / "results/failed").iterdir())
        self.assertEqual(failed, sorted(n for n in self.jobs if n != "good"))
        self.assertTrue((self.folder / "results/failed/spins/log").exists())

    def test_last_lines(self):
        """The last lines are shown"""
        self.assertRegex(self.said, r"(?m)^  \| gone to sleep$")

    def test_times(self):
        """How long jobs took is known the next time"""
        times = json.loads((self.folder / "times.json").read_text())
        self.assertGreaterEqual(times["usual"]["sleeps"]["took"], 4)

    def test_left(self):
        """No process is left"""
        self.nothing_is_left()


class Emulator(Run):
    """A job whose emulator has failed is repeated once."""

    suite = "emulator"

    def test_once(self):
        """One that succeeds the second time is good, and it is reported"""
        self.assertEqual(self.failures("emulator_fails"), [])
        self.assertTrue(self.jobs["emulator_fails"]["repeated"])
        self.assertIn("emulator_fails: QEMU's emulation failed, once more", self.said)

    def test_twice(self):
        """One that fails again has failed"""
        self.one_failure("always_fails", "the root ends properly")


class Filling(Run):
    """Jobs that are to fill the time."""

    suite = "none"
    options = ("--fill", "1", "--grace", "-0.5", "--parallel", "1")
    times = {"usual": {name: {"took": took, "when": 1, "passed": passed}
                       for name, took, passed in (
                           ("long", 10**7, True), ("short", 1, True), ("endless", 2, True),
                           ("failed", 1, False))}}

    def test_short(self):
        """A job is run if there is time for it"""
        self.assertEqual(self.jobs["short"]["results"], [["good", "ok", ""]])

    def test_unknown(self):
        """A job that was never run, or failed the last time, is left out"""
        for name in ("unknown", "failed"):
            self.assertIn("has not passed here yet", self.jobs[name]["left_out"])

    def test_long(self):
        """A job is left out, by name, if there is not"""
        self.assertEqual(self.jobs["long"]["left_out"], "no time left for it")
        self.assertIn("not run: long: no time left for it", self.said)

    def test_endless(self):
        """One that takes longer than the last time is ended, and left out"""
        self.assertEqual(self.jobs["endless"]["left_out"], "it did not end in time")

    def test_status(self):
        """Want of time is no failure"""
        self.assertEqual(self.status, 0, self.said)


class Interrupted(unittest.TestCase):
    """Ctrl-c."""

    def test_signal(self):
        """A signal ends all jobs and names what was not run; no process is left"""
        outer = f"{os.environ[MARK]}/" if os.environ.get(MARK) else ""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with tempfile.TemporaryDirectory() as temp:
                self.interrupt(Path(temp), number, f"{outer}{MARKED}-{os.getpid()}-{number}")

    def interrupt(self, folder, number, mark):
        run = subprocess.Popen(arguments(folder, "waiting", "--parallel", "2"), text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT,
                               env={**os.environ, MARK: mark, "ROOT_KERNEL": ""})
        logs = [folder / f"results/jobs/waits-{n}/log" for n in range(2)]
        while not all(log.exists() and "gone to sleep" in log.read_text() for log in logs):
            self.assertIsNone(run.poll())
            time.sleep(0.1)
        run.send_signal(number)
        said, _ = run.communicate()
        self.assertEqual(run.returncode, 130, said)
        self.assertIn("not run: waits-0: ended by a signal", said)
        self.assertIn("not run: waits-2: not begun", said)
        self.assertTrue(re.search(r"^0 passed, 0 failed, 0 skipped$", said, re.MULTILINE))
        self.assertEqual(ProcessTable().scan().get(mark, []), [])


class Words(unittest.TestCase):
    """The command line."""

    def run_with(self, *options):
        with tempfile.TemporaryDirectory() as temp:
            return subprocess.run(arguments(Path(temp), "test", *options), check=False,
                                  text=True, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_no_match(self):
        """A pattern that matches no job is an error"""
        done = self.run_with("nonesuch")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no job matches 'nonesuch'", done.stdout)

    def test_bad_pattern(self):
        """So is one that is no pattern"""
        done = self.run_with("(")
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot be used", done.stdout)

    def test_pattern(self):
        """Only jobs that match are run"""
        done = self.run_with("^goo")
        self.assertEqual(done.stdout.splitlines()[-1], "1 passed, 0 failed, 0 skipped")


if __name__ == "__main__":
    tap.main()

# SPDX-License-Identifier: GPL-2.0
"""What counts as processor time and as own time, on a /proc made for the purpose."""

import os
import tempfile
import unittest
from pathlib import Path

import tap

# pylint: disable=wrong-import-position
from limits import MARK, NSEC, TICK, Clock, ProcessTable, Usage


class Machine:
    """A /proc with processes of one thread, and a clock."""

    def __init__(self, folder):
        self.proc = Path(folder)
        self.now = 0.0
        self.times = [0] * 8
        self._write_stat()
        self.table = ProcessTable(self.proc)
        self.clock = Clock(self.table, lambda: self.now)
        self.usage = Usage()

    def _write_stat(self):
        (self.proc / "stat").write_text("cpu  " + " ".join(map(str, self.times)) + " 0 0\n")

    def process(self, pid, parent=1, mark="", state="S", ran=0.0, waited=0.0, turns=0,
                children=0.0):
        folder = self.proc / str(pid)
        task = folder / "task" / str(pid)
        task.mkdir(parents=True, exist_ok=True)
        numbers = [parent] + [0] * 9 + [int(ran * TICK), 0, int(children * TICK), 0]
        fields = [str(n) for n in numbers] + ["0"] * 4 + ["77"]
        line = f"{pid} (a) b) {state} " + " ".join(fields) + "\n"
        (folder / "stat").write_text(line)
        (folder / "environ").write_text(f"A=b\0{MARK}={mark}\0" if mark else "A=b\0")
        (task / "stat").write_text(line)
        (task / "schedstat").write_text(f"{int(ran * NSEC)} {int(waited * NSEC)} {turns}\n")

    def pass_time(self, seconds=1.0, steal=0.0):
        self.now += seconds
        self.times[0] += int(100 * (seconds - steal))
        self.times[7] += int(100 * steal)
        self._write_stat()
        self.clock.sample()
        jobs = self.table.scan()
        self.usage.sample(self.table, self.clock, jobs.get("job", []))


class Measures(unittest.TestCase):
    """Processor time and own time of a job."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.machine = Machine(temp.name)

    def test_sleeping(self):
        """One that sleeps or is stopped uses own time and no processor time"""
        for state in "STt":
            self.machine.process(10, mark="job", state=state)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.own, 3.0)
        self.assertEqual(self.machine.usage.processor, 0.0)

    def test_spinning(self):
        """One that spins uses both"""
        for second in range(4):
            self.machine.process(10, mark="job", state="R", ran=float(second), turns=second)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.processor, 3.0)
        self.assertEqual(self.machine.usage.own, 4.0)

    def test_starved(self):
        """One that waits for a processor most of the time uses no own time"""
        for second in range(4):
            self.machine.process(10, mark="job", state="R", ran=0.3 * second,
                                 waited=0.7 * second, turns=second)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.own, 1.0)
        self.assertAlmostEqual(self.machine.usage.processor, 0.9, 1)

    def test_one_starved_thread(self):
        """One starved thread is enough, whatever the others do"""
        for second in range(3):
            self.machine.process(10, mark="job", ran=float(second), turns=second)
            self.machine.process(11, mark="job", waited=0.9 * second, turns=second)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.own, 1.0)

    def test_wait_that_goes_on(self):
        """A wait that is not over yet has not been counted by the kernel, but is one"""
        for _ in range(4):
            self.machine.process(10, mark="job", state="R", ran=1.0, waited=1.0, turns=5)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.own, 1.0)

    def test_mostly_running(self):
        """One that waits less than half of the time is not starved"""
        for second in range(3):
            self.machine.process(10, mark="job", state="R", ran=0.6 * second,
                                 waited=0.4 * second, turns=second)
            self.machine.pass_time()
        self.assertEqual(self.machine.usage.own, 3.0)

    def test_stolen(self):
        """A second that the host has stolen does not count"""
        self.machine.process(10, mark="job")
        self.machine.pass_time(steal=0.6)
        self.machine.pass_time(steal=0.4)
        self.assertEqual(self.machine.usage.own, 1.0)

    def test_late_sample(self):
        """A sample that comes late counts one second"""
        self.machine.process(10, mark="job")
        self.machine.pass_time(30.0)
        self.assertEqual(self.machine.usage.own, 1.0)

    def test_descendants(self):
        """Children without the mark belong to the job, also when their parent has gone"""
        self.machine.process(10, mark="job", ran=1.0)
        self.machine.process(11, parent=10, ran=2.0)
        self.machine.process(12, parent=1, ran=50.0)
        self.machine.pass_time()
        self.assertEqual(self.machine.usage.processor, 3.0)
        for name in ("stat", "environ"):
            os.unlink(self.machine.proc / "10" / name)
        self.machine.process(11, parent=1, ran=4.0)
        self.machine.pass_time()
        self.assertEqual(self.machine.usage.processor, 5.0)

    def test_waited_for(self):
        """So do those that have come and gone between two looks"""
        self.machine.process(10, mark="job", ran=1.0, children=7.0)
        self.machine.pass_time()
        self.assertEqual(self.machine.usage.processor, 8.0)

    def test_jobs_within(self):
        """A job has the processes of the jobs that it runs"""
        self.machine.process(10, mark="job/inner.1/deep.2", ran=2.0)
        self.machine.process(11, mark="jobs", ran=9.0)
        self.machine.pass_time()
        self.assertEqual(self.machine.usage.processor, 2.0)


if __name__ == "__main__":
    tap.main()

# SPDX-License-Identifier: GPL-2.0
"""Machines that do not end: each is one failure, and no emulator is left."""

import tap
from test_pool import Run


class Machines(Run):
    """An emulator that is stopped, roots that hang and print."""

    suite = "machines"

    def test_stopped(self):
        """An emulator that is stopped is ended"""
        self.one_failure("stopped", "no end after 40 s of own time; last line: the root runs")

    def test_hangs(self):
        """A root that hangs with interrupts off is ended"""
        self.one_failure("hangs", "no end after 40 s of (processor|own) time; last line: I hang")

    def test_prints(self):
        """A root that prints for ever is ended"""
        self.one_failure("root_prints", "no end after 4 MiB of output; last line: x")

    def test_logs(self):
        """The machine's logs are kept"""
        folder = self.folder / "results/failed/hangs"
        self.assertEqual(len(list(folder.glob("rootvm.*/hypervisor.log"))), 1)

    def test_left(self):
        """No process is left"""
        self.nothing_is_left()


if __name__ == "__main__":
    tap.main()

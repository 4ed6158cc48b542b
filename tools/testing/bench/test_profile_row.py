# SPDX-License-Identifier: GPL-2.0
"""What a profile makes of QEMU's log and of symbols."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runner/tests"))

# pylint: disable=wrong-import-position
import profile_row as profile

import tap

KALLSYMS = """\
ffffffff81000000 T _text
ffffffff81000100 t do_work
ffffffff81000180 d not_code
ffffffffc0000000 t mshv_run\t[mshv]
ffffffffc1000000 t nvme_poll\t[nvme]
""".splitlines()
HYPERVISOR = [(0x10000000, "lp_loop", ""), (0x10000100, "svm_run", "")]
PROGRAM = [(0x20001000, "main", "")]


def trace(address, flags):
    return b"Trace 0: 0x7f0000000000 [00000000/%016x/%08x/ff022201] name\n" % (address, flags)


def in_functions(counts):
    return profile.functions(counts, profile.Table("kernel", profile.nm_symbols(KALLSYMS)),
                             profile.Table("hypervisor", HYPERVISOR),
                             profile.Table("program", PROGRAM))


class Log(unittest.TestCase):
    def test_who(self):
        """The hypervisor and what it runs are told apart"""
        log = [trace(0x1000, 0x1050c2b0), trace(0x1000, 0x1070c2b0), trace(0x1000, 0x1070c2b0)]
        self.assertEqual(profile.count(log, 0), {("host", 0x1000): 1, ("guest", 0x1000): 2})

    def test_start(self):
        """What comes before the start does not count"""
        log = [trace(address, 0) for address in (0x1000, 0x2000, 0x3000)]
        self.assertEqual(profile.count(log, 0x2000), {("host", 0x3000): 1})

    def test_other_lines(self):
        """Lines of another kind do not count"""
        self.assertEqual(profile.count([b"Stopped execution of TB chain\n", b"\n"], 0), {})

    def test_counts(self):
        """What is recorded is what is shown"""
        self.assertEqual(list(profile.read_counts(["host 1f 3\n"])), [("host", 0x1f, 3)])


class Functions(unittest.TestCase):
    def test_layers(self):
        """Each address is in its layer's function"""
        counts = [("host", 0x10000104, 1), ("guest", 0xffffffff81000100, 2),
                  ("guest", 0xffffffff810001ff, 3), ("guest", 0xffffffffc0000010, 4),
                  ("guest", 0xffffffffc1000010, 5), ("guest", 0x20001004, 6),
                  ("guest", 0x1000, 7)]
        self.assertEqual(in_functions(counts), {
            ("hypervisor", "svm_run"): 1, ("kernel", "do_work"): 5, ("driver", "mshv_run"): 4,
            ("kernel", "nvme_poll"): 5, ("program", "main"): 6, ("guest", "all of it"): 7})

    def test_before_all(self):
        """An address before all symbols is shown as a number"""
        self.assertEqual(in_functions([("host", 0xfff, 1)]), {("hypervisor", "0xfff"): 1})

    def test_report(self):
        """The functions with most come first, and the layers have the sums"""
        said = list(profile.report(in_functions([("host", 0x10000000, 10), ("host", 0x10000100, 20),
                                                 ("guest", 0x20001000, 70)]), 2))
        self.assertEqual(said[0], "100 instructions, the 2 functions with most of them:")
        self.assertEqual([line.split() for line in said[2:4]],
                         [["70", "70.0%", "program", "main"],
                          ["20", "20.0%", "hypervisor", "svm_run"]])
        self.assertEqual(said[5].split(), ["30", "30.0%", "hypervisor"])
        self.assertEqual(len(said), 5 + len(profile.LAYERS))


if __name__ == "__main__":
    tap.main()

# SPDX-License-Identifier: GPL-2.0
"""What is made of several measurements, and of storms under two drivers."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runner/tests"))

# pylint: disable=wrong-import-position
import page

import tap


def cost(instructions, scheduler="root", calls=1, sleeps=0):
    return json.dumps({"group": "running", "operation": "exit", "scheduler": scheduler,
                       "hypercalls": calls, "instructions": instructions, "sleeps": sleeps})


def storm(instructions, calls):
    return json.dumps({"group": "storm", "operation": "page taken", "scheduler": "root",
                       "times": 10, "hypercalls": calls, "instructions": instructions,
                       "root_instructions": instructions // 2, "alone": 100, "resident": -10})


def rows(maker, *files):
    return [page.cells(line) for line in maker(*files)][2:]


class Compare(unittest.TestCase):
    def test_part(self):
        """A row that wakes no thread differs by a part"""
        self.assertEqual(rows(page.compare, [cost(1000)], [cost(1004)], [cost(1002)]),
                         [["exit", "0.40 %", "-"]])

    def test_too_much(self):
        """And must not differ by more than a hundredth"""
        with self.assertRaisesRegex(page.Differs, "exit, classic: 1.10 %"):
            list(page.compare([cost(1000), cost(1000, "classic")],
                              [cost(1000), cost(1011, "classic")]))

    def test_range(self):
        """One that wakes a thread has a range"""
        self.assertEqual(rows(page.compare, [cost(1500, sleeps=1)], [cost(1000)]),
                         [["exit", "1000 to 1500", "-"]])

    def test_calls(self):
        """Hypercalls are the same in any case"""
        with self.assertRaisesRegex(page.Differs, "hypercalls differ"):
            list(page.compare([cost(1000, sleeps=1)], [cost(1000, calls=2)]))

    def test_unknown(self):
        """What was not counted does not differ"""
        self.assertEqual(rows(page.compare, [cost(None)], [cost(None)]), [["exit", "-", "-"]])


class Storms(unittest.TestCase):
    def test_each(self):
        """Everything is for one of many"""
        self.assertEqual(rows(page.storms, [storm(5000, 10)], [storm(10000, 25)]),
                         [["page taken", "1.0", "2.5", "500", "1000", "0.50", "250", "500", "0.50",
                           "10", "-1.0", "-1.0"]])


if __name__ == "__main__":
    tap.main()

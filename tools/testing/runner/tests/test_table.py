# SPDX-License-Identifier: GPL-2.0
"""Which jobs of a table are chosen."""

import re
import unittest

import tap

# pylint: disable=wrong-import-position
from table import Table


class Select(unittest.TestCase):
    """Jobs by suite and name."""

    def setUp(self):
        self.table = Table()
        for name, suites, kernels in (("quick-1", ("test", "all"), ()),
                                      ("slow-1", ("all",), ()),
                                      ("slow-2", ("all",), ("odd",)),
                                      ("open-1", ("open",), ())):
            self.table.add(name, None, suites=suites, kernels=kernels)

    def chosen(self, suite, pattern, kernel=""):
        return [job.name for job in self.table.select(suite, re.compile(pattern), kernel)]

    def test_suite(self):
        """A pattern chooses from the suite"""
        self.assertEqual(self.chosen("test", "-1"), ["quick-1"])

    def test_full_name(self):
        """A job that is named in full need not be in the suite"""
        self.assertEqual(self.chosen("test", "open-1"), ["open-1"])

    def test_slower_ones(self):
        """A pattern that the suite has no job for chooses from all"""
        self.assertEqual(self.chosen("test", "slow-.*"), ["slow-1"])
        self.assertEqual(self.chosen("test", "slow-.*", "odd"), ["slow-1", "slow-2"])

    def test_open_ones(self):
        """But not from the open ones"""
        self.assertEqual(self.chosen("test", "open-."), [])

    def test_no_pattern(self):
        """Without a pattern a suite stays what it is"""
        self.assertEqual(self.chosen("smoke", ""), [])


if __name__ == "__main__":
    tap.main()

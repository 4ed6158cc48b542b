# SPDX-License-Identifier: GPL-2.0
"""Runs the tests of a file and prints TAP."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
RUNNER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(RUNNER))


class TapResult(unittest.TestResult):
    """Prints each result when it is there."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def _say(self, word, test, more=""):
        self.number += 1
        name = (test.shortDescription() or str(test)).rstrip(".")
        print(f"{word} {self.number} - {name}{more}", flush=True)

    def addSuccess(self, test):
        self._say("ok", test)

    def addSkip(self, test, reason):
        self._say("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        text = self.failures[-1][1]
        for line in text.splitlines():
            print(f"# {line}")
        where = err[2]
        while where.tb_next:
            where = where.tb_next
        print(f"# test:{where.tb_lineno}: {err[1]}".splitlines()[0])
        self._say("not ok", test)

    addError = addFailure


def main():
    """For a file of tests: all of them."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print("TAP version 13")
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(not result.wasSuccessful())

# SPDX-License-Identifier: GPL-2.0
"""Results of a job, the file they are written to, TAP.

Model: a job appends one line of JSON per result to a file of its own as soon as
it is known, so that the results of a job which is killed are not lost.  The
runner reads the files; a job has no other channel to the runner.

Words: result, one claim that held, did not hold, or was skipped.
"""

import json
import re
from dataclasses import dataclass

OK = "ok"
FAIL = "not ok"
SKIP = "skip"

# Longer reasons are cut: the log has the rest.
WHY_LENGTH = 300


@dataclass
class Result:
    """One claim: its name, OK, FAIL or SKIP, and the reason if it is not OK."""
    name: str
    state: str
    why: str = ""

    def __str__(self):
        return ": ".join(part for part in (self.name, self.why) if part)


def one_line(text):
    """A reason as one line, without control bytes, of bounded length."""
    text = " / ".join(text.strip().splitlines())
    text = re.sub(r"[\x00-\x1f\x7f]", "", text)
    return text[:WHY_LENGTH]


class ResultFile:
    """Results on their way into a file."""

    def __init__(self, path):
        self.path = path
        path.touch()

    def add(self, result):
        result.why = one_line(result.why)
        line = json.dumps([result.name, result.state, result.why])
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(line + "\n")


def read_results(path):
    """All results in a file; a last line that was not finished is left out."""
    results = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return results
    for line in lines:
        try:
            results.append(Result(*json.loads(line)))
        except (ValueError, TypeError):
            continue
    return results


class TapReader:
    """Turns lines of TAP into results.

    Several programs may print their plans one after the other.  A comment that
    names a file and a line is the reason of the failure that follows it, as
    kselftest_harness.h prints it.
    """

    # A plan of none has the reason why the program was skipped.
    PLAN = re.compile(r"^1\.\.(\d+)(?: # SKIP (.*))?")
    LINE = re.compile(r"^(not )?ok \d+ *(?:- )?(.*)$")
    WHERE = re.compile(r"^# (?:\S*/)?(\S*:\d+:.*)$")
    SKIPPED = re.compile(r"# *SKIP", re.IGNORECASE)

    def __init__(self, emit, prefix=""):
        self.emit = emit
        self.prefix = prefix
        self.planned = 0
        self.seen = 0
        self.failed = 0
        self.skipped = ""
        self.why = []

    def feed(self, line):
        line = line.rstrip("\r\n")
        plan = self.PLAN.match(line)
        if plan:
            self.planned += int(plan.group(1))
            self.skipped = plan.group(2) or self.skipped
            return
        where = self.WHERE.match(line)
        if where and sum(map(len, self.why)) < WHY_LENGTH:
            self.why.append(where.group(1))
            return
        result = self.LINE.match(line)
        if result:
            self._result(result.group(1) is not None, result.group(2))

    def _result(self, bad, name):
        self.seen += 1
        why, self.why = "; ".join(self.why), []
        if self.SKIPPED.search(name):
            name, reason = self.SKIPPED.split(name, 1)
            self.emit(Result(self.prefix + name.strip(" -"), SKIP, reason.strip(" :")))
        elif bad:
            self.failed += 1
            self.emit(Result(self.prefix + name, FAIL, why))
        else:
            self.emit(Result(self.prefix + name, OK))

    def end(self):
        """No more lines: a plan that was not met is a failure."""
        if self.skipped and not self.planned:
            self.emit(Result(self.prefix.strip(": ") or "plan", SKIP, self.skipped))
        elif not self.planned or self.seen < self.planned:
            self.failed += 1
            self.emit(Result(self.prefix.strip(": ") or "plan", FAIL,
                             f"{self.seen} results of {self.planned} planned"))

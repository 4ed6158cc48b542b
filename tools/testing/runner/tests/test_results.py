# SPDX-License-Identifier: GPL-2.0
"""TAP in; KTAP, JUnit and the page out."""

import json
import tempfile
import types
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import tap

# pylint: disable=wrong-import-position
from output import write_all
from pool import Outcome
from report import make_page
from results import FAIL, OK, SKIP, Result, ResultFile, TapReader, one_line, read_results


def read_tap(text, prefix=""):
    results = []
    reader = TapReader(results.append, prefix)
    for line in text.splitlines():
        reader.feed(line)
    reader.end()
    return [(r.name, r.state, r.why) for r in results]


class Tap(unittest.TestCase):
    """TAP becomes results."""

    def test_states(self):
        """Passed, failed and skipped tests are distinguished"""
        said = read_tap("TAP version 13\n1..3\nok 1 a\n# dir/x.c:7:b:why\nnot ok 2 - b\n"
                        "ok 3 c # SKIP no such thing\n", "p ")
        self.assertEqual(said, [("p a", OK, ""), ("p b", FAIL, "x.c:7:b:why"),
                                ("p c", SKIP, "no such thing")])

    def test_plan(self):
        """A program that dies before its end has failed"""
        self.assertEqual(read_tap("1..2\nok 1 a\n")[-1],
                         ("plan", FAIL, "1 results of 2 planned"))

    def test_no_plan(self):
        """So has one that says nothing"""
        self.assertEqual(read_tap("")[0][1], FAIL)

    def test_skipped_program(self):
        """One that plans nothing and says why is skipped, and one that does not has failed"""
        said = read_tap("TAP version 13\n1..0 # SKIP no device\n", "p ")
        self.assertEqual(said, [("p", SKIP, "no device")])
        self.assertEqual(read_tap("1..0\n")[0][1], FAIL)

    def test_plans(self):
        """Plans of several programs add up"""
        said = read_tap("1..1\nok 1 a\n1..1\nnot ok 1 b\n")
        self.assertEqual([s[1] for s in said], [OK, FAIL])

    def test_reason_is_not_kept(self):
        """A reason belongs to the failure that follows it and to no other"""
        said = read_tap("1..2\n# x.c:7:a:why\nok 1 a\nnot ok 2 b\n")
        self.assertEqual(said[1], ("b", FAIL, ""))


class Files(unittest.TestCase):
    """Results on their way from a job to the runner, and out."""

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.folder = Path(self.temp.name)
        self.addCleanup(self.temp.cleanup)

    def test_unfinished(self):
        """A line that was not finished does not spoil those before it"""
        out = ResultFile(self.folder / "results")
        out.add(Result("a", OK))
        out.add(Result("b", FAIL, "one\ntwo\x07"))
        with open(out.path, "a", encoding="utf-8") as f:
            f.write('["c", "o')
        self.assertEqual(read_results(out.path),
                         [Result("a", OK), Result("b", FAIL, "one / two")])

    def test_no_file(self):
        """A job that wrote no file has no results"""
        self.assertEqual(read_results(self.folder / "none"), [])

    def test_one_line(self):
        """Reasons are bounded"""
        self.assertLessEqual(len(one_line("x" * 10000)), 300)

    def outcomes(self):
        folder = self.folder / "job"
        folder.mkdir()
        (folder / "log").write_bytes(b"<b>\x1b[31m\xff end of the log\n")
        job = types.SimpleNamespace(name="job<1>", about="about & all")
        results = [Result("good", OK), Result("a \"b\" # <c>", FAIL, "why & <how>"),
                   Result("no", SKIP, "not here")]
        return [Outcome(job, results, 3.0, 2.0, 1.0, folder),
                Outcome(types.SimpleNamespace(name="late", about=""), left_out="no time")]

    def test_junit(self):
        """JUnit's XML can be read by others and has all of it"""
        write_all(self.folder, self.outcomes(), {})
        suites = ElementTree.parse(self.folder / "junit.xml").getroot()
        self.assertEqual([s.get("name") for s in suites], ["job<1>", "late"])
        self.assertEqual(suites[0].get("failures"), "1")
        failure = suites[0].findall("testcase")[1].find("failure")
        self.assertEqual(failure.get("message"), "why & <how>")
        self.assertIn("end of the log", suites[0].find("system-out").text)
        self.assertIsNotNone(suites[1].find("testcase/skipped"))

    def test_ktap(self):
        """KTAP has a subtest per job"""
        write_all(self.folder, self.outcomes(), {})
        lines = (self.folder / "results.ktap").read_text().splitlines()
        self.assertEqual(lines[:2], ["KTAP version 1", "1..2"])
        self.assertIn("  # Subtest: job<1>", lines)
        self.assertIn('  not ok 2 a "b" \\# <c>', lines)
        self.assertIn("not ok 1 job<1>", lines)
        self.assertIn("ok 2 late # SKIP no time", lines)

    def test_page(self):
        """The page escapes what jobs have said, and needs nothing from elsewhere"""
        write_all(self.folder, self.outcomes(), {"kernel": "k", "started": 0, "seconds": 9})
        page = make_page(json.loads((self.folder / "results.json").read_text()))
        self.assertIn("why &amp; &lt;how&gt;", page)
        self.assertNotIn("<b>", page)
        self.assertIn("not run", page)
        for word in ("http:", "https:", "<script", "<link", "@import"):
            self.assertNotIn(word, page)


if __name__ == "__main__":
    tap.main()

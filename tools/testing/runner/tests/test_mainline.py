# SPDX-License-Identifier: GPL-2.0
"""Selftests with mainline's driver: a crash costs one test, and the list is kept to."""

import tempfile
import unittest
from pathlib import Path

import tap
from kinds import mainline
from results import FAIL, OK, SKIP, Result

LIST = """# Comment
A reason.
\tfails one a.x
\tends  two b.y classic
\tvaries two b.z
"""
PANIC = "[    1.0] BUG: kernel NULL pointer dereference, address: 0\n"


class Fake:
    """A context whose machines say what they are told to."""

    def __init__(self, folder, machines):
        self.dir = Path(folder)
        self.build = self.dir
        self.kernel = "7.3"
        self.machines = machines
        self.commands = []
        self.results = []

    def emit(self, result):
        self.results.append(result)

    def check(self, name, holds, why=""):
        self.emit(Result(name, OK) if holds else Result(name, FAIL, why))

    def not_ok(self, name, why=""):
        self.check(name, False, why)

    def skip(self, name, why):
        self.emit(Result(name, SKIP, why))

    def step(self, name):
        return ["--file", name]

    def ended(self, status, wanted=0):
        if status != wanted:
            self.not_ok("the root ends properly", f"status {status}")

    def last_line(self):
        return "nothing happened"

    def machine(self, *_options, command, log, feed, module):
        self.commands.append(command[3:])
        said, console = self.machines.pop(0)
        (self.dir / log).mkdir()
        (self.dir / log / "serial.log").write_text(console)
        for line in said.splitlines(True):
            feed(line)
        return 125 if console or "# all ran" not in said else 0


def program(name, *lines, end=True):
    said = [f"# begin {name}", f"1..{len(lines)}"]
    for number, line in enumerate(lines, 1):
        test = line.split()[-1] if "SKIP" not in line else line.split()[1]
        said.append(f"#  RUN           {test} ...")
        if " " in line:
            word, rest = line.split(" ", 1)
            said.append(f"{'not ok' if word == 'bad' else 'ok'} {number} {rest}")
    if end:
        said.append(f"# end {name} {int(any(line.startswith('bad') for line in lines))}")
    return "\n".join(said) + "\n"


class Sweeps(unittest.TestCase):
    """Machines that end in the midst of a test."""

    def sweep(self, *machines, wanted=("one", "two")):
        with tempfile.TemporaryDirectory() as folder:
            for name in wanted:
                (Path(folder) / "selftests").mkdir(exist_ok=True)
                path = Path(folder) / "selftests" / name
                path.write_text("#!/bin/sh\ncat <<'END'\n# FIXTURE            VARIANT"
                                "                   TEST\n" + "-" * 80 + "\n"
                                f"{'a':20} {'':25} x\n{'':20} {'':25} y\n{'':20} {'':25} z\nEND\n")
                path.chmod(0o755)
            t = Fake(folder, list(machines))
            found = mainline.Sweep(t)
            found.run(list(wanted))
            return t, found.found

    def test_whole(self):
        """Nothing ends the machine: there is one"""
        t, found = self.sweep((program("one", "ok a.x") + program("two", "bad a.x") +
                               "# all ran\n", ""))
        self.assertEqual(t.commands, [["one", "two"]])
        self.assertEqual({k: v[0] for k, v in found.items()},
                         {"one a.x": OK, "two a.x": mainline.FAILS})

    def test_crash(self):
        """A crash costs the test that was running, and no other"""
        t, found = self.sweep(
            (program("one", "ok a.x", "a.y", end=False), PANIC),
            (program("one", "ok a.z") + program("two", "ok a.x") + "# all ran\n", ""))
        self.assertEqual(t.commands, [["one", "two"], ["one -r a.z", "two"]])
        self.assertEqual(found["one a.y"], (mainline.ENDS, PANIC.split("] ")[1].strip()))
        self.assertEqual(found["one a.z"][0], OK)

    def test_last_hangs(self):
        """After the last test of a program comes the next program"""
        t, found = self.sweep(
            (program("one", "ok a.x", "ok a.y", "a.z", end=False), ""),
            (program("two", "ok a.x") + "# all ran\n", ""))
        self.assertEqual(t.commands, [["one", "two"], ["two"]])
        self.assertEqual(found["one a.z"], (mainline.HANGS, "nothing happened"))

    def test_beside(self):
        """A machine that ends beside the tests of a program is a failure, and others are run"""
        t, found = self.sweep(
            (program("one", "ok a.x", end=False), PANIC),
            (program("two", "ok a.x") + "# all ran\n", ""))
        self.assertEqual([r.name for r in t.results if r.state == FAIL], ["one"])
        self.assertEqual(t.commands[1], ["two"])
        self.assertEqual(set(found), {"one a.x", "two a.x"})

    def test_between(self):
        """A machine that ends between two tests ends the sweep"""
        t, _ = self.sweep(("", ""))
        self.assertEqual([r.name for r in t.results], ["a machine ends between two tests"])


class Lists(unittest.TestCase):
    """What is known, and what is found."""

    def failures(self, found, conditions=("root", "1")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list"
            path.write_text(LIST)
            t = Fake(folder, [])
            known = mainline.Known(path, set(conditions), ("one", "two"))
            mainline.judge(t, known, {k: (v, "why") for k, v in found.items()})
            return [r.name for r in t.results if r.state == FAIL]

    def test_as_known(self):
        """What fails as it is known to fail is no failure"""
        self.assertEqual(self.failures({"one a.x": "fails", "two b.z": OK, "one c": SKIP}), [])

    def test_new(self):
        """A new failure is one, and so is another kind of failure"""
        self.assertEqual(self.failures({"one a.x": "ends", "two b.z": "hangs", "two b.y": "ends"}),
                         ["one a.x", "two b.y"])

    def test_passes(self):
        """So is a test that passes all of a sudden, or is not run any more"""
        self.assertEqual(self.failures({"one a.x": OK, "two b.z": OK}), ["one a.x"])
        self.assertEqual(self.failures({"two b.z": OK}), ["all that is in the list was run"])

    def test_conditions(self):
        """A line counts where it says"""
        self.assertEqual(self.failures({"one a.x": "fails", "two b.z": OK, "two b.y": "ends"},
                                       ("classic", "1")), [])


if __name__ == "__main__":
    tap.main()

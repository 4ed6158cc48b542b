# SPDX-License-Identifier: GPL-2.0
"""A talk with a console, for which programs stand in."""

import tempfile
import unittest
from pathlib import Path

import tap

# pylint: disable=wrong-import-position
from dialogue import Dialogue, Ended

# A getty, and a shell with a prompt; what would change this machine does nothing.
CONSOLE = r"""
printf 'begins\r\n\033[?2004hdisk login: '
read -r name
printf 'hello %s\r\n\033]0;title\007root@disk:~# ' "$name"
dmesg() { :; }
stty() { :; }
while read -r line; do eval "$line"; done
"""


class Talk(unittest.TestCase):
    """What is waited for, and answered."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "log"

    def talk(self, program):
        console = Dialogue(["sh", "-c", program], self.log)
        self.addCleanup(console.child.wait)
        self.addCleanup(console.child.kill)
        return console

    def test_login(self):
        """A login, commands with their status and output, and the end"""
        console = self.talk(CONSOLE)
        console.login()
        self.assertEqual(console.do("echo a; echo b"), (0, "a\nb"))
        self.assertEqual(console.do("(exit 7)"), (7, ""))
        console.say("exit 3")
        self.assertEqual(console.end(), 3)
        self.assertIn(b"\x1b[?2004hdisk login: ", self.log.read_bytes())

    def test_once(self):
        """What was said is taken once, in its order"""
        console = self.talk("echo one two; echo one")
        self.assertEqual(console.wait_for("one").start(), 0)
        self.assertEqual(console.wait_for("^one").start(), 8)
        with self.assertRaises(Ended):
            console.wait_for("two")

    def test_pieces(self):
        """A sequence for a terminal may come in two pieces, as a letter may"""
        console = self.talk(r"printf 'a\033['; sleep 0.1; printf '1mb\303'; sleep 0.1; "
                            r"printf '\274c\n'")
        console.wait_for("abüc$")

    def test_gone(self):
        """A program that is gone is an error for who waits, not for who speaks"""
        console = self.talk("exec <&-; echo closed")
        console.wait_for("closed")
        console.child.wait()
        console.say("hello")
        with self.assertRaises(Ended):
            console.wait_for("hello")


if __name__ == "__main__":
    tap.main()

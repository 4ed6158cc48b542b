# SPDX-License-Identifier: GPL-2.0
"""A talk with a machine's console: wait for what it says, and answer.

Model: the console is the standard input and output of a program.  What it has said is
searched from the last match on, so that each word of it is taken once.  There is no limit
of time: a job has its own (limits.py).
"""

import codecs
import os
import re
import subprocess

# What is for a terminal only, and the beginning of it at the end of what has come so far.
ESCAPE = re.compile(r"\x1b(\[[0-9;?=]*[a-zA-Z]|\][^\x07\x1b]*\x07|[()#][0-9A-B]|[=>78cDEM])|\r")
BEGUN = re.compile(r"\x1b(\[[0-9;?=]*|\][^\x07\x1b]*|[()#])?$")
CHUNK = 4096


class Ended(Exception):
    """The machine ended before it said what was waited for."""


class Dialogue:
    """With a program; all that it says is appended to a file as well."""

    def __init__(self, argv, log):
        self.child = subprocess.Popen([str(a) for a in argv], bufsize=0, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.log = open(log, "ab")
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.text = ""
        self.begun = ""
        self.seen = 0

    def hear(self):
        """A little more; fails at the end."""
        data = os.read(self.child.stdout.fileno(), CHUNK)
        self.log.write(data)
        self.log.flush()
        new = self.begun + self.decoder.decode(data)
        begun = BEGUN.search(new)
        self.begun = begun.group() if begun else ""
        self.text += ESCAPE.sub("", new[:len(new) - len(self.begun)])
        return bool(data)

    def wait_for(self, pattern):
        """The first match; "^" is the beginning of a line."""
        pattern = re.compile(pattern, re.MULTILINE)
        while True:
            match = pattern.search(self.text, self.seen)
            if match:
                self.seen = match.end()
                return match
            if not self.hear():
                raise Ended(f"it ended before it said {pattern.pattern!r}")

    def say(self, line):
        """A line; a program that is gone is noticed by who waits for its answer."""
        try:
            self.child.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            pass

    def login(self, name="root"):
        """As one who has no password, to a shell that neither prompts nor echoes.  The
        kernel's messages would come between its words."""
        self.wait_for(r"^\S+ login: ")
        self.say(name)
        self.wait_for(r"# ")
        self.say("dmesg -n 1; stty -echo; exec env PS1= sh")
        self.do("true")

    def do(self, command):
        """Status and output of a command."""
        begin = self.seen
        self.say(f"{command}; echo status=$?")
        match = self.wait_for(r"status=(\d+)\n")
        return int(match.group(1)), self.text[begin:match.start()].strip()

    def end(self):
        """Hears it to its end; returns its status."""
        while self.hear():
            pass
        self.child.stdin.close()
        self.log.close()
        return self.child.wait()

# SPDX-License-Identifier: GPL-2.0
"""Progress while jobs run: lines, and on a terminal a live one below."""

import shutil
import sys
import time

REFRESH = 1.0


def span(seconds):
    """Seconds as 9 s, 4:05 or 1:04:05."""
    seconds = int(seconds)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Progress:
    """The live line is wiped before anything else is printed."""

    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.live = self.out.isatty()
        self.shown = False
        self.next = 0.0

    def wipe(self):
        if self.shown:
            self.out.write("\r\033[K")
            self.shown = False

    def say(self, text):
        self.wipe()
        stamp = time.strftime("[%H:%M:%S] ")
        self.out.write(stamp + text + "\n")
        self.out.flush()

    def plain(self, text):
        self.wipe()
        self.out.write(text + "\n")
        self.out.flush()

    def status(self, make_text):
        """Shows what make_text() returns, once a second, if this is a terminal."""
        if not self.live or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + REFRESH
        width = shutil.get_terminal_size().columns - 1
        self.out.write("\r\033[K" + make_text()[:width])
        self.out.flush()
        self.shown = True


def status_text(done, total, failed, running, left):
    """What the live line says."""
    parts = [f"{done} of {total} jobs"]
    if failed:
        parts.append(f"{failed} failed")
    if left is not None:
        parts.append(f"about {span(left)} left")
    names = ", ".join(f"{name} {span(seconds)}" for name, seconds in running)
    return "; ".join(parts) + (f": {names}" if names else "")

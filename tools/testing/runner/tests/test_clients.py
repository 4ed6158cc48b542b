# SPDX-License-Identifier: GPL-2.0
"""The clients on crates are skipped, and never failed, where they cannot be built.

cargo is a script in a PATH of its own, which writes down what it was asked for.
"""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import tap
from kinds import vmms

CARGO = """\
#!/bin/sh
echo "$*" >>"{asked}"
case $1 in
--version) {version} ;;
fetch) {fetch} ;;
esac
"""
NEW = "echo cargo 1.95.0"


class Fake:
    """A context that remembers what was skipped, and runs programs."""

    def __init__(self, folder):
        self.build = Path(folder)
        self.said = []

    def skip(self, name, why):
        self.said.append((name, why))

    def check(self, _name, holds):
        return holds

    def run(self, argv, cwd, env):
        return subprocess.run(argv, cwd=cwd, env={**os.environ, **env}, check=False).returncode


class Clients(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.top = Path(self.folder.name)
        self.asked = self.top / "asked"
        (self.top / "bin").mkdir()

    def put_cargo(self, version=NEW, fetch=":"):
        cargo = self.top / "bin/cargo"
        cargo.write_text(CARGO.format(asked=self.asked, version=version, fetch=fetch))
        cargo.chmod(0o755)

    def build(self):
        fake = Fake(self.top / "build")
        path = f"{self.top}/bin"
        with mock.patch.dict(os.environ, {"PATH": path}):
            return vmms.build_clients(fake), fake.said

    def skipped(self, *texts):
        folder, said = self.build()
        self.assertIsNone(folder)
        self.assertEqual(len(said), 1)
        for text in texts:
            self.assertIn(text, said[0][1])

    def test_no_cargo(self):
        self.skipped("needs cargo", "package cargo")

    def test_old_cargo(self):
        self.put_cargo(version="echo cargo 1.65.0")
        self.skipped("needs cargo", "here it is cargo 1.65.0")

    def test_broken_cargo(self):
        self.put_cargo(version="exit 1")
        self.skipped("needs cargo", "broken")

    def test_no_registry(self):
        self.put_cargo(fetch="exit 101")
        self.skipped("cannot be fetched")

    def test_registry_from_the_cache(self):
        self.put_cargo(fetch='[ "$4" = --offline ]')
        folder, said = self.build()
        self.assertEqual((folder.name, said), ("release", []))
        self.assertIn("build --offline", self.asked.read_text())


if __name__ == "__main__":
    tap.main()

# SPDX-License-Identifier: GPL-2.0
"""Jobs with the own tests of crates, as published, in a root partition.

Model: cargo brings the crates' sources, of the versions that the clients are built
with, for vmms.build_clients() or here.  Their tests are built in a copy, with the
crate's own Cargo.lock, and run by rootvm --host-root.  Each of their tests is one
here.  A test that cannot pass is left out with its reason.
"""

import json
import re
import shutil
import subprocess

from kinds.hostroot import prepare
from kinds.vmms import BEGIN, CLIENTS, TARGET, lacks_cargo

TEST = re.compile(r"^test (\S+) \.\.\. (ok|FAILED|ignored)\b")
RESULT = re.compile(r"^test result: ok\. [1-9]\d* passed; 0 failed")
SILENCE = 300
FEATURES = {"mshv-bindings": ["--features", "fam-wrappers,with-serde"]}
# What the crates themselves leave out by default is also run.
ARGUMENTS = "--include-ignored"
LEFT_OUT = {
    "ioctls::device::tests::test_create_device":
        "there are no devices for guests (CREATE_DEVICE: ENOTTY)",
    "ioctls::vm::tests::test_post_message_direct":
        "the crate ignores it: posts to a guest that has not set up its SynIC",
    "ioctls::vm::tests::test_signal_event_direct":
        "the crate ignores it: signals a guest that has not set up its SynIC",
    "ioctls::vm::tests::test_register_deliverabilty_notifications":
        "wants a notification of NMIs refused, and rootvisor has it",
}


def sources(t, names):
    """Folders with the sources of all versions of the crates, or none."""
    copy = t.build / "crates/from"
    shutil.copytree(CLIENTS, copy, dirs_exist_ok=True)
    if t.run(["cargo", "fetch", "--target", TARGET], cwd=copy):
        return []
    told = subprocess.run(["cargo", "metadata", "--offline", "--format-version", "1",
                           "--filter-platform", TARGET], cwd=copy, check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = [p for p in json.loads(told)["packages"] if p["name"] in names]
    return sorted((f"{p['name']}-{p['version']}", p["name"], p["manifest_path"]) for p in found)


def build_tests(t, label, name, manifest):
    """The program with a crate's tests, or none."""
    copy = t.build / "crates" / label
    shutil.copytree(manifest.removesuffix("/Cargo.toml"), copy, dirs_exist_ok=True)
    argv = ["cargo", "test", "--no-run", "--lib", "--target", TARGET, "--message-format=json",
            *FEATURES.get(name, [])]
    programs = []

    def feed(line):
        if line.startswith("{"):
            programs.append(json.loads(line).get("executable"))

    t.run(argv, cwd=copy, env={"CARGO_TARGET_DIR": str(t.build / "crates/target")}, feed=feed)
    return next(filter(None, programs), None)


class Reader:
    """Reads what the programs print, each test as one of this job's."""

    def __init__(self, t):
        self.t = t
        self.label = ""
        self.good = set()

    def feed(self, line):
        test, begun = TEST.match(line), BEGIN.match(line)
        if begun:
            self.label = begun.group(1)
        elif test:
            name = f"{self.label}: {test.group(1)}"
            if test.group(2) == "ignored":
                self.t.skip(name, "ignored by the crate")
            else:
                self.t.check(name, test.group(2) == "ok")
        elif RESULT.match(line):
            self.good.add(self.label)


def crate_tests(t, cpus, sched, *names):
    """The tests of these crates, in all versions that clients use."""
    why = lacks_cargo()
    found = [] if why else sources(t, names)
    if not found:
        t.skip("crates", why or "the crates cannot be fetched from cargo's registry")
        return
    programs = [(label, build_tests(t, label, name, manifest)) for label, name, manifest in found]
    for label, program in programs:
        t.check(f"{label}: the tests are built", program)
    places = t.build / "crates/tests"
    shutil.rmtree(places, ignore_errors=True)
    places.mkdir()
    for label, program in programs:
        if program:
            shutil.copy(program, places / label)
    run_tests(t, cpus, sched, places, [label for label, program in programs if program])


def run_tests(t, cpus, sched, places, labels):
    prepare(t)
    reader = Reader(t)
    left_out = [a for name in LEFT_OUT for a in ("--skip", name)]
    options = " ".join([ARGUMENTS, *left_out])
    each = f'for c; do echo "# begin $c"; "$PWD/$c" {options}; done'
    t.run([t.script("rootvm"), "--no-build", "--host-root", "--cpus", cpus, "--sched", sched,
           "--timeout", SILENCE, "--rootvisor", "poison=on", "--log", t.dir / "machine",
           "--", "sh", "-c", each, "sh", *labels], cwd=places, feed=reader.feed)
    for label in labels:
        t.check(f"{label}: all tests have ended", label in reader.good)
    for name, reason in LEFT_OUT.items():
        t.skip(name, reason)
    t.balanced()

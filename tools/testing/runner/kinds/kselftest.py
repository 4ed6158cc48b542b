# SPDX-License-Identifier: GPL-2.0
"""Jobs about the selftests as a kernel's tree has them: lib.mk, run_kselftest.sh, KUnit."""

import os
from pathlib import Path

from context import CACHE, library
from kinds.tools import executable
from results import SKIP, TapReader

SILENCE = 600
SKIPPED = 4
OWN_FAILURE = 125
# What stands in for run_kselftest.sh, whose output is judged.
PLAN = "TAP version 13\n1..2\n"
ENDS = (
    ("one passes, one is skipped", 0, "ok 1 selftests: x: a\nok 2 selftests: x: b # SKIP\n"),
    ("one fails", 1, "ok 1 selftests: x: a\nnot ok 2 selftests: x: b # exit=1\n"),
    ("all are skipped", SKIPPED, "ok 1 selftests: x: a # SKIP\nok 2 selftests: x: b # SKIP\n"),
    ("one has no result", 1, "ok 1 selftests: x: a\n# not ok 2 of a program\n"),
)


def installed(t):
    """The folder, built in a tree with the series; None if it cannot be built."""
    status, said = t.output([t.script("kselftest")])
    if not t.check("the selftests build and install in a kernel's tree", status == 0,
                   t.last_line()):
        return None
    return said.strip().splitlines()[-1]


def run(t, *options):
    """The installed tests in a root: rootvm's status, and the reader of the results."""
    results = []
    reader = TapReader(results.append)
    folder = installed(t)
    if not folder:
        return None, []
    status = t.rootvm("--log", t.dir / "machine", "--timeout", SILENCE, *options,
                      "--kselftest", folder, feed=reader.feed)
    reader.end()
    return status, results


def kernel_tree(t):
    """A kernel and its driver, where a kernel's tree has them."""
    folder = Path(library("kernel_folder", t.kernel))
    image = t.dir / "tree/arch/x86/boot/bzImage"
    module = t.dir / "tree/drivers/hv/root/mshv.ko"
    for path, source in ((image, folder / "vmlinuz"),
                         (module, next(folder.glob("lib/modules/*/kernel/drivers/hv/root/mshv.ko")))):
        path.parent.mkdir(parents=True)
        path.write_bytes(source.read_bytes())
    return image


def passed(t, status, results):
    """All but what lacks something in this root has passed."""
    for result in results:
        t.emit(result)
    t.ended(status)
    t.balanced()


def in_tree(t):
    """The line that a kernel's developer uses: the kernel of the tree, with its driver."""
    passed(t, *run(t, "--kernel", kernel_tree(t)))


def stock(t):
    """The same tests with the module for a stock kernel."""
    passed(t, *run(t, "--module", t.module))


def no_driver(t):
    """A kernel without the driver: each program is skipped, and says why."""
    status, results = run(t, "--kernel", f"{CACHE}/kernel/vmlinuz")
    t.check("status 4", status == SKIPPED, f"status {status}")
    t.check("every program is skipped", results and all(r.state == SKIP for r in results),
            "; ".join(str(r) for r in results if r.state != SKIP))
    said = t.console().count("# 1..0 # SKIP /dev/mshv: No such file or directory\n")
    t.check("and says why", said == len(results), f"{said} of {len(results)} do")


def statuses(t):
    """What rootvm makes of the output of run_kselftest.sh."""
    folder = t.dir / "installed"
    folder.mkdir()
    options = ("--kselftest", folder)
    status = t.rootvm(*options)
    t.check("a folder without tests is refused",
            status == OWN_FAILURE and t.says("no folder of installed selftests"))
    (folder / "kselftest-list.txt").write_text("x:a\nx:b\n")
    for name, wanted, text in ENDS:
        executable(folder / "run_kselftest.sh",
                   f"#!/bin/sh\ncat <<'END'\n{PLAN}{text}END\necho \"# $*.\"\n")
        status = t.rootvm(*options, command=["-t", "x:a"] if wanted == SKIPPED else [])
        t.check(f"{name}: status {wanted}", status == wanted, f"status {status}")
    t.check("by default the tests are ours", t.says("^# -c mshv[.]"))
    t.check("others can be asked for", t.says("^# -t x:a[.]"))
    status = t.rootvm(*options, "--shell", command=[])
    t.check("--shell does not go with it", status == OWN_FAILURE)


def kunit(t):
    """The driver's unit tests by the kernel's own tool, in its tree with the series."""
    status, said = t.output([t.script("build-series"), "--source"])
    if not t.check("the series applies", status == 0, t.last_line()):
        return
    tree = said.strip().splitlines()[-1]
    status = t.run(["tools/testing/kunit/kunit.py", "run", f"--build_dir={t.build}/kunit-tool",
                    "--kunitconfig=drivers/hv/root/tests", f"--jobs={os.cpu_count()}"], cwd=tree,
                   env={"MAKEFLAGS": ""})
    t.check("kunit.py ends with status 0", status == 0, t.last_line())
    t.check("something has passed, and nothing has failed",
            t.says(r"Testing complete\. Ran \d+ tests: passed: \d+$"), t.last_line())

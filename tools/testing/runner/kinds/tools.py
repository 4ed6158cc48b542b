# SPDX-License-Identifier: GPL-2.0
"""Jobs about what people call: scripts, their options and their ends."""

import os
import re
import signal
import subprocess
import textwrap

from context import CACHE, TOP
from limits import processes_with

BEGUN = "rootvm-test-has-begun"

OWN_FAILURE = 125
USAGE = 2


def one_line_refusal(t, name, argv, wanted, text):
    """A program says text in one line and ends with a status."""
    status, said = t.output(argv)
    good = status == wanted and text in said and said.count("\n") == 1
    t.check(name, good, f"status {status}: {said}")


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)


def bad_input(t):
    noise, empty = t.dir / "noise", t.dir / "empty"
    noise.write_bytes(os.urandom(100000))
    empty.touch()
    for name, text in (("none", ""), ("old", "echo QEMU emulator version 7.2.0\n"),
                       ("no-svm", "echo QEMU emulator version 10.0.0\n")):
        executable(t.dir / name, "#!/bin/sh\n" + text)
    nope = t.dir / "nope"
    cases = (
        ("a kernel that is missing", "no such file", "--kernel", nope),
        ("a kernel that is none", "not a bzImage", "--kernel", noise),
        ("an empty kernel", "not a bzImage", "--kernel", empty),
        ("a folder as kernel", "not a readable file", "--kernel", t.dir),
        ("an initrd that is missing", "no such file", "--initrd", nope),
        ("too little memory", "too little", "--mem", "256M"),
        ("memory that is no size", "is wanted", "--mem", "lots"),
        ("no processor", "is wanted", "--cpus", "0"),
        ("too many processors", "is wanted", "--cpus", "65"),
        ("a kernel's folder without a kernel", "not a readable file", "--kernel", f"{t.dir}/"),
        ("an unknown scheduler", "is wanted", "--sched", "best"),
        ("an unknown option", "unknown", "--frobnicate", "1"),
        ("a QEMU that is missing", "no such program", "--qemu", nope),
        ("a QEMU that is none", "it is not QEMU", "--qemu", t.dir / "none"),
        ("a QEMU that is too old", "is needed", "--qemu", t.dir / "old"),
        ("a QEMU without SVM", "does not support SVM", "--qemu", t.dir / "no-svm"),
        ("a module that is missing", "no such file", "--module", f"{nope}.ko"),
        ("a module that is none", "no kernel module", "--module", noise),
        ("a share that is missing", "no such folder", "--share", nope),
        ("an --out that is a file", "cannot be made", "--out", empty),
        ("a disk that is missing", "no such file", "--disk", nope),
    )
    rootvm = [t.script("rootvm"), "--no-build"]
    for name, text, *options in cases:
        one_line_refusal(t, f"refused: {name}", [*rootvm, *options, "--", "true"],
                         OWN_FAILURE, text)
    one_line_refusal(t, "refused: no command", rootvm, OWN_FAILURE, "no command")
    for name, text, *options in (
            ("an unknown emulator", "is wanted", "--emulator", "best"),
            ("memory that is no size", "is wanted", "--mem", "lots"),
            ("firmware for Bochs", "for QEMU", "--emulator", "bochs", "--firmware", "ovmf"),
            ("Bochs as a machine of QEMU's", "for QEMU", "--plain", "--emulator", "bochs")):
        one_line_refusal(t, f"run-iso refuses {name}", [t.script("run-iso"), noise, *options],
                         USAGE, text)


def build_kernel(t):
    built = t.dir / "built"
    built.mkdir()
    (built / "Kbuild").touch()
    (built / ".config").touch()
    out = t.dir / "out"
    fragment = ("--fragment", "root.config")
    cases = (
        ("to guess what is wanted", "no --fragment"),
        ("a fragment that is missing", "no such file", "--fragment", "nonesuch.config"),
        ("a source that is none", "no kernel source", *fragment, "--source", t.dir,
         "--out", out),
        ("a source that was built in", "make mrproper", *fragment, "--source", built,
         "--out", out),
        ("a source without a place for the result", "needs --out", *fragment,
         "--source", built),
        ("a bad name", "small letters", *fragment, "--name", "A b"),
        ("a kernel that is not known", "6.12 or 7.3", *fragment, "--series", "5.10"),
        ("no number of compilers", "a number", *fragment, "--jobs", "0"),
        ("an unknown option", "unknown", "--frobnicate", "1"),
        ("no value", "needs a value", "--fragment"),
    )
    for name, text, *options in cases:
        one_line_refusal(t, f"build-kernel refuses {name}",
                         [t.script("build-kernel"), *options], USAGE, text)
    t.check("nothing was made of it", not out.exists())


def mirror_is(t, wanted, **env):
    """The mirror found in the apt configuration of the job."""
    _, said = t.output([t.script("fetch"), "--mirror"],
                       env={"APT_CONFIG_DIR": str(t.dir / "apt"), "DEBIAN_MIRROR": "", **env})
    return wanted in said


def mirror(t):
    """Which mirror does fetch take from an apt configuration?"""
    _, codename = t.output(["sh", "-c", '. /etc/os-release && echo "$VERSION_CODENAME"'])
    codename = codename.strip()
    sources = t.dir / "apt/sources.list.d"
    sources.mkdir(parents=True)
    t.check("no source at all is an error", mirror_is(t, "set DEBIAN_MIRROR"))
    (t.dir / "apt/sources.list").write_text(textwrap.dedent(f"""\
        # deb http://comment.invalid/debian {codename} main
        deb-src http://source.invalid/debian {codename} main
        deb http://security.invalid/debian {codename}-security main
        deb http://contrib.invalid/debian {codename} contrib
        deb [arch=amd64 signed-by=/a/key.gpg] http://one-line.invalid/debian {codename} contrib main
        """))
    t.check("a one-line source is found", mirror_is(t, "http://one-line.invalid/debian"))
    (t.dir / "apt/sources.list").unlink()
    (sources / "a.sources").write_text(textwrap.dedent(f"""\
        Enabled: no
        Types: deb
        URIs: http://disabled.invalid/debian
        Suites: {codename}
        Components: main

        # a comment
        Types: deb deb-src
        URIs: http://deb822.invalid/debian
        Suites: {codename}-updates
         {codename}
        Components: contrib main
        """))
    t.check("a deb822 source is found", mirror_is(t, "http://deb822.invalid/debian"))
    t.check("DEBIAN_MIRROR goes before",
            mirror_is(t, "http://own.invalid", DEBIAN_MIRROR="http://own.invalid"))


FOREIGN = """\
#include <stdio.h>
int main(int argc, char **argv)
{
	printf("foreign %s\\n", argv[argc - 1]);
	return 42;
}
"""


def foreign(t):
    """Kernel, initramfs and program from elsewhere, and statuses of all kinds."""
    share = t.dir / "share"
    share.mkdir()
    kernel = t.dir / "a kernel, renamed"
    kernel.write_bytes((CACHE / "kernel/vmlinuz").read_bytes())
    source = t.dir / "prog.c"
    source.write_text(FOREIGN)
    t.run(["gcc", "-static", "-o", share / "prog", source])
    initrd = t.build / "guest-initrd.gz"

    def ends(name, wanted, *options, command=()):
        status = t.rootvm(*options, command=command)
        t.check(name, status == wanted, f"status {status}: {t.last_line()}")

    ends("a foreign program's status is passed on", 42, "--kernel", kernel, "--share", share,
         "--cpus", 2, command=["./prog", "one two"])
    t.check("its output comes through", t.says("^foreign one two"))
    ends("success is passed on, over a foreign initramfs", 0, "--initrd", initrd,
         "--disk", source, "--module", "nvme",
         command=["sh", "-c", "test -e /init && grep -q nvme0n1 /proc/partitions"])
    ends("a foreign initramfs boots by itself", 0, "--initrd", initrd)
    t.check("and is heard", t.says("GUEST-INIT-OK"))
    ends("a command that is not there is status 127", 127, command=["nonesuch"])
    disk, out = t.dir / "disk.img", t.dir / "out"
    disk.write_bytes(os.urandom(1 << 20))
    ends("what is left in /out comes back, with a status of its own", 7, "--disk", disk,
         "--out", out, command=[
             "sh", "-c", 'mkdir "/out/a folder" && cp /dev/nvme0n1 "/out/a folder/copy" && exit 7'])
    copy = out / "a folder/copy"
    t.check("and is what it was", copy.exists() and copy.read_bytes() == disk.read_bytes())
    ends("a root without NVMe says so", OWN_FAILURE, "--out", out,
         "--append", "initcall_blacklist=nvme_init", command=["true"])
    t.check("in a line", t.says("no disk for /out"))


def slow_timer(t):
    """A periodic timer of the root's that is over before the hypervisor has taken it."""
    status = t.rootvm("--cpus", 2, "--timeout", 100, "--rootvisor", "lag=20000",
                      command=["true"])
    t.check("a root's periodic timer survives a slow machine", status == 0, t.last_line())


def bad_end(t):
    status = t.rootvm(command=["sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60"])
    t.check("a panic is a failure", status == OWN_FAILURE, f"status {status}")
    t.check("and its reason is shown", t.says("sysrq triggered crash"))
    status = t.rootvm("--timeout", 15, command=["sleep", "1000"])
    t.check("a silent root is ended", status == OWN_FAILURE, f"status {status}")
    t.check("and rootvm says so", t.says("nothing happened for 15 seconds"))
    mark = f"rootvm-test-{os.getpid()}"
    child = subprocess.Popen([t.script("rootvm"), "--no-build", "--append", mark, "--",
                              "sh", "-c", f"echo {BEGUN}; sleep 1000"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    for line in child.stdout:
        if re.match(BEGUN, line):
            break
    child.send_signal(signal.SIGTERM)
    child.stdout.read()
    status = child.wait()
    t.check("a signal ends rootvm with its status", status in (143, -signal.SIGTERM),
            f"status {status}")
    t.check("and no QEMU is left", not processes_with(mark))


def replay(t):
    status = t.run([t.script("replay-check")])
    t.check("recorded runs are identical", status == 0, t.last_line())


def bench(t, part):
    """Operations cost what costs.rst says, and no cost grows with the number of objects."""
    status = t.run([t.script("bench"), "--check", "--part", part, t.dir / "bench"])
    t.check("costs are what costs.rst says", status == 0, t.last_line())


def bench_profile(t):
    """A profile has all instructions that the table counts, and all layers."""
    row = "port exit to the VMM and back (register page)"
    status, text = t.output([t.script("bench"), "--profile", row, "--functions", "50",
                             t.dir / "bench"])
    t.check("an operation has a profile", status == 0, text)
    total = re.search(r"^(\d+) instructions, the 50 functions", text, re.M)
    console = (t.dir / "bench/profile/serial.log").read_text(errors="replace")
    counted = re.search(rf"\| {re.escape(row)} \|(?: \d+ \|){{4}} (\d+) \|", console)
    t.check("with as many instructions as mshvbench counts", total and counted and
            abs(int(total[1]) / int(counted[1]) - 1) < 0.01, text)
    for layer in ("hypervisor", "driver", "kernel", "program", "guest"):
        t.check(f"some of them in: {layer}", re.search(rf"^ *[1-9]\d* .*%  {layer}$", text, re.M))
    t.check("and functions by name", "  hypervisor  hypercall_enter\n" in text, text)


def bench_uncounted(t):
    """Where instructions cannot be counted none are shown."""
    t.machine("--file", f"{t.build}/bench/mshvbench:/mshvbench",
              command=["sh", "-c", "/mshvbench --held --json /json && cat /json"])
    t.console_says("in the table", r"^\| a partition \| .* \| - \|")
    t.console_says("in the JSON", r'"a partition", .*"instructions": null}')


def runner(t):
    """The tests of the runner, and of what measures coverage and costs."""
    for path in sorted([*TOP.glob("tools/testing/runner/tests/test_*.py"),
                        *TOP.glob("tools/testing/coverage/test_*.py"),
                        *TOP.glob("tools/testing/bench/test_*.py")]):
        t.run_tap(["python3", "-B", path], f"{path.stem}: ")


def doors(t):
    """What people meet first: where scripts look, what they make, what they say."""
    t.run_tap([TOP / "tools/testing/runner/doors-test.sh"])

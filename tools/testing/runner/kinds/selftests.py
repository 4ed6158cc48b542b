# SPDX-License-Identifier: GPL-2.0
"""Jobs that run our own programs in roots of several kinds, and unit tests here."""

import os
import re

from context import TOP
from results import TapReader

# Seconds: emulated processors wait for the machine's, which may be fewer.
STALL_TIMEOUT = 60
SILENCE = 600
# Status of a program that could not run.
SKIPPED = 4
NO_DEVICE = "/dev/mshv: No such file or directory"
NO_PORT = "# SKIP needs rootvisor's control port"
NOT_ROOT = "must be run as root"
AS_NOBODY = ("mkdir -p /etc; echo nobody:x:65534:65534::/:/bin/sh >/etc/passwd; chmod 666 /dev/mshv; "
             "su nobody -c /selftests/run")


class Splitter:
    """The output of run-selftests: each program's lines between its marks."""

    BEGIN = re.compile(r"^# begin (\S+)$")
    END = re.compile(r"^# end (\S+) (\d+)$")

    def __init__(self, context, prefix=""):
        self.context = context
        self.prefix = prefix
        self.reader = None
        self.ended = set()
        self.skipped = {}
        self.kernel = []

    def emit(self, result):
        """Each result comes by here."""
        self.context.emit(result)

    def feed(self, line):
        line = line.rstrip("\n")
        begin, end = self.BEGIN.match(line), self.END.match(line)
        if begin:
            self.reader = TapReader(self.emit, f"{self.prefix}{begin.group(1)} ")
        elif end and self.reader:
            self._end(end.group(1), int(end.group(2)))
        elif line.startswith("# left: "):
            self.context.not_ok("settings", line[len("# left: "):])
        elif line.startswith("# kernel: "):
            self.kernel.append(line[len("# kernel: "):])
        elif self.reader:
            self.reader.feed(line)

    def _end(self, name, status):
        self.reader.end()
        if status == SKIPPED and self.reader.skipped:
            self.skipped[name] = self.reader.skipped
        elif status and not self.reader.failed:
            self.context.not_ok(name, f"exit status {status}")
        self.reader = None
        self.ended.add(name)

    def finish(self, wanted):
        for name in wanted:
            if name not in self.ended:
                self.context.not_ok(name, "did not end")
        self.context.check("the kernel does not complain", not self.kernel,
                           self.kernel[0] if self.kernel else "")


def programs(build):
    """All selftests, as run-selftests finds them."""
    folder = build / "selftests"
    return sorted(p.name for p in folder.iterdir() if p.is_file() and os.access(p, os.X_OK))


def unit(t):
    status = t.run_tap(["make", "--no-print-directory", "-C", TOP, f"O={t.build}", "unit"])
    if status and not t.failed:
        t.not_ok("", f"exit status {status}")


def kunit(t):
    """The driver's unit tests in a kernel."""
    t.run_tap([t.script("kunit")])


def selftests(t, cpus, sched, *options, only=(), half=None, environment=()):
    """All selftests, or some, or a half, 0 or 1, one after the other in one root."""
    if half is not None:
        only = programs(t.build)[half::2]
    append = f"rcupdate.rcu_cpu_stall_timeout={STALL_TIMEOUT}"
    # Or its processors cannot be taken offline, see the selftest "hotplug".
    if t.kernel == "6.1":
        append += " irqaffinity=0"
    split = Splitter(t)
    status = t.machine(
        "--cpus", cpus, "--sched", sched, "--timeout", SILENCE, "--append", append,
        *t.step("run-selftests"), *options, feed=split.feed,
        command=["env", *environment, "run-selftests", *only])
    t.ended(status)
    t.console_says("Linux runs as the root partition", "running as root partition")
    split.finish(only or programs(t.build))
    t.balanced()


def without_port(console):
    """Tests that were skipped for lack of a control port, and those that have passed.

    A program is known by its mark, a test by its line after that, without its variant.
    """
    program, skipped, passed = None, set(), set()
    for line in console.splitlines():
        begin = Splitter.BEGIN.match(line)
        program = begin.group(1) if begin else program
        if line.startswith("ok "):
            fixture, *_, test = line.split()[2].split(".")
            where = skipped if line.endswith(NO_PORT) else passed
            if where is skipped or "# SKIP" not in line:
                where.add(f"{program} {fixture}.{test}")
    return skipped, passed


def uncontrolled(t, cpus, sched):
    """All selftests where rootvisor has no control port, as if it were another hypervisor."""
    selftests(t, cpus, sched, "--rootvisor", "control=off")
    status, said = t.output([t.script("list-selftests"), "--names"])
    t.check("the tests that need it are known", status == 0, said)
    skipped, passed = without_port(t.console())
    listed = set(said.splitlines())
    t.check("no others are skipped for it", skipped <= listed, "; ".join(skipped - listed))
    t.check("and none of them passes", not passed & listed, "; ".join(passed & listed))


def no_driver(t):
    """Without the driver, or the right to use it, every program is skipped and says why."""
    split = Splitter(t)
    status = t.machine("--timeout", SILENCE, *t.step("run-selftests"), module=False,
                       feed=split.feed, command=["run-selftests"])
    t.ended(status)
    split.finish(programs(t.build))
    others = [p for p in programs(t.build) if split.skipped.get(p) != NO_DEVICE]
    t.check("without the driver all are skipped", not others, " ".join(others))
    status = t.machine(log="nobody", command=["sh", "-c", AS_NOBODY])
    t.check("not as root: status 4", status == SKIPPED, f"status {status}")
    t.check("and the reason", t.says(f"1..0 # SKIP {NOT_ROOT}$"))


def one(t, name, *options, environment=()):
    """One selftest, in a root that is made in another way."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, *options, feed=reader.feed,
                       command=["env", *environment, f"/selftests/{name}"])
    reader.end()
    if status and not reader.failed:
        t.not_ok("", f"exit status {status}")
    t.balanced()


def pcibar(t):
    """Memory of a device that nothing else uses, in a slot of its own."""
    one(t, "pcibar", "--qemu-arg", "-device", "--qemu-arg", "bochs-display,addr=10",
        environment=["MSHV_PCIBAR=0000:00:10.0"])
    t.check("nothing was skipped", not t.says("# SKIP"))


def exact_shares(t):
    """Shares of the processor, where time is counted in instructions."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, "--sched", "classic", "--record", feed=reader.feed,
                       command=["env", "MSHV_EXACT=y", "/selftests/shares"])
    reader.end()
    t.ended(status)
    t.balanced()


def devmem(t):
    """The hypervisor's own devices, on a machine where it has some."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, "--intremap", "--append", "iomem=relaxed",
                       feed=reader.feed, command=["env", "MSHV_INTREMAP=y",
                                                  "/selftests/devmem"])
    reader.end()
    t.ended(status)
    t.balanced()


def dma(t, program, *options):
    """What devices reach, on a machine with remapping hardware and QEMU's "edu" device."""
    one(t, program, "--intremap", "--qemu-arg", "-device", "--qemu-arg",
        "edu,dma_mask=0xffffffffff", "--append", "iomem=relaxed", *options)
    t.check("nothing was skipped", not t.says("# SKIP"))
    t.hypervisor_says("devices are out of the default domain no more",
                      "books: attachments=0$")


def last_port(t):
    """As many ports as there may be."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, feed=reader.feed, command=[
        "env", "MSHV_HEAVY=y", "/selftests/ioeventfd", "-t", "last_port"])
    reader.end()
    t.ended(status)
    t.balanced()


def mix(t, cpus, rounds):
    """All that comes near pages of the hypervisor's, side by side, for many rounds."""
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--timeout", SILENCE, "--module", "tun",
                       *t.step("run-selftests"), feed=reader.feed, command=[
                           "env", f"MIX_ROUNDS={rounds}", "run-selftests", "mix"])
    reader.end()
    t.ended(status)
    t.check("the kernel does not complain", not t.says("^# kernel: "))
    t.check("no worker was absent", not t.says("without .*:"))
    t.balanced()


def touch_mc(t):
    """Machine checks for touching the hypervisor's pages."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, "--rootvisor", "touch=mc", feed=reader.feed,
                       command=["env", "MSHV_TOUCH_MC=y", "/selftests/pages", "-t", "touched"])
    reader.end()
    t.ended(status)
    t.balanced()


def rules_off(t):
    """A hypervisor that does not check extended state, and a processor that does."""
    reader = TapReader(t.emit)
    status = t.machine("--timeout", SILENCE, "--rootvisor", "rules=off", feed=reader.feed,
                       command=["env", "MSHV_RULES_OFF=y", "/selftests/xstate"])
    reader.end()
    t.ended(status)
    t.hypervisor_says("the processor has refused a state", "state refused: xcr0")
    t.balanced()


# Unmasks the SINT for intercepts, as a driver that is loaded has it, and masks it again.
BESIDE = r"""
sint() { printf "$1" | dd of=/dev/cpu/0/msr bs=8 seek=$((0x40000090 / 8)) conv=notrunc; }
rmmod mshv || exit 3
sint '\xf3\0\0\0\0\0\0\0' || exit 4
insmod /mshv.ko && exit 5
sint '\xf3\0\1\0\0\0\0\0' || exit 6
insmod /mshv.ko
"""


def beside(t):
    """The driver declines where another one has the synthetic interrupts."""
    status = t.machine("--timeout", SILENCE, "--module", "msr", command=["sh", "-c", BESIDE])
    t.check("the driver declines beside another one, and is loaded without it", status == 0,
            f"status {status}")
    t.console_says("and says why", "another driver for root partitions is loaded")
    t.balanced()


def module(t):
    """The module for another kernel than the usual one, which make check looks at."""
    status = t.run([t.script("build-module"), "W=1"], env={"O": t.dir / "out"})
    if not t.check("the module builds", status == 0, t.last_line()):
        return
    t.check("without a warning", not t.says("warning:|WARNING:"))
    # "make -s", as rootvm calls it, reports a build if there is one.
    for name, telling in (("other variables than before", True), ("nothing to do", False),
                          ("a file that has changed", True)):
        if name.startswith("a file"):
            next(t.dir.glob("out/*/src/drivers/hv/root/main.c")).touch()
        status, said = t.output([t.script("build-module")],
                                env={"O": t.dir / "out", "MAKEFLAGS": "s"})
        t.check(f"{name}: the build is {'' if telling else 'not '}reported",
                not status and ("building mshv.ko" in said) == telling, said)


def soak(t, cpus, sched, count):
    """So many lives of partitions, a third of them killed."""
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", SILENCE,
                       *t.step("run-selftests"), feed=reader.feed,
                       command=["env", f"SOAK_COUNT={count}", "run-selftests", "soak"])
    reader.end()
    t.ended(status)
    t.check("the kernel does not complain", not t.says("^# kernel: "))
    t.balanced()


def fuzz(t, program, cpus, sched, rounds, *options):
    """So many rounds of one of the fuzzers, in a root that ends at its first complaint."""
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--sched", sched, "--threads", "--timeout", SILENCE,
                       "--rootvisor", "poison=on", "--append", "panic_on_warn=1 oops=panic",
                       *options, *t.step("run-selftests"), feed=reader.feed,
                       command=["env", f"FUZZ_ROUNDS={rounds}", "run-selftests", program])
    reader.end()
    t.ended(status)
    t.check("the kernel does not complain", not t.says("^# kernel: "))
    t.balanced()


def quarantine(t):
    """What the hypervisor keeps refusing is quarantined and reported, in a root of its own."""
    reader = TapReader(t.emit)
    t.machine("--timeout", SILENCE, feed=reader.feed, command=[
        "sh", "-c", "MSHV_QUARANTINE=y /selftests/quarantine; lsmod; rmmod mshv"])
    reader.end()
    t.hypervisor_says("three partitions are left, and no other", "books: partitions=3")
    t.console_says("the module cannot be unloaded", "rmmod: can't unload")


# Processes that create and kill guests, so that a restart comes in the midst of it.  Before
# them there is a guest whose pages the hypervisor refuses to unmap.
REBOOT = ("/selftests/liar -t end_was_done; "
          "for i in 1 2 3 4 5 6 7 8; do MSHV_HEAVY=y /selftests/antagonist -t killer & done; "
          "sleep 3; reboot -f; sleep 60")


def reboot(t):
    """A root that is restarted among its guests leaves no interrupt behind, and no page.

    Most guests must be in the middle of their creation or their end then.
    """
    t.machine("--cpus", 2, command=["sh", "-c", REBOOT])
    t.hypervisor_says("the root restarts", "end: reset")
    t.hypervisor_says("no synthetic interrupt is left", "open synthetic interrupts: 0$")
    t.hypervisor_says("no page of a processor is left", "books: state_pages=0$")
    t.console_says("the one before them was destroyed", "^ok 1 liar.end_was_done")
    t.check("no page of it is counted",
            "state pages of processors stay mapped" not in t.console())



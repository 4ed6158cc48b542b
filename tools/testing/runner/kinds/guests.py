# SPDX-License-Identifier: GPL-2.0
"""Jobs with a Linux guest, by mshvrun and by stock QEMU."""

import re

from context import CACHE
from results import TapReader

SAVE_SILENCE = 300
PRESSURE_SILENCE = 600
QEMU_SILENCE = 240
OVMF_SILENCE = 900


def mshvrun(t, cpus, sched, guest_cpus):
    status = t.run([t.script("run-guest"), "--cpus", cpus, "--sched", sched,
                    "--guest-cpus", guest_cpus, "--guest-append", "quiet",
                    "--log", t.dir / "machine"])
    t.check("a Linux guest boots and ends", status == 0, t.last_line())
    t.check("it has read the time of day",
            not re.search("Unable to read current time from RTC", t.console()))


def qemu_steps(t, cpus, sched, *options):
    """Stock QEMU, in small steps."""
    t.run([t.script("fetch"), "qemu-mshv"])
    reader = TapReader(t.emit, "QEMU: ")
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", QEMU_SILENCE,
                       "--mem", "4G", "--file", f"{CACHE}/qemu-mshv/qemu:/qemu",
                       *t.step("qemu-steps"), feed=reader.feed,
                       command=["qemu-steps", *options])
    reader.end()
    t.ended(status)
    t.balanced()


def ovmf(t, cpus, sched):
    """Stock QEMU with a UEFI machine's firmware, to its shell and to a kernel."""
    if t.run([t.script("fetch"), "qemu-mshv", "ovmf"]):
        t.skip("OVMF", "it cannot be fetched")
        return
    reader = TapReader(t.emit, "OVMF: ")
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", OVMF_SILENCE,
                       "--mem", "4G", "--file", f"{CACHE}/qemu-mshv/qemu:/qemu",
                       "--file", f"{CACHE}/ovmf:/ovmf", *t.step("ovmf-steps"),
                       feed=reader.feed, command=["ovmf-steps"])
    reader.end()
    t.ended(status)
    t.balanced()


def memtest(t, cpus, sched, *guest_cpus):
    """memtest86+ under stock QEMU, to the end of its first pass."""
    if t.run([t.script("fetch"), "qemu-mshv", "memtest"]):
        t.skip("memtest86+", "it cannot be fetched")
        return
    reader = TapReader(t.emit, "memtest86+: ")
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", QEMU_SILENCE,
                       "--file", f"{CACHE}/qemu-mshv/qemu:/qemu",
                       "--file", f"{CACHE}/memtest:/memtest", *t.step("memtest-steps"),
                       feed=reader.feed, command=["memtest-steps", *guest_cpus])
    reader.end()
    t.ended(status)
    t.balanced()


def qemu_guest(t, cpus, sched, guest_cpus):
    status = t.run([t.script("run-qemu"), "--cpus", cpus, "--sched", sched,
                    "--guest-cpus", guest_cpus, "--log", t.dir / "machine"])
    t.check("QEMU boots a Linux guest that uses disk and network", status == 0, t.last_line())


def qemu_replay(t):
    """What the hypervisor has counted in two recorded runs of QEMU."""
    counts = []
    for run in ("1", "2"):
        _, text = t.output([t.script("run-qemu"), "--record", "--seed", 7,
                            "--log", t.dir / run])
        counts.append(re.findall(r"^.*root_exits=.*$", text, re.MULTILINE))
    t.check("a recorded run of QEMU ends", counts[0])
    t.check("and again, with the same counts", counts[0] == counts[1])


def save_part(t, part, wanted, cpus, sched, *options, command):
    """One of the two roots."""
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", SAVE_SILENCE,
                       "--append", "quiet", *t.step("save-at"), *options,
                       log=part, command=command)
    if status != wanted:
        t.not_ok(f"root {part}", f"status {status}: {t.last_line()}")
        return False
    t.balanced(part)
    return True


def rounds_told(t):
    """The rounds that a guest has reported in two roots; it may have stopped within a word."""
    first = t.console("1").split("rootvm: the command ended")[0]
    return [int(n) for n in re.findall(r"CHECK round (\d+) ", first + t.console("2"))]


def save(t, guest_cpus, by, first, second):
    """A guest that checks itself is saved in one root and resumed in another.

    by: the guest "asks" for it, or a "signal" arrives when it does not expect it.
    first, second: processors and scheduler of the roots.
    """
    out = t.dir / "out"
    out.mkdir()
    # With a signal the guest does not wait for what it has said to be seen.
    args, command = ("--save-at,4", ["mshvrun"]) if by == "asks" else (
        "--until-restored", ["save-at", "round 4 "])
    command += ["--kernel", "/guest/vmlinuz", "--initrd", "/guest/check-initrd.gz",
                "--cpus", guest_cpus, "--mem", "128", "--append",
                f"console=ttyS0 quiet check.args={args}", "--save", "/out/guest.saved"]
    if not save_part(t, "1", 5, *first, "--out", out, command=command):
        return
    t.ok("a guest is saved")
    if not save_part(t, "2", 0, *second, "--share", out,
                     command=["mshvrun", "--restore", "guest.saved"]):
        return
    (out / "guest.saved").unlink()
    done = re.search(rf"CHECK OK rounds=(\d+) restores=1 cpus={guest_cpus}", t.console("2"))
    t.check("it goes on in another root, and finds everything as it was", done)
    wanted = list(range(1, int(done.group(1)) + 1)) if done else None
    t.check("and has counted without a gap", rounds_told(t) == wanted)


def pressure(t, cpus, sched, guest_cpus, rounds):
    """A guest whose memory the root takes away."""
    swap = ["--module", "zram"]
    if t.kernel == "6.1":
        # What zram compresses with is no part of it there.
        swap = ["--module", "lzo-rle", *swap]
    if t.kernel.startswith("series"):
        # By interrupts that its platform layer has mapped.
        image = t.dir / "swap.img"
        with open(image, "wb") as f:
            f.truncate(512 << 20)
        swap = ["--disk", image]
    status = t.machine("--cpus", cpus, "--sched", sched, "--mem", "1G", "--timeout",
                       PRESSURE_SILENCE, "--append", "quiet", *swap, *t.step("pressure"),
                       command=["pressure", rounds, guest_cpus])
    if status:
        told = re.findall("^.*PRESSURE.*$", t.console(), re.MULTILINE)
        t.not_ok("the root ends properly", f"status {status}: {(told or [''])[-1]}")
    t.console_says("a guest finds its memory as it was while it is swapped and moved",
                   rf"CHECK OK rounds=\d+ restores=0 cpus={guest_cpus}")
    t.console_says("and it was", r"PRESSURE status=0 swapped_out=\d{4}")
    t.balanced()

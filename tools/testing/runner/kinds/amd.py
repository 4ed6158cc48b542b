# SPDX-License-Identifier: GPL-2.0
"""Jobs about what a real AMD processor has and QEMU's emulation has not, as far as it can
be seen there ("A real AMD processor" in rootvisor.rst)."""

from context import TOP
from results import TapReader

# TCG_INJECTS_TWICE in cpu/tcg.h.
INJECTS_TWICE = 2


def tcg_off(t, cpus, sched, guest_cpus, on=0):
    """A root and a guest, entered as on a processor: no defect of QEMU is worked around, or
    only those in `on`.

    The run is recorded, so that all of QEMU runs in one thread: otherwise interrupts could be
    lost.  With several processors, of the root or of a guest, one stands still as it boots:
    QEMU delivers an injected interrupt twice, although IF is clear, when a timer of the
    machine expires meanwhile or it changes to another processor (INJECTS_TWICE).  So does a
    root of 7.3 with one processor: the second one comes as its timer's handler holds a lock.
    """
    if t.kernel == "series-7.3":
        on |= INJECTS_TWICE
    status = t.run([t.script("run-guest"), "--cpus", cpus, "--sched", sched,
                    "--guest-cpus", guest_cpus, "--guest-append", "quiet", "--record",
                    "--rootvisor", f"tcg={on or 'off'}", "--log", t.dir / "machine"])
    t.check("a Linux guest boots and ends", status == 0, t.last_line())
    t.hypervisor_says("the other work-arounds were off",
                      rf"^rootvisor: work-arounds for TCG: {'some' if on else 'off'}$")


def root_msrs(t):
    """MSRs by which a root would take the machine from the hypervisor."""
    program = t.dir / "root-msrs"
    t.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program,
           TOP / "scripts/initrd/root-msrs.c"])
    reader = TapReader(t.emit)
    status = t.machine("--module", "msr", "--file", f"{program}:/.rootvm/bin/root-msrs",
                       "--append", "msr.allow_writes=on",
                       module=False, feed=reader.feed, command=["root-msrs"])
    reader.end()
    t.ended(status)

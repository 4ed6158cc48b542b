# SPDX-License-Identifier: GPL-2.0
"""Jobs about what a real AMD processor has and QEMU's emulation has not, as far as it can
be seen there ("A real AMD processor" in rootvisor.rst)."""

from context import TOP
from results import TapReader


def tcg_off(t, cpus, sched, guest_cpus):
    """A root and a guest, entered as on a processor: no defect of QEMU is worked around.

    The run is recorded, so that all of QEMU runs in one thread: otherwise interrupts could be
    lost.  With several processors the root stands still as it boots: QEMU delivers an
    injected interrupt twice, when it changes to another processor (TCG_INJECTS_TWICE).
    """
    status = t.run([t.script("run-guest"), "--cpus", cpus, "--sched", sched,
                    "--guest-cpus", guest_cpus, "--guest-append", "quiet", "--record",
                    "--rootvisor", "tcg=off", "--log", t.dir / "machine"])
    t.check("a Linux guest boots and ends", status == 0, t.last_line())
    t.hypervisor_says("no work-around was active", r"^rootvisor: work-arounds for TCG: off")


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

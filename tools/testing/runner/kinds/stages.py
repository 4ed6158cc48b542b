# SPDX-License-Identifier: GPL-2.0
"""Jobs for kernels with the first patches of the series only: each boots as root."""

import os
import re

from kinds import guests

CPUS = 2
COMPLAINT = r"\bWARNING: |\bBUG: |\bOops\b|Call Trace:|rcu.* stall"


def kernel(t, part):
    """A kernel of scripts/parts becomes that of the job."""
    status, said = t.output([t.script("parts"), "--make", part])
    if not t.check("there is such a kernel", status == 0, t.last_line()):
        return None
    t.kernel = os.environ["ROOT_KERNEL"] = said.strip().splitlines()[-1]
    return t.kernel


def boot(t, part, *command, options=()):
    """The kernel boots to its init, which finds all processors."""
    folder = kernel(t, part)
    if not folder:
        return
    t.ended(t.machine("--cpus", CPUS, "--kernel", f"{folder}/vmlinuz", *options, module=False,
                      command=["sh", "-c", " && ".join([f"[ $(nproc) = {CPUS} ]", *command])]))
    t.console_says("it is a root partition", "Hyper-V: running as root partition")
    complaint = re.search(COMPLAINT, t.console())
    t.check("the kernel does not complain", not complaint, complaint and complaint.group())
    t.balanced()


def base(t):
    """What mainline's kernel does as root: it boots, with all processors."""
    boot(t, "stage-base", "[ ! -e /sys/hypervisor/partition ]")


def platform(t):
    """The platform layer, without a driver."""
    boot(t, "stage-platform", "[ ! -e /dev/mshv ]")
    t.console_says("the layer reports itself", "Hyper-V root: root partition")
    t.hypervisor_says("the hypervisor powers off", "power off by hypercall")


def driver(t):
    """The driver as it is when it can be selected for the first time: a Linux guest."""
    if kernel(t, "stage-driver"):
        t.build_module()
        guests.mshvrun(t, CPUS, "root", 2)

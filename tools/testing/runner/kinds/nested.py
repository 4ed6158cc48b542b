# SPDX-License-Identifier: GPL-2.0
"""Jobs with rootvisor under KVM's nested SVM, in an emulated machine (scripts/on-kvm)."""

import re

from context import TOP

# The machine says nothing before it ends; the one around it is watched.
NO_LIMIT = 10 ** 6
SILENCE = 600
MEMORY = "640M"
STATUS = 7
COSTS = TOP / "Documentation/virt/hyperv/costs.rst"
# Compilers differ.
TOLERATED = 1.25


def on_kvm(t, script, *arguments):
    return t.run([t.script("on-kvm"), t.dir, t.script(script), "--mem", MEMORY,
                  "--append", "quiet", "--timeout", NO_LIMIT, "--log", t.dir / "machine",
                  "--rootvisor", "poison=on", *arguments])


def probe(t):
    """What decides on KVM, on a machine that has it."""
    status, text = t.output([
        t.script("rootvm"), "--no-build", "--no-hypervisor", "--host-root", "--as-root",
        "--module", "kvm_amd", "--timeout", SILENCE, "--", t.script("accel.py"), "kvm"])
    t.check("KVM with SVM is taken", not status and re.search("^kvm$", text, re.MULTILINE), text)


def counted(t):
    """KVM's counters at the end of the command, by name."""
    said = t.says(r"^on-kvm: at \"rootvm: the command ended .*", t.dir / "outer/serial.log")
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", said.group(0))} \
        if said else {}


def ran_on_kvm(t, cpus):
    """It was rootvisor, under KVM, on so many processors, and left nothing."""
    t.hypervisor_says(f"rootvisor has {cpus} processors", rf"^rootvisor: .*\b{cpus} processors")
    counts = counted(t)
    runs, exits = counts.get("nested_run", 0), counts.get("exits", 0)
    t.check("its root ran by KVM's nested SVM", runs > 0, str(counts))
    if runs:
        t.run(["echo", f"KVM: {runs} VMRUNs, {exits / runs:.1f} exits for each"])
    t.balanced()


def root(t, cpus):
    """A root to its init, a command, its exit status, and power-off."""
    status = on_kvm(t, "rootvm", "--cpus", cpus, "--", "sh", "-c",
                    f"rvctl log the command runs && nproc && exit {STATUS}")
    t.check("rootvm takes KVM", t.says("^rootvm: the machine runs under KVM"))
    t.check("the command's status is rootvm's", status == STATUS,
            f"status {status}: {t.last_line()}")
    t.hypervisor_says("rvctl reaches the hypervisor", "^root: the command runs")
    t.console_says("the command sees the processors", rf"^{cpus}$")
    ran_on_kvm(t, cpus)


def guest(t, cpus):
    """A Linux guest under mshvrun, to its end."""
    status = on_kvm(t, "run-guest", "--cpus", cpus, "--guest-mem", 128,
                    "--guest-append", "quiet")
    t.check("a Linux guest boots and ends", status == 0, t.last_line())
    ran_on_kvm(t, cpus)


def last_number(row, text):
    """The last column of a row, in either form of a table."""
    found = re.search(rf"^\W*{row}\b.*?([\d.]+)[ |]*$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0


def bench(t):
    """KVM exits as often as costs.rst says, or less."""
    status, text = t.output([t.script("bench-kvm"), t.dir / "bench"])
    t.check("a root under KVM is measured", status == 0, t.last_line())
    for row in ("exits to KVM for each VMRUN", "exits to KVM for each tick"):
        now, then = last_number(row, text), last_number(row, COSTS.read_text())
        t.check(f"{row}: as in costs.rst", 0 < now <= TOLERATED * then, f"{now}, not {then}")

# SPDX-License-Identifier: GPL-2.0
"""Jobs with the guest that looks at its own processor, tools/testing/guest/cpu.

Model: the same image runs under rootvisor, under QEMU alone and under Bochs.  Its cases
are results of the job.  A case that an emulator is known to fail is skipped, with the
reason in the file "known" beside the program; one that needs the hypervisor's interface
must not be skipped where that is.
"""

import re

from context import CACHE, TOP, machine_text

KNOWN = TOP / "tools/testing/guest/cpu/known"
CASE = re.compile(r"CPU (ok|not ok|skipped) ([^:\n]*)(?:: (.*))?")
END = re.compile(r"^CPU end: (\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
NEEDS = "needs the hypervisor"

BOCHSRC = """\
cpu: model={model}, count=1, ips=50000000, reset_on_triple_fault=0
memory: guest=64, host=64
romimage: file={bochs}/share/BIOS-bochs-latest
vgaromimage: file={bochs}/share/vgabios.bin
boot: floppy
floppya: 1_44={image}, status=inserted
com1: enabled=1, mode=file, dev={out}
display_library: rfb, options="timeout=0"
log: {log}
clock: sync=none
panic: action=fatal
"""


def known(emulator):
    """Why cases fail there, by their names."""
    rows = (line.split("\t") for line in KNOWN.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#"))
    return {case: why for who, case, why in rows if who == emulator}


def report(t, emulator, text, prefix=""):
    """What the guest has said becomes results."""
    excused = known(emulator)
    text = text.replace("\r", "")
    for state, name, why in CASE.findall(text):
        if state == "ok":
            t.ok(prefix + name)
        elif state == "not ok" and name in excused:
            t.skip(prefix + name, excused[name])
        elif state == "not ok" or (emulator == "rootvisor" and why == NEEDS):
            t.not_ok(prefix + name, why)
        else:
            t.skip(prefix + name, why)
    end = END.search(text)
    t.check(f"{prefix}all cases have been run", end and
            sum(map(int, end.groups())) == len(CASE.findall(text)), text[-200:])


def image(t):
    return t.build / "guest/cpu.img"


def rootvisor(t, cpus, sched):
    """Guests with one, two and four processors."""
    for number in (1, 2, 4):
        log = f"machine-{number}"
        t.machine("--cpus", cpus, "--sched", sched, "--append", "quiet",
                  "--file", f"{image(t)}:/cpu.img", log=log,
                  command=["mshvrun", "--kernel", "/cpu.img", "--mem", "16", "--cpus", str(number)])
        report(t, "rootvisor", t.console(log), f"{number} processors: ")
        t.balanced(log)


def qemu(t, *numbers):
    """QEMU by itself."""
    for number in numbers:
        _, said = t.output([CACHE / "qemu/run-qemu", "-accel", "tcg", "-cpu", "max", "-m", "64",
                            "-smp", number, "-display", "none", "-serial", "stdio",
                            "-monitor", "none", "-no-reboot", "-drive",
                            f"if=floppy,format=raw,readonly=on,file={image(t)}"])
        report(t, "qemu", said, f"{number} processors: ")


def bochs(t, *models):
    """Another implementation of the processor, as several of its models."""
    if t.run([t.script("fetch"), "bochs"]):
        t.skip("Bochs", "it cannot be fetched")
        return
    for model in models:
        folder = t.dir / model
        folder.mkdir()
        (folder / "bochsrc").write_text(BOCHSRC.format(
            model=model, bochs=CACHE / "bochs", image=image(t), out=folder / "out",
            log=folder / "log"), encoding="utf-8")
        t.run([CACHE / "bochs/run-bochs", "-q", "-unlock", "-f", folder / "bochsrc"])
        report(t, "bochs", machine_text(folder / "out"), f"{model}: ")

# SPDX-License-Identifier: GPL-2.0
"""Jobs about processors of machines: many, more than are used, and unsuitable ones."""

import re

from kinds.tools import OWN_FAILURE, one_line_refusal

# What is told of a root's processors, by the root.
LOOK = ("echo there are $(nproc), possible $(cat /sys/devices/system/cpu/possible); "
        "echo ids $(sed -n 's/^apicid.*: //p' /proc/cpuinfo)")
GUEST = ("mshvrun --kernel /guest/vmlinuz --initrd /guest/initrd.gz --mem 96 "
         "--append 'console=ttyS0 quiet'")
# The third processor has the APIC id 259.
LARGE_ID = ("--qemu-arg", "-smp", "--qemu-arg",
            "2,maxcpus=400,sockets=2,cores=200,threads=1", "--qemu-arg", "-device",
            "--qemu-arg", "max-x86_64-cpu,socket-id=1,die-id=0,core-id=3,thread-id=0")
# The second of three processors has no SVM.
WITHOUT = ("--qemu-arg", "-smp", "--qemu-arg", "1,maxcpus=3,sockets=1,cores=3,threads=1",
           "--qemu-arg", "-device", "--qemu-arg",
           "max-x86_64-cpu,svm=off,socket-id=0,die-id=0,core-id=1,thread-id=0",
           "--qemu-arg", "-device", "--qemu-arg",
           "max-x86_64-cpu,socket-id=0,die-id=0,core-id=2,thread-id=0")


def sixteen(t):
    """Root and guest on a machine with sixteen processors."""
    status = t.machine("--cpus", 16, "--append", "quiet", command=[
        "sh", "-c", f"{LOOK}; taskset -c 15 {GUEST}"])
    t.console_says("the root has sixteen processors", r"^there are 16, possible 0-15$")
    t.console_says("a guest runs on the last one", r"^GUEST-INIT-OK ")
    t.hypervisor_says("the hypervisor uses all", r"^rootvisor: 16 processors, ")
    t.ended(status)
    t.balanced()


def left_out(t):
    """Processors that are not used do not exist for a root."""
    status = t.machine("--cpus", 4, "--qemu-arg", "-smp", "--qemu-arg", "12",
                       "--append", "quiet", module=False, command=["sh", "-c", LOOK])
    t.console_says("the root has four of twelve processors", r"^there are 4, possible 0-3$")
    t.hypervisor_says("the log says so", r"^rootvisor: using 4 of 12 processors$")
    t.ended(status)


def unsuitable(t):
    """A processor that cannot be used is left out, and the next one takes its place."""
    status = t.machine("--cpus", 3, *WITHOUT, "--append", "quiet", module=False,
                       command=["sh", "-c", LOOK])
    t.console_says("the root has two processors", r"^there are 2, possible 0-1$")
    t.console_says("they are the others", r"^ids 0 2$")
    t.hypervisor_says("the log says why",
                      r"^rootvisor: the processor with APIC id 1 is not used: .* has no SVM")
    t.ended(status)


def large_ids(t):
    """A processor with an APIC id above 254 is used if interrupts of devices reach it."""
    cases = (("unreachable", 2, "0 1", ()), ("reachable", 3, "0 1 259", ("--intremap",)))
    for name, cpus, ids, options in cases:
        status = t.machine("--cpus", 3, *LARGE_ID, *options, "--append", "quiet", log=name,
                           module=False, command=["sh", "-c", LOOK])
        t.console_says(f"{name}: there are {cpus}", rf"^there are {cpus}, possible 0-{cpus - 1}$",
                       name)
        t.console_says(f"{name}: their ids", rf"^ids {ids}$", name)
        t.ended(status)
    t.hypervisor_says("the log says why", r"no interrupt of a device reaches", "unreachable")


def refused(t):
    """Processors without what the hypervisor needs are refused in one line."""
    cases = (
        ("-lm", "has no 64-bit mode"),
        ("-svm", "has no SVM"),
        ("-npt", "has no nested paging"),
        ("-x2apic", "has no x2APIC"),
        ("-xsave", "has no XSAVE"),
        ("-pdpe1gb", "has no 1 GiB pages"),
        ("-nx", "has no NX"),
    )
    for flag, text in cases:
        one_line_refusal(t, f"refused: {flag}", [
            t.script("rootvm"), "--no-build", "--cpu", f"max,{flag}", "--", "true"],
            OWN_FAILURE, text)


def hidden(t):
    """Remapping hardware that is not used does not exist for a root."""
    disk = t.dir / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    cases = (("IVRS", "amd-iommu", ()),
             ("DMAR", "intel-iommu,intremap=off", ("--disk", disk, "--module", "nvme")))
    for table, device, options in cases:
        status = t.machine("--qemu-arg", "-device", "--qemu-arg", device, *options,
                           *t.step("hidden-steps"), module=False, log=table,
                           command=["hidden-steps", table, "disk" if options else "none"])
        t.tap("\n".join(re.findall(r"^root: (.*)$", t.hypervisor(table), re.MULTILINE)),
              f"{table}: ")
        t.hypervisor_says(f"{table}: the log says that nothing protects from DMA",
                          rf"no DMA protection: table {table} .* is not used$", table)
        t.ended(status)


def untranslated(t):
    """A unit that remaps interrupts, and whose DMA remapping is not used: a line says why, and
    the root has no device domains."""
    unit = "intel-iommu,intremap=on,eim=on"
    cases = (("off", unit, "dma=off", "dma=off"),
             ("width", f"{unit},aw-bits=39", "log=info", "it does not translate 48 bits"),
             ("none", f"{unit},dma-translation=off", "log=info", "it does not translate 48 bits"),
             ("caching", f"{unit},caching-mode=on", "log=info", "it caches entries"))
    for name, device, option, why in cases:
        status = t.machine("--qemu-arg", "-device", "--qemu-arg", device, "--rootvisor", option,
                           module=False, log=name,
                           command=["sh", "-c", "! rvctl device-domain 0x4000000000000000"])
        t.ended(status)
        t.hypervisor_says(f"{name}: the log says why", f"DMA is not remapped: {why}", name)
        t.hypervisor_says(f"{name}: and what follows",
                          "no DMA protection: table DMAR .* remaps only interrupts", name)


def visible(t):
    """A root that sees the table of the unit, and drives it: it has no answer."""
    t.machine("--intremap", "--rootvisor", "dmar=visible", "--append", "intremap=off",
              module=False, command=["true"])
    t.console_says("there is what looks like a unit", r"DMAR: dmar0: reg_base_addr fed90000 ver")
    t.console_says("which does nothing", "panic.*: DMAR hardware is malfunctioning")
    t.hypervisor_says("and rootvisor has the unit", "DMA remapping: devices reach")

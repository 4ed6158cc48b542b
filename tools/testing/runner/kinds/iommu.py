# SPDX-License-Identifier: GPL-2.0
"""Jobs about the IOMMU driver, with the devices that a machine has."""

import hashlib
import os
import re

from context import CACHE, TOP
from kinds import selftests, series
from results import TapReader

COSTS = TOP / "Documentation/virt/hyperv/costs.rst"
SILENCE = 300
DISK_BYTES = 16 << 20
# Programs that have devices, and how often they end in each way.
PROGRAMS = ("vfio", "vfionvme", "vfioends")
ROUNDS = 3
MANY = 200
# The ways that vfioends has: killed, unbound, unbound in vain, with each of two devices.
WAYS = 6


def own_module(t):
    """The IOMMU driver, where it is no part of the kernel."""
    module = t.module.parent / "hv_root_iommu.ko"
    return ["--module", module] if module.exists() else []


def qemu(*options):
    """Options of QEMU's, each with its value."""
    return [a for o in options for word in o.split(" ", 1) for a in ("--qemu-arg", word)]


def modules(*names):
    return [a for name in names for a in ("--module", name)]


def image(folder, name):
    """A disk that is not all zeros."""
    path = folder / f"{name}.img"
    path.write_bytes(os.urandom(1 << 20).ljust(DISK_BYTES, b"\0"))
    return path


def disk(kind, device):
    """A disk, and what it is behind; {image} is its image."""
    return (f"-drive file={{image}},if=none,id={kind},format=raw", f"-device {device}")


# Drivers of each kind of device, and what QEMU is told.  Behind the network there is an echo.
KINDS = {
    "nvme": (("nvme",), ()),
    "sata": (("ahci", "sd_mod"), disk("sata", "ide-hd,drive=sata,bus=ide.0")),
    "virtio": (("virtio_blk",), disk("virtio", "virtio-blk-pci,drive=virtio,"
                                               "iommu_platform=on,disable-legacy=on")),
    "usb": (("xhci-pci", "usb-storage", "sd_mod"),
            ("-device qemu-xhci", *disk("usb", "usb-storage,drive=usb"))),
    "net": (("e1000e",), ("-netdev user,id=net,restrict=on,"
                          "guestfwd=tcp:10.0.2.100:7-cmd:cat",
                          "-device e1000e,netdev=net,romfile=")),
}
DISKS = ("nvme", "sata", "virtio")
# Lockdep finds that 6.12 itself takes locks in two orders when a limit of a SATA disk is set,
# which iommu-steps does.
CHECKED = ("nvme", "virtio", "usb", "net")
# A device that the hypervisor does not know by its own id.
BRIDGED = ("-device pcie-pci-bridge,id=bridge", "-device edu,bus=bridge,addr=1")


def hardware(folder, kinds):
    """Devices, and their drivers."""
    options = ["--disk", image(folder, "nvme")]
    for kind in kinds:
        drivers, told = KINDS[kind]
        path = image(folder, kind) if kind not in ("nvme", "net") else None
        options += [*modules(*drivers), *qemu(*(o.format(image=path) for o in told))]
    return options


def translated(t, cpus, *options, kinds=DISKS):
    """Devices in domains of their own, also while the hypervisor refuses calls."""
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--intremap", *own_module(t), *hardware(t.dir, kinds),
                       *qemu(*BRIDGED), "--timeout", SILENCE, *t.step("iommu-steps"), *options,
                       feed=reader.feed, command=["iommu-steps", *kinds])
    reader.end()
    t.ended(status)
    t.balanced()
    t.hypervisor_says("devices are in the default domain at the end",
                      "books: attachments=0$")
    t.hypervisor_says("and all domains are deleted", "books: domains=0$")


def devices(t, cpus, kinds=tuple(KINDS)):
    """The same with USB and a network, on a kernel that has their drivers."""
    t.build_module()
    translated(t, cpus, kinds=kinds)


def guest(t, cpus, sched):
    """A guest of stock QEMU on a disk of the root's, past the root's cache."""
    t.run([t.script("fetch"), "qemu-mshv"])
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--sched", sched, "--intremap", *own_module(t),
                       *hardware(t.dir, ("nvme",)), *modules("loop"),
                       "--file", f"{CACHE}/qemu-mshv/qemu:/qemu",
                       "--file", f"{t.build}/qemu-guest-initrd.gz:/guest/qemu-initrd.gz",
                       "--timeout", SILENCE, *t.step("qemu-guest"), *t.step("iommu-guest"),
                       feed=reader.feed, command=["iommu-guest"])
    reader.end()
    t.ended(status)
    t.balanced()
    t.hypervisor_says("all domains are deleted", "books: domains=0$")


def vfio(t, cpus, *options, log="machine", by="container", rounds=ROUNDS, only=PROGRAMS):
    """Devices in the hands of programs, which end in all ways."""
    split = selftests.Splitter(t, "" if log == "machine" else f"{log}: ")
    unsafe = ["VFIO_UNSAFE=y"] if own_module(t) else []
    status = t.machine("--cpus", cpus, "--intremap", *own_module(t), *hardware(t.dir, ("nvme",)), "--module",
                       "vfio-pci", "--module", "vfio_iommu_type1", "--qemu-arg", "-device",
                       "--qemu-arg", "edu,dma_mask=0xffffffffff", "--append", "iomem=relaxed",
                       "--timeout", SILENCE, *t.step("run-selftests"), *options, log=log,
                       feed=split.feed, command=["env", f"VFIO_BY={by}", f"VFIO_ROUNDS={rounds}",
                                                 *unsafe, "run-selftests", *only])
    t.ended(status)
    split.finish(only)
    t.check("nothing was skipped", not t.says("# SKIP"))
    t.balanced(log)
    t.hypervisor_says("all domains are deleted", "books: domains=0$", log)


def iommufd(t, cpus, **options):
    """The same by iommufd."""
    vfio(t, cpus, "--module", "iommufd", by="iommufd", **options)


# The second answers to all questions, and to those that are about where a device is.
ANSWERS = {"all": 8191, "moves": 4 + 8 + 16, "calls": 32 + 64 + 128 + 1024}


def answers(t, cpus):
    """What is not known of the real hypervisor, each in the other way."""
    for name, sum_of in ANSWERS.items():
        vfio(t, cpus, "--rootvisor", f"domains={sum_of}", log=name)


def hidden(t):
    """The kernel sees the table of hardware that is the hypervisor's, and leaves it alone."""
    status = t.machine("--intremap", "--rootvisor", "dmar=visible", module=False,
                       command=["ls", "/sys/class/iommu/hv-iommu"])
    t.ended(status)
    t.console_says("the table is there", r"ACPI: DMAR 0x")
    t.check("nobody drives what it describes", "DMAR: dmar0" not in t.console())
    t.hypervisor_says("the hypervisor does", "DMA remapping: devices reach")


def kexec(t, cpus):
    """A root with a disk in a domain gives way to another one."""
    t.machine("--cpus", cpus, "--intremap", *hardware(t.dir, DISKS), "--timeout", SILENCE,
              *series.kexec_files(t, t.build / "guest-initrd.gz"), module=False, command=[
                  "sh", "-c", "dd if=/dev/nvme0n1 of=/dev/null bs=64k iflag=direct; "
                  "kexec-to /boot/vmlinuz /boot/initrd 'console=ttyS0 panic=-1'"])
    t.console_says("the next kernel runs", rf"GUEST-INIT-OK .*-series.* cpus={cpus}$")
    t.check("it has the driver as well",
            t.console().count("Hyper-V IOMMU: devices have domains") == 2)
    t.check("all pages have come back", "the hypervisor keeps" not in t.console())
    t.balanced()
    t.hypervisor_says("all domains are deleted", "books: domains=0$")


# In the midst of DMA.
CRASH = """
kexec-to -p /boot/vmlinuz /boot/initrd 'console=ttyS0 panic=-1 maxcpus=1' || exit 3
while :; do dd if=/dev/nvme0n1 of=/dev/null bs=64k iflag=direct || exit; done 2>/tmp/reads &
until [ -s /tmp/reads ]; do usleep 10000; done
echo c >/proc/sysrq-trigger
"""


def crash(t, cpus):
    """The kernel after a panic finds numbers in use, and the disk in a domain."""
    disk = image(t.dir, "nvme")
    files = series.crash_initrd(t, "--file", f"{t.build}/rvctl/rvctl:/iommu/rvctl")
    t.machine("--cpus", cpus, "--mem", "1G", "--intremap", "--disk", disk, *modules("nvme"),
              "--append", "crashkernel=256M", "--timeout", SILENCE, *files, module=False,
              command=["sh", "-c", CRASH])
    t.console_says("the kernel after the panic runs", "^CRASH-INIT magic=ELF")
    said = re.search(r"^CRASH-INIT own=(\d+) all=(\d+)", t.console(), re.MULTILINE)
    own, total = map(int, said.groups()) if said else (0, 0)
    t.check("it has domains beside those that are left", 0 < own < total, f"{own} of {total}")
    t.console_says("its disk is in one, and is what it was",
                   f"^CRASH-INIT disk={hashlib.sha256(disk.read_bytes()).hexdigest()}")
    t.check("nothing of its DMA was blocked",
            "DMA blocked" not in t.console().partition("CRASH-INIT")[2])
    t.hypervisor_says("its own are deleted", f"books: domains={total - own}$")


def calls(text):
    """The rows about calls, in either form of a table: names and numbers."""
    return re.findall(r"^\W*(calls .*?)[\s|]{2,}.*?([\d.]+)[\s|]*$", text, re.MULTILINE)


def bench(t):
    """Hypercalls are as many as costs.rst says."""
    status, text = t.output([t.script("bench-iommu"), t.dir / "bench"])
    t.check("DMA remapping is measured", status == 0, t.last_line())
    then = calls(COSTS.read_text())
    now = calls(text)
    new = [row for row in now if row not in then]
    t.check("the calls are as in costs.rst", now and not new, new)

# SPDX-License-Identifier: GPL-2.0
"""Jobs about the IOMMU driver, with the devices that a machine has."""

import os

from kinds import series
from results import TapReader

SILENCE = 300
DISK_BYTES = 16 << 20


def own_module(t):
    """The IOMMU driver, where it is no part of the kernel."""
    module = t.module.parent / "hv_root_iommu.ko"
    return ["--module", module] if module.exists() else []


def disks(folder):
    """Disks behind three kinds of hardware, and their drivers."""
    nvme, sata, virtio = (folder / f"{name}.img" for name in ("nvme", "sata", "virtio"))
    for image in (nvme, sata, virtio):
        image.write_bytes(os.urandom(1 << 20).ljust(DISK_BYTES, b"\0"))
    modules = [a for m in ("nvme", "ahci", "sd_mod", "virtio_blk") for a in ("--module", m)]
    return ["--disk", nvme, *modules] + [
        a for d in (f"-drive file={sata},if=none,id=sata,format=raw",
                    "-device ide-hd,drive=sata,bus=ide.0",
                    f"-drive file={virtio},if=none,id=virtio,format=raw",
                    "-device virtio-blk-pci,drive=virtio,iommu_platform=on,disable-legacy=on")
        for word in d.split(" ", 1) for a in ("--qemu-arg", word)]


def translated(t, cpus, *options):
    """Disks in domains of their own, also while the hypervisor refuses calls."""
    reader = TapReader(t.emit)
    status = t.machine("--cpus", cpus, "--intremap", *own_module(t), *disks(t.dir),
                       "--timeout", SILENCE, *t.step("iommu-steps"), *options,
                       feed=reader.feed, command=["iommu-steps"])
    reader.end()
    t.ended(status)
    t.balanced()
    t.hypervisor_says("devices are in the default domain at the end",
                      "books: attachments=0$")
    t.hypervisor_says("and all domains are deleted", "books: domains=0$")


def vfio(t, cpus, *options, log="machine", by="container"):
    """A device in the hands of a program."""
    reader = TapReader(t.emit, "" if log == "machine" else f"{log}: ")
    unsafe = ["VFIO_UNSAFE=y"] if own_module(t) else []
    status = t.machine("--cpus", cpus, "--intremap", *own_module(t), "--module", "vfio-pci",
                       "--module", "vfio_iommu_type1", "--qemu-arg", "-device", "--qemu-arg",
                       "edu,dma_mask=0xffffffffff", "--append", "iomem=relaxed", "--timeout",
                       SILENCE, *options, log=log, feed=reader.feed,
                       command=["env", f"VFIO_BY={by}", *unsafe, "/selftests/vfio"])
    reader.end()
    t.ended(status)
    t.check("nothing was skipped", not t.says("# SKIP"))
    t.balanced(log)
    t.hypervisor_says("all domains are deleted", "books: domains=0$", log)


def iommufd(t, cpus):
    """The same by iommufd."""
    vfio(t, cpus, "--module", "iommufd", by="iommufd")


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
    t.machine("--cpus", cpus, "--intremap", *disks(t.dir), "--timeout", SILENCE,
              *series.kexec_files(t, t.build / "guest-initrd.gz"), module=False, command=[
                  "sh", "-c", "dd if=/dev/nvme0n1 of=/dev/null bs=64k iflag=direct; "
                  "kexec-to /boot/vmlinuz /boot/initrd 'console=ttyS0 panic=-1'"])
    t.console_says("the next kernel runs", rf"GUEST-INIT-OK .*-series.* cpus={cpus}$")
    t.check("it has the driver as well",
            t.console().count("Hyper-V IOMMU: devices have domains") == 2)
    t.check("all pages have come back", "the hypervisor keeps" not in t.console())
    t.balanced()
    t.hypervisor_says("all domains are deleted", "books: domains=0$")

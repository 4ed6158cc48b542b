# SPDX-License-Identifier: GPL-2.0
"""Jobs about interrupts of devices, with and without remapping hardware."""

import os

from context import TOP
from results import TapReader


def sender(t):
    """Options for QEMU's "edu" device and the program that has it send interrupts.

    The program reads and writes memory by its own addresses, without a driver.
    """
    program = t.dir / "send-interrupt"
    t.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program,
           TOP / "scripts/initrd/send-interrupt.c"])
    return ["--file", f"{program}:/.rootvm/bin/send-interrupt",
            "--qemu-arg", "-device", "--qemu-arg", "edu,dma_mask=0xffffffff",
            "--append", "iomem=relaxed iommu.passthrough=1"]


def steps(t, program, wanted, *options):
    reader = TapReader(t.emit, f"{wanted}: ")
    t.machine(*options, *t.step(program), log=wanted, module=False, feed=reader.feed,
              command=[program, wanted])
    reader.end()


def unmapped(t):
    """Interrupts that were not mapped are blocked if there is hardware for it,
    and the same interrupts arrive if there is none."""
    options = sender(t)
    disk = t.dir / "disk.img"
    disk.write_bytes(os.urandom(1 << 20))
    options += ["--disk", disk, "--module", "nvme"]
    steps(t, "unmapped-steps", "free", *options)
    steps(t, "unmapped-steps", "blocked", "--intremap", *options)
    t.hypervisor_says("the books have them", "books: irte_faults=4$", "blocked")
    t.hypervisor_says("the log names the sender of one",
                      r"interrupt blocked: device 00:[0-9a-f]*\.0, entry 0, reason 0x26$",
                      "blocked")


def port_with_msis(t):
    return [*sender(t), "--cpus", "3", "--qemu-arg", "-device",
            "--qemu-arg", "ioh3420,chassis=1,slot=1", "--append", "pcie_ports=native"]


def multi_msi(t):
    """A device with several MSIs has them where the hypervisor can give them, and one
    where it cannot."""
    options = port_with_msis(t)
    steps(t, "multi-msi-steps", "several", "--intremap", *options)
    steps(t, "multi-msi-steps", "one", *options)


def fixed_msis(t):
    """Several MSIs of a device by mainline's domain, which does not move them."""
    steps(t, "multi-msi-steps", "fixed", "--intremap", *port_with_msis(t))

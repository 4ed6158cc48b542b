# SPDX-License-Identifier: GPL-2.0
"""Jobs for a kernel of the patch series."""

import os
import re
from pathlib import Path

from context import CACHE, TOP, library, machine_text
from results import TapReader

# How many numbers the file has that is sent through the network.
NETWORK_DATA = 30000
SILENCE = 300
# Guests that run when the root panics.
GUESTS = 4
# A kernel has started the NVMe disk, and has set the address of its shadow doorbells.
NVME_STARTED = "pci_nvme_mmio_start_success"
NVME_SHADOW = "pci_nvme_dbbuf_config"
EVENTS = ("pci_nvme_irq_msix", "e1000e_irq_msix_notify_vec", "virtio_notify", "pci_cfg_write")


def network_card(served, number, device):
    """On a network with a server of the file "data", and another that sends the same."""
    served = str(served).replace(",", ",,")
    return ["--qemu-arg", "-device", "--qemu-arg", f"{device},netdev=net{number},romfile=",
            "--qemu-arg", "-netdev", "--qemu-arg",
            f"user,id=net{number},net=10.0.{number}.0/24,restrict=on,tftp={served},"
            f"guestfwd=tcp:10.0.{number}.100:7-cmd:seq {NETWORK_DATA}"]


class Sent:
    """How many interrupts the devices have sent, from QEMU's trace.

    Of a virtio device the first queue counts: it sends none before the one before has
    been served, as the queue of a network card's sent packets does.
    """

    def __init__(self):
        self.nvme = 0
        self.e1000e = 0
        self.queues = {}
        self.first = {}

    def feed(self, words):
        if words[0] == "pci_nvme_irq_msix":
            self.nvme += 1
        elif words[0] == "e1000e_irq_msix_notify_vec":
            self.e1000e += 1
        elif words[0] == "virtio_notify":
            device, queue = words[2], words[4]
            self.queues[queue] = self.queues.get(queue, 0) + 1
            self.first[device] = min(self.first.get(device, queue), queue)

    def counts(self):
        virtio = sum(self.queues[q] for q in self.first.values())
        return {"nvme": self.nvme, "e1000e": self.e1000e, "virtio": virtio}


def sent_between(trace, first, last):
    """What the devices have sent between two marks in the NVMe disk's configuration."""
    sent, begun, ended = Sent(), {}, {}
    marks = {f"@0x3c <- 0x{first:x}": "begun", f"@0x3c <- 0x{last:x}": "ended"}
    for line in trace.splitlines():
        words = line.split()
        if not words:
            continue
        sent.feed(words)
        if line.startswith("pci_cfg_write nvme "):
            mark = marks.get(" ".join(words[-3:]))
            if mark == "begun":
                begun = sent.counts()
            elif mark == "ended":
                ended = sent.counts()
    return {device: ended.get(device, 0) - begun.get(device, 0) for device in sent.counts()}


def came(t, name, sent, counted, device):
    """One that comes to the new place while the one before is still served at the old one
    is served along with it and not counted: at most one for a move."""
    told = re.findall(rf"^# {device}.* moved (\d+) times", t.console(), re.MULTILINE)
    moves = sum(int(n) for n in told)
    t.check(f"{name}: {sent} interrupts were sent, {counted} came, {moves} moves",
            sent - moves <= counted <= sent)


def compare_counts(t):
    """What devices with MSI-X have sent, and what the kernel has got.

    QEMU's e1000e sends each interrupt once more, as late as it may send the next one,
    so that the kernel gets either one or two.
    """
    told = re.search(r"^# counted (\d+) (\d+) (\d+) (\d+) (\d+)", t.console(), re.MULTILINE)
    if not t.check("interrupts are counted", told):
        return
    first, last, nvme, e1000e, virtio = (int(n) for n in told.groups())
    sent = sent_between(machine_text(t.dir / "machine/qemu.log"), first, last)
    came(t, "NVMe", sent["nvme"], nvme, "nvme0q0")
    came(t, "virtio", sent["virtio"], virtio, "virtio")
    t.check(f"e1000e: {sent['e1000e']} interrupts were sent, {e1000e} came, some twice",
            sent["e1000e"] <= e1000e <= 2 * sent["e1000e"])


def devices(folder):
    """The options for an NVMe disk, a SATA disk, a virtio random number generator and
    their drivers; the disks are files in a folder."""
    disk, sata = folder / "disk.img", folder / "sata.img"
    disk.write_bytes(os.urandom(2 << 20))
    sata.write_bytes(disk.read_bytes())
    modules = [a for m in ("nvme", "ahci", "sd_mod", "virtio_pci", "virtio_rng")
               for a in ("--module", m)]
    return ["--disk", disk, *modules] + [
        a for d in (f"-drive file={sata},if=none,id=sata,format=raw",
                    "-device ide-hd,drive=sata,bus=ide.0", "-device virtio-rng-pci")
        for word in d.split(" ", 1) for a in ("--qemu-arg", word)]


def networks(folder):
    """The options for two network cards and their drivers, and for the file that their
    servers have."""
    served = folder / "served"
    served.mkdir()
    (served / "data").write_text("".join(f"{n}\n" for n in range(1, NETWORK_DATA + 1)))
    return [*network_card(served, 2, "e1000e"), *network_card(served, 3, "virtio-net-pci"),
            "--module", "e1000e", "--module", "virtio_net", "--file", f"{served}/data:/data"]


def device_steps(t, steps, cpus, sched, *options):
    """Steps in a root with the devices."""
    reader = TapReader(t.emit)
    traces = [a for e in (NVME_STARTED, NVME_SHADOW) for a in ("--qemu-arg", "-trace",
                                                              "--qemu-arg", e)]
    status = t.machine("--cpus", cpus, "--sched", sched, *devices(t.dir), *traces,
                       *options, "--rootvisor", "vectors=strict", "--timeout", SILENCE,
                       *t.step(steps), module=False, feed=reader.feed, command=[steps, cpus])
    reader.end()
    t.ended(status)
    trace = machine_text(t.dir / "machine/qemu.log")
    t.check("the disk has no shadow doorbells",
            NVME_STARTED in trace and NVME_SHADOW not in trace)


def steps(t, cpus, sched, *options):
    """The platform layer of the patch series, seen from inside."""
    traced = [a for e in EVENTS for a in ("--qemu-arg", "-trace", "--qemu-arg", e)]
    device_steps(t, "series-steps", cpus, sched, *options, *networks(t.dir), *traced)
    if not any("nomsi" in str(o) for o in options):
        compare_counts(t)
    t.hypervisor_says("the hypervisor powers off", "power off by hypercall")
    t.console_says("DMA is not remapped, and why",
                   "Hyper-V IOMMU: no DMA remapping: the hypervisor does not offer device domains")


def intremap(t, cpus, sched, *options):
    """With remapping hardware nothing is lost or blocked, and the hypervisor's counts are
    the kernel's."""
    device_steps(t, "count-steps", cpus, sched, *options, "--intremap")
    t.hypervisor_says("the hardware was in use", r"interrupt remapping: \d* entries used")


def kexec_files(t, initrd):
    """What a kernel needs to give way to another one."""
    program = t.dir / "kexec-to"
    t.run(["gcc", "-O2", "-Wall", "-Werror", "-static", "-o", program,
           TOP / "scripts/initrd/kexec-to.c"])
    kernel = library("kernel_folder", t.kernel)
    return ["--file", f"{program}:/.rootvm/bin/kexec-to",
            "--file", f"{kernel}/vmlinuz:/boot/vmlinuz", "--file", f"{initrd}:/boot/initrd"]


def crash_initrd(t, *options):
    initrd = t.dir / "initrd.gz"
    t.run([t.script("mkinitrd"), "guest", initrd, "--init",
           TOP / "scripts/initrd/crash-init", *options])
    return kexec_files(t, initrd)


def can_map_interrupts(t):
    t.check("it can map its interrupts", "mapping an interrupt" not in t.console())


def kexec(t, cpus, sched):
    """A root gives way to another one."""
    reader = TapReader(t.emit)
    # What the hypervisor has asked for and does not use is no reason to refuse.
    t.machine("--cpus", cpus, "--sched", sched, "--timeout", SILENCE,
              *kexec_files(t, t.build / "guest-initrd.gz"), "--rootvisor", "fail=7c,b,0,1",
              *t.step("series-kexec"), module=False, feed=reader.feed,
              command=["series-kexec"])
    reader.end()
    t.console_says("the next kernel has all processors",
                   rf"GUEST-INIT-OK .*-series.* cpus={cpus}$")
    t.check("it is a root partition",
            t.console().count("Hyper-V: running as root partition") == 2)
    if cpus > 1:
        t.console_says("and finds its processors", f"{cpus} processors exist already")
    can_map_interrupts(t)
    t.hypervisor_says("and powers off", "power off by hypercall")
    t.balanced()


def kexec_owed(t):
    """What the hypervisor has asked for to run the machine does not come back."""
    t.machine("--cpus", 2, "--rootvisor", "lp_pages=3",
              *kexec_files(t, t.build / "guest-initrd.gz"), module=False, command=[
                  "sh", "-c", "kexec-to /boot/vmlinuz /boot/initrd console=ttyS0; "
                  "dmesg | grep 'no kexec'; exit $(nproc)"])
    t.hypervisor_says("memory is given for a processor", "exit status=2$")
    t.console_says("and kept: kexec is refused", "kexec-to: starting: Device or resource busy")
    t.console_says("with the reason",
                   r"no kexec: .* has [1-9]\d* pages .* for processors and interrupts")


def crash(t, cpus):
    """A root that panics, and the kernel that saves its memory."""
    t.machine("--cpus", cpus, "--mem", "1G", "--append", "crashkernel=256M", "--timeout",
              SILENCE, *crash_initrd(t), module=False, command=[
                  "sh", "-c", "kexec-to -p /boot/vmlinuz /boot/initrd "
                  "'console=ttyS0 panic=-1 maxcpus=1' && echo c >/proc/sysrq-trigger"])
    t.hypervisor_says("the panic is reported to the hypervisor", "partition 1: guest crash")
    t.hypervisor_says("with a request to stop all guests", "root crash, action 1$")
    t.console_says("the crash kernel can read all memory",
                   r"CRASH-INIT magic=ELF megabytes=\d{3} type=root")
    can_map_interrupts(t)
    t.hypervisor_says("and powers off", "power off by hypercall")


def crash_among_guests(t, cpus, sched, guests, *options):
    """A root that panics while there are guests that need nothing of it.  What the
    hypervisor has of its memory is left alone by the crash kernel."""
    files = crash_initrd(t, "--file", f"{t.build}/rvctl/rvctl:/rvctl", *options)
    t.machine("--cpus", cpus, "--sched", sched, "--mem", "1G", "--append",
              "crashkernel=256M", "--timeout", SILENCE, *files, *t.step("series-crash"),
              module=False, command=["series-crash", guests])
    t.console_says("there are guests", f"SERIES-CRASH {guests} guests run")
    t.hypervisor_says("the hypervisor suspends them",
                      f"{guests} virtual processors of guests suspended")
    t.console_says("and does not run them any more",
                   rf"CRASH-INIT guests={guests} ran=0 deposited=[1-9]")
    t.console_says("all memory can be copied", "CRASH-INIT cp=0$")


def left_alone(t):
    t.console_says("and nothing of the hypervisor's was touched", "CRASH-INIT faults=0$")
    t.check("the crash kernel does not complain", not re.search(
        "general protection|Oops|BUG:|WARNING:", t.console().partition("CRASH-INIT")[2]))
    t.hypervisor_says("and powers off", "power off by hypercall")


def crash_guest(t, cpus, sched):
    crash_among_guests(t, cpus, sched, 1)
    t.console_says("all memory can be read", r"CRASH-INIT magic=ELF megabytes=\d{3} type=root")
    left_alone(t)


def crash_guests(t, cpus, sched):
    """The same, and makedumpfile saves the memory."""
    if t.run([t.script("fetch"), "makedumpfile"]):
        t.skip("makedumpfile", f"it cannot be had: {t.last_line()}")
        return
    crash_among_guests(t, cpus, sched, GUESTS, "--file",
                       f"{CACHE / 'makedumpfile'}:/makedumpfile")
    t.console_says("makedumpfile reads all memory, and saves what is worth it",
                   "CRASH-INIT all=0 kept=0 magic=KDUMP log=1$")
    left_alone(t)


def hypervisor_crash(t):
    t.machine("--cpus", 2, module=False, command=["sh", "-c", "rvctl crash; sleep 60"])
    t.console_says("the root gets an NMI, and panics",
                   "Kernel panic - not syncing: the hypervisor has crashed")
    t.check("it asks nothing of the hypervisor then",
            "root crash, action" not in t.hypervisor())
    t.hypervisor_says("and restarts", "end: reset")


def reboot(t):
    """A root that restarts does so by the machine's own way."""
    t.machine("--cpus", 2, module=False, command=["sh", "-c", "reboot -f; sleep 60"])
    t.hypervisor_says("the root restarts", "end: reset")


def topology(t):
    """Processors whose APIC ids have gaps, and threads of cores."""
    status = t.rootvm("--cpus", 6, "--qemu-arg", "-smp", "--qemu-arg",
                      "6,sockets=2,cores=3,threads=1",
                      command=["sh", "-c", "dmesg | grep 'Hyper-V root'; exit $(nproc)"])
    t.check("APIC ids may have gaps", status == 6, f"status {status}")
    status = t.rootvm("--cpus", 4, "--qemu-arg", "-smp", "--qemu-arg",
                      "4,sockets=1,cores=2,threads=2", command=[
                          "sh", "-c", "grep apicid /proc/cpuinfo; cat /sys/devices/system/cpu"
                          "/cpu*/topology/thread_siblings_list; exit $(nproc)"])
    t.check("cores may have threads", status == 4, f"status {status}")


# Those that are not used can be tried; what was tried has waited for them.
TRY_PROCESSORS = ("for c in /sys/devices/system/cpu/cpu*/online; do"
                  " [ $(cat $c) = 1 ] || ! echo 1 >$c || exit 99; done; "
                  "dmesg | grep 'Hyper-V\\|report alive\\|BUG:\\|WARNING:'; exit $(nproc)")


def fault(t, name, wanted, text, *faults):
    """With calls that fail while the kernel boots there are so many processors of three,
    the log says a text, and nobody tries to start the others."""
    options = [a for f in faults for a in ("--rootvisor", f"fail={f}")]
    lines = []
    status = t.rootvm("--cpus", 3, *options, feed=lines.append, command=[
        "sh", "-c", TRY_PROCESSORS])
    said = "".join(lines)
    t.check(name, status == wanted, f"status {status}")
    if text:
        t.check("and it says so", text in said)
    if wanted < 3:
        t.check("and it cannot be started", "Hyper-V" in said and "report alive" not in said)
    t.check("without a complaint", "BUG:" not in said and "WARNING:" not in said)


def processor_faults(t, no_lp, no_vp):
    """Processors and interrupts at boot; the texts are of those that are refused."""
    fault(t, "a processor that is refused is left out, and those after it", 2, no_lp, "76,5,1,1")
    fault(t, "a virtual processor that is refused is left out", 2, no_vp, "4e,5,0,1")
    fault(t, "memory is given for processors, of every kind", 3, "",
          "76,b,0,2", "4e,73,0,1", "4e,75,0,1", "4e,83,0,1")
    fault(t, "memory is given for interrupts", 3, "", "7c,b,1,1", "7c,75,1,1", "7c,83,2,1")


def faults(t):
    """What the hypervisor may refuse while a kernel of the series boots."""
    processor_faults(t, "adding a logical processor for processor 2 ",
                     "making a virtual processor for processor 1 ")
    fault(t, "a notification that is refused is reported", 3, "that all processors are added failed", "87,5,0,1")
    fault(t, "a partition that may not query its id continues", 3, "", "46,6,0,1")


def repairs(t):
    """What of that mainline's own code copes with, as the series for 7.3 repairs it."""
    processor_faults(t, "for CPU 2 (APIC id 2) failed", "for CPU 1 (APIC id 1) failed")
    fault(t, "memory for interrupts that the hypervisor does not take is freed", 3, "",
          "7c,75,3,1", "48,5,0,1", "7c,83,5,1")
    fault(t, "an interrupt that cannot be mapped at boot is done without", 3, "", "7c,5,0,1")


# Another driver of the kernel's, before this one and after it, which then runs a guest.
BESIDE = r"""
rmmod mshv || exit 3
insmod /other.ko || exit 4
insmod /mshv.ko && exit 5
rmmod mshv_root || exit 6
insmod /mshv.ko || exit 7
insmod /other.ko && exit 8
./run
"""


def beside(t):
    """Both drivers for root partitions are modules of one kernel, and one is loaded."""
    folder = Path(library("kernel_folder", t.kernel))
    other = next(folder.glob("lib/modules/*/kernel/drivers/hv/mshv_root.ko*"))
    # The other one needs VMBus.
    status = t.machine("--timeout", SILENCE, "--module", "hv_vmbus",
                       "--file", f"{other}:/other.ko", "--share", t.build / "selftests",
                       command=["sh", "-c", BESIDE])
    t.check("one of both drivers is loaded", status == 0, f"status {status}")
    t.console_says("and the second says why not", "another driver for root partitions is loaded")
    t.balanced()

# SPDX-License-Identifier: GPL-2.0
"""All jobs: what each runs, how long it usually takes, and which suites it is in.

Suites: "smoke" is the quick look after an edit, "test" all that is run before a
change is sent, "all" the same and what takes long, "debug" what is worth its time on
a kernel that checks itself, "soak" only short lives of partitions, "open" what is
not reliable yet.  "usual" is in seconds on an idle machine.
"""

import functools
import math
import os

from kinds import amd, bochs, cpu, crates, disk, docs, ends, guests, hostroot, install, interrupts
from kinds import iommu, kselftest, machines, mainline, menu, nested, processors, samples, selftests
from kinds import series, shares, stages, threads, tools, vmms
from table import Table

SLOW = ("all",)
OPEN = ("open",)
QUICK = ("smoke", "test", "all")
SERIES = ("series",)
USUAL = ("", "6.12")
OTHER = ("6.1", "7.3", "debug", "series", "series-7.3")
PINS = ("--append", "pci=nomsi")
RACES = ("antagonist", "ending", "fuzz", "hotplug", "kick", "movable")
KCSAN = ("antagonist", "debugfs", "ioeventfd", "irqfd", "kick", "messages", "movable",
         "stat_tool")
# A quick look at each part of the driver.
FIRST = ("device", "create", "vp", "run", "intercepts", "memory", "mmap", "registers", "state",
         "irqfd", "ioeventfd", "routing", "messages", "books")
# What any driver must pass, as far as it is known what mainline's fails.  The others are about
# the hypervisor, or not sorted out yet.
ANY_EVENTS = ("create", "deposit", "doorbells", "events", "interrupts", "ioeventfd", "irqfd")
ANY_DRIVER = ANY_EVENTS + (
    "abi", "allowlist", "antagonist", "apic", "backing", "claims", "clocks", "costs", "debugfs",
    "device", "dirty", "errno", "failnth", "frugal", "held", "intercepts", "ioport", "kick",
    "lifecycle", "memory", "module", "registers", "reset", "rights", "routing", "run", "signals",
    "stat_tool", "state", "statepages", "tracing", "translate", "vp")
SOAK = int(os.environ.get("TEST_SOAK") or 10000)
EXTENDED = 3600
# What depends on the processor.
IN_BOCHS = ("apic", "cpuid", "cr4", "cr8", "dirty", "eoi", "events", "freeze", "intercepts",
            "interrupts", "ioeventfd", "ioport", "memory", "messages", "registers", "run", "state",
            "stopped", "translate", "vp", "xstate")
# Rounds of what is done side by side.
MIX = int(os.environ.get("TEST_MIX") or 200)

TABLE = Table()
add = TABLE.add

# --- our own programs in the root ---

add("selftests-1-root", selftests.selftests, 1, "root", usual=150,
    suites=("test", "all", "debug"),
    about="all selftests, one processor, the root's scheduler")
for half in range(2):
    add(f"selftests-1-classic-{half}", selftests.selftests, 1, "classic", half=half, usual=140,
        about="half of them under the hypervisor's scheduler")
    add(f"selftests-4-root-{half}", selftests.selftests, 4, "root", half=half, usual=140,
        about="half of them, four processors")
    add(f"selftests-4-classic-{half}", selftests.selftests, 4, "classic", half=half, usual=170,
        about="the same under the hypervisor's scheduler")
add("selftests-2-classic", selftests.selftests, 2, "classic", usual=180, suites=("debug",),
    about="all, two processors, the hypervisor's scheduler")
add("selftests-uncontrolled", selftests.uncontrolled, 2, "root", usual=150,
    about="all selftests where rootvisor has no control port")
add("selftests-no-driver", selftests.no_driver, kernels=USUAL, usual=30,
    about="without the driver, or not as root, selftests are skipped and say why")
add("exits-recorded", selftests.selftests, 1, "root", "--record", only=("crowds", "fair", "latevp"),
    environment=("MSHV_EXACT=y",), usual=60, about="costs of exits, counted in instructions")
add("shares-recorded", selftests.exact_shares, usual=60,
    about="caps and weights, judged in instructions")
add("debugfs-off", selftests.one, "debugfs", "--append", "debugfs=off", usual=20,
    about="a root without debugfs")
add("nohz-full", selftests.one, "guesttime", "--cpus", "2", "--append", "nohz_full=1", usual=20,
    about="a processor that is left alone while it runs a guest")
add("gigantic", selftests.one, "backing", "--mem", "4G", "--append",
    "hugepagesz=1G hugepages=1", usual=40, about="a page of 1 GiB for a guest")
add("pcibar", selftests.pcibar, usual=20, about="device memory for a guest")
add("quarantine", selftests.quarantine, usual=60, suites=SLOW,
    about="what the hypervisor keeps refusing is quarantined")
add("reboot", selftests.reboot, usual=60, suites=SLOW,
    about="a root that is restarted among its guests")
add("devmem", selftests.devmem, usual=30,
    about="guests cannot map devices of the hypervisor")
add("dma", selftests.dma, "dma", kernels=USUAL, usual=40,
    about="what devices of the root reach")
add("domains", selftests.dma, "domains", kernels=USUAL, usual=40,
    about="device domains: what is mapped, and what an escape would be")
add("domain-rules", selftests.dma, "domainrules", "--module", "msr", kernels=USUAL, usual=40,
    about="device domains: what is refused, and messages about faults")
add("iommu-disks", iommu.translated, 2, kernels=USUAL, usual=90,
    about="disks whose DMA is remapped by the IOMMU driver")
add("iommu-devices", iommu.devices, 2, kernel="6.12-generic", kernels=USUAL, usual=120,
    about="the same with USB and a network on Debian's generic kernel")
for sched in ("root", "classic"):
    add(f"iommu-guest-{sched}", iommu.guest, 2, sched, kernels=USUAL, usual=60,
        about="a guest of stock QEMU on such a disk")
add("iommu-vfio", iommu.vfio, 2, kernels=USUAL, usual=40,
    about="devices that VFIO gives to programs, which are killed")
add("iommu-vfio-many", iommu.vfio, 2, kernels=USUAL, suites=SLOW, usual=600, rounds=iommu.MANY,
    only=("vfioends",), processor=EXTENDED, own=EXTENDED,
    about="two hundred ends of such a program, in each way")
add("iommu-answers", iommu.answers, 2, kernels=USUAL, suites=SLOW, usual=120,
    about="the same with a hypervisor that answers differently")
add("touch-mc", selftests.touch_mc, suites=SLOW, usual=30,
    about="a root that touches pages of the hypervisor gets machine checks")
add("mix", selftests.mix, 2, MIX, suites=OPEN, usual=900, processor=2 * EXTENDED,
    own=2 * EXTENDED,
    about="deposits, KSM, THP, balloon, /proc/kcore and traffic concurrently")
add("last-port", selftests.last_port, suites=SLOW, usual=60,
    about="the hypervisor has as many ports as it says")
add("rules-off", selftests.rules_off, usual=30,
    about="extended states that only the processor checks")
add("beside", selftests.beside, kernels=USUAL, usual=20,
    about="the driver declines to load beside another one")
add("module", selftests.module, kernels=("6.1", "7.3", "debug"), usual=60,
    suites=("test", "all", "debug"),
    about="the module for this kernel, without a warning")
add("soak-1-root", selftests.soak, 1, "root", SOAK // 2, suites=("soak",), usual=300,
    processor=4 * EXTENDED, own=4 * EXTENDED, about="many partitions, a third of them killed")
add("soak-2-classic", selftests.soak, 2, "classic", SOAK - SOAK // 2, suites=("soak",),
    usual=400, processor=4 * EXTENDED, own=4 * EXTENDED,
    about="the same under the hypervisor's scheduler")

add("threads-2-root", selftests.selftests, 2, "root", "--threads", only=RACES, usual=90,
    about="selftests about races, processors run concurrently")
add("threads-3-classic", selftests.selftests, 3, "classic", "--threads", only=RACES, usual=90,
    about="the same under the hypervisor's scheduler")
add("parked-2", threads.parked, 2, usual=25, about="a machine whose first processor is parked")
add("parked-4", threads.parked, 4, usual=30, about="the same with four processors")
add("parked-pic", threads.parked, 2, "pic", usual=25,
    about="the same with the old interrupt controller")
add("x87-race", threads.x87_race, usual=120, about="QEMU's x87 race: caused, detected, avoided")
add("smoke", selftests.selftests, 2, "root", only=FIRST, suites=("smoke",), usual=40,
    about="a few selftests, two processors")
add("fuzz-vmm", selftests.fuzz, "fuzz_vmm", 2, "classic", 50, usual=70,
    about="a hostile VMM: what it can do to its guest")
add("fuzz-guest", selftests.fuzz, "fuzz_guest", 2, "root", 4, usual=60,
    about="a hostile guest: whatever it can execute")
add("fuzz-root", selftests.fuzz, "fuzz_root", 2, "root", 20, kernels=USUAL, usual=60,
    about="a hostile root: hypercalls with any page number")
add("fuzz-root-domains", selftests.fuzz, "fuzz_root", 2, "root", 10, "--intremap",
    kernels=USUAL, usual=60, about="a hostile root that has device domains as well")

# --- the machine and the hypervisor ---

add("resets", ends.resets, kernels=USUAL, usual=60, about="each way to restart a machine")
add("no-devices", ends.no_devices, kernels=USUAL, usual=20,
    about="a machine without an emulator's devices: log, and power-off")
add("sleep", ends.sleep, kernels=USUAL, usual=25, about="the only sleep state is power-off")
add("crash-report", ends.crash, kernels=USUAL, usual=20,
    about="a crash of the hypervisor is logged with names")
add("machine-checks", ends.checks, kernels=USUAL, usual=25,
    about="NMIs and machine checks reach their owner")
add("machines-16", processors.sixteen, usual=60, about="a machine with sixteen processors")
add("machines-12-4", processors.left_out, usual=25,
    about="processors that are not used are hidden from the root")
add("machines-unsuitable", processors.unsuitable, usual=25,
    about="a processor that cannot be used is left out")
add("machines-large-ids", processors.large_ids, usual=40, about="APIC ids above 254")
add("machines-iommu", processors.hidden, usual=40,
    about="remapping hardware that is not used is hidden from the root")
add("machines-untranslated", processors.untranslated, usual=60,
    about="units that remap interrupts, but not DMA")
add("machines-dmar-visible", processors.visible, kernels=USUAL, usual=30,
    about="a root that drives a unit that is not its own notices")
add("refused-processors", processors.refused, usual=20,
    about="processors without what the hypervisor needs are refused in one line")

# --- guests ---

add("guest-1-root-1", guests.mshvrun, 1, "root", 1, suites=QUICK, usual=25,
    about="a Linux guest under mshvrun")
add("guest-2-root-2", guests.mshvrun, 2, "root", 2, usual=40,
    about="the same with two processors")
add("guest-4-classic-2", guests.mshvrun, 4, "classic", 2, usual=40,
    about="two processors of four, the hypervisor's scheduler")
add("guest-1-classic-1", guests.mshvrun, 1, "classic", 1, usual=25,
    about="one processor, the hypervisor's scheduler")
add("tcg-off-root", amd.tcg_off, 1, "root", 1, usual=60,
    about="a root and a guest without the work-arounds for QEMU")
add("tcg-off-classic", amd.tcg_off, 1, "classic", 2, amd.INJECTS_TWICE, usual=60,
    about="all but one off, two processors of a guest, the hypervisor's scheduler")
add("root-msrs", amd.root_msrs, kernels=USUAL, usual=20, about="MSRs that a root may not touch")
add("cpu-root", cpu.rootvisor, 2, "root", usual=40,
    about="a guest that looks at its processor, from inside")
add("cpu-classic", cpu.rootvisor, 2, "classic", usual=40,
    about="the same under the hypervisor's scheduler")
add("cpu-qemu", cpu.qemu, 1, 4, kernels=USUAL, usual=5,
    about="the same under QEMU alone, to compare with")
add("cpu-bochs", cpu.bochs, "ryzen", "zambezi", "corei7_skylake_x", "tigerlake", kernels=USUAL,
    suites=SLOW, usual=10, about="the same under Bochs, another processor")
add("qemu-steps-1-root", guests.qemu_steps, 1, "root", usual=90,
    about="stock QEMU, step by step")
add("ovmf-1-root", guests.ovmf, 1, "root", suites=SLOW, usual=120,
    about="OVMF in split flash under stock QEMU, and GRUB")
add("memtest-1-root", guests.memtest, 1, "root", 1, suites=SLOW, usual=200,
    about="memtest86+ under stock QEMU")
add("memtest-2-classic", guests.memtest, 2, "classic", 2, suites=SLOW, usual=250,
    about="the same with two processors, under the hypervisor's scheduler")
add("qemu-guest-1-root-2", guests.qemu_guest, 1, "root", 2, usual=90,
    about="a Linux guest with disk and network under stock QEMU")
add("pressure-1-root-1", guests.pressure, 1, "root", 1, 2, usual=60,
    about="a guest whose memory is swapped and moved")
add("pressure-1-root-2", guests.pressure, 1, "root", 2, 2, usual=60,
    about="the same with two processors")
add("save-1-root-classic", guests.save, 1, "asks", (1, "root"), (1, "classic"), usual=60,
    about="a guest is saved, and restored under another scheduler")
add("save-2-classic-root", guests.save, 2, "signal", (2, "classic"), (1, "root"), usual=60,
    about="a guest with two processors is saved when it does not expect it")
add("pressure-long-1", guests.pressure, 1, "root", 1, 20, suites=SLOW, usual=400,
    about="memory that is swapped and moved for longer")
add("pressure-long-2", guests.pressure, 1, "root", 2, 20, suites=SLOW, usual=400,
    about="the same with two processors")
add("save-1-root-root", guests.save, 1, "signal", (1, "root"), (2, "root"), suites=SLOW,
    usual=60, about="saved and restored, other numbers of processors")
add("save-2-classic-classic", guests.save, 2, "asks", (1, "classic"), (2, "classic"),
    suites=SLOW, usual=60, about="saved and restored under the hypervisor's scheduler")
add("save-4-root-classic", guests.save, 4, "asks", (2, "root"), (4, "classic"), suites=SLOW,
    usual=90, about="saved and restored with four processors")
add("qemu-steps-2-classic", guests.qemu_steps, 2, "classic", "--heavy", suites=SLOW,
    usual=200, about="stock QEMU, more steps")
add("qemu-steps-4-root", guests.qemu_steps, 4, "root", "--heavy", suites=SLOW, usual=200,
    about="stock QEMU, more steps, four processors")
add("qemu-guest-2-classic-2", guests.qemu_guest, 2, "classic", 2, suites=SLOW, usual=120,
    about="stock QEMU under the hypervisor's scheduler")
add("qemu-guest-4-root-4", guests.qemu_guest, 4, "root", 4, suites=SLOW, usual=150,
    about="stock QEMU with four processors")
add("ch-2-root-1", vmms.ch_guest, 2, "root", 1, suites=SLOW, usual=200,
    about="a Linux guest under Cloud Hypervisor, resized, saved and restored")
add("ch-2-classic-4", vmms.ch_guest, 2, "classic", 4, suites=SLOW, usual=300,
    about="the same with four processors, under the hypervisor's scheduler")
add("clients-first", vmms.clients, 2, "root", ("cloud-hypervisor",), kernels=USUAL, usual=60,
    about="what a VMM does, call by call, on the crates that it is built with")
add("clients", vmms.clients, 2, "root", ("cloud-hypervisor", "hyperlight", "openvmm"),
    suites=SLOW, usual=120, about="the same for each VMM that is known")
add("crate-tests", crates.crate_tests, 2, "root", "mshv-ioctls", "mshv-bindings", kernels=USUAL,
    suites=SLOW, usual=250, about="the crates' own tests, as published")
add("crowd-root", vmms.clients, 2, "root", ("crowd",), "--mem", "8G", suites=SLOW, usual=120,
    about="a hundred guests at once")
add("crowd-classic", vmms.clients, 2, "classic", ("crowd",), "--mem", "8G", suites=SLOW,
    usual=120, about="the same under the hypervisor's scheduler")
add("samples", samples.samples, 2, "root", usual=30, about="the VMMs that vmm.rst shows")
add("qemu-replay", guests.qemu_replay, suites=SLOW, usual=600,
    about="two recorded runs of stock QEMU count the same")

# --- machines that start as PCs do ---

add("machines-seabios-2", machines.firmware, "seabios", 2, kernels=USUAL, usual=30,
    about="a root by BIOS and GRUB, two processors")
add("machines-ovmf-1", machines.firmware, "ovmf", 1, kernels=USUAL, usual=35,
    about="a root by UEFI and GRUB, and what it gets of UEFI")
add("grub-menu", menu.entries, usual=5, about="entries for installed kernels in GRUB's menu")
add("machines-pc", machines.firmware, "seabios", 1, "--machine", "pc", "--mem", "5G",
    "--medium", "disk", kernels=USUAL, suites=SLOW, usual=30,
    about="an older machine, RAM above 4 GiB, the image as a disk")
add("machines-multiboot1", machines.firmware, "seabios", 1, entry=machines.MULTIBOOT1,
    kernels=USUAL, suites=SLOW, usual=30,
    about="GRUB's command for the first version of multiboot")
add("machines-ovmf-disk", machines.firmware, "ovmf", 2, "--medium", "disk", "--mem", "5G",
    kernels=USUAL, suites=SLOW, usual=60, about="UEFI, RAM above 4 GiB, the image as a disk")
add("machines-plain", machines.plain, "ovmf", 2, kernels=USUAL, usual=40,
    about="a machine without QEMU's debug devices ends by itself")
add("machines-menu", menu.boots, "ovmf", kernels=USUAL, suites=SLOW, usual=40,
    about="an entry of GRUB's menu for installed kernels boots")
add("debian-disk", disk.boots, kernel="6.12-generic", kernels=USUAL, part="debian-disk",
    suites=SLOW, usual=130, processor=EXTENDED, own=EXTENDED,
    about="an installed Debian, alone and by its own menu as root partition")
for firmware in ("seabios", "ovmf"):
    add(f"machines-{firmware}-guest-1", machines.guest, firmware, 1, 1, kernels=USUAL,
        suites=SLOW, usual=70, about=f"a guest in the image, by {firmware}")
    add(f"machines-{firmware}-guest-4", machines.guest, firmware, 4, 2, kernels=USUAL,
        suites=SLOW, usual=90, about="the same with four processors")

# --- rootvisor under Bochs, another implementation of SVM ---

add("bochs-root-1", machines.firmware, "bochs", 1, kernels=USUAL, usual=100,
    about="a root on a Ryzen of Bochs', one processor")
add("bochs-guest-1", machines.guest, "bochs", 1, 1, kernels=USUAL, suites=SLOW, usual=230,
    processor=EXTENDED, own=EXTENDED, about="a guest there")
add("bochs-guest-2", machines.guest, "bochs", 2, 2, kernels=USUAL, suites=SLOW, usual=250,
    processor=EXTENDED, own=EXTENDED, about="a guest with two processors, of two")
add("bochs-selftests-2", bochs.selftests, 2, IN_BOCHS, kernels=USUAL, suites=SLOW, usual=300,
    processor=2 * EXTENDED, own=2 * EXTENDED,
    about="selftests of the processor there, two processors")

# --- rootvisor under KVM, in an emulated machine ---

for cpus in (1, 2):
    add(f"kvm-svm-{cpus}", nested.root, cpus, kernels=USUAL, suites=SLOW, usual=100,
        about=f"a root under KVM's nested SVM, {cpus} processors")
add("kvm-probe", nested.probe, kernels=USUAL, usual=30,
    about="a KVM that can run a hypervisor is recognized")
add("kvm-svm-guest", nested.guest, 1, kernels=USUAL, suites=SLOW, usual=300,
    processor=EXTENDED, own=EXTENDED, about="a Linux guest there")
add("bench-kvm", nested.bench, kernels=USUAL, suites=SLOW, usual=150,
    about="KVM's exits for rootvisor and for a tick are what costs.rst says")

# --- the patch series ---

add("series-1", series.steps, 1, "root", kernels=SERIES, usual=90,
    about="the platform layer, one processor")
add("series-3", series.steps, 3, "root", kernels=SERIES, usual=120,
    about="the platform layer, three processors")
add("series-4-classic", series.steps, 4, "classic", kernels=SERIES, usual=120,
    about="the platform layer, the hypervisor's scheduler")
add("series-8", series.steps, 8, "root", kernels=SERIES, usual=150,
    about="the platform layer, eight processors")
add("series-pins", series.steps, 3, "root", *PINS, kernels=SERIES, usual=120,
    about="the platform layer without MSIs")
add("series-intremap-4", series.intremap, 4, "root", kernels=SERIES, usual=120,
    about="interrupts are counted with remapping hardware")
add("series-intremap-2", series.intremap, 2, "classic", kernels=SERIES, usual=120,
    about="the same under the hypervisor's scheduler")
add("series-intremap-pins", series.intremap, 3, "root", *PINS, kernels=SERIES, usual=120,
    about="pins with remapping hardware")
add("series-multi-msi", interrupts.multi_msi, kernels=SERIES, usual=60,
    about="a device with several MSIs")
add("series-topology", series.topology, kernels=SERIES, usual=60,
    about="APIC ids with gaps, threads of cores")
add("series-faults", series.faults, kernels=SERIES, usual=100,
    about="hypercalls that fail while the kernel boots")
add("series-kexec-1", series.kexec, 1, "root", kernels=SERIES, usual=60,
    about="kexec to another root")
add("series-kexec-3", series.kexec, 3, "classic", kernels=SERIES, usual=60,
    about="the same with three processors")
add("series-kexec-owed", series.kexec_owed, kernels=SERIES, usual=40,
    about="kexec is refused while the hypervisor keeps memory")
add("series-iommu-1", iommu.translated, 1, kernels=SERIES, usual=90,
    about="disks whose DMA is remapped, one processor")
add("series-iommu-4", iommu.translated, 4, kernels=SERIES, usual=120,
    about="the same with four processors")
add("series-vfio-4", iommu.vfio, 4, kernels=SERIES, usual=60,
    about="a device in the hands of a program")
add("series-iommufd", iommu.iommufd, 2, kernels=SERIES, usual=60,
    about="the same by iommufd")
add("series-iommufd-many", iommu.iommufd, 2, kernels=SERIES, suites=SLOW, usual=600,
    rounds=iommu.MANY, only=("vfioends",), processor=EXTENDED, own=EXTENDED,
    about="two hundred ends of a program that has devices by iommufd")
add("series-dmar-visible", iommu.hidden, kernels=SERIES, usual=30,
    about="hardware of the hypervisor's is left alone")
add("series-kexec-iommu", iommu.kexec, 2, kernels=SERIES, usual=60,
    about="kexec of a root whose devices are in domains")
add("series-crash-iommu", iommu.crash, 2, kernels=SERIES, usual=60,
    about="a kernel after a panic, with a disk that was in a domain")
add("series-crash", series.crash, 2, kernels=SERIES, usual=60,
    about="the kernel after a panic reads all memory")
add("series-crash-guest", series.crash_guest, 2, "classic", kernels=SERIES, usual=60,
    about="a root panics while a guest runs")
add("series-crash-guests", series.crash_guests, 2, "root", kernels=SERIES, usual=150,
    about="the memory of a root that panics among four guests is saved")
add("series-hypervisor-crash", series.hypervisor_crash, kernels=SERIES, usual=30,
    about="the hypervisor crashes")
add("series-reboot", series.reboot, kernels=SERIES, usual=30, about="a root restarts")

# --- kernels on the way to it, as far as they have been built (make parts-all) ---

add("boot-base", stages.base, kernels=USUAL, part="stage-base", suites=SLOW, usual=20,
    about="the kernel before the patch series boots as root")
add("boot-platform", stages.platform, kernels=USUAL, part="stage-platform", suites=SLOW,
    usual=20, about="a kernel with the platform layer and without the driver boots")
add("boot-driver", stages.driver, kernels=USUAL, part="stage-driver", suites=SLOW, usual=40,
    about="a kernel with the driver, and no more of the series, runs a guest")

# --- other kernels, as far as they have been built (make parts-all) ---

add("debug-selftests-1-root", selftests.selftests, 1, "root", kernel="debug", kernels=USUAL,
    part="kernel-debug", suites=SLOW, usual=900, processor=2 * EXTENDED, own=2 * EXTENDED,
    about="all selftests on a kernel with run-time checks")
add("debug-selftests-2-classic", selftests.selftests, 2, "classic", kernel="debug",
    kernels=USUAL, part="kernel-debug", suites=SLOW, usual=1000, processor=2 * EXTENDED,
    own=2 * EXTENDED, about="the same with two processors")
# Also where the kernel of the run is that one, which has iommufd and drivers for all devices.
for name, function, options in (("devices", iommu.devices, {"kinds": iommu.CHECKED}),
                                ("vfio", iommu.vfio, {}), ("iommufd", iommu.iommufd, {})):
    add(f"debug-iommu-{name}", function, 2, kernel="debug", kernels=(*USUAL, "debug"),
        part="kernel-debug", suites=("all", "debug"), usual=250, **options,
        about=f"DMA remapping on a kernel with run-time checks: {name}")
for name, function in (("vfio", iommu.vfio), ("iommufd", iommu.iommufd)):
    add(f"debug-iommu-{name}-many", function, 2, kernel="debug", kernels=(*USUAL, "debug"),
        part="kernel-debug", suites=SLOW, usual=EXTENDED // 2,
        rounds=math.ceil(iommu.MANY / iommu.WAYS), only=("vfioends",), processor=EXTENDED,
        own=EXTENDED, about=f"two hundred ends of a program there, in all ways: {name}")
add("kcsan-2-root", selftests.selftests, 2, "root", "--threads", only=KCSAN, kernel="kcsan",
    kernels=USUAL, part="kernel-kcsan", suites=SLOW, usual=600, processor=2 * EXTENDED,
    own=2 * EXTENDED, about="selftests about races on a kernel that finds data races")
add("kcsan-3-classic", selftests.selftests, 3, "classic", "--threads", only=KCSAN,
    kernel="kcsan", kernels=USUAL, part="kernel-kcsan", suites=SLOW, usual=600,
    processor=2 * EXTENDED, own=2 * EXTENDED, about="the same under the hypervisor's scheduler")
add("on-series-selftests-1-root", selftests.selftests, 1, "root", kernel="series",
    kernels=USUAL, part="kernel-series", suites=SLOW, usual=150,
    about="all selftests on a kernel with the patch series")
add("on-series-selftests-4-classic", selftests.selftests, 4, "classic", kernel="series",
    kernels=USUAL, part="kernel-series", suites=SLOW, usual=200,
    about="the same with four processors")
add("on-series-mix", selftests.mix, 2, MIX, kernel="series", kernels=USUAL,
    part="kernel-series", suites=SLOW, usual=900, processor=2 * EXTENDED, own=2 * EXTENDED,
    about="the same where pages leave the direct map")
add("on-series-guest", guests.mshvrun, 2, "root", 2, kernel="series", kernels=USUAL,
    part="kernel-series", suites=SLOW, usual=40, about="a Linux guest there")
for job in [j for j in TABLE.jobs.values() if j.kernels == SERIES]:
    add(f"on-{job.name}", job.function, *job.args, kernel="series", kernels=USUAL,
        part="kernel-series", suites=SLOW, usual=job.usual, processor=job.processor,
        own=job.own, about=job.about, **job.options)

# What there is on 7.3: the platform layer is mainline's, with repairs.
for name, function, *args in (
        ("selftests-1-root", selftests.selftests, 1, "root"),
        ("guest", guests.mshvrun, 2, "root", 2),
        ("intremap-4", series.intremap, 4, "root"),
        ("intremap-pins", series.intremap, 3, "root", *PINS),
        ("multi-msi", interrupts.fixed_msis),
        ("vfio", iommu.vfio, 2),
        ("iommu-disks", iommu.translated, 2),
        ("faults", series.repairs),
        ("kexec-owed", series.kexec_owed),
        ("parked", threads.parked, 4),
        ("beside", series.beside)):
    add(f"on-series-7.3-{name}", function, *args, kernel="series-7.3", kernels=USUAL,
        part="kernel-series-7.3", suites=SLOW, usual=150,
        about=f"{name} on kernel 7.3 with the patch series")

for name, function, *args in (
        ("selftests-1-root", selftests.selftests, 1, "root"),
        ("selftests-2-classic", selftests.selftests, 2, "classic"),
        ("guest-2-root-2", guests.mshvrun, 2, "root", 2),
        ("qemu-guest-1-root-2", guests.qemu_guest, 1, "root", 2),
        ("module", selftests.module)):
    add(f"on-7.3-{name}", function, *args, kernel="7.3", kernels=USUAL, part="kernel-7.3",
        suites=SLOW, usual=150, about=f"the job {name} on kernel 7.3")

# --- mainline's own driver on its own kernel, as the yardstick ---

add("mainline-selftests-1-root", mainline.selftests, 1, "root", only=ANY_DRIVER, kernel="7.3",
    kernels=USUAL, part="kernel-7.3", suites=SLOW, usual=600, processor=EXTENDED, own=EXTENDED,
    about="what any driver must pass, by mainline's driver")
add("mainline-selftests-4-classic", mainline.selftests, 4, "classic", only=ANY_EVENTS,
    kernel="7.3", kernels=USUAL, part="kernel-7.3", suites=SLOW, usual=300, processor=EXTENDED,
    own=EXTENDED, about="some of it under the hypervisor's scheduler, four processors")
for cpus, sched in ((1, "root"), (1, "classic"), (4, "root"), (4, "classic")):
    add(f"mainline-qemu-{cpus}-{sched}", mainline.qemu_guest, cpus, sched, 2, kernel="7.3",
        kernels=USUAL, part="kernel-7.3", suites=SLOW, usual=120,
        about="stock QEMU and a Linux guest with mainline's driver")
for sched in ("root", "classic"):
    add(f"mainline-bench-{sched}", mainline.bench, sched, kernel="7.3", kernels=USUAL,
        part="kernel-7.3", suites=SLOW, usual=100,
        about="mshvbench counts what mainline's driver costs")

# --- scripts, and what needs no root ---

add("unit", selftests.unit, suites=QUICK, usual=60, about="unit tests")
add("kunit", selftests.kunit, kernels=USUAL, part="kernel-kunit", suites=SLOW, usual=5,
    about="the driver's unit tests in a kernel in user mode")
add("kselftest-status", kselftest.statuses, kernels=USUAL, usual=40,
    about="what rootvm --kselftest makes of the output of run_kselftest.sh")
add("kselftest-stock", kselftest.stock, kernels=USUAL, suites=SLOW, usual=300,
    processor=EXTENDED, own=EXTENDED,
    about="the selftests as installed by a kernel's tree, and run_kselftest.sh")
add("kselftest-no-driver", kselftest.no_driver, kernels=USUAL, suites=SLOW, usual=120,
    processor=EXTENDED, own=EXTENDED, about="the same on a kernel without the driver")
add("kselftest-series", kselftest.in_tree, kernel="series", kernels=USUAL,
    part="kernel-series", suites=SLOW, usual=300, processor=EXTENDED, own=EXTENDED,
    about="the same with kernel and driver of one tree")
add("kunit-tool", kselftest.kunit, kernels=USUAL, suites=SLOW, usual=300,
    processor=EXTENDED, own=EXTENDED, about="the driver's unit tests by the kernel's kunit.py")
add("runner", tools.runner, usual=60, about="the tests of this runner")
add("unmapped", interrupts.unmapped, usual=40,
    about="unmapped interrupts, with and without remapping hardware")
for part, seconds in (("root", 130), ("classic", 150), ("scale", 250), ("storm", 60), ("held", 60)):
    add(f"bench-{part}", tools.bench, part, kernels=USUAL, usual=seconds,
        about=f"costs are what the table '{part}' in costs.rst says")
add("bench-direct", tools.bench, "direct", kernels=USUAL, part="kernel-series", suites=SLOW,
    usual=60, about="costs on a kernel with the patch series are what costs.rst says")
add("bench-iommu", iommu.bench, kernels=USUAL, usual=60,
    about="calls for DMA remapping are as many as costs.rst says")
add("bench-profile", tools.bench_profile, kernels=USUAL, usual=60,
    about="an operation's instructions by function are as many as the table's")
add("bench-uncounted", tools.bench_uncounted, usual=10,
    about="a table of costs without a counter of instructions")
add("replay", tools.replay, usual=150, about="two recorded runs are identical")
add("bad-input", tools.bad_input, usual=30, about="rootvm refuses in one line")
add("build-kernel", tools.build_kernel, usual=5, about="build-kernel refuses in one line")
add("foreign", tools.foreign, usual=60, about="kernels and programs from elsewhere")
add("bad-end", tools.bad_end, usual=60, about="machines that fail")
add("slow-timer", tools.slow_timer, usual=30, about="a timer on a slow machine")
add("watch", threads.watch, usual=5, about="which seconds of a silent machine count")
add("doors", tools.doors, usual=60, about="scripts: paths, parts, locks, messages")
add("mirror", tools.mirror, usual=5, about="the mirror that packages come from")

# --- a root on this machine's files, which has a kernel of its own ---

add_host = functools.partial(add, kernels=USUAL)

for cpus in (1, 4):
    add_host(f"hostroot-files-{cpus}", hostroot.steps, cpus, usual=30,
        about=f"programs of this machine, and what they write, {cpus} processors")
add_host("hostroot-files-virtiofs", shares.files, usual=35,
    about="the same by virtiofs, one processor")
add_host("hostroot-virtiofs", shares.virtiofs, usual=90,
    about="users and file systems by virtiofs, and the end of its servers")
add_host("hostroot-no-server", shares.no_server, usual=30,
    about="virtiofs if it is not available")
add_host("hostroot-status", hostroot.statuses, (0, ["true"]), (125, ["sh", "-c", "exit 125"]),
    (127, ["nonesuch"]), (126, ["./not-executable"]), (137, ["sh", "-c", "kill -KILL $$"]),
    usual=80, about="how commands end")
add_host("hostroot-streams", hostroot.streams, usual=40, about="standard input and output")
add_host("hostroot-signals", hostroot.signals, usual=60,
    about="signals are forwarded to the command")
add_host("hostroot-terminal", hostroot.terminal, usual=40, about="the command has a terminal")
add_host("hostroot-user", hostroot.user, usual=60, about="an ordinary user runs a guest")
for cpus in (1, 4):
    add_host(f"hostroot-qemu-{cpus}", hostroot.qemu, cpus, usual=60,
        about=f"stock QEMU with -accel mshv, {cpus} processors")
add_host("hostroot-net", hostroot.network, usual=25, about="connections out of the root")
add_host("hostroot-refusals", hostroot.refusals, usual=10, about="wrong options are refused")

# --- what is installed ---

add("install", install.files, usual=20, about="make install and make uninstall")
add("install-guest", install.guest, usual=70, about="a guest from the installed files alone")
add("install-headers", install.headers, usual=10, about="a program with the installed headers")
add("install-dkms", install.driver, usual=40, about="DKMS builds the driver")
add_host("install-rules", install.rules, usual=40, about="the udev rule, and the group mshv")
add("pages", install.pages, usual=10, about="manual pages agree with the programs")
add("completion", install.completion, usual=5, about="bash completes options")
add("ci-page", docs.ci_page, usual=150, about="the page on CI, on this machine's files")
add("ci-page-12", docs.ci_page_bare, "bookworm", suites=SLOW, usual=400,
    about="the page on CI, from nothing in a bare Debian 12")
add("ci-page-13", docs.ci_page_bare, "trixie", suites=SLOW, usual=400,
    about="the page on CI, from nothing in a bare Debian 13")

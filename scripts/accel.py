#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which accelerator of QEMU's can run rootvisor on this machine: KVM, or none (TCG).

usage: accel.py auto|kvm

Model: rootvisor uses SVM, so KVM has to offer it to its own guests: kvm_amd with the
parameter "nested".  What is known without privileges is looked at first, from the
processor up to /dev/kvm; the first thing that is missing is the reason, and says how to
switch it on.  Then a virtual processor is made and run, because some virtual machines
have a /dev/kvm that is made in software, without nested virtualization.

Prints "kvm", or "tcg" and the reason.  With "kvm" the reason is an error: it is printed
alone, and the status is 1.

For tests, ACCEL_ROOT is a folder in place of "/", and ACCEL_PROBE a program in place of
running a processor, that prints a reason or nothing.
"""

import ctypes
import fcntl
import mmap
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

VENDORS = ("AuthenticAMD", "HygonGenuine")
ON = ("1", "Y")
NESTED = "modprobe -r kvm_amd; modprobe kvm_amd nested=1"
OTHER_KIND = "it is of another kind, as in some virtual machines"
NO_ACCESS = ("no access to /dev/kvm: become a member of the group kvm "
             "(usermod -aG kvm USER, and log in again)")

# --- what can be seen ----------------------------------------------------------------


def cpu_fields(root):
    """The first processor of /proc/cpuinfo."""
    fields = {}
    for line in (root / "proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def processor_problem(root):
    fields = cpu_fields(root)
    if fields.get("vendor_id") not in VENDORS:
        return "rootvisor needs an AMD processor with SVM"
    if "svm" not in fields.get("flags", "").split():
        return ("the processor shows no SVM: switch on \"SVM Mode\" in the BIOS, or, in a virtual "
                "machine, nested virtualization on its host")
    return None


def module_problem(root):
    module = root / "sys/module/kvm_amd"
    if not module.is_dir():
        if (root / "dev/kvm").exists():
            return f"/dev/kvm is not kvm_amd's: {OTHER_KIND}"
        return ("kvm_amd is not loaded: modprobe kvm_amd nested=1; if that fails, switch on "
                "\"SVM Mode\" in the BIOS")
    if (module / "parameters/nested").read_text().strip() not in ON:
        return f"kvm_amd's parameter \"nested\" is off: {NESTED}"
    return None


def device_problem(root):
    device = root / "dev/kvm"
    if not device.exists():
        return "/dev/kvm is missing: modprobe kvm_amd nested=1, or give it to this container"
    if not os.access(device, os.R_OK | os.W_OK):
        return NO_ACCESS
    return None


# --- a processor that runs --------------------------------------------------------------
# Numbers of <linux/kvm.h>.

GET_API_VERSION = 0xAE00
CREATE_VM = 0xAE01
CHECK_EXTENSION = 0xAE03
GET_VCPU_MMAP_SIZE = 0xAE04
GET_SUPPORTED_CPUID = 0xC008AE05
CREATE_VCPU = 0xAE41
SET_USER_MEMORY_REGION = 0x4020AE46
RUN = 0xAE80
API_VERSION = 12
CAP_NESTED_STATE = 157
EXIT_HLT = 5
EXIT_REASON = 8         # offset in struct kvm_run
MAX_LEAVES = 256
LEAF = struct.Struct("=7I12x")
SVM_LEAF = 0x80000001
SVM_ECX = 1 << 2
# Where a processor starts, and what it finds there.
START_PAGE = 0xFFFFF000
HLT = b"\xf4"
SECONDS = 20


def offers_svm(kvm):
    """Does KVM show SVM to its guests?"""
    leaves = bytearray(struct.pack("=II", MAX_LEAVES, 0) + bytes(MAX_LEAVES * LEAF.size))
    fcntl.ioctl(kvm, GET_SUPPORTED_CPUID, leaves)
    count, _ = struct.unpack_from("=II", leaves)
    for leaf in LEAF.iter_unpack(leaves[8:8 + count * LEAF.size]):
        if leaf[0] == SVM_LEAF:
            return bool(leaf[5] & SVM_ECX)
    return False


def why_run_ended(kvm):
    """Runs a processor whose first instruction is HLT."""
    page = mmap.mmap(-1, mmap.PAGESIZE)
    page.write(HLT * mmap.PAGESIZE)
    memory = ctypes.addressof(ctypes.c_char.from_buffer(page))
    vm = fcntl.ioctl(kvm, CREATE_VM, 0)
    fcntl.ioctl(vm, SET_USER_MEMORY_REGION,
                struct.pack("=IIQQQ", 0, 0, START_PAGE, mmap.PAGESIZE, memory))
    vcpu = fcntl.ioctl(vm, CREATE_VCPU, 0)
    run = mmap.mmap(vcpu, fcntl.ioctl(kvm, GET_VCPU_MMAP_SIZE))
    fcntl.ioctl(vcpu, RUN)
    return struct.unpack_from("=I", run, EXIT_REASON)[0]


def probe_problem(root):
    kvm = os.open(root / "dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    if fcntl.ioctl(kvm, GET_API_VERSION) != API_VERSION:
        return f"/dev/kvm has another interface: {OTHER_KIND}"
    if not fcntl.ioctl(kvm, CHECK_EXTENSION, CAP_NESTED_STATE) or not offers_svm(kvm):
        return f"/dev/kvm shows no SVM to its guests: {OTHER_KIND}"
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(SECONDS)
    ended = why_run_ended(kvm)
    signal.alarm(0)
    if ended != EXIT_HLT:
        return f"/dev/kvm does not run a processor (exit {ended}): {OTHER_KIND}"
    return None


def probe(root):
    """In a process of its own when a test replaces it; never an exception."""
    if "ACCEL_PROBE" in os.environ:
        said = subprocess.run([os.environ["ACCEL_PROBE"]], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        return said.strip() or None
    try:
        return probe_problem(root)
    except KeyboardInterrupt:
        return f"/dev/kvm does not run a processor: it hangs; {OTHER_KIND}"
    except PermissionError:
        return NO_ACCESS
    except OSError as error:
        return f"/dev/kvm does not work: {error.strerror}"


# --- the answer -------------------------------------------------------------------------


def problem(root):
    """Why it cannot be KVM, None if it can."""
    for look in (processor_problem, module_problem, device_problem, probe):
        found = look(root)
        if found:
            return found
    return None


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("auto", "kvm"):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    found = problem(Path(os.environ.get("ACCEL_ROOT", "/")))
    if not found:
        print("kvm")
    elif sys.argv[1] == "auto":
        print("tcg", found)
    else:
        print(found)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

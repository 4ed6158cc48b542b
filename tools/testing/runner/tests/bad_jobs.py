# SPDX-License-Identifier: GPL-2.0
"""A table of jobs that do all that jobs should not do, for the tests of the runner."""

import contextlib
import os
import signal
import struct
import subprocess
import sys
import time

from limits import processes_with
from table import Table

FOR_EVER = 10**6
PROCESSOR = 5
OWN = 5
OUTPUT_MIB = 4
# A root needs some time to boot.
MACHINE_PROCESSOR = 40
MACHINE_OWN = 40
SECTOR = 512
# A boot loader takes a smaller one for no kernel.
KERNEL_SIZE = 8192

TABLE = Table()


def good(t):
    t.ok("good")


def spins(t):
    """A unit test that spins."""
    t.ok("before")
    t.run_tap([sys.executable, "-c", "print('1..2\\nok 1 a', flush=True)\nwhile True: pass"])


def sleeps(t):
    print("gone to sleep", flush=True)
    time.sleep(FOR_EVER)


def prints(t):
    t.run(["yes"])


def dies(t):
    os.kill(os.getpid(), signal.SIGKILL)


def raises(t):
    t.ok("before")
    raise ValueError("an odd value")


def says_nothing(t):
    pass


def leaves(t):
    """Leaves a process behind that has a session of its own and nothing in common."""
    subprocess.Popen(["env", "-i", "setsid", "-f", "sleep", str(FOR_EVER)])
    t.ok("good")


def forks(t):
    """Spins in processes that are too short to be seen."""
    work = "i=0; while [ $i -lt 9999 ]; do i=$((i + 1)); done"
    t.run(["sh", "-c", f"while :; do (sh -c '{work}'); done"])


def emulator_fails(t):
    """What rootvm says when QEMU has lost a VM exit, the first time."""
    if (t.dir.parent.parent / "second").exists():
        t.ok("good")
        return
    (t.dir.parent.parent / "second").touch()
    t.run(["echo", "rootvm: QEMU has undone a VM exit"])
    t.not_ok("the root ends properly")


def always_fails(t):
    t.run(["echo", "rootvm: QEMU has undone a VM exit"])
    t.not_ok("the root ends properly")


# --- machines ---

def stopped(t):
    """An emulator that is stopped once its root runs."""
    def stop(line):
        if "the root runs" in line:
            for pid in processes_with(name):
                # A subshell of rootvm's may be gone already.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)

    name = f"stopped-{os.getpid()}"
    t.rootvm("--timeout", FOR_EVER, "--append", name, feed=stop,
             command=["sh", "-c", f"echo the root runs; sleep {FOR_EVER}"])


def kernel_of(code):
    """A bzImage that consists of a few bytes of 64-bit code."""
    setup = bytearray(2 * SECTOR)
    struct.pack_into("<B", setup, 0x1f1, 1)			# sectors of setup code
    struct.pack_into("<H", setup, 0x1fe, 0xaa55)
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", setup, 0x206, 0x20c)			# protocol 2.12
    setup[0x211] = 1						# loaded high
    struct.pack_into("<I", setup, 0x22c, 0x7fffffff)		# initrd_addr_max
    struct.pack_into("<I", setup, 0x230, 0x1000)		# kernel_alignment
    struct.pack_into("<H", setup, 0x236, 1)			# xloadflags: 64-bit entry
    struct.pack_into("<I", setup, 0x238, 2047)			# cmdline_size
    struct.pack_into("<Q", setup, 0x258, 0x1000000)		# pref_address
    struct.pack_into("<I", setup, 0x260, 0x100000)		# init_size
    setup[0x201] = 0x6a						# end of the header
    # The 64-bit entry point is a sector behind the setup code.
    image = bytes(setup) + bytes(SECTOR) + code
    return image + bytes(KERNEL_SIZE - len(image))


def bare_root(t, code):
    image = t.dir / "image"
    image.write_bytes(kernel_of(code))
    t.rootvm("--timeout", FOR_EVER, "--kernel", image, command=["true"])


def hangs(t):
    """A root that says a word and goes on with interrupts off: cli; jmp ."""
    say = b"".join(b"\xb0" + bytes([c]) + b"\xee" for c in b"I hang\n")
    bare_root(t, b"\x66\xba\xf8\x03" + say + b"\xfa\xeb\xfe")


def root_prints(t):
    """A root that prints for ever."""
    bare_root(t, b"\x66\xba\xf8\x03\xb0x\xee\xb0\n\xee\xeb\xf8")


LIMITS = {"processor": PROCESSOR, "own": OWN, "output": OUTPUT_MIB}
MACHINE = {"processor": MACHINE_PROCESSOR, "own": MACHINE_OWN, "output": OUTPUT_MIB}
for function in (good, dies, raises, says_nothing, leaves):
    TABLE.add(function.__name__, function, usual=1, suites=("test",))
for function in (emulator_fails, always_fails):
    TABLE.add(function.__name__, function, usual=1, suites=("emulator",))
TABLE.add("spins", spins, **{**LIMITS, "own": FOR_EVER}, suites=("test",))
TABLE.add("forks", forks, **{**LIMITS, "own": FOR_EVER}, suites=("test",))
TABLE.add("sleeps", sleeps, **LIMITS, suites=("test",))
TABLE.add("prints", prints, **{**LIMITS, "processor": FOR_EVER, "own": FOR_EVER},
          suites=("test",))
for function in (stopped, hangs, root_prints):
    TABLE.add(function.__name__, function, suites=("machines",), **MACHINE)
for number in range(3):
    TABLE.add(f"waits-{number}", sleeps, suites=("waiting",), usual=100 - number)
TABLE.add("long", good, suites=("all",), usual=10 * FOR_EVER)
TABLE.add("short", good, suites=("all",), usual=1)
for name in ("unknown", "failed"):
    TABLE.add(name, good, suites=("all",), usual=1)
TABLE.add("endless", sleeps, suites=("all",), usual=2)

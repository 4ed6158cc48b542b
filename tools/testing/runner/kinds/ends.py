# SPDX-License-Identifier: GPL-2.0
"""Jobs about the end of a machine, the hypervisor's log, crashes, and machine checks."""

import os
import re

from context import TOP, machine_text

OWN_FAILURE = 125
STAMPED = r"^\[ *\d+\.\d{6} \d+\] rootvisor: "
# Its number is not what rootvisor looks for: as if there were no device of an emulator.
NO_CONSOLE = ("--qemu-arg", "-global", "--qemu-arg", "isa-debugcon.readback=0")

RESETS = {"k": "the keyboard controller", "p": "port CF9", "t": "a triple fault",
          "a": "the register of ACPI"}

LOG = r"""
rvctl log
rvctl log -f >/followed & follower=$!
rvctl log first line
until grep -q 'root: first line' /followed; do sleep 0.1; done
rvctl log second line
until grep -q 'root: second line' /followed; do sleep 0.1; done
kill $follower
[ $(grep -c 'line$' /followed) = 2 ] && echo LOG-FOLLOWED
exit 3
"""

SLEEP = r"""
echo "SLEEP-STATES $(cat /sys/power/mem_sleep) $(cat /sys/power/disk)"
echo standby >/sys/power/state 2>/dev/null || echo SLEEP-STANDBY-REFUSED
/selftests/log -t only_power_off_is_done || exit 1
echo deep >/sys/power/mem_sleep 2>/dev/null || echo SLEEP-DEEP-REFUSED
rvctl probe
"""

CHECKS = r"""
echo 1 >/sys/devices/system/machinecheck/machinecheck0/check_interval
echo CHECK-READY
until dmesg | grep 'NMI received'; do sleep 0.1; done
until rvctl log | grep 'machine check on LP 1: bank 1'; do sleep 0.1; done
until dmesg | grep 'Hardware Error.*Bank 2'; do sleep 0.1; done
echo CHECK-FATAL
sleep 600
"""

# mce PROCESSOR BANK STATUS MCG_STATUS ADDRESS MISC
HARMLESS = ("nmi", "mce 1 1 0xb400000000000000 0x5 0x12345000 0",
            "mce 0 2 0x9400000000000000 0 0x1000 0")
FATAL = ("mce 1 1 0xb400000000000000 0x4 0x12345000 0",)


def resets(t):
    """Each way in which Linux restarts a machine ends QEMU, after the books."""
    for letter, name in RESETS.items():
        t.machine("--append", f"reboot={letter}", log=letter, module=False,
                  command=["sh", "-c", "reboot -f; sleep 600"])
        t.hypervisor_says(f"{name} restarts", "^rootvisor: end: (reset|root triple fault)", letter)
        t.hypervisor_says("after the books", "^rootvisor: done$", letter)


def no_devices(t):
    """A machine without an emulator's devices: a log, and the end, are there all the same."""
    serial = t.dir / "log"
    status = t.machine(*NO_CONSOLE, "--rootvisor", "log=serial:2f8", "--qemu-arg", "-serial",
                       "--qemu-arg", f"file:{serial}", module=False, command=["sh", "-c", LOG])
    t.check("the machine ends, and rootvm has no log of it", status == OWN_FAILURE and
            t.says("rootvm: rootvisor did not come to its end"), f"status {status}")
    t.check("nothing is written to the debug console", not t.hypervisor())
    t.console_says("the root reads the log", STAMPED + r"\d+ processors")
    t.console_says("and follows it", "^LOG-FOLLOWED$")
    t.console_says("it powers off", "reboot: Power down")
    t.check("the serial port has the log from its first line on",
            re.match(STAMPED, machine_text(serial)))
    t.check("and the status", t.says(STAMPED + "exit status=3$", serial))
    t.check("and the books", t.says(STAMPED + "done$", serial))


def sleep(t):
    """The only sleep state is power-off."""
    status = t.machine("--cpus", 2, command=["sh", "-c", SLEEP])
    t.ended(status)
    t.console_says("neither S3 nor S4 is there", r"^SLEEP-STATES \[s2idle\] \[shutdown\]")
    t.console_says("nor S1", "^SLEEP-STANDBY-REFUSED$")
    t.console_says("S3 cannot be chosen", "^SLEEP-DEEP-REFUSED$")


def crash(t):
    """A crash of the hypervisor is in its logs, with names."""
    serial = t.dir / "log"
    status = t.machine("--cpus", 2, "--rootvisor", "log=serial:2f8", "--qemu-arg", "-serial",
                       "--qemu-arg", f"file:{serial}",
                       command=["sh", "-c", "rvctl panic exception; sleep 600"])
    t.check("rootvm says so", status == OWN_FAILURE and
            t.says("rootvm: rootvisor broke down: exception 6"), f"status {status}")
    for name, text in (("console", t.hypervisor()), ("serial port", machine_text(serial))):
        for what, pattern in (("registers", r"crash: rax [0-9a-f]{16} rbx"),
                              ("the function", r"crash: rip 0x\w+ control_panic\+0x"),
                              ("its callers", r"crash: stack 0x\w+ root_exit\+0x"),
                              ("the last exits", r"crash: LP \d exit: port "),
                              ("the last hypercalls", r"crash: LP \d call: get_system_property "),
                              ("the books", "books: partitions=0")):
            t.check(f"{name}: {what}", re.search(pattern, text))
    decoded = t.output([TOP / "scripts/decode-crash", serial,
                        t.build / "rootvisor/rootvisor64.elf"])
    t.check("the line of the sources", decoded[0] == 0 and
            re.search(r"control_panic at .*test/control_log\.c:\d+", decoded[1]))


def checks(t):
    """NMIs and machine checks, sent by QEMU's monitor, reach their owner."""
    monitor = t.dir / "monitor"
    for end in ("in", "out"):
        os.mkfifo(f"{monitor}.{end}")

    def feed(line):
        for marker, commands in (("CHECK-READY", HARMLESS), ("CHECK-FATAL", FATAL)):
            if line.startswith(marker):
                with open(f"{monitor}.in", "w", encoding="utf-8") as pipe:
                    pipe.write("".join(f"{c}\n" for c in commands))

    status = t.machine("--cpus", 2, "--append", "maxcpus=1", "--qemu-arg", "-chardev",
                       "--qemu-arg", f"pipe,id=checks,path={monitor}", "--qemu-arg", "-mon",
                       "--qemu-arg", "chardev=checks,mode=readline", module=False, feed=feed,
                       command=["sh", "-c", CHECKS])
    t.console_says("the root gets an NMI of the machine", "NMI received for unknown reason")
    t.console_says("a machine check in the hypervisor is logged",
                   "machine check on LP 1: bank 1, status 0xb4.*, address 0x12345000")
    t.hypervisor_says("and is nobody's", "machine check on LP 1: the root does not use")
    t.console_says("the root finds a corrected error", "Hardware Error.*Bank 2")
    t.hypervisor_says("one after which the hypervisor cannot go on ends the machine",
                      "panic: machine check on LP 1 in the hypervisor")
    t.check("and rootvm says so", status == OWN_FAILURE, f"status {status}")

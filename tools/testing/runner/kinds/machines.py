# SPDX-License-Identifier: GPL-2.0
"""Jobs on machines that start as PCs do: by firmware, GRUB and an image.

Bochs counts as a firmware, because it has one of its own and the rest is the same.
"""

import re

from results import TapReader

SILENCE = 600
# In the image's menu.
MULTIBOOT1 = 1
FIRMWARE = {"seabios": "bios", "ovmf": "uefi", "bochs": "bios"}
STAMP = r"\[ *[\d.]+ \d+\] "
BOCHS = ("--emulator", "bochs", "--mem", "1G")
# Its firmware has no microcode, of which Linux warns.
APPEND = {"bochs": "spec_rstack_overflow=off"}


def fetched(t, firmware):
    """What an image is made of, and what starts it; skips the job if it is not there."""
    wanted = ["grub"] + ([firmware] if firmware != "seabios" else [])
    if t.run([t.script("fetch"), *wanted]):
        t.skip(firmware, f"{' and '.join(wanted)} cannot be fetched")
        return False
    return True


def appended(firmware):
    """What the root's command line has to have there."""
    return ("--append", APPEND[firmware]) if firmware in APPEND else ()


def boot(t, image, firmware, cpus, *options, feed=None):
    how = BOCHS if firmware == "bochs" else ("--firmware", firmware)
    return t.run([t.script("run-iso"), image, *how, "--cpus", cpus, "--timeout", SILENCE,
                  "--log", t.dir / "machine", *options], feed=feed)


def firmware(t, firmware, cpus, *options, entry=0):
    """A root to its init, a command in it, power-off."""
    if not fetched(t, firmware):
        return
    image = t.dir / "machine.iso"
    how = "blind" if entry == MULTIBOOT1 else FIRMWARE[firmware]
    packed = ["--module", "efivarfs"] if how == "uefi" else []
    if t.run([t.script("mkiso"), image, *t.step("firmware-steps"), *packed,
              "--rootvisor", "log=debug poison=on", "--append", "efi=debug",
              *appended(firmware), "--menu", 0, "--entry", entry,
              "--", "firmware-steps", how, cpus]):
        t.not_ok("an image is made", t.last_line())
        return
    reader = TapReader(t.emit)
    status = boot(t, image, firmware, cpus, *options, feed=reader.feed)
    reader.end()
    t.ended(status)
    t.hypervisor_says("no option is lost", "^rootvisor: the reserve is at")
    tcg = "off" if firmware == "bochs" else "on"
    t.hypervisor_says(f"work-arounds for TCG are {tcg}", f"^rootvisor: work-arounds for TCG: {tcg}")
    t.balanced()
    image.unlink()


def unstamped(t):
    """The log from a serial port, without the time on each line, as that of a machine."""
    log = t.dir / "port"
    log.mkdir()
    text = re.sub(f"^{STAMP}", "", t.hypervisor(), flags=re.MULTILINE)
    (log / "hypervisor.log").write_text(text, encoding="utf-8")
    return log.name


def plain(t, firmware, cpus):
    """A machine that has no other end than that of its power, and no other log than a PC."""
    if not fetched(t, firmware):
        return
    image = t.dir / "plain.iso"
    if t.run([t.script("mkiso"), image, "--menu", 0, "--rootvisor", "poison=on",
              "--", "rvctl", "log"]):
        t.not_ok("an image is made", t.last_line())
        return
    status = boot(t, image, firmware, cpus, "--plain")
    t.check("it ends by power-off", status == 0, t.last_line())
    t.console_says("the root reads the log", rf"{STAMP}rootvisor: {cpus} processors")
    t.hypervisor_says("the port that ACPI names has it from its first line on",
                      r"^\[ *0\.000000 0\] rootvisor: ")
    t.balanced(unstamped(t))
    image.unlink()


def guest(t, firmware, cpus, guest_cpus):
    """A guest to its end, in what "make iso" makes, as "make run-iso" boots it."""
    if not fetched(t, firmware):
        return
    image = t.dir / "guest.iso"
    if t.run([t.script("mkiso"), image, "--guest-cpus", guest_cpus, "--append", "quiet",
              *appended(firmware)]):
        t.not_ok("an image is made", t.last_line())
        return
    options = () if firmware == "bochs" else ("--plain",)
    t.ended(boot(t, image, firmware, cpus, *options))
    t.console_says("a Linux guest boots and ends", rf"GUEST-INIT-OK \S* cpus={guest_cpus}$")
    t.balanced(unstamped(t))
    image.unlink()

# SPDX-License-Identifier: GPL-2.0
"""Jobs about processors of the machine that run at the same time (rootvm --threads)."""

from context import TOP
from results import TapReader

# Of the first processor.
EXITS = 300000
EXITS_OF_RACE = 10 * EXITS
OWN_FAILURE = 125
MULTI = ("--qemu-arg", "-accel", "--qemu-arg", "tcg,thread=multi")


def parked(t, cpus, *how):
    """What a root sees of a first processor that is parked: nothing."""
    append = "apic=verbose" + (" noapic" if "pic" in how else "")
    reader = TapReader(t.emit)
    status = t.machine("--threads", "--cpus", cpus, "--append", append,
                       *t.step("parked-steps"), module=False, feed=reader.feed,
                       command=["parked-steps", cpus, *how])
    reader.end()
    t.ended(status)


def x87_race(t):
    """A program that loads x87 states ends no machine, but for one that it is known of."""
    program = t.dir / "x87-race"
    t.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-pthread", "-o", program,
           TOP / "scripts/initrd/x87-race.c"])
    packed = ["--file", f"{program}:/.rootvm/bin/x87-race"]
    for name, options in (("by turns", ()), ("at the same time", ("--threads",))):
        for cpus in (2, 4):
            status = t.rootvm(*packed, "--cpus", cpus, *options, command=["x87-race", EXITS])
            t.check(f"{cpus} processors, {name}", status == 0, t.last_line())
    race_is_named(t, packed)


def race_is_named(t, packed):
    """On a first processor that runs guests the race is met, on a machine that has more
    than one processor to spare; then rootvm says so."""
    status = t.rootvm(*packed, "--cpus", 2, *MULTI, command=["x87-race", EXITS_OF_RACE])
    if not status:
        t.skip("the race is named", f"it was not met in {EXITS_OF_RACE} exits")
        return
    named = t.says(r"^rootvm: QEMU has undone a VM exit \(its x87 race\)")
    t.check("the race is named", status == OWN_FAILURE and named, f"status {status}")


def watch(t):
    """Which seconds of a silent machine count."""
    t.run_tap([t.script("watch-check")])

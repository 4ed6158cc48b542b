# SPDX-License-Identifier: GPL-2.0
"""The programs of samples/mshv, which vmm.rst shows."""

from context import TOP

MOST_LINES = 90
SAYS = {
    "first": ["HELLO"],
    "interrupts": [*(f"interrupt {n}: answered" for n in (1, 2, 3)),
                   "the guest has counted 3 interrupts"],
}
SILENCE = 120


def samples(t, cpus, sched):
    """Each prints what it should, and leaves nothing behind."""
    lines = len((TOP / "samples/mshv/first.c").read_text().splitlines())
    t.check(f"a first VMM has at most {MOST_LINES} lines", lines <= MOST_LINES, f"it has {lines}")
    for name, wanted in SAYS.items():
        said = []
        status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", SILENCE, "--append",
                           "quiet", "--file", f"{t.build}/samples/{name}:/.rootvm/bin/{name}",
                           log=name, feed=said.append, command=[name])
        text = [line.strip() for line in said]
        t.check(f"{name} says what it should",
                [line for line in text if line in wanted] == wanted, " | ".join(text[-5:]))
        t.ended(status)
        t.balanced(name)

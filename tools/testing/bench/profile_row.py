#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Which functions an operation spends its instructions in.

    profile_row.py record SOCKET ROW PROGRAM WORK >COUNTS
    profile_row.py show COUNTS KALLSYMS HYPERVISOR PROGRAM N

Model: mshvbench executes an operation between meter_begin() and meter_end(), where a recorded
machine has breakpoints.  In between QEMU executes an instruction at a time and logs each one.
Where nothing runs, the clock of such a machine goes on to its next timer, and a machine that is
stopped can be taken for that: then the root has a tick as soon as it goes on.  So what comes
before meter_start() does not count.  As in the table, the cheapest execution counts.

record controls the machine by the gdb stub at SOCKET and writes a line for each address: who,
"host" or "guest" of the hypervisor, the address, and how often.  QEMU's log passes through a
FIFO in the folder WORK.  show finds the functions: HYPERVISOR and PROGRAM are ELF files with
symbols, KALLSYMS is the root's /proc/kallsyms.
"""

import bisect
import collections
import os
import re
import select
import subprocess
import sys
import threading
from pathlib import Path

from gdb import RDI, Gdb

# "Trace CPU: TB [CS base/PC/flags/cflags]"; of the flags, that a guest of SVM runs.
TRACE = re.compile(rb"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/")
IN_GUEST = 1 << 21
KERNEL = 1 << 63
# Where mshvbench is linked to, and the space it has there.
PROGRAM = range(0x20000000, 0x30000000)
POLL_SECONDS = 0.05
CHUNK = 1 << 20
# Modules that are a layer of their own.
DRIVERS = {"mshv": "driver", "mshv_root": "driver"}
# In the order in which they are shown.
LAYERS = ("hypervisor", "driver", "kernel", "program", "guest")

# --- record ------------------------------------------------------------------------


def count(lines, start):
    """How often each instruction is in QEMU's log after that at the address start."""
    counts = collections.Counter()
    for line in lines:
        trace = TRACE.match(line)
        if not trace:
            continue
        address = int(trace[1], 16)
        if address == start:
            counts.clear()
            continue
        who = "guest" if int(trace[2], 16) & IN_GUEST else "host"
        counts[who, address] += 1
    return counts


class Reader(threading.Thread):
    """Counts what QEMU writes into a FIFO, which it does not close."""

    def __init__(self, fifo, start):
        super().__init__(daemon=True)
        self.fifo = os.open(fifo, os.O_RDWR)
        self.first = start
        self.stopped = False
        self.counts = None
        self.start()

    def lines(self):
        rest = b""
        while True:
            # Once the machine has stopped, all has been written.
            last = self.stopped
            if select.select([self.fifo], [], [], 0 if last else POLL_SECONDS)[0]:
                *lines, rest = (rest + os.read(self.fifo, CHUNK)).split(b"\n")
                yield from lines
            elif last:
                return

    def run(self):
        self.counts = count(self.lines(), self.first)

    def finish(self):
        self.stopped = True
        self.join()
        os.close(self.fifo)
        return self.counts


def execution(gdb, fifo, start):
    """From one breakpoint to the next, an instruction at a time."""
    reader = Reader(fifo, start)
    gdb.command("one-insn-per-tb on")
    gdb.command(f"logfile {fifo}")
    gdb.command("log exec,nochain")
    ended = not gdb.go()
    if not ended:
        gdb.command("log none")
        gdb.command("one-insn-per-tb off")
    counts = reader.finish()
    return None if ended else counts


def record(path, row, program, work):
    symbols = {name: address for address, name, _ in elf_symbols(program)}
    begin, start, end = (symbols[f"meter_{what}"] for what in ("begin", "start", "end"))
    name = row.encode() + b"\0"
    fifo = Path(work) / "instructions"
    os.mkfifo(fifo)
    best = None
    gdb = Gdb(path)
    gdb.breakpoint(begin, True)
    while gdb.go():
        if gdb.memory(gdb.register(RDI), len(name)) != name:
            gdb.breakpoint(begin, False)
            gdb.ask("s")
            gdb.breakpoint(begin, True)
            continue
        gdb.breakpoint(begin, False)
        gdb.breakpoint(end, True)
        counts = execution(gdb, fifo, start)
        if counts is None:
            break
        if best is None or counts.total() < best.total():
            best = counts
        gdb.breakpoint(end, False)
        gdb.breakpoint(begin, True)
    if not best:
        sys.exit(f"profile_row.py: {row}: not executed")
    for (who, address), times in sorted(best.items()):
        print(who, f"{address:x}", times)


# --- show --------------------------------------------------------------------------


def nm_symbols(lines):
    """The functions in the output of nm, or of the kernel's list."""
    for line in lines:
        address, kind, name, *module = line.split()
        if kind in "tTwW":
            yield int(address, 16), name, module[0].strip("[]") if module else ""


def elf_symbols(file):
    said = subprocess.run(["nm", "-n", "--defined-only", file], check=True, capture_output=True,
                          text=True).stdout
    return list(nm_symbols(said.splitlines()))


class Table:
    """Which layer and function an address is in: that of the last symbol before it."""

    def __init__(self, layer, symbols):
        self.layer = layer
        self.symbols = sorted(symbols)
        self.addresses = [symbol[0] for symbol in self.symbols]

    def find(self, address):
        i = bisect.bisect_right(self.addresses, address) - 1
        if i < 0:
            return self.layer, f"{address:#x}"
        _, name, module = self.symbols[i]
        return DRIVERS.get(module, self.layer), name


def functions(counts, kernel, hypervisor, program):
    """Instructions by layer and function."""
    by_function = collections.Counter()
    for who, address, times in counts:
        if who == "host":
            key = hypervisor.find(address)
        elif address & KERNEL:
            key = kernel.find(address)
        elif address in PROGRAM:
            key = program.find(address)
        else:
            key = ("guest", "all of it")
        by_function[key] += times
    return by_function


def report(by_function, number):
    total = by_function.total()
    yield f"{total} instructions, the {number} functions with most of them:"
    yield ""
    for (layer, name), times in by_function.most_common(number):
        yield f"{times:>10} {times / total:>6.1%}  {layer:<10}  {name}"
    yield ""
    for layer in LAYERS:
        times = sum(n for key, n in by_function.items() if key[0] == layer)
        yield f"{times:>10} {times / total:>6.1%}  {layer}"


def read_counts(lines):
    for line in lines:
        who, address, times = line.split()
        yield who, int(address, 16), int(times)


def show(counts, kallsyms, hypervisor, program, number):
    with open(counts, encoding="ascii") as f, open(kallsyms, encoding="ascii") as names:
        by_function = functions(read_counts(f), Table("kernel", nm_symbols(names)),
                                Table("hypervisor", elf_symbols(hypervisor)),
                                Table("program", elf_symbols(program)))
    print("\n".join(report(by_function, int(number))))


if __name__ == "__main__":
    {"record": record, "show": show}[sys.argv[1]](*sys.argv[2:])

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
The page about costs: mshvbench's tables as reStructuredText, its JSON as a picture.

    page.py table <FILE.md >FILE.rst
    page.py picture <bench.json >FILE.svg
    page.py peer OURS.json PEER.json >FILE.md
    page.py storms OURS.json PEER.json >FILE.md
    page.py compare FILE.json FILE.json... >FILE.md

The picture has a line for each operation and a bar for each scheduler: on the left
hypercalls, with a mark at the floor, on the right instructions.  Both scales are
logarithmic.  The same JSON gives the same picture, byte for byte.

compare says how much two measurements of the same differ, or more of them.  Where a thread is
woken, that depends on where things are in memory, and the figure is a range; otherwise they
must not differ by more than a hundredth, nor may hypercalls in any case: status 1.
"""

import itertools
import json
import math
import sys
from pathlib import Path
from xml.sax.saxutils import escape

# --- table -------------------------------------------------------------------------

# What mshvbench leaves empty because it goes without saying.  A simple table needs
# something in its first column.
FIRST_HEADING = "group"
GAP = "  "


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def simple_table(lines):
    """A table of Markdown as a simple table, numbers to the right."""
    head, align, *rows = [cells(line) for line in lines]
    # An empty last cell disappears with the border of its row.
    rows = [head] + [row + [""] * (len(head) - len(row)) for row in rows]
    rows[0][0] = rows[0][0] or FIRST_HEADING
    # A column in which nothing stands would be one without an end.
    used = [i for i in range(len(head)) if any(row[i] for row in rows)]
    right = {i for i in used if align[i].endswith(":")}
    width = {i: max(len(row[i]) for row in rows) for i in used}
    border = GAP.join("=" * width[i] for i in used)
    text = [GAP.join(row[i].rjust(width[i]) if i in right else row[i].ljust(width[i])
                     for i in used).rstrip() for row in rows]
    return [border, text[0], border, *text[1:], border]


def convert(lines):
    """Each table among the lines; everything else stays as it is."""
    for is_table, some in itertools.groupby(lines, lambda line: line.startswith("|")):
        yield from simple_table(list(some)) if is_table else some


# --- two drivers beside each other ------------------------------------------------------

PEER_HEAD = {"root": "both drivers, root scheduler", "classic": "both drivers, hypervisor's scheduler"}
PEER_COLUMNS = ("hypercalls", "mainline's", "instructions", "mainline's", "ratio", "direct map",
                "in the root", "mainline's", "ratio")


def figure(cost, what):
    return "-" if cost.get(what) is None else str(cost[what])


def ratio(ours, theirs, what):
    """Ours to theirs: below 1, ours is cheaper."""
    if not ours.get(what) or not theirs.get(what):
        return "-"
    return f"{ours[what] / theirs[what]:.2f}"


def without_direct_map(cost):
    """The same, but for what only one of the drivers does."""
    root, direct_map = cost.get("root_instructions"), cost.get("direct_map") or 0
    return {**cost, "root": None if root is None else root - direct_map,
            "direct_map": direct_map or None}


def peer_row(ours, theirs):
    ours, theirs = without_direct_map(ours), without_direct_map(theirs)
    row = [ours["operation"]]
    for what in ("hypercalls", "instructions", "root"):
        if what == "root":
            row.append(figure(ours, "direct_map"))
        row += [figure(ours, what), figure(theirs, what)]
        if what != "hypercalls":
            row.append(ratio(ours, theirs, what))
    return row


def side_by_side(lines, other_lines, heads, columns, make_row):
    """A table of Markdown: what both have, by name."""
    ours, theirs = ({c["operation"]: c for c in map(json.loads, some)}
                    for some in (lines, other_lines))
    schedulers = {c["scheduler"] for c in ours.values()}
    rows = [make_row(ours[name], theirs[name]) for name in ours if name in theirs]
    rows = [[*map(heads.get, schedulers), *columns], ["---"] + ["--:"] * len(columns), *rows]
    for row in rows:
        yield f"| {' | '.join(row)} |"


def peer(lines, other_lines):
    """The operations that both drivers have."""
    return side_by_side(lines, other_lines, PEER_HEAD, PEER_COLUMNS, peer_row)


# --- storms under two drivers -----------------------------------------------------------

STORM_HEAD = {"root": "storm, both drivers, root scheduler",
              "classic": "storm, both drivers, hypervisor's scheduler"}
STORM_COLUMNS = ("hypercalls", "mainline's", "instructions", "mainline's", "ratio",
                 "in the root", "mainline's", "ratio", "without a guest", "resident", "mainline's")


def each(cost, what, digits=0):
    """What one of many takes."""
    return "-" if cost.get(what) is None else f"{cost[what] / cost['times']:.{digits}f}"


def storm_row(ours, theirs):
    row = [ours["operation"], each(ours, "hypercalls", 1), each(theirs, "hypercalls", 1)]
    for what in ("instructions", "root_instructions"):
        row += [each(ours, what), each(theirs, what), ratio(ours, theirs, what)]
    return [*row, each(ours, "alone"), each(ours, "resident", 1), each(theirs, "resident", 1)]


def storms(lines, other_lines):
    """The storms, for each page or whatever is taken."""
    return side_by_side(lines, other_lines, STORM_HEAD, STORM_COLUMNS, storm_row)


# --- measured more than once ------------------------------------------------------------

MOST_DIFFERENCE = 0.01


class Differs(Exception):
    """Rows that had to be the same and are not."""


def spread(costs):
    """What to say of a row that was measured several times, and whether it is a fault."""
    if any(cost["hypercalls"] != costs[0]["hypercalls"] for cost in costs):
        return "hypercalls differ", True
    values = [cost["instructions"] for cost in costs]
    if None in values:
        return "-", False
    low, high = min(values), max(values)
    if any(cost.get("sleeps") for cost in costs):
        return f"{low} to {high}" if low < high else str(low), False
    part = high / low - 1
    return f"{100 * part:.2f} %", part > MOST_DIFFERENCE


def compare(*files):
    """A table of Markdown: by how much operations differ, under each scheduler."""
    found = [operations(lines) for lines in files]
    yield "| measured again: differs by | root scheduler | hypervisor's |"
    yield "|---|--:|--:|"
    faults = []
    for name in found[0]:
        row = [name]
        for scheduler in ("root", "classic"):
            costs = [f[name][scheduler] for f in found if scheduler in f.get(name, {})]
            said, fault = spread(costs) if len(costs) == len(found) else ("-", False)
            row.append(said)
            if fault:
                faults.append(f"{name}, {scheduler}: {said}")
        yield f"| {' | '.join(row)} |"
    if faults:
        raise Differs("; ".join(faults))


# --- picture -----------------------------------------------------------------------

LINE = 24           # height of an operation
BAR = 8
TOP = 64
BOTTOM = 16
LABELS = 330        # where the left panel begins
PANEL = 250
NUMBERS = 80        # room for the figure behind a bar
SCHEDULERS = (("root", "#1f5f99", "root scheduler"),
              ("classic", "#8fb8de", "hypervisor's scheduler"))
FLOOR = "#c0392b"
GROUPS = ("running", "state", "interrupts", "doorbells", "memory", "life")


def power_above(value):
    """The power of ten that is not below `value`."""
    return 10 ** math.ceil(math.log10(value))


def short(power):
    for unit, name in ((10 ** 6, " M"), (10 ** 3, " k")):
        if power >= unit:
            return f"{power // unit}{name}"
    return str(power)


class Panel:
    """A logarithmic scale from `low` to `high` that begins at `left`."""

    def __init__(self, left, low, high):
        self.left, self.low, self.high = left, low, high

    def at(self, value):
        low, high = math.log10(self.low), math.log10(self.high)
        part = (math.log10(value) - low) / (high - low)
        return self.left + PANEL * min(max(part, 0), 1)

    def powers(self):
        value = power_above(self.low)
        while value <= self.high:
            yield value
            value *= 10


def rect(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def text(x, y, content, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(content)}</text>'


def grid(panel, title, bottom):
    yield text(panel.left, TOP - 28, title, ' font-weight="bold"')
    for value in panel.powers():
        x = panel.at(value)
        yield (f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" '
               'stroke="#dddddd"/>')
        yield text(x, TOP - 10, short(value), ' text-anchor="middle" fill="#666666"')


def bar(panel, y, value, colour):
    """From the beginning of the scale; nothing for a value that was not counted."""
    if value is None:
        return
    end = panel.left
    if value > 0:
        end = panel.at(value)
        yield rect(panel.left, y, end - panel.left, BAR, colour)
    yield text(end + 5, y + BAR - 0.5, f"{value:,}", ' font-size="9" fill="#444444"')


def operation_lines(y, name, costs, calls, instructions):
    yield text(LABELS - 10, y + LINE / 2 + 2, name, ' text-anchor="end"')
    for i, (scheduler, colour, _) in enumerate(SCHEDULERS):
        cost = costs.get(scheduler)
        if not cost:
            continue
        top = y + 3 + i * (BAR + 1)
        yield from bar(calls, top, cost["hypercalls"], colour)
        if cost["floor"] > 0:
            yield rect(calls.at(cost["floor"]) - 1, top - 1, 2, BAR + 2, FLOOR)
        yield from bar(instructions, top, cost["instructions"], colour)


def legend(x):
    for _, colour, name in SCHEDULERS:
        yield rect(x, 10, 12, BAR, colour)
        yield text(x + 17, 18, name)
        x += 34 + 6 * len(name)
    yield rect(x + 5, 9, 2, BAR + 2, FLOOR)
    yield text(x + 17, 18, "floor")


def operations(lines):
    """The costs by operation, in the order of the tables: {name: {scheduler: cost}}."""
    found = {}
    for line in lines:
        cost = json.loads(line)
        if cost.get("group") in GROUPS:
            found.setdefault(cost["operation"], {})[cost["scheduler"]] = cost
    return found


def most(costs, what, at_least):
    return max([at_least, *(cost[what] or 0 for cost in costs)])


def picture(lines):
    found = operations(lines)
    if not found:
        raise ValueError("the JSON has no operation")
    everything = [cost for costs in found.values() for cost in costs.values()]
    # One hypercall has to be seen; no operation takes fewer instructions than 1,000.
    calls = Panel(LABELS, 0.5, power_above(most(everything, "hypercalls", 10)))
    instructions = Panel(LABELS + PANEL + NUMBERS, 1000,
                         power_above(most(everything, "instructions", 10000)))
    width = instructions.left + PANEL + NUMBERS
    bottom = TOP + LINE * len(found)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + BOTTOM}" '
           f'viewBox="0 0 {width} {bottom + BOTTOM}" font-family="sans-serif" font-size="11">')
    yield "<title>What operations cost</title>"
    yield rect(0, 0, width, bottom + BOTTOM, "#ffffff")
    yield from legend(LABELS)
    yield from grid(calls, "hypercalls", bottom)
    yield from grid(instructions, "instructions", bottom)
    for i, (name, costs) in enumerate(found.items()):
        yield from operation_lines(TOP + LINE * i, name, costs, calls, instructions)
    yield "</svg>"


def main():
    # Each with the least and the largest number of files.
    makers = {"table": (convert, 0, 0), "picture": (picture, 0, 0), "peer": (peer, 2, 2),
              "storms": (storms, 2, 2), "compare": (compare, 2, sys.maxsize)}
    maker, least, largest = makers.get((sys.argv + [""])[1], (None, 0, 0))
    if not maker or not least <= len(sys.argv) - 2 <= largest:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    texts = [Path(f).read_text(encoding="utf-8") for f in sys.argv[2:]] or [sys.stdin.read()]
    try:
        for line in maker(*(text.splitlines() for text in texts)):
            print(line)
    except Differs as error:
        print(f"page.py: differs: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

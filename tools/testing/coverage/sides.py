# SPDX-License-Identifier: GPL-2.0
"""The table, and the branches that were never taken both ways.

A branch of our own is a line with an "if", a loop, a "switch" or a condition in it.  One that
has been run, but of which one way was never taken, has to be in the file "exceptions" with
the reason, and what is there has to be such a line.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path

# What is counted together, and the share of lines that is aimed at.
GROUPS = (
    ("driver", "drivers/hv/root/", 95),
    ("platform layer", "arch/x86/hyperv/", 0),
    ("shared code", "lib/hv/", 0),
    ("rootvisor", "tools/testing/rootvisor/", 90),
)
BRANCH = re.compile(r"\b(if|while|for|switch|case)\b|\?|&&|\|\|")
COMMENT = re.compile(r"/\*.*?\*/")


def one_sided(coverage, top):
    """Of each file: number and text of lines with a branch not taken both ways."""
    found = defaultdict(list)
    for name, lines in sorted(coverage.files.items()):
        source = (Path(top) / name).read_text(encoding="utf-8").splitlines()
        for number, line in sorted(lines.items()):
            text = COMMENT.sub("", source[number - 1]).strip()
            if line.count and BRANCH.search(text) and line.branches and \
                    not all(line.branches):
                found[name].append((number, text))
    return found


def table(coverage):
    """Lines of text, and the groups that miss their aim."""
    text, missed = [], []
    for group, prefix, aim in GROUPS:
        rows = [(name, *counts(lines)) for name, lines in sorted(coverage.files.items())
                if name.startswith(prefix)]
        if not rows:
            text.append(f"{group}: not measured")
            continue
        text += [row(name[len(prefix):], *numbers) for name, *numbers in rows]
        total = [sum(column) for column in list(zip(*rows))[1:]]
        text += [row(group, *total), ""]
        if 100 * total[1] < aim * total[0]:
            missed.append(f"{group}: {share(total[1], total[0])} of the lines, {aim} % is aimed at")
    head = f"{'':44} {'lines':>6} {'run':>6} {'':>8} {'branches':>9} {'taken':>6}"
    return [head, *text], missed


def counts(lines):
    branches = [taken for line in lines.values() for taken in line.branches]
    return (len(lines), sum(1 for line in lines.values() if line.count),
            len(branches), sum(1 for taken in branches if taken))


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def row(name, lines, run, branches, taken):
    return (f"{name:44} {lines:6} {run:6} {share(run, lines):>8} {branches:9} {taken:6}"
            f" {share(taken, branches):>8}")


def read_exceptions(path):
    """How often each (file, text) is named: those that are always one-sided, and those
    that are by chance."""
    always, chance, into = Counter(), Counter(), None
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if line[:2] in ("= ", "~ "):
            # Lines below one without a reason are refused.
            into = (always if line[0] == "=" else chance) if line[2:].strip() else None
            continue
        name, colon, text = line.partition(": ")
        if into is None or not colon:
            raise ValueError(f"{path}:{number}: '= REASON', '~ REASON' or 'FILE: LINE' is wanted")
        into[name, text.strip()] += 1
    return always, chance


def differences(found, named):
    """What is one-sided and not named, and what is always so by name, but was not."""
    left, chance = (Counter(part) for part in named)
    texts = []
    for name, lines in found.items():
        for number, text in lines:
            if left[name, text] > 0:
                left[name, text] -= 1
            elif chance[name, text] > 0:
                chance[name, text] -= 1
            else:
                texts.append(f"{name}:{number}: never taken both ways, and not in the list: {text}")
    texts += [f"{name}: in the list, but taken both ways or gone: {text}"
              for (name, text), number in sorted(left.items()) for _ in range(number)]
    return texts

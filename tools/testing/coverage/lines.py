# SPDX-License-Identifier: GPL-2.0
"""What gcov makes of counts: how often each line was run, and each of its branches taken.

Model: a Coverage has the files of this tree by name, a file its lines by number.  Those of
several runs are added up.  One line has other branches in another kernel, where macros
hide other code; then those of the first run that had the line count, and the others not.
"""

import json
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field

# What is compiled from a copy of this tree has the same names behind these.
OWN = re.compile(r"(?:^|.*/)((?:drivers/hv/root|arch/x86/hyperv|lib/hv|tools/testing/rootvisor"
                 r"|include/hyperv|include/linux/hvr)[^/]*/?.*)$")
# Tests are not what is measured, and what tracepoints are made of is the kernel's.
LEFT_OUT = re.compile(r"/tests/|(?:^|/)trace\.[ch]$")


@dataclass
class Line:
    """A line: how often it was run, and how often each branch of it was taken."""
    count: int = 0
    branches: list = field(default_factory=list)

    def add(self, count, branches):
        self.count += count
        if not self.branches:
            self.branches = branches
        elif len(self.branches) == len(branches):
            self.branches = [a + b for a, b in zip(self.branches, branches)]


class Coverage:
    """Lines by file."""

    def __init__(self):
        self.files = defaultdict(lambda: defaultdict(Line))

    def add_counts(self, paths, base=""):
        """Files of counts; base is the folder that names of sources are relative to."""
        for path in paths:
            done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                                   path.name], cwd=path.parent, check=True, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            if "stamp mismatch" in done.stderr:
                raise RuntimeError(f"{path}: not built together with its notes")
            for text in done.stdout.splitlines():
                self._add_unit(json.loads(text), base)

    def _add_unit(self, unit, base):
        # A line stands there once for each copy of its function.
        lines = defaultdict(lambda: [0, []])
        for file in unit["files"]:
            name = own_name(file["file"], base)
            if not name:
                continue
            for line in file["lines"]:
                entry = lines[name, line["line_number"]]
                entry[0] += line["count"]
                counts = [b["count"] for b in line["branches"]]
                if len(entry[1]) == len(counts):
                    counts = [a + b for a, b in zip(entry[1], counts)]
                entry[1] = counts if len(counts) >= len(entry[1]) else entry[1]
        for (name, number), (count, branches) in lines.items():
            self.files[name][number].add(count, branches)

    def write_tracefile(self, path, top):
        """As lcov reads it."""
        with open(path, "w", encoding="utf-8") as out:
            for name in sorted(self.files):
                out.write(f"SF:{top}/{name}\n")
                for number, line in sorted(self.files[name].items()):
                    for index, taken in enumerate(line.branches):
                        out.write(f"BRDA:{number},0,{index},{taken if line.count else '-'}\n")
                    out.write(f"DA:{number},{line.count}\n")
                out.write("end_of_record\n")


def own_name(name, base):
    """The name in this tree, or None."""
    if not name.startswith("/"):
        name = f"{base}/{name}"
    parts = []
    for part in name.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    found = OWN.match("/".join(parts))
    return found.group(1) if found and not LEFT_OUT.search(found.group(1)) else None

# SPDX-License-Identifier: GPL-2.0
"""The counters of code that was compiled for gcov, from memory into files of counts.

Model: such code increments a counter whenever an edge of its control flow is taken.
Each object file describes its counters by a structure; -fprofile-info-section puts the
address of this into a section of its own, so that no code is needed to find it, and none
runs in the program.  What is read from there is written as gcov reads it: a record for
each function, by which the notes (.gcno) are matched with the counts (.gcda).

The structures are those of GCC 12 to 14.
"""

import struct
from pathlib import Path

from memory import string

# struct gcov_info: version, next, stamp, checksum, filename, merge[], number and
# addresses of functions.
INFO = struct.Struct("<I4xQIIQ")   # in a kernel "next" makes a list
KINDS = 8
FUNCTIONS = struct.Struct("<I4xQ")
# struct gcov_fn_info: whose it is, ident, two checksums; a number and an address for
# each kind of counter in use.
FUNCTION = struct.Struct("<QIII4x")
COUNTS = struct.Struct("<I4xQ")

MAGIC = 0x67636461
TAG_FUNCTION = 0x01000000
TAG_COUNTS = 0x01A10000
# The one kind there is: how often an edge was taken.
ARCS = 0


class Object:
    """An object file: where its notes are, and its counts.

    notes tells where the notes are of a file of counts; by default beside it.
    """

    def __init__(self, space, address, notes=lambda path: path.with_suffix(".gcno")):
        self.address = address
        self.notes = notes
        version, self.next, stamp, _, name = INFO.unpack(space.read(address, INFO.size))
        self.path = Path(string(space, name))
        self.header = struct.pack("<IIII", MAGIC, version, stamp, 0)
        number, functions = FUNCTIONS.unpack(
            space.read(address + INFO.size + 8 * KINDS, FUNCTIONS.size))
        self.records = [self._record(space, where) for where in
                        struct.unpack(f"<{number}Q", space.read(functions, 8 * number))
                        if where]

    def _record(self, space, where):
        owner, ident, lines, flow = FUNCTION.unpack(space.read(where, FUNCTION.size))
        # A function that another object has as well is counted there.
        if owner != self.address:
            return b""
        number, values = COUNTS.unpack(space.read(where + FUNCTION.size, COUNTS.size))
        counts = space.read(values, 8 * number)
        return struct.pack("<IIIII", TAG_FUNCTION, 12, ident, lines, flow) + \
            struct.pack("<II", TAG_COUNTS + (ARCS << 17), 8 * number) + counts

    def write(self, folder):
        """Into a folder, together with the notes."""
        target = Path(folder) / self.path.name
        number = 0
        while target.exists():
            number += 1
            target = Path(folder) / f"{number}-{self.path.name}"
        target.write_bytes(self.header + b"".join(self.records) + bytes(4))
        notes = target.with_suffix(".gcno")
        notes.unlink(missing_ok=True)
        notes.symlink_to(self.notes(self.path))
        return target


def listed(space, head, own, notes):
    """All objects of a kernel's list whose paths are our own.  head is the address of its
    first pointer."""
    address, = struct.unpack("<Q", space.read(head, 8))
    while address:
        found = Object(space, address, notes)
        if own(found.path):
            yield found
        address = found.next


def objects(space, start, number):
    """All objects of a list of addresses."""
    for address in struct.unpack(f"<{number}Q", space.read(start, 8 * number)):
        yield Object(space, address)

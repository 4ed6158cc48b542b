# SPDX-License-Identifier: GPL-2.0
"""The memory of a machine that has ended, from the file that was its RAM.

Model: a space reads so many bytes at an address.  Physical is the RAM itself, Virtual
goes through page tables in it.  Below the hole for devices, which is all that is looked
at here, an address in the RAM is the same for QEMU, the hypervisor and the root.
"""

import mmap
import struct

PAGE = 4096
PRESENT = 1
LARGE = 1 << 7
ADDRESS = 0x000FFFFFFFFFF000
LEVELS = 4
INDEX_BITS = 9


class Physical:
    """The RAM."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, address, size):
        if not 0 <= address <= len(self.ram) - size:
            raise ValueError(f"0x{address:x} is not in the machine's memory")
        return self.ram[address:address + size]


class Virtual:
    """What page tables make of it."""

    def __init__(self, physical, tables):
        self.physical = physical
        self.tables = tables

    def _translate(self, address):
        table, shift = self.tables, 12 + INDEX_BITS * LEVELS
        while shift > 12:
            shift -= INDEX_BITS
            index = address >> shift & (1 << INDEX_BITS) - 1
            entry, = struct.unpack("<Q", self.physical.read(table + 8 * index, 8))
            if not entry & PRESENT:
                raise ValueError(f"0x{address:x} is not mapped")
            table = entry & ADDRESS
            if entry & LARGE and shift > 12:
                break
        mask = (1 << shift) - 1
        return table & ~mask | address & mask

    def read(self, address, size):
        parts = []
        while size:
            length = min(size, PAGE - address % PAGE)
            parts.append(self.physical.read(self._translate(address), length))
            address += length
            size -= length
        return b"".join(parts)


def string(space, address):
    """The text that ends with a zero."""
    text = b""
    while b"\0" not in text:
        text += space.read(address + len(text), 16 - (address + len(text)) % 16)
    return text.split(b"\0")[0].decode()

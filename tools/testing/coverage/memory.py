# SPDX-License-Identifier: GPL-2.0
"""The memory of a machine that has ended, from the file that was its RAM.

Model: a space reads so many bytes at an address.  Physical is the RAM, Virtual goes
through page tables in it.  The hypervisor's and the root's physical addresses are QEMU's.
"""

import mmap
import struct

PAGE = 4096
PRESENT = 1
LARGE = 1 << 7
ADDRESS = 0x000FFFFFFFFFF000
LEVELS = 4
INDEX_BITS = 9
# QEMU's machine q35: what there is of so much memory beyond LOW stands at HIGH.
LARGE_MACHINE = 0xB0000000
LOW = 0x80000000
HIGH = 1 << 32


class Physical:
    """The RAM."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, address, size):
        offset = address_in_file(address, len(self.ram))
        if offset is None or offset + size > len(self.ram):
            raise ValueError(f"0x{address:x} is not in the machine's memory")
        return self.ram[offset:offset + size]


def address_in_file(address, size):
    """Where an address is in a RAM of that size; None if nowhere."""
    low = LOW if size >= LARGE_MACHINE else size
    if address >= HIGH:
        address += low - HIGH
        return address if low <= address < size else None
    return address if 0 <= address < low else None


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

# SPDX-License-Identifier: GPL-2.0
"""Reading memory and counters, adding them up, and the list of exceptions."""

import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runner" / "tests"))

# pylint: disable=wrong-import-position
import sides
import tap
from counters import objects
from lines import Coverage, own_name
from memory import Physical, Virtual, address_in_file, string

PAGES = 16
PROGRAM = """
int taken(int n)
{
	if (n > 2)
		return 1;
	return 0;
}
"""


def image(folder, words):
    """A RAM with 64-bit words at addresses."""
    ram = bytearray(PAGES * 4096)
    for address, word in words.items():
        ram[address:address + 8] = struct.pack("<Q", word)
    path = Path(folder) / "ram"
    path.write_bytes(ram)
    return Physical(path)


class Memory(unittest.TestCase):
    """Physical and virtual addresses."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_pages_of_each_size(self):
        physical = image(self.folder.name, {
            0x1000 + 8 * 511: 0x2003,           # of the upper half
            0x2000 + 8 * 510: 0x3003,
            0x2000 + 8 * 511: 0x00000083,       # 1 GiB from 0 on
            0x3000 + 8 * 0: 0x4003,
            0x3000 + 8 * 1: 0x00000083,         # 2 MiB from 0 on
            0x4000 + 8 * 0: 0x8000000000005003,
            0x4000 + 8 * 1: 0x7003,
            0x5ff8: 0x1111111111111111, 0x7000: 0x2222222222222222,
        })
        space = Virtual(physical, 0x1000)
        page = 0xFFFFFF8000000000 + (510 << 30)
        self.assertEqual(space.read(page + 0xff8, 16), b"\x11" * 8 + b"\x22" * 8)
        self.assertEqual(space.read(page + (2 << 20) + 0x7000, 8), b"\x22" * 8)
        self.assertEqual(space.read(page + (1 << 30) + 0x5ff8, 8), b"\x11" * 8)
        with self.assertRaises(ValueError):
            space.read(page + 0x2000, 1)
        with self.assertRaises(ValueError):
            space.read(0, 1)

    def test_beyond_the_memory(self):
        physical = image(self.folder.name, {})
        self.assertEqual(physical.read(PAGES * 4096 - 1, 1), b"\0")
        with self.assertRaises(ValueError):
            physical.read(PAGES * 4096 - 1, 2)

    def test_memory_beyond_4_gib(self):
        gib = 1 << 30
        for address, size, wanted in ((0, 3 * gib, 0), (2 * gib - 1, 3 * gib, 2 * gib - 1),
                                      (2 * gib, 3 * gib, None), (4 * gib, 3 * gib, 2 * gib),
                                      (5 * gib - 1, 3 * gib, 3 * gib - 1),
                                      (5 * gib, 3 * gib, None), (4 * gib - 1, 3 * gib, None),
                                      (4 * gib, 2 * gib, None), (2 * gib, 2 * gib, None)):
            self.assertEqual(address_in_file(address, size), wanted, hex(address))

    def test_a_string_over_a_border(self):
        physical = image(self.folder.name, {0x1008: int.from_bytes(b"abcdefgh", "little"),
                                            0x1010: int.from_bytes(b"ij", "little")})
        self.assertEqual(string(physical, 0x1009), "bcdefghij")


class Counters(unittest.TestCase):
    """A program that was compiled for gcov, as it stands in memory."""

    def test_counts_come_through(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "drivers" / "hv" / "root" / "x.c"
            source.parent.mkdir(parents=True)
            source.write_text(PROGRAM)
            subprocess.run(["gcc", "-c", "-g", "-O1", "-fno-pic", "-fprofile-arcs",
                            "-ftest-coverage", "-fprofile-info-section=.list", source,
                            "-o", source.with_suffix(".o")], check=True)
            elf = Path(folder) / "program"
            (Path(folder) / "lds").write_text(
                "SECTIONS { . = 0x1000; .text : { *(.text*) } .data : ALIGN(4096) "
                "{ list = .; *(.list) *(.rodata*) *(.data*) *(.bss*) } }")
            subprocess.run(["ld", "-T", f"{folder}/lds", "--defsym=__gcov_merge_add=0",
                            "--oformat=elf64-x86-64", source.with_suffix(".o"), "-o", elf],
                           check=True)
            flat = Path(folder) / "flat"
            subprocess.run(["objcopy", "-O", "binary", "-R", ".note*", "-R", ".comment", elf,
                            flat], check=True)
            names = subprocess.run(["nm", elf], check=True, text=True,
                                   stdout=subprocess.PIPE).stdout
            at = {line.split()[-1]: int(line.split()[0], 16) for line in names.splitlines()}
            counts = next(name for name in at if name.startswith("__gcov0."))
            # Five calls, two of them beyond 2.
            memory = bytearray(0x1000) + bytearray(flat.read_bytes()) + bytearray(0x1000)
            number = 0
            for value in (5, 2):
                memory[at[counts] + 8 * number:at[counts] + 8 * number + 8] = \
                    struct.pack("<Q", value)
                number += 1
            ram = Path(folder) / "ram"
            ram.write_bytes(memory)
            written = [o.write(folder) for o in objects(Physical(ram), at["list"], 1)]
            coverage = Coverage()
            coverage.add_counts(written, folder)
        lines = coverage.files["drivers/hv/root/x.c"]
        self.assertEqual(lines[2].count, 5)
        self.assertEqual(sorted(lines[4].branches), [2, 3])


class Lines(unittest.TestCase):
    """Names, sums and branches."""

    def test_names(self):
        self.assertEqual(own_name("/a/src/drivers/hv/root/base/../map.c", ""),
                         "drivers/hv/root/map.c")
        self.assertEqual(own_name("vp/exit.c", "/x/tools/testing/rootvisor"),
                         "tools/testing/rootvisor/vp/exit.c")
        for name in ("/usr/include/stdio.h", "/a/drivers/hv/root/trace.h",
                     "/a/drivers/hv/root/tests/port_test.c"):
            self.assertIsNone(own_name(name, ""))

    def test_sums(self):
        line = Coverage().files["f"][1]
        line.add(1, [1, 0])
        line.add(2, [0, 2])
        line.add(3, [1, 1, 1])
        self.assertEqual((line.count, line.branches), (6, [1, 2]))

    def test_one_sided(self):
        coverage = Coverage()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "f").write_text("if (a)\nif (b)\nmacro();\nif (c) /* if */\n")
            coverage.files["f"][1].add(1, [1, 0])
            coverage.files["f"][2].add(2, [1, 1])
            coverage.files["f"][3].add(1, [1, 0])
            coverage.files["f"][4].add(0, [0, 0])
            found = sides.one_sided(coverage, folder)
        self.assertEqual(found, {"f": [(1, "if (a)")]})

    def test_exceptions(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list"
            path.write_text("# head\n\n= why\nf: if (a)\nf: if (b)\n")
            named = sides.read_exceptions(path)
            found = {"f": [(7, "if (a)"), (9, "if (c)")]}
            self.assertEqual(len(sides.differences(found, named)), 2)
            self.assertEqual(sides.differences({"f": [(1, "if (a)"), (2, "if (b)")]}, named), [])
            # The same line twice has to be named twice.
            self.assertEqual(len(sides.differences(
                {"f": [(1, "if (a)"), (2, "if (b)"), (3, "if (a)")]}, named)), 1)
            # What depends on chance may be taken both ways.
            path.write_text("~ a race\nf: if (a)\n")
            named = sides.read_exceptions(path)
            self.assertEqual(sides.differences({"f": [(1, "if (a)")]}, named), [])
            self.assertEqual(sides.differences({}, named), [])
            self.assertEqual(len(sides.differences({"f": [(1, "if (b)")]}, named)), 1)
            for text in ("f: if (a)\n", "= \nf: if (a)\n", "= why\n~ \nf: if (a)\n"):
                path.write_text(text)
                with self.assertRaises(ValueError):
                    sides.read_exceptions(path)

    def test_aims(self):
        coverage = Coverage()
        for number in range(20):
            coverage.files["drivers/hv/root/a.c"][number].add(int(number > 0), [])
        self.assertEqual(sides.table(coverage)[1], [])
        coverage.files["drivers/hv/root/a.c"][20].add(0, [])
        self.assertEqual(len(sides.table(coverage)[1]), 1)


if __name__ == "__main__":
    tap.main()

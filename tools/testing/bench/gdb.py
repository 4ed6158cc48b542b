# SPDX-License-Identifier: GPL-2.0
"""
A client of QEMU's gdb stub: breakpoints, and commands to QEMU's monitor.

Model: a packet is "$TEXT#SUM".  The machine stops when a client connects, and at each
breakpoint.  What QEMU answers to a command of its monitor comes in packets of its own, before
the one that says that it is done.
"""

import socket
import time

RDI = 5         # in the order of gdb's registers
CONNECT_SECONDS = 60


class Gdb:
    def __init__(self, path):
        self.buffer = b""
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + CONNECT_SECONDS
        while True:
            try:
                self.socket.connect(path)
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xff))

    def receive(self):
        """The text of the next packet, or None at the end."""
        while b"#" not in self.buffer[:-2]:
            data = self.socket.recv(4096)
            if not data:
                return None
            self.buffer = (self.buffer + data).lstrip(b"+")
        packet, _, rest = self.buffer.partition(b"#")
        self.buffer = rest[2:].lstrip(b"+")
        self.socket.sendall(b"+")
        return packet.decode(errors="replace").lstrip("$")

    def ask(self, text):
        """The answer to a packet, or None when the machine has ended."""
        try:
            self.send(text)
            return self.receive()
        except ConnectionError:
            return None

    def command(self, text):
        """A command to QEMU's monitor, and what it prints."""
        said = ""
        reply = self.ask("qRcmd," + text.encode().hex())
        while reply and reply != "OK":
            said += bytes.fromhex(reply[1:]).decode(errors="replace")
            reply = self.receive()
        return said

    def breakpoint(self, address, on):
        if self.ask(f"{'Z' if on else 'z'}0,{address:x},1") != "OK":
            raise OSError(f"no breakpoint at {address:#x}")

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def memory(self, address, size):
        """That many bytes, or fewer if they are not there."""
        reply = self.ask(f"m{address:x},{size:x}")
        return b"" if reply.startswith("E") else bytes.fromhex(reply)

    def go(self):
        """Until the next breakpoint; false: the machine has ended."""
        reply = self.ask("c")
        return reply is not None and reply[0] in "ST"

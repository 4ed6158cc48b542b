# SPDX-License-Identifier: GPL-2.0
"""Jobs with VMMs that are not part of this tree: Cloud Hypervisor, and clients on the
crates that VMMs are built with.

Model: neither is fetched like a part.  A Cloud Hypervisor is what the variable
CLOUD_HYPERVISOR names, or what is in PATH; the crates come from cargo's registry, or
from its cache.  Where one of them is missing, its jobs are skipped and say what they need.
"""

import os
import re
import shutil
import subprocess

from context import TOP
from results import TapReader

CLIENTS = TOP / "tools/testing/clients"
TARGET = "x86_64-unknown-linux-gnu"
ONE_BY_ONE = 'for c; do echo "# begin $c"; "$c" || s=1; done; exit ${s:-0}'
BEGIN = re.compile(r"^# begin (\S+)")
CLIENT_SILENCE = 300
# A machine without a network does not have to wait for it.
IMPATIENT = {"CARGO_NET_RETRY": "0", "CARGO_HTTP_TIMEOUT": "20"}
CH_SILENCE = 600


# --- Cloud Hypervisor ---

def cloud_hypervisor():
    """Its binary, or none."""
    named = os.environ.get("CLOUD_HYPERVISOR")
    return named if named and os.access(named, os.X_OK) else shutil.which("cloud-hypervisor")


def ch_guest(t, cpus, sched, guest_cpus, *options):
    """A Linux guest, and all that ch-remote does with it.

    Recorded, because Cloud Hypervisor waits a second for a processor that it pauses: in a
    recorded run a second is a number of instructions, however slow this machine is."""
    binary = cloud_hypervisor()
    if not binary:
        t.skip("Cloud Hypervisor", "CLOUD_HYPERVISOR=BINARY names one (see testing.rst)")
        return
    reader = TapReader(t.emit, "Cloud Hypervisor: ")
    status = t.run([t.script("run-ch"), "--ch", binary, "--cpus", cpus, "--sched", sched,
                    "--guest-cpus", guest_cpus, "--timeout", CH_SILENCE, "--append", "quiet",
                    "--rootvisor", "poison=on", "--record", "--log", t.dir / "machine",
                    *options], feed=reader.feed)
    reader.end()
    if status and not reader.failed:
        t.not_ok("the run ends properly", t.last_line())


# --- clients on the crates ---

def version(text):
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


def lacks_cargo():
    """Why the clients cannot be built, or an empty string."""
    wanted = re.search(r'^rust-version = "(.*)"', (CLIENTS / "Cargo.toml").read_text(),
                       re.MULTILINE).group(1)
    if not shutil.which("cargo"):
        return f"needs cargo {wanted} or newer (by rustup, or a newer Debian's package cargo)"
    done = subprocess.run(["cargo", "--version"], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode or version(done.stdout) < version(wanted):
        return f"needs cargo {wanted} or newer; here it is {done.stdout.strip() or 'broken'}"
    return ""


def build_clients(t):
    """The folder with the programs, linked statically; None if it cannot be.

    In a copy, because cargo writes beside its input."""
    why = lacks_cargo()
    if why:
        t.skip("clients", why)
        return None
    copy = t.build / "clients"
    shutil.copytree(CLIENTS, copy, dirs_exist_ok=True)
    env = {"RUSTFLAGS": "-C target-feature=+crt-static -D warnings",
           "CARGO_TARGET_DIR": str(copy / "target"), **IMPATIENT}
    cargo = ["cargo", "fetch", "--target", TARGET]
    if t.run(cargo, cwd=copy, env=env) and t.run([*cargo, "--offline"], cwd=copy, env=env):
        t.skip("clients", "the crates are not here, and cannot be fetched from cargo's registry")
        return None
    built = t.run(["cargo", "build", "--offline", "--release", "--target", TARGET],
                  cwd=copy, env=env) == 0
    return copy / "target" / TARGET / "release" if t.check("the clients are built", built) else None


def clients(t, cpus, sched, names, *options):
    """Programs that do what VMMs do, call by call, one after the other."""
    folder = build_clients(t)
    if not folder:
        return
    reader = TapReader(t.emit)

    def feed(line):
        begun = BEGIN.match(line)
        if begun:
            reader.prefix = f"{begun.group(1)}: "
        reader.feed(line)

    files = [a for n in names for a in ("--file", f"{folder}/{n}:/.rootvm/bin/{n}")]
    status = t.machine("--cpus", cpus, "--sched", sched, "--timeout", CLIENT_SILENCE,
                       "--append", "quiet", *files, *options, feed=feed,
                       command=["sh", "-c", ONE_BY_ONE, "sh", *names])
    reader.end()
    if status and not reader.failed:
        t.ended(status)
    t.balanced()

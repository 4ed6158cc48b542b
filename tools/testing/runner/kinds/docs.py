# SPDX-License-Identifier: GPL-2.0
"""Jobs that do what the documentation says, as a new user would.

Model: a page has blocks of commands and files, and a comment before each says what it
is (see ci.rst).  All commands are one script, which reports at which block it is.  It
runs in a Debian of its own with an empty HOME: this machine's files below an overlay in
memory, or one that was made for the purpose.

Words: page, a file of the documentation; block, indented lines below one that ends
with "::".
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from context import CACHE, TOP, library
from kinds.install import own_cache

CI_PAGE = TOP / "Documentation/virt/hyperv/ci.rst"
KINDS = ("run", "file", "output", "shown")
MARK = "ci-page: line "
SILENCE = 600
# A path that every system has, for what the test brings along.
SHARED = "/srv"


@dataclass
class Block:
    """What a page has in one place."""
    line: int
    kind: str		# one of KINDS; "" if the page does not say
    value: str		# name of the file, or why it is not run
    text: str


def read_blocks(text):
    lines = text.splitlines()
    blocks, marker, at = [], ("", ""), 0
    while at < len(lines):
        line = lines[at]
        at += 1
        found = re.match(r"\.\. ci: (\w+) ?(.*)$", line)
        if found:
            marker = found.groups()
        elif line.endswith("::") and not line.startswith((" ", ".. toctree")):
            begin = at
            while at < len(lines) and (not lines[at] or lines[at].startswith(" ")):
                at += 1
            body = "\n".join(text[4:] for text in lines[begin:at]).strip("\n") + "\n"
            blocks.append(Block(begin, *marker, body))
            marker = ("", "")
    return blocks


def yaml_commands(text):
    """The commands in a job of GitHub's or GitLab's."""
    commands = re.findall(r"^ *- run: (.+)$", text, re.MULTILINE)
    script = re.search(r"^( *)script:\n((?:\1  - .+\n)+)", text, re.MULTILINE)
    if script:
        commands += re.findall(r"- (.+)", script.group(2))
    return commands


class Page:
    """A page, and what came of its commands."""

    def __init__(self, context, path):
        self.t = context
        self.blocks = read_blocks(path.read_text(encoding="utf-8"))
        self.said = {}
        self.at = None

    def of_kind(self, kind):
        return [block for block in self.blocks if block.kind == kind]

    def check_marks(self):
        for block in self.blocks:
            self.t.check(f"line {block.line}: the page says what this is",
                         block.kind in KINDS, block.text)

    def write_files(self, folder):
        for block in self.of_kind("file"):
            path = folder / block.value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")

    def script(self):
        return "".join(f"echo '{MARK}{block.line}'\n{block.text}" for block in self.of_kind("run"))

    def service_commands(self):
        """What the jobs of the services run, which is the same for each."""
        lists = [yaml_commands(b.text) for b in self.of_kind("file") if b.value.endswith(".yml")]
        self.t.check("the jobs of all services run the same", len(lists) > 1 and lists[0] and
                     all(commands == lists[0] for commands in lists), str(lists))
        return lists[0]

    def feed(self, line):
        if line.startswith(MARK):
            self.at = int(line[len(MARK):])
        self.said[self.at] = self.said.get(self.at, "") + line

    def check_output(self):
        before = None
        for block in self.blocks:
            if block.kind == "run":
                before = block.line
                self.t.check(f"line {block.line}: is run", before in self.said)
            elif block.kind == "output":
                missing = [line for line in block.text.splitlines()
                           if line not in self.said.get(before, "")]
                self.t.check(f"line {block.line}: is what is printed", not missing, str(missing))


# --- the Debian that it runs in ---

# Files of a machine, and what is written kept in memory.
OVERLAY = """
mount -t tmpfs none /mnt
root=/mnt/root
mkdir /mnt/upper /mnt/work $root
mount -t overlay -o "lowerdir=$machine,upperdir=/mnt/upper,workdir=/mnt/work" none $root
"""
# As on a new machine: nothing in /usr/local and /tmp, neither the source tree nor
# a home folder.  What the page has installed is installed here already.
NEW = """
for folder in "$tree" /root /home /tmp /usr/local; do
	mkdir -p "$root$folder"
	mount -t tmpfs none "$root$folder"
done
chmod 1777 $root/tmp
mkdir -p $root/usr/local/bin "$root$cache"
mount --bind "$cache" "$root$cache"
cat >$root/usr/local/bin/apt-get <<'END'
#!/bin/sh
[ "$1" = update ] || [ "$1" = install ] || exec /usr/bin/apt-get "$@"
END
chmod 755 $root/usr/local/bin/apt-get
"""
ENTER = """
for folder in proc sys dev; do
	mount --rbind /$folder "$root/$folder"
done
mkdir -p "$root/srv"
mount --bind "$scratch" "$root/srv"
exec chroot "$root" env -i "$@"
"""


class Debian:
    """Where commands are run; machine is a folder with a Debian, or this one's."""

    def __init__(self, scratch, machine=Path("/")):
        self.scratch = scratch
        self.machine = machine
        for folder in ("home", "project", "hv-root"):
            (scratch / folder).mkdir()
        snapshot(scratch / "hv-root")

    def command(self, script, **environment):
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": f"{SHARED}/home", "HV_ROOT_URL": f"{SHARED}/hv-root",
            "ROOTVM_TIMEOUT": SILENCE, "ROOTVM_ACCEL": "tcg",
            "DEBIAN_FRONTEND": "noninteractive", **environment}
        known = {"tree": TOP, "cache": CACHE.resolve(), "scratch": self.scratch,
                 "machine": self.machine}
        setup = "set -e\n" + "".join(f"{name}='{value}'\n" for name, value in known.items())
        setup += OVERLAY + (NEW if self.machine == Path("/") else "") + ENTER
        return ["unshare", "--mount", "sh", "-c", setup, "sh",
                *(f"{name}={value}" for name, value in environment.items()),
                "sh", "-euc", f"cd {SHARED}/project\n{script}"]


def snapshot(folder):
    """A repository with the present state of this tree, committed or not."""
    copy = f"cd '{TOP}' && git ls-files -z --cached --others --exclude-standard | " \
        "while IFS= read -r -d '' f; do [[ ! -e $f ]] || printf '%s\\0' \"$f\"; done | " \
        "tar --null -cf - -T - | tar -xf - -C \"$OLDPWD\""
    git = "git -c user.name=test -c user.email=test@invalid"
    subprocess.run(["bash", "-c", f"({copy}) && git init -q && git add -A && {git} commit -qm test"],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)


# --- jobs ---

def run_page(t, debian, **environment):
    page = Page(t, CI_PAGE)
    page.check_marks()
    page.write_files(debian.scratch / "project")
    status = t.run(debian.command(page.script(), **environment), feed=page.feed)
    t.check("the page's commands succeed", status == 0, f"status {status}: {t.last_line()}")
    page.check_output()
    status = t.run(debian.command("\n".join(page.service_commands()), **environment))
    t.check("the service's job is green", status == 0, f"status {status}: {t.last_line()}")


def ci_page(t):
    """On this machine's files, with what was fetched already."""
    if os.geteuid() or t.run(["unshare", "--mount", "true"]):
        t.skip("the page on CI", "needs root, and namespaces")
        return
    with tempfile.TemporaryDirectory(prefix="hv-root-ci.", dir="/tmp") as scratch:
        scratch = Path(scratch)
        t.run([t.script("fetch"), "qemu", "busybox", "kernel", "kernel-generic"])
        own_cache(scratch / "cache")
        run_page(t, Debian(scratch), XDG_CACHE_HOME=f"{SHARED}/cache")


def ci_page_bare(t, release):
    """In a Debian with nothing, and with nothing fetched."""
    if os.geteuid() or t.run(["unshare", "--mount", "true"]):
        t.skip("the page on CI", "needs root, and namespaces")
        return
    library("need_tool", "mmdebstrap", "mmdebstrap")
    if not shutil.which("mmdebstrap"):
        t.skip("the page on CI", "needs mmdebstrap")
        return
    _, mirror = t.output([t.script("fetch"), "--mirror"])
    machine, scratch = t.dir / "machine", t.dir / "scratch"
    scratch.mkdir()
    # What it mounts in there may stay mounted: it shall not be here, where files are removed.
    status = t.run(["unshare", "--mount", "mmdebstrap", "--quiet", "--variant=minbase", release,
                    machine, mirror.strip().splitlines()[-1]])
    if not t.check("a bare Debian is made", status == 0, t.last_line()):
        return
    try:
        run_page(t, Debian(scratch, machine))
    finally:
        shutil.rmtree(machine)

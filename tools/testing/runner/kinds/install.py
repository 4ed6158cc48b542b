# SPDX-License-Identifier: GPL-2.0
"""Jobs about what "make install" puts on a machine, and takes away again.

Words: place, a path on the machine that files are installed for, below a folder
that stands for its root.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

from context import CACHE, TOP, library

PREFIX = "usr/local"
MANIFEST = f"{PREFIX}/lib/hv-root/manifest"
GRUB = f"{PREFIX}/lib/hv-root/grub.manifest"
SILENCE = 300
# Root may write everywhere; without this capability, where its files say so.
ORDINARY = [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override"]


def make(t, target, root):
    """As a user with a strict umask."""
    return t.run(["sh", "-c", 'umask 077; exec "$@"', "sh", "make", "--no-print-directory",
                  "-C", TOP, target, f"DESTDIR={root}"])


def listing(root):
    """Every path below a folder, with its size and the time of its last change."""
    return {str(p.relative_to(root)): (p.lstat().st_size, p.lstat().st_mtime_ns)
            for p in root.rglob("*") if p.is_symlink() or not p.is_dir()}


def paths(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*"))


def refused(t, name, text, *argv, by=(), **env):
    """In one line, and with nothing done."""
    status, said = t.output([*by, t.script("install"), *argv], env=env)
    t.check(f"refused: {name}", status and text in said and said.count("\n") == 1,
            f"status {status}: {said}")


# --- files ---

def files(t):
    """What is put, put again, and taken away."""
    root = t.dir / "root"
    root.mkdir()
    ours = {"DESTDIR": str(root)}
    refused(t, "to take away what is not there", "nothing is installed", "remove", **ours)
    refused(t, "what has not been built", "is missing", "tools", O=str(t.dir / "no"), **ours)
    refused(t, "a prefix that begins nowhere", "begin with /", "tools", PREFIX="here", **ours)
    t.check("nothing was put by these", not paths(root), str(paths(root)))

    # Folders and files of others stay.
    theirs = root / PREFIX / "share/man/man1/theirs.1"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    before = paths(root)
    t.check("make install", make(t, "install", root) == 0, t.last_line())
    earlier = root / "usr/src/mshv-0.0.1"
    earlier.mkdir(parents=True)
    (earlier / "manifest").write_text(
        "folder /usr/src\nfolder /usr/src/mshv-0.0.1\nfile /usr/src/mshv-0.0.1/manifest\n",
        encoding="utf-8")
    t.check("make install-dkms", make(t, "install-dkms", root) == 0, t.last_line())
    t.check("an earlier version of the driver is gone", not earlier.exists())
    t.check("make install-grub", make(t, "install-grub", root) == 0, t.last_line())
    t.check("its script can be run", (root / "etc/grub.d/41_rootvisor").stat().st_mode & 0o111)
    versions(t, root)
    first = paths(root)
    listed(t, root, first, before)
    again(t, root, first)
    closed(t, root, ours)
    later = root / PREFIX / "lib/hv-root/theirs"
    later.touch()
    t.check("make uninstall", make(t, "uninstall", root) == 0, t.last_line())
    stays = {later, *later.parents} - {root, *root.parents}
    wanted = sorted({*before, *(str(p.relative_to(root)) for p in stays)})
    t.check("exactly what others have put is left", paths(root) == wanted,
            str(set(paths(root)) ^ set(wanted)))


def version_of_tree():
    found = re.search(r"HV_ROOT_VERSION := (\S+)", (TOP / "Kbuild").read_text(encoding="utf-8"))
    return found.group(1)


def versions(t, root):
    """The version is one everywhere."""
    version = version_of_tree()
    for place in ("bin/rootvm", "bin/mshvrun", "bin/mshvstat", "sbin/rvctl"):
        status, said = t.output([root / PREFIX / place, "--version"])
        name = Path(place).name
        t.check(f"{name} says its version", not status and said == f"{name} {version}\n", said)
    module = (t.build / "modules/mshv.ko").read_bytes()
    t.check("so does the module", f"\0version={version}\0".encode() in module)
    conf = root / f"usr/src/mshv-{version}/dkms.conf"
    t.check("and DKMS", conf.exists() and
            f'PACKAGE_VERSION="{version}"\n' in conf.read_text(encoding="utf-8"))
    log = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    t.check("and the first section of the changelog",
            re.search(r"^## (\S+)", log, re.MULTILINE).group(1) == version)


def listed(t, root, present, before):
    """The manifest has exactly what is there."""
    lines = []
    for manifest in [root / MANIFEST, root / GRUB, *root.glob("usr/src/*/manifest")]:
        lines += manifest.read_text(encoding="utf-8").splitlines()
    places = sorted(line.split(" /", 1)[1] for line in lines)
    wanted = sorted(set(present) - set(before))
    t.check("the manifest has all that was put", places == wanted,
            str(set(places) ^ set(wanted)))
    closed = [p for p in present if (root / p).stat().st_mode & 0o444 != 0o444]
    t.check("all users may read it", not closed, str(closed))
    dangling = [p for p in present if (root / p).is_symlink() and not (root / p).exists()]
    t.check("all links lead somewhere", not dangling, str(dangling))


def again(t, root, first):
    """What an earlier version has put, and this one does not, goes."""
    old = root / PREFIX / "lib/hv-root/old"
    old.touch()
    with open(root / MANIFEST, "a", encoding="utf-8") as manifest:
        manifest.write(f"file /{old.relative_to(root)}\n")
    t.check("make install again", make(t, "install", root) == 0, t.last_line())
    t.check("leaves the same files", paths(root) == first,
            str(set(paths(root)) ^ set(first)))


def closed(t, root, ours):
    """Where the caller may not write, nothing is put, and nothing is taken away."""
    before = listing(root)
    for folder in ("usr/local/bin", "usr/src/mshv-" + version_of_tree()):
        (root / folder).chmod(0o555)
        text = f"{root / folder} cannot be written to"
        refused(t, f"to take away from a closed {folder}", text, "remove", by=ORDINARY, **ours)
        (root / folder).chmod(0o755)
    (root / "usr/local/bin").chmod(0o555)
    refused(t, "to put into a closed folder", "PREFIX=$HOME/.local", "tools", by=ORDINARY, **ours)
    (root / "usr/local/bin").chmod(0o755)
    t.check("nothing was put or taken away by these", listing(root) == before)


# --- use of what is installed ---

def hidden(tree, root, command):
    """The command where the source tree cannot be seen, and what is installed can only
    be read, with nothing of the present environment."""
    script = 'mount -t tmpfs none "$1" && mount --bind "$2" "$2" && ' \
        'mount -o remount,bind,ro "$2" && cd / && cd "$3" && shift 3 && exec "$@"'
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh",
            tree, root, *command]


def own_cache(folder):
    """A cache with what was fetched, and without what was built of it."""
    cache = folder / "hv-root"
    cache.mkdir(parents=True)
    for entry in CACHE.iterdir():
        if not entry.name.startswith(("built-", "lock.")):
            (cache / entry.name).symlink_to(entry)
    return folder


def guest(t):
    """A guest, from the installed files alone."""
    if t.run(["unshare", "--map-root-user", "--mount", "true"]):
        t.skip("a guest from installed files", "namespaces cannot be made here")
        return
    # Not below the tree, which is hidden.
    with tempfile.TemporaryDirectory(prefix="hv-root-install.", dir="/tmp") as scratch:
        scratch = Path(scratch)
        root, empty = scratch / "root", scratch / "empty"
        for folder in (root, empty):
            folder.mkdir()
        t.check("make install", make(t, "install", root) == 0, t.last_line())
        before = listing(root)
        environment = ["env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "ROOTVM_ACCEL=tcg",
                       f"XDG_CACHE_HOME={own_cache(scratch / 'cache')}"]
        rootvm = [*environment, root / PREFIX / "bin/rootvm", "--timeout", SILENCE,
                  "--append", "quiet"]
        status = t.run(hidden(TOP, root, [
            empty, *rootvm, "--module", "mshv", "--", "mshvrun", "--kernel", "/guest/vmlinuz",
            "--initrd", "/guest/initrd.gz", "--append", "console=ttyS0 quiet"]))
        t.check("a guest runs from the installed files", status == 0, t.last_line())
        t.check("and speaks", t.says("^GUEST-INIT-OK"))
        t.check("the driver was built for the kernel", t.says("building mshv.ko"))
        only_source_tree(t, hidden(TOP, root, [empty, *rootvm]))
        t.check("nothing was written to the installed files", listing(root) == before)
        t.check("nothing was left in the present folder", not list(empty.iterdir()))


def only_source_tree(t, rootvm):
    """What an installed copy cannot do is refused in a line."""
    for kernel in ("7.3", "debug", "kcsan", "series", "series-7.3"):
        status, said = t.output([*rootvm, "--kernel", kernel, "--", "true"])
        t.check(f"refused: the kernel {kernel}", status == 125 and said.count("\n") == 1
                and "source tree" in said, f"status {status}: {said}")


PROGRAM = """\
#include <linux/mshv.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_register.h>
int main(void)
{
	struct mshv_run_vp run;
	struct hv_message *message = (struct hv_message *)run.msg_buf;

	return sizeof(*message) > sizeof(run) || !MSHV_RUN_VP;
}
"""


def headers(t):
    """A VMM can be compiled with the installed headers, each of them first."""
    root = t.dir / "root"
    t.check("make install", make(t, "install", root) == 0, t.last_line())
    include = root / PREFIX / "include/hv-root"
    gcc = ["gcc", "-Wall", "-Wextra", "-Werror", f"-I{include}"]
    program = t.dir / "vmm.c"
    program.write_text(PROGRAM)
    status = t.run([*gcc, "-o", t.dir / "vmm", program])
    t.check("a program compiles", status == 0, t.last_line())
    for header in sorted(include.rglob("*.h")):
        name = header.relative_to(include)
        alone = t.dir / "alone.c"
        alone.write_text(f"#include <{name}>\n")
        t.check(f"{name} needs no other", t.run([*gcc, "-fsyntax-only", alone]) == 0,
                t.last_line())


def driver(t):
    """DKMS builds the driver from what is installed."""
    library("need_tool", "dkms", "dkms")
    if not shutil.which("dkms") or os.geteuid():
        t.skip("DKMS builds the driver", "needs dkms, and root")
        return
    root, tree = t.dir / "root", t.dir / "tree"
    tree.mkdir(parents=True)
    t.check("make install-dkms", make(t, "install-dkms", root) == 0, t.last_line())
    source = next(root.glob("usr/src/mshv-*"))
    version = source.name.split("-", 1)[1]
    kernel = (CACHE / "kernel/version").read_text(encoding="utf-8").strip()
    dkms = ["--dkmstree", tree, "--sourcetree", source.parent, "-m", "mshv", "-v", version]
    t.check("dkms add", t.run(["dkms", "add", *dkms]) == 0, t.last_line())
    status = t.run(["dkms", "build", *dkms, "-k", kernel,
                    "--kernelsourcedir", CACHE / "headers/build"])
    t.check("dkms build", status == 0, t.last_line())
    built = list(tree.rglob("module/mshv.ko*"))
    t.check("there is a module", built)
    status, said = t.output(["dkms", "build", *dkms, "-k", "5.10.0-1-amd64",
                             "--kernelsourcedir", CACHE / "headers/build"])
    t.check("a kernel that it is not made for is left out", "BUILD_EXCLUSIVE" in said, said)


# In a root partition: what happens on a machine when the driver is loaded.
RULES = r"""
set -e
virt=$1/tools/virt
systemd-sysusers "$virt/sysusers.conf"
mkdir -p /run/udev/rules.d
cp "$virt/60-mshv.rules" /run/udev/rules.d/
chown root:root /dev/mshv
chmod 600 /dev/mshv
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add /sys/class/misc/mshv
udevadm settle
stat -c "node: %U %G %a" /dev/mshv
group=$(getent group mshv | cut -d : -f 3)
setpriv --reuid 65534 --regid 65534 --groups "$group" sh -c '(exec 3<>/dev/mshv) 2>&1' && echo "member: yes"
setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '(exec 3<>/dev/mshv) 2>&1' | grep -q denied && echo "other: no"
"""


def rules(t):
    """The udev rule and the group let its members use /dev/mshv, and no other users."""
    for tool, package in (("udevadm", "udev"), ("systemd-sysusers", "systemd")):
        library("need_tool", tool, package)
        if not shutil.which(tool):
            t.skip("the udev rule", f"needs {tool}")
            return
    status = t.rootvm("--host-root", "--as-root", "--timeout", SILENCE,
                      command=["sh", "-c", RULES, "sh", TOP])
    t.check("sysusers and udev apply the files", status == 0,
            f"status {status}: {t.last_line()}")
    t.check("the node is the group's", t.says("^node: root mshv 660$"))
    t.check("a member may use it", t.says("^member: yes$"))
    t.check("others may not", t.says("^other: no$"))


# --- pages and completion ---

# What is wrong with a page, and what is then said: a pattern in it, and in its place.
FAULTS = (
    ("mshvrun.1", r"\\-\\-append\\~ TEXT", r"\\-\\-attach\\~ TEXT",
     ("--append is not in the page", "--attach is in the page only")),
    ("rootvm.1", r"\.TP\n\.B \\-\\-intremap\n", "", ("--intremap is not in the page",)),
    ("mshvstat.1", r"\\-\\-looks", r"\\-\\-look", ("--looks is not in the page",)),
    ("rvctl.8", r"\.B crash", ".B crush",
     ("crash is not in the page", "crush is in the page only")),
    ("mshv.4", r"pin_memory\\~", r"pin_mem\\~", ("pin_memory is not in the page",)),
    ("mshvrun.1", r"\.SH FILES", ".SHH FILES", ("warning",)),
)


def pages(t):
    """The manual pages agree with the programs, and are found out where they do not."""
    source = TOP / "tools/virt/man"
    check = [t.script("check-pages"), t.build]
    status, said = t.output(check)
    t.check("programs and pages agree", status == 0 and not said, said)
    for number, (page, old, new, wanted) in enumerate(FAULTS):
        folder = t.dir / f"pages-{number}"
        shutil.copytree(source, folder)
        text = (folder / page).read_text(encoding="utf-8")
        changed = re.sub(old, lambda _, new=new: new.replace("\\\\", "\\"), text)
        (folder / page).write_text(changed, encoding="utf-8")
        _, said = t.output([*check, folder])
        t.check(f"found out: {page}: {wanted[0]}",
                changed != text and all(w in said for w in wanted), said)
    if shutil.which("mandoc"):
        _, said = t.output(["mandoc", "-Tlint", *sorted(source.iterdir())])
        t.check("mandoc has nothing to say", not said, said)


COMPLETE = r"""
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMPREPLY=()
$(complete -p "${1##*/}" | sed 's/.* -F \([^ ]*\) .*/\1/') "$1" \
	"${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[*]}"
"""


def completion(t):
    """bash completes options and commands."""
    script = TOP / "tools/virt/completion.bash"
    status, said = t.output(["bash", "-euc", f". {script}; complete -p rootvm"])
    t.check("the completion is taken without an error", status == 0 and "rootvm" in said, said)
    rootvm = t.script("rootvm")
    cases = (
        ("an option", "--share --share-by --shell", rootvm, "--sh"),
        ("the only one", "--restore", t.build / "mshvrun/mshvrun", "--res"),
        ("all of them", "--all --batch --counters --interval --looks --once --partition --version",
         t.build / "mshvstat/mshvstat", "--"),
        ("a value", "classic", rootvm, "--sched", "c"),
        ("another value", "virtiofs", rootvm, "--share-by", "v"),
        ("an accelerator", "kvm", rootvm, "--accel", "k"),
        ("a kernel", "6.12 6.12-generic", rootvm, "--kernel", "6.12"),
        ("a command of rvctl", "message-drop message-dup", t.build / "rvctl/rvctl",
         "message-d"),
        ("a command's name", "unshare", rootvm, "--", "unshar"),
        ("nothing that is not there", "", rootvm, "--frob"),
    )
    for name, wanted, *words in cases:
        status, said = t.output(["bash", "-euc", COMPLETE, "bash", script, *words])
        t.check(f"completed: {name}", status == 0 and sorted(set(said.split())) ==
                sorted(wanted.split()), said)

# SPDX-License-Identifier: GPL-2.0
"""Jobs about rootvm --host-root --share-by virtiofs: files by a server beside QEMU.

Model: the server is fetched, whatever this machine has, and is the first in PATH.
"""

import errno
import os
import signal
import time

from context import CACHE
from kinds.hostroot import USER, OpenFolder, Run, begun, host_root, processes_of, steps
from kinds.tools import OWN_FAILURE, executable, one_line_refusal
from limits import processes_with

SERVER = CACHE / "virtiofsd"
WAY = ("--share-by", "virtiofs")


def in_path(folder):
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def have_server(t):
    if t.run([t.script("fetch"), "virtiofsd"]):
        t.skip("files by virtiofs", t.last_line())
        return False
    return True


def arguments(t, run):
    """QEMU's."""
    return (t.dir / run.machine / "command-line").read_text(encoding="utf-8")


def files(t):
    """The same as by 9p: programs of this machine, and what they write."""
    if have_server(t):
        run = steps(t, 1, *WAY, more=in_path(SERVER))
        t.check("files come by virtiofs", "vhost-user-fs-pci" in arguments(t, run) and
                "virtio-9p" not in arguments(t, run), arguments(t, run))


# In a mount namespace: a folder with another file system, which has a file.
WITH_SUBMOUNT = 'mount -t tmpfs none "$1" && echo inside >"$1/file" && shift && exec "$@"'

LOOK = r"""
read -r said <"$1/file" && echo "submount: $said"
[ "$(stat -c %d "$1")" != "$(stat -c %d "$1/..")" ] && echo "device: another"
touch "$1/new" && echo "written: $(ls "$1" | tr '\n' ' ')"
touch kept/mine && echo "owner: $(stat -c %U kept/mine)"
dd if=kept/old of=/dev/null iflag=direct 2>&1
"""


def look(t, folder):
    """As another user, where this machine has more than one file system."""
    kept, mounted = folder / "kept", folder / "mounted"
    for path in (kept, mounted):
        path.mkdir()
        path.chmod(0o777)
    (kept / "old").write_text("old\n")
    user = ["--user", USER] if os.getuid() == 0 else []
    run = Run(t, *WAY, *user, "--rw", kept, env=in_path(SERVER), cwd=folder,
              before=["unshare", "--map-root-user", "--mount", "sh", "-c", WITH_SUBMOUNT, "sh",
                      mounted] if not user else
              ["unshare", "--mount", "sh", "-c", WITH_SUBMOUNT, "sh", mounted],
              command=["sh", "-c", LOOK, "look", str(mounted)])
    said = run.out.decode(errors="replace").splitlines()
    t.check("what is mounted below / is there", "submount: inside" in said, run.why)
    t.check("as a file system of its own", "device: another" in said, str(said))
    t.check("and can be written to", "written: file new " in said, str(said))
    t.check("which is gone afterwards", not list(mounted.iterdir()))
    owner = (kept / "mine").owner() if (kept / "mine").exists() else "nobody's"
    t.check("a file is its user's, here and there", f"owner: {owner}" in said and
            (not user or owner == USER), f"{owner}: {said}")
    t.check("what QEMU would not see is refused", run.status == 1 and
            os.strerror(errno.EINVAL) in said[-1], str(said))


def servers_of(child):
    return set(processes_of(child)) & set(processes_with("--shared-dir"))


def ends(t):
    """However rootvm ends, its servers do."""
    for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGKILL, "SIGKILL")):
        child = begun(t, "sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done",
                      options=(*WAY, "--rw", t.dir), env=in_path(SERVER))
        t.check("each share has a server", len(servers_of(child)) == 2, str(servers_of(child)))
        # As often as it takes: see hostroot_forward().
        while child.poll() is None:
            child.send_signal(number)
            time.sleep(0.2)
        child.stdout.close()
        child.stderr.close()
        # Without one that waits for the others, they end some time after it.
        while number == signal.SIGKILL and processes_of(child):
            time.sleep(0.1)
        t.check(f"{name}: none is left", not processes_of(child), str(processes_of(child)))


def virtiofs(t):
    """Users, file systems, and the servers' end."""
    if not have_server(t):
        return
    with OpenFolder() as folder:
        if t.run(["unshare", "--mount", "true"]) and \
           t.run(["unshare", "--map-root-user", "--mount", "true"]):
            t.skip("what is mounted below /", "namespaces cannot be made here")
        else:
            look(t, folder)
    ends(t)


# --- a server that cannot be used ------------------------------------------------------

KNOWS = """#!/bin/sh
[ "$1" != --help ] || exec echo " --shared-dir <SHARED_DIR>"
echo "[2026-01-01T00:00:00Z ERROR virtiofsd] no rights" >&2
exit 1
"""


def no_server(t):
    """A server is tried when it was asked for, and has to work then."""
    bad, old = t.dir / "bad", t.dir / "old"
    for folder in (bad, old):
        folder.mkdir()
    executable(bad / "virtiofsd", KNOWS)
    executable(old / "virtiofsd", "#!/bin/sh\necho '-o source=PATH'\n")
    run = Run(t, command=["true"], env=in_path(bad))
    t.check("unless it was asked for, 9p is taken", run.status == 0 and not run.err and
            "virtio-9p-pci" in arguments(t, run), run.why)
    argv = host_root(t, *WAY, command=["true"])
    one_line_refusal(t, "refused: a server that does not start",
                     ["env", f"PATH={bad}:{os.environ['PATH']}", *argv], OWN_FAILURE,
                     "does not start here: no rights")
    if any(os.path.exists(f"/usr/{place}/virtiofsd") for place in ("libexec", "lib/qemu")):
        t.skip("refused: an old server, and no other", "this machine has another")
        return
    one_line_refusal(t, "refused: an old server, and no other",
                     ["env", f"PATH={old}:/usr/sbin:/usr/bin:/sbin:/bin", *argv], OWN_FAILURE,
                     "install the package virtiofsd")

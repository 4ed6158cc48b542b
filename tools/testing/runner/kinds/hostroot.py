# SPDX-License-Identifier: GPL-2.0
"""Jobs about rootvm --host-root: programs of this machine in the root.

Model: stdin, stdout and stderr of rootvm are the command's, so a job looks at each of
them, byte by byte, and at what rootvm itself says on stderr.  Nothing waits for time
to pass: a command says when it has come so far.
"""

import fcntl
import hashlib
import itertools
import os
import pty
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
from pathlib import Path

from context import CACHE, TOP, library
from kinds.tools import OWN_FAILURE, executable, one_line_refusal
from limits import processes_with
from results import TapReader

STEPS = TOP / "tools/testing/hostroot/steps"
# More than all buffers on the way hold.
MUCH = 3 << 20
USER = "nobody"
KERNEL = "6.12-generic"
# A group number that no system has.
GROUP = 424242
RUNS = itertools.count()
GUEST_SAYS = rb"GUEST-INIT-OK \S+ cpus=1\r?$"


def prepare(t):
    """Fetches and builds what rootvm needs the first time: it reports that on
    standard error, which is the command's."""
    t.run([t.script("fetch"), "qemu", "busybox"])
    for call in (("kernel_folder", KERNEL), ("own_module", t.build)):
        if not library(*call, kernel=KERNEL):
            raise RuntimeError(f"the kernel {KERNEL} or its driver cannot be had")


def host_root(t, *options, command=()):
    prepare(t)
    argv = [t.script("rootvm"), "--no-build", "--host-root", *options]
    if command:
        argv += ["--", *command]
    return [str(a) for a in argv]


class Run:
    """A run with pipes: what came out, and how it ended."""

    def __init__(self, t, *options, command=(), given=b"", env=None, cwd=None, before=()):
        self.machine = f"machine-{Path(command[0]).name}"
        argv = [str(a) for a in before] + host_root(t, "--log", t.dir / self.machine, *options, command=command)
        done = subprocess.run(argv, input=given, env={**os.environ, **(env or {})},
                              cwd=cwd or t.dir, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        with open(t.log, "ab") as log:
            log.write(f"{' '.join(argv)}: status {self.status}\n".encode())
            for text in (self.out, self.err):
                log.write(text if len(text) < MUCH // 2 else b"(much)\n")

    @property
    def why(self):
        return f"status {self.status}: {(self.err or self.out)[-200:].decode(errors='replace')}"


def tree(folder):
    """Names and contents below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
            for p in Path(folder).rglob("*")}


def prepare_folders(t):
    kept, dropped = t.dir / "kept", t.dir / "dropped"
    for folder in (kept, dropped):
        folder.mkdir()
        (folder / "old").write_text("old\n")
    (dropped / "with").mkdir()
    (dropped / "with/in").write_text("old\n")
    return kept, dropped


def steps(t, cpus, *options, more=None):
    """A script with programs of this machine; files stay below --rw and nowhere else."""
    kept, dropped = prepare_folders(t)
    before = tree(dropped)
    os.umask(0o027)
    env = {"WITH_A_SPACE": "a b", "DISPLAY": ":0", "WANTED_UMASK": "0027",
           "WANTED_FILES": str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
           "WANTED_NAME": os.uname().nodename, **(more or {})}
    run = Run(t, "--cpus", cpus, "--rw", "kept", *options, env=env,
              command=[str(STEPS), str(cpus), str(kept), str(dropped)])
    reader = TapReader(t.emit)
    for line in run.out.decode(errors="replace").splitlines():
        reader.feed(line)
    reader.end()
    t.check("the script's status is 0", run.status == 0, run.why)
    t.check("nothing else is on its standard output",
            re.fullmatch(rb"(1\.\.\d+|(not )?ok .*|# by name)(\n(not )?ok .*|\n# by name)*\n",
                         run.out))
    after = tree(kept)
    t.check("what was changed below --rw stays", after.get("new") == b"new\n" and
            after.get("folder/moved") == b"old\n" and "old" not in after and
            os.path.islink(kept / "folder/link"), str(after))
    t.check("with the rights it was made with", (kept / "new").stat().st_mode & 0o777 == 0o640)
    t.check("what was changed elsewhere does not", tree(dropped) == before)
    said = re.fullmatch(rb"rootvm: dropped (\d+) MiB of writes \(--rw DIR keeps them\)\n", run.err)
    t.check("and rootvm says how much that was", said and 3 <= int(said.group(1)) <= 4, run.why)
    t.balanced(run.machine)
    return run


def statuses(t, *cases):
    """Statuses of commands: pairs of a wanted status and a command."""
    (t.dir / "not-executable").write_text("x")
    for wanted, command in cases:
        run = Run(t, command=list(command))
        t.check(f"{' '.join(command)}: status {wanted}", run.status == wanted, run.why)
        t.check("and nothing on standard output", not run.out, run.out.decode())
        # The command, or the shell that did not find it, prints this; rootvm adds nothing.
        said = run.err.decode()
        if wanted in (126, 127):
            t.check("and one line says why", re.fullmatch(
                rf"rootvm: {re.escape(command[0])}: [A-Z].*\n", said), said)
        else:
            t.check("and nothing on standard error", not said, said)


def streams(t):
    """Standard input and output, byte by byte, and a reader that goes away."""
    much = os.urandom(MUCH)
    run = Run(t, command=["sh", "-c", "tee copy | sha256sum >&2; cat copy; exit 1"], given=much)
    t.check("status 1", run.status == 1, run.why)
    t.check("standard input arrives", run.err.startswith(
        hashlib.sha256(much).hexdigest().encode()), run.why)
    t.check("standard output is what the command wrote", run.out == much)
    t.check("dropped writes are reported last",
            run.err.endswith(b"\nrootvm: dropped 3 MiB of writes (--rw DIR keeps them)\n"), run.why)
    child = subprocess.Popen(host_root(t, command=["yes", "for ever"]), cwd=t.dir,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    first = child.stdout.readline()
    child.stdout.close()
    said = child.stderr.read()
    status = child.wait()
    t.check("a reader that goes away ends the command", first == b"for ever\n" and
            status == 128 + signal.SIGPIPE, f"status {status}: {said}")


# In the environment of all processes of a run, QEMU's too, which has a session of its own.
RUN_MARK = "HOSTROOT_TEST_RUN"


def begun(t, *command, options=(), env=None):
    """A command that has said a line."""
    env = {**os.environ, **(env or {}), RUN_MARK: f"{os.getpid()}-{next(RUNS)}"}
    child = subprocess.Popen(host_root(t, *options, command=command), cwd=t.dir, env=env,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True)
    child.mark = f"{RUN_MARK}={env[RUN_MARK]}"
    child.stdout.readline()
    return child


def processes_of(child):
    return processes_with(child.mark, where="environ")


def signals(t):
    """Signals to rootvm are the command's."""
    child = begun(t, "sh", "-c", "trap 'echo terminated; exit 9' TERM; echo; "
                                 "while :; do sleep 0.1; done")
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate()
    t.check("a command that catches SIGTERM does what it wants",
            (child.returncode, out, err) == (9, b"terminated\n", b""),
            f"status {child.returncode}: {out} {err}")
    child = begun(t, "sh", "-c", "trap '' TERM; echo; sleep 100000 & wait; echo no")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()
    t.check("one that does not catch SIGINT dies of it",
            (child.returncode, out, err) == (128 + signal.SIGINT, b"", b""),
            f"status {child.returncode}: {out} {err}")
    child = begun(t, "sh", "-c", "trap 'echo ignored' TERM; echo; while :; do sleep 0.1; done")
    for _ in range(2):
        child.send_signal(signal.SIGTERM)
        # Each is heard before the next: two at once are one.
        child.stdout.readline()
    # rootvm, the relay and QEMU at least, or this looks for the wrong thing.
    t.check("its processes are found", len(processes_of(child)) >= 3)
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate()
    t.check("a third SIGTERM ends the machine", child.returncode == 128 + signal.SIGTERM,
            f"status {child.returncode}: {out} {err}")
    left = processes_of(child)
    t.check("and nothing of it is left", not left, str(left))


class Terminal:
    """A run on a terminal of its own."""

    def __init__(self, t, *command, rows=40, columns=100):
        self.log = t.log
        self.seen = b""
        self.ours, theirs = pty.openpty()
        self.resize(rows, columns)
        self.child = subprocess.Popen(
            host_root(t, command=command), cwd=t.dir, start_new_session=True, stdin=theirs,
            stdout=theirs, stderr=theirs,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.theirs = theirs
        self.modes = termios.tcgetattr(theirs)

    def resize(self, rows, columns):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def expect(self, pattern):
        """Reads until that was said; what came before is forgotten."""
        while not (found := re.search(pattern, self.seen)):
            data = os.read(self.ours, 4096)
            with open(self.log, "ab") as log:
                log.write(data)
            self.seen += data
        self.seen = self.seen[found.end():]
        return found

    def type(self, keys):
        os.write(self.ours, keys)

    def end(self):
        """The status; the terminal is read meanwhile, so that no writer blocks."""
        ended = False
        os.set_blocking(self.ours, False)
        while True:
            try:
                self.seen += os.read(self.ours, 4096)
            except BlockingIOError:
                # What it has said last was there before it ended.
                if ended:
                    break
                ended = self.child.poll() is not None
                if not ended:
                    select.select([self.ours], [], [], 0.05)
        with open(self.log, "ab") as log:
            log.write(self.seen)
        return self.child.returncode


# A signal must find bash in a loop: it does not look at SIGWINCH while it reads a line, it
# blocks in a read() that begins just after SIGINT, and it forgets a SIGINT that comes with
# a child which does not die of it.
SESSION = """
trap 'interrupted=y' INT
trap 'size=$(stty size)' WINCH
echo "begin $(stty size) $(tty)."
while [ -z "$size" ]; do sleep 0.1; done
echo "size $size."
read -r line && echo "line <$line>."
while [ -z "$interrupted" ]; do :; done
echo "interrupted"
while read -r line; do echo "line <$line>."; done
test -t 2 && echo "end of file."
exit 5
"""


def terminal(t):
    """A command on a terminal: size, Ctrl-c, Ctrl-d, Ctrl-a."""
    term = Terminal(t, "bash", "-c", SESSION)
    size = term.expect(rb"begin (.*) /dev/pts/0\.").group(1)
    t.check("the terminal has its size", size == b"40 100", size.decode())
    term.resize(50, 120)
    t.check("and gets a new one", term.expect(rb"size (.*)\.").group(1) == b"50 120")
    term.type(b"typed\r")
    t.check("what is typed arrives", term.expect(rb"line <(.*)>\.").group(1) == b"typed")
    term.type(b"\x03")
    t.check("Ctrl-c is the command's", term.expect(rb"interrupted"))
    term.type(b"x\x01\x01y\r")
    t.check("Ctrl-a twice is one",
            term.expect(rb"line <(.*)>\.").group(1) == b"x\x01y")
    term.type(b"\x04")
    t.check("Ctrl-d is the end of its input", term.expect(rb"end of file\."))
    status = term.end()
    t.check("its status is rootvm's", status == 5, f"status {status}: {term.seen}")
    t.check("the terminal is as it was", termios.tcgetattr(term.theirs) == term.modes)
    term = Terminal(t, "sh", "-c", "echo begun.; exec sleep 100000")
    term.expect(rb"begun\.")
    term.type(b"\x01x")
    status = term.end()
    t.check("Ctrl-a x ends the machine", status == OWN_FAILURE and
            term.seen.count(b"rootvm:") == 1 and b"ended from the terminal" in term.seen,
            f"status {status}: {term.seen}")
    t.check("and the terminal is as it was", termios.tcgetattr(term.theirs) == term.modes)


# --- users and guests -----------------------------------------------------------------

class OpenFolder(tempfile.TemporaryDirectory):
    """A folder that every user can look into, wherever the job's own is."""

    def __enter__(self):
        path = Path(super().__enter__())
        path.chmod(0o755)
        return path


def guest_files(folder, t):
    for source, name in ((CACHE / "kernel/vmlinuz", "vmlinuz"),
                         (t.build / "guest-initrd.gz", "initrd.gz")):
        shutil.copyfile(source, folder / name)
        (folder / name).chmod(0o644)


def with_group(folder, *members):
    """An environment in which this machine has a group mshv."""
    executable(folder / "getent", f"""#!/bin/sh
        [ "$*" != "group mshv" ] || exec echo mshv:x:{GROUP}:
        exec {shutil.which("getent")} "$@"
        """)
    executable(folder / "id", f"""#!/bin/sh
        [ "$1" != -G ] || case " {' '.join(members)} " in
        *" $2 "*) exec echo 65534 {GROUP} ;;
        esac
        exec {shutil.which("id")} "$@"
        """)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def user(t):
    """An ordinary user of group mshv runs a guest, and another one may not."""
    as_user = ["--user", USER] if os.getuid() == 0 else []
    with OpenFolder() as folder:
        guest_files(folder, t)
        env = with_group(folder, USER)
        run = Run(t, *as_user, env=env, cwd=folder, command=[
            "sh", "-c", 'id -u; id -G; stat -c "%a %u %g" /dev/mshv; '
            "exec mshvrun --kernel vmlinuz --initrd initrd.gz --append 'console=ttyS0 quiet'"])
        said = run.out.decode(errors="replace").split("\n")
        t.check("the command is an ordinary user's", said[0].isdigit() and said[0] != "0",
                run.why)
        t.check("in the group mshv", str(GROUP) in said[1].split(), said[1:2])
        t.check("which the device belongs to", said[2] == f"660 0 {GROUP}", said[2:3])
        t.check("and runs a guest", run.status == 0 and
                re.search(GUEST_SAYS, run.out, re.MULTILINE), run.why)
        t.balanced(run.machine)
        if not as_user:
            t.skip("other users may not open the device", "only root has --user")
            return
        run = Run(t, "--user", "daemon", env=env, cwd=folder, command=["cat", "/dev/mshv"])
        t.check("other users may not open the device",
                run.status == 1 and b"Permission denied" in run.err, run.why)


def stock_qemu(t):
    """This machine's QEMU if it has the accelerator, otherwise the fetched one."""
    own = shutil.which("qemu-system-x86_64")
    if own:
        said = subprocess.run([own, "-accel", "help"], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout
        if re.search(rb"^mshv$", said, re.MULTILINE):
            return own
    t.run([t.script("fetch"), "qemu-mshv"])
    return str(CACHE / "qemu-mshv/qemu/run-qemu")


# QEMU may not end when its guest powers off: see "QEMU" in testing.rst.
UNTIL_GUEST_END = """
exec 3< <(exec "$@" </dev/null)
qemu=$!
while read -r line <&3; do
	printf '%s\\n' "$line"
	[[ $line != GUEST-END* ]] || break
done
kill -KILL $qemu
"""


def qemu(t, cpus):
    """Stock QEMU, started as a user would."""
    run = Run(t, "--cpus", cpus, command=[
        "bash", "-c", UNTIL_GUEST_END, "until-guest-end", stock_qemu(t),
        "-accel", "mshv", "-M", "q35", "-m", "256", "-nodefaults", "-no-reboot",
        "-nographic", "-serial", "stdio", "-kernel", str(CACHE / "kernel/vmlinuz"),
        "-initrd", str(t.build / "guest-initrd.gz"), "-append", "console=ttyS0 quiet panic=-1"])
    t.check("a guest runs", re.search(GUEST_SAYS, run.out, re.MULTILINE), run.why)
    t.check("and comes to its end", re.search(rb"^GUEST-END", run.out, re.MULTILINE), run.why)
    t.balanced(run.machine)


def network(t):
    """--net: from the root to a server on this machine."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    heard = []

    def serve():
        connection, _ = server.accept()
        with connection:
            heard.append(connection.makefile().readline())
            connection.sendall(b"answer\n")

    threading.Thread(target=serve, daemon=True).start()
    run = Run(t, "--net", command=["bash", "-c", f"""
        grep -c . /etc/resolv.conf; grep nameserver /etc/resolv.conf
        exec 3<>/dev/tcp/10.0.2.2/{port} && echo question >&3 && cat <&3"""])
    t.check("a server is asked", heard == ["question\n"], str(heard))
    t.check("and answers", run.status == 0 and run.out.endswith(b"\nanswer\n"), run.why)
    t.check("names are looked up by QEMU", run.out.startswith(b"1\nnameserver 10.0.2.3\n"),
            run.why)


# --- refusals ---------------------------------------------------------------------------

OTHER_QEMU = """#!/bin/sh
case "$*" in
--version) echo "QEMU emulator version 10.0.0" ;;
"-cpu help") echo "svm" ;;
"-device help") echo {devices} ;;
esac
"""


def refusals(t):
    """What cannot be is refused in one line."""
    executable(t.dir / "no-9p", OTHER_QEMU.format(devices=""))
    executable(t.dir / "no-net", OTHER_QEMU.format(devices="'name \"virtio-9p-pci\"'"))
    nope = t.dir / "nope"
    cases = (
        ("--rw without --host-root", "need --host-root", "--rw", t.dir),
        ("--net without --host-root", "need --host-root", "--net"),
        ("--share-by without --host-root", "need --host-root", "--share-by", "9p"),
        ("a way to share that is none", "'9p' or 'virtiofs'", "--host-root", "--share-by", "nfs"),
        ("a QEMU without virtiofs", "--share-by virtiofs: ", "--host-root", "--share-by",
         "virtiofs", "--qemu", t.dir / "no-9p"),
        ("--as-root without --host-root", "need --host-root", "--as-root"),
        ("a folder that is missing", "no such folder", "--host-root", "--rw", nope),
        ("all folders", "name the folders", "--host-root", "--rw", "/"),
        ("a user that is missing", "no such user", "--host-root", "--user", "no.such.user"),
        ("two users", "one of them", "--host-root", "--user", USER, "--as-root"),
        ("a QEMU that shares no files", "no virtio-9p-pci", "--host-root",
         "--qemu", t.dir / "no-9p"),
        ("a QEMU without a network", "--net needs", "--host-root", "--net",
         "--qemu", t.dir / "no-net"),
        ("a kernel without 9p", "has no 9p", "--host-root", "--kernel", CACHE / "kernel"),
        *((f"{option} with --host-root", "not with --host-root", "--host-root", option, *value)
          for option, *value in (("--share", t.dir), ("--out", t.dir), ("--record",),
                                 ("--intremap",), ("--initrd", __file__),
                                 ("--file", f"{__file__}:/x"))),
    )
    rootvm = [t.script("rootvm"), "--no-build"]
    for name, text, *options in cases:
        one_line_refusal(t, f"refused: {name}", [*rootvm, *options, "--", "true"],
                         OWN_FAILURE, text)
    one_line_refusal(t, "refused: a folder that the root does not see",
                     ["env", "-C", "/dev/shm", *rootvm, "--host-root", "--", "true"],
                     OWN_FAILURE, "change to another one")
    # bash has something to say about that as well.
    status, said = t.output(["bash", "-c", 'mkdir gone; cd gone; rmdir ../gone; exec "$@"',
                             "bash", *rootvm, "--host-root", "--", "true"], cwd=t.dir)
    t.check("refused: a folder that is gone", status == OWN_FAILURE and
            said.endswith("rootvm: the current folder is not there any more\n"), said)

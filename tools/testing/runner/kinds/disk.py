# SPDX-License-Identifier: GPL-2.0
"""The job with an installed Debian: alone, and by its own GRUB's menu as root partition.

Model: the disk is a part (scripts/build-disk) and knows nothing of rootvisor.  The system
on it gets what "make install" and "make install-grub" put on a machine, and the driver for
its kernel, from a second disk, which is an archive; and from then on everything is done in
that system, on its console.  Time in the machine goes by instructions: systemd and an
initramfs wait so long and no longer, and the host may be slow.
"""

import tarfile
from context import machine_text
from dialogue import Dialogue, Ended
from kinds import install, machines

CPUS = 2
MEMORY = "2G"
FILES = "/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_files"
# It would be loaded by itself, as by DKMS, after depmod: that looks into four thousand
# modules, and takes a third of all the time.
LEFT_OUT = "usr/local/lib/modules-load.d"
MODULE = "root/mshv.ko"
# Folders that are there already stay what they are.
UNPACK = f"tar --no-overwrite-dir -C / -xf {FILES}"


def as_installed(member):
    """Root's; None if it is left out."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return None if member.name == LEFT_OUT else member


def add_files(t):
    """The second disk; None if it cannot be made."""
    tree, archive = t.dir / "tree", t.dir / "files.tar"
    for target in ("install", "install-grub"):
        if install.make(t, target, tree):
            t.not_ok(f"make {target}", t.last_line())
            return None
    t.build_module()
    with tarfile.open(archive, "w") as tar:
        for top in sorted(tree.iterdir()):
            tar.add(top, top.name, filter=as_installed)
        tar.add(t.module, MODULE, filter=as_installed)
    return archive


def start(t, disk, files):
    argv = [t.script("run-iso"), disk, "--firmware", "ovmf", "--medium", "nvme", "--login",
            "--cpus", CPUS, "--mem", MEMORY, "--log", t.dir / "machine"]
    for argument in ("-icount", "shift=0,sleep=off",
                     "-drive", f"file={files},format=raw,readonly=on,if=none,id=files",
                     "-device", "nvme,serial=files,drive=files"):
        argv += ["--qemu-arg", argument]
    return Dialogue(argv, t.log)


def done(t, console, name, command):
    """A command that has to succeed; returns what it said."""
    status, said = console.do(command)
    t.check(name, status == 0, f"status {status}: {said}")
    return said


def alone(t, console):
    """The system as it was installed, and rootvisor added to its menu."""
    console.login()
    t.ok("it boots alone to a login prompt")
    done(t, console, "there is no hypervisor", "! test -e /dev/mshv")
    done(t, console, "rootvisor and the driver are put there", UNPACK)
    done(t, console, "a user makes it the default",
         "echo GRUB_DEFAULT=rootvisor-$(uname -r) >>/etc/default/grub")
    # QEMU ends if its timer is read while time goes by instructions.
    done(t, console, "and says how time goes here",
         "echo ROOTVISOR_OPTIONS=icount=1 >/etc/default/rootvisor")
    done(t, console, "update-grub", "update-grub")
    done(t, console, "the menu has an entry for each kernel",
         "test $(grep -c \"^menuentry 'rootvisor, \" /boot/grub/grub.cfg) = "
         "$(ls /boot/vmlinuz-* | wc -l)")
    console.say("reboot")


def as_root_partition(t, console):
    console.wait_for("Loading rootvisor and Linux")
    t.ok("GRUB takes the entry")
    console.login()
    t.ok("it boots as root partition to a login prompt")
    done(t, console, "the kernel says so",
         "dmesg | grep 'Hyper-V: running as root partition'")
    done(t, console, "it has all processors", f"test $(nproc) = {CPUS}")
    done(t, console, "the hypervisor's log can be read",
         f"rvctl log | grep 'rootvisor: {CPUS} processors'")
    done(t, console, "the driver is loaded", f"insmod /{MODULE}")
    done(t, console, "/dev/mshv is there", "test -c /dev/mshv")
    done(t, console, "nothing has failed", "! systemctl --failed --no-legend | grep .")
    console.say("poweroff")


def boots(t):
    """Alone, update-grub, as root partition."""
    if not machines.fetched(t, "ovmf"):
        return
    status, said = t.output([t.script("build-disk")])
    if not t.check("the disk is there", status == 0, said):
        return
    files = add_files(t)
    if not files:
        return
    console = start(t, f"{said.splitlines()[-1]}/disk.img", files)
    try:
        alone(t, console)
        as_root_partition(t, console)
        t.ended(console.end())
        t.check("it was switched off", "reboot: Power down" in machine_text(t.log))
        t.balanced()
    except Ended as why:
        t.not_ok("the machine goes on", str(why))
    files.unlink()

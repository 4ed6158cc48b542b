# SPDX-License-Identifier: GPL-2.0
"""Jobs about GRUB's menu: the entries that 41_rootvisor adds to it.

Model: a folder stands for /boot, and GRUB's own library for such scripts is used, with
stand-ins for the programs of GRUB's that look at real disks.
"""

from context import CACHE, TOP
from kinds import machines

SCRIPT = TOP / "tools/virt/41_rootvisor"
KERNELS = ("6.1.0-40-amd64", "6.12.9-amd64", "6.12.95+deb12-amd64")
OPTIONS = "console=ttyS0,115200 x=\"a b\""


def stand_in(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


# A device without partitions, names or hints, as a CD is.
CD = 'case $* in *target=device*) echo /dev/sr0 ;; *uuid*) exit 1 ;; ' \
    '*target=fs*) echo iso9660 ;; esac'


def menu(t, boot, etc, **more):
    """What the script prints."""
    env = {"ROOTVISOR_BOOT": str(boot), "sysconfdir": str(etc), "pkgdatadir": f"{CACHE}/grub",
           "grub_probe": str(t.dir / "probe"), "grub_mkrelpath": str(t.dir / "relative"),
           "GRUB_DEVICE": "/dev/vda2", "GRUB_CMDLINE_LINUX": OPTIONS, **more}
    return t.output([SCRIPT], env=env)


def entries(t):
    if t.run([t.script("fetch"), "grub"]):
        t.skip("GRUB's menu", "GRUB cannot be fetched")
        return
    boot, etc = t.dir / "boot", t.dir / "etc"
    (etc / "default").mkdir(parents=True)
    boot.mkdir()
    stand_in(t.dir / "probe", 'case $* in *target=device*) echo /dev/vda1 ;; '
             '*fs_uuid*) echo 1234-ABCD ;; *fs*) echo ext2 ;; *partmap*) echo gpt ;; esac')
    stand_in(t.dir / "relative", "echo /")
    # What makes a root of a kernel is built in also if the rest is a module, as in Debian's.
    for kernel, value in zip(KERNELS, "ymm"):
        (boot / f"vmlinuz-{kernel}").touch()
        (boot / f"config-{kernel}").write_text(f"CONFIG_HYPERV={value}\n", encoding="utf-8")
    (boot / f"initrd.img-{KERNELS[1]}").touch()
    status, said = menu(t, boot, etc)
    t.check("nothing without a hypervisor", status == 0 and not said, said)
    (boot / "rootvisor.elf").touch()
    (boot / f"config-{KERNELS[0]}").write_text("# CONFIG_HYPERV is not set\n", encoding="utf-8")
    (etc / "default/rootvisor").write_text(
        "ROOTVISOR_OPTIONS='cpus=2 log=debug'\nROOTVISOR_CMDLINE_LINUX=quiet\n",
        encoding="utf-8")
    status, said = menu(t, boot, etc)
    (t.dir / "grub.cfg").write_text(said, encoding="utf-8")
    t.check("it ends properly", status == 0, t.last_line())
    t.check("GRUB can read it", t.run(
        [CACHE / "grub/run", "grub-script-check", t.dir / "grub.cfg"]) == 0, t.last_line())
    titles = [line.split("'")[1] for line in said.splitlines() if line.startswith("menuentry")]
    wanted = [f"rootvisor, with Linux {kernel}" for kernel in (KERNELS[2], KERNELS[1])]
    t.check("an entry for each kernel that can be a root, newest first", titles == wanted,
            str(titles))
    for name, line in (
            ("the hypervisor and its options", "multiboot2 /rootvisor.elf cpus=2 log=debug"),
            ("a kernel and its options", f"module2 /vmlinuz-{KERNELS[1]} root=/dev/vda2 ro "
             f"{OPTIONS} quiet"),
            ("its initrd", f"module2 /initrd.img-{KERNELS[1]}")):
        t.check(name, line in [words.strip() for words in said.splitlines()], line)
    t.check("no other initrd", said.count("initrd") == 1)
    stand_in(t.dir / "probe", "exit 1")
    status, said = menu(t, boot, etc)
    t.check("no entry, and a failure, if GRUB does not know the disk",
            status and "menuentry" not in said, f"status {status}: {said}")


def boots(t, firmware):
    """An entry of that menu, in an image."""
    if not machines.fetched(t, firmware):
        return
    boot = t.dir / "boot"
    boot.mkdir()
    for name in ("rootvisor.elf", "vmlinuz-1", "initrd.img-1"):
        (boot / name).touch()
    stand_in(t.dir / "probe", CD)
    stand_in(t.dir / "relative", "echo /boot")
    _, said = menu(t, boot, t.dir, GRUB_CMDLINE_LINUX="console=ttyS0 rdinit=/.rootvm/init")
    config, image = t.dir / "grub.cfg", t.dir / "menu.iso"
    # As the image's files are called.
    said = said.replace("vmlinuz-1", "vmlinuz").replace("initrd.img-1", "initrd")
    config.write_text("set timeout=0\n" + said, encoding="utf-8")
    t.check("an image is made", t.run([t.script("mkiso"), image, "--grub-cfg", config, "--",
                                       "test", "-c", "/dev/mshv"]) == 0)
    status = machines.boot(t, image, firmware, 1)
    t.check("the entry boots a root", status == 0, t.last_line())
    t.console_says("with the arguments of GRUB's settings",
                   r"Command line: root=/dev/vda2 ro console=ttyS0 rdinit=/.rootvm/init")
    image.unlink()

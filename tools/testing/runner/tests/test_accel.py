# SPDX-License-Identifier: GPL-2.0
"""rootvm --accel: what it takes on which machine, and what it says.

The machine is a folder with what accel.py looks at, and running a processor is either a
program that says what it found, or replaced here.  QEMU is a script.
"""

import errno
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import tap

TOP = tap.RUNNER.parents[2]
sys.path.insert(0, str(TOP / "scripts"))

# pylint: disable=wrong-import-position
import accel

OWN_FAILURE = 125
QEMU = """\
#!/bin/sh
case $* in
--version) echo QEMU emulator version 10.0.0 ;;
"-cpu help") echo svm ;;
*)
	echo "$*" >"$ARGUMENTS"
	printf 'rootvisor: exit status=3\\nrootvisor: done\\n' >hypervisor.log ;;
esac
"""


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)


class Fake(unittest.TestCase):
    """A machine on which KVM can be used, before a test changes it."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.root = Path(temp.name)
        self.nested = self.root / "sys/module/kvm_amd/parameters/nested"
        self.kvm = self.root / "dev/kvm"
        for file in (self.nested, self.kvm, self.root / "proc/cpuinfo"):
            file.parent.mkdir(parents=True)
        self.nested.write_text("1\n")
        self.kvm.touch()
        self.processor("AuthenticAMD", "fpu svm nx")

    def processor(self, vendor, flags):
        (self.root / "proc/cpuinfo").write_text(
            f"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: {flags}\n\n"
            "processor\t: 1\nvendor_id\t: Other\nflags\t\t:\n")

    def no_module(self):
        self.nested.unlink()
        self.nested.parent.rmdir()
        self.nested.parent.parent.rmdir()


class Machines(Fake):
    """Each of the things that can be missing."""

    def setUp(self):
        super().setUp()
        patch = mock.patch.object(accel, "probe_problem", return_value=None)
        self.probe = patch.start()
        self.addCleanup(patch.stop)

    def refused(self, *texts):
        said = accel.problem(self.root)
        for text in texts:
            self.assertIn(text, said or "(taken)")
        self.assertNotIn("\n", said)

    def test_taken(self):
        """KVM is taken with kvm_amd, nested on, and a /dev/kvm that works"""
        self.assertIsNone(accel.problem(self.root))
        self.probe.assert_called_once()

    def test_hygon(self):
        """and on Hygon's processors, and with a parameter that is a letter"""
        self.processor("HygonGenuine", "svm")
        self.nested.write_text("Y\n")
        self.assertIsNone(accel.problem(self.root))

    def test_intel(self):
        """An Intel processor is refused"""
        self.processor("GenuineIntel", "fpu vmx")
        self.refused("needs an AMD processor with SVM")

    def test_no_svm(self):
        """A processor without SVM is refused"""
        self.processor("AuthenticAMD", "fpu nx")
        self.refused("no SVM", "BIOS", "on its host")

    def test_no_module(self):
        """No kvm_amd is a refusal"""
        self.no_module()
        self.kvm.unlink()
        self.refused("not loaded", "modprobe kvm_amd nested=1", "BIOS")

    def test_other_module(self):
        """A /dev/kvm of another module is refused"""
        self.no_module()
        self.refused("not kvm_amd's")

    def test_nested_off(self):
        """kvm_amd with nested off is refused"""
        for off in ("0", "N"):
            self.nested.write_text(off + "\n")
            self.refused("nested", "off", "modprobe kvm_amd nested=1")

    def test_no_device(self):
        """No /dev/kvm is a refusal"""
        self.kvm.unlink()
        self.refused("/dev/kvm is missing")

    def test_no_access(self):
        """A /dev/kvm that may not be opened is refused"""
        with mock.patch("os.access", return_value=False):
            self.refused("no access", "group kvm")
        self.probe.assert_not_called()


class Ioctls:
    """KVM as far as the probe uses it."""

    def __init__(self, **answers):
        self.answers = {"api": accel.API_VERSION, "nested": 1, "svm": True, "run": None, **answers}

    def __call__(self, _, request, argument=0):
        if request == accel.GET_API_VERSION:
            return self.answers["api"]
        if request == accel.CHECK_EXTENSION:
            return self.answers["nested"] if argument == accel.CAP_NESTED_STATE else 0
        if request == accel.GET_SUPPORTED_CPUID:
            leaves = ((1, 0, 0, 0, 0, 0, 0),
                      (accel.SVM_LEAF, 0, 0, 0, 0, accel.SVM_ECX * self.answers["svm"], 0))
            argument[0] = len(leaves)
            for i, leaf in enumerate(leaves):
                accel.LEAF.pack_into(argument, 8 + i * accel.LEAF.size, *leaf)
            return 0
        raise OSError(errno.ENOTTY, "no such ioctl")


class Kinds(Fake):
    """The kinds of /dev/kvm."""

    def probe(self, ended=accel.EXIT_HLT, **answers):
        run = {"side_effect": ended} if isinstance(ended, type) else {"return_value": ended}
        with mock.patch("fcntl.ioctl", Ioctls(**answers)), \
             mock.patch.object(accel, "why_run_ended", **run):
            return accel.probe(self.root)

    def test_works(self):
        """One that runs a processor, and shows SVM to it"""
        self.assertIsNone(self.probe())

    def test_interface(self):
        """One with another interface is refused"""
        self.assertIn("another interface", self.probe(api=11))

    def test_not_nested(self):
        """One without nested virtualization is refused"""
        self.assertIn("shows no SVM", self.probe(nested=0))
        self.assertIn("shows no SVM", self.probe(svm=False))

    def test_does_not_run(self):
        """One that does not run a processor is refused"""
        self.assertIn("does not run a processor (exit 17)", self.probe(ended=17))

    def test_hangs(self):
        """and one that hangs in it"""
        self.assertIn("it hangs", self.probe(ended=KeyboardInterrupt))

    def test_forbidden(self):
        """One that a container may not open is refused"""
        with mock.patch("os.open", side_effect=PermissionError(errno.EPERM, "not permitted")):
            self.assertIn("no access", accel.probe(self.root))

    def test_no_device(self):
        """A file in place of the device is refused"""
        self.assertIn("does not work: Inappropriate ioctl", accel.probe(self.root))


class Rootvm(Fake):
    """What rootvm makes of it."""

    def setUp(self):
        super().setUp()
        self.arguments = self.root / "arguments"
        executable(self.root / "qemu", QEMU)
        executable(self.root / "probe", "#!/bin/sh\n")

    def rootvm(self, *options, **env):
        """Status, what it said, and QEMU's arguments."""
        self.arguments.unlink(missing_ok=True)
        run = subprocess.run(
            [TOP / "scripts/rootvm", "--no-build", "--qemu", self.root / "qemu", *options,
             "--", "true"],
            env={**os.environ, "ACCEL_ROOT": str(self.root), "ARGUMENTS": str(self.arguments),
                 "ACCEL_PROBE": str(self.root / "probe"), "ROOTVM_ACCEL": "", **env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False)
        arguments = self.arguments.read_text() if self.arguments.exists() else ""
        return run.returncode, run.stdout, arguments

    def runs(self, wanted, said, *options, **env):
        status, text, arguments = self.rootvm(*options, **env)
        self.assertEqual((status, text.count("\n")), (3, 1 if said else 0), text)
        self.assertIn(said, text)
        self.assertIn(wanted, arguments)

    def refuses(self, said, *options, **env):
        status, text, arguments = self.rootvm(*options, **env)
        self.assertEqual((status, text.count("\n"), arguments), (OWN_FAILURE, 1, ""), text)
        self.assertIn(said, text)

    def test_auto(self):
        """rootvm takes KVM by itself, with the host's processor, and says so"""
        self.runs("-accel kvm -cpu host -smp 1 ", "rootvm: the machine runs under KVM\n")
        self.runs("-accel kvm -cpu host -smp 2 ", "under KVM", "--threads", "--cpus", "2")
        self.runs("-accel kvm -cpu EPYC -smp", "under KVM", "--accel", "kvm", "--cpu", "EPYC")

    def test_remapping(self):
        """With interrupt remapping hardware the IO-APIC is QEMU's"""
        self.runs("-accel kvm,kernel-irqchip=split ", "under KVM", "--intremap")

    def test_emulated(self):
        """Otherwise it emulates, and says why not KVM"""
        self.nested.write_text("0\n")
        self.runs("-accel tcg,thread=single -cpu max -smp 1 ",
                  "emulated, and not under KVM: kvm_amd's parameter \"nested\" is off: modprobe")

    def test_probe(self):
        """So it does when no processor runs"""
        executable(self.root / "probe", "#!/bin/sh\necho it hangs\n")
        self.runs("-accel tcg", "not under KVM: it hangs\n")

    def test_forced(self):
        """--accel kvm is an error where it cannot be"""
        self.processor("GenuineIntel", "vmx")
        self.refuses("rootvm: --accel kvm: rootvisor needs an AMD processor", "--accel", "kvm")
        self.refuses("rootvm: --accel kvm: rootvisor needs", ROOTVM_ACCEL="kvm")

    def test_tcg(self):
        """--accel tcg, --record, and an -accel of the caller's, do not ask"""
        executable(self.root / "probe", "#!/bin/sh\nexit 1\n")
        self.runs("-accel tcg,thread=multi -cpu max -smp 2 ", "", "--accel", "tcg", "--threads")
        self.runs("-accel tcg,thread=single ", "", ROOTVM_ACCEL="tcg")
        self.runs("-cpu max -smp 1 ", "", "--qemu-arg", "-accel",
                  "--qemu-arg", "tcg,thread=single")
        self.refuses("(--record) is emulated", "--accel", "kvm", "--record")
        self.refuses("--accel hvf: 'auto', 'tcg' or 'kvm' is wanted", "--accel", "hvf")

    def test_record(self):
        """A recorded run is emulated, and nothing is said"""
        status, text, _ = self.rootvm("--record")
        self.assertNotIn("KVM", text)
        self.assertEqual(status, 3, text)

    def test_no_python(self):
        """Without python3 it emulates"""
        programs = self.root / "bin"
        programs.mkdir()
        for folder in os.environ["PATH"].split(":"):
            for program in Path(folder).glob("*") if Path(folder).is_dir() else ():
                if not program.name.startswith("python") and \
                   not (programs / program.name).is_symlink():
                    (programs / program.name).symlink_to(program)
        self.runs("-accel tcg", "python3 is missing", PATH=str(programs))
        self.refuses("--accel kvm: python3 is missing", "--accel", "kvm", PATH=str(programs))


if __name__ == "__main__":
    tap.main()

# SPDX-License-Identifier: GPL-2.0
"""The selftests in a machine of Bochs', another implementation of SVM.

Model: as on any machine that an image is booted on (machines.py).  What fails by a defect
of Bochs is skipped with the reason.

A program with a guest that spins and has interrupts disabled is not run there: Bochs does
not take physical interrupts in such a guest, although V_INTR_MASKING is set and the host
has them enabled.
"""

import re

from kinds.machines import appended, boot, fetched
from kinds.selftests import STALL_TIMEOUT, Splitter
from results import FAIL, SKIP, Result

CR2 = "Bochs' VMRUN does not load CR2"
# By the name of the result.
KNOWN = {
    "events events.exception": CR2,
    "events events.iret_without_a_stack": CR2,
    "events events.guarded_dr7": "Bochs' #DB exits before DR6 is written",
    "interrupts interrupts.notified_after_the_shadow":
        "Bochs' VMRUN leaves a virtual interrupt masked if IF is set before and after",
}
# Of the root's kernel.  Bochs' processor says that it has more local vectors, as AMD's do, and
# has no registers for them; the root reads them without an exit.
COMPLAINT = re.compile(r"unchecked MSR access error: RDMSR from 0x85[0-3] |Call Trace:$")


class Excusing(Splitter):
    """A Splitter that skips known failures."""

    def emit(self, result):
        why = KNOWN.get(result.name)
        if result.state == FAIL and why:
            result = Result(result.name, SKIP, why)
        self.context.emit(result)

    def finish(self, wanted):
        self.kernel = [line for line in self.kernel if not COMPLAINT.search(line)]
        super().finish(wanted)


def selftests(t, cpus, only):
    """Some selftests, one after the other."""
    if not fetched(t, "bochs"):
        return
    image = t.dir / "machine.iso"
    files = [o for p in only for o in ("--file", f"{t.build}/selftests/{p}:/selftests/{p}")]
    if t.run([t.script("mkiso"), image, "--menu", 0, *t.step("run-selftests"), *files,
              "--rootvisor", "poison=on",
              "--append", f"quiet rcupdate.rcu_cpu_stall_timeout={STALL_TIMEOUT}",
              *appended("bochs"), "--", "run-selftests", *only]):
        t.not_ok("an image is made", t.last_line())
        return
    split = Excusing(t)
    t.ended(boot(t, image, "bochs", cpus, feed=split.feed))
    split.finish(only)
    t.balanced()
    image.unlink()

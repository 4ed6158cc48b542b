# SPDX-License-Identifier: GPL-2.0
"""What a job is, and which jobs make up a run.

Words: suite, a set of jobs that one target of the Makefile runs; part, something that
takes too long to build for a job to do it (scripts/parts).
"""

from dataclasses import dataclass, field
from typing import Callable

MINUTE = 60
# Three times what the longest job may take on an idle machine.
PROCESSOR_LIMIT = 15 * MINUTE
OWN_LIMIT = 15 * MINUTE
OUTPUT_LIMIT_MIB = 256


@dataclass
class Job:
    """A job: a function with arguments, limits, and the suites it belongs to."""
    name: str
    function: Callable
    args: tuple = ()
    options: dict = field(default_factory=dict)
    about: str = ""
    suites: tuple = ("test", "all")
    kernels: tuple = ()		# only with these kernels of the root; (): with any
    kernel: str = ""		# of its own, whatever that of the run is
    part: str = ""		# what must have been built
    usual: float = MINUTE		# seconds, until a run was measured
    processor: float = PROCESSOR_LIMIT
    own: float = OWN_LIMIT
    output: int = OUTPUT_LIMIT_MIB

    def runs_with(self, kernel):
        return not self.kernels or kernel in self.kernels


class Table:
    """Jobs by name, in the order in which they were declared."""

    def __init__(self):
        self.jobs = {}

    def add(self, name, function, *args, **options):
        """Options of Job's are taken for the job, others go to the function."""
        own = {k: options.pop(k) for k in list(options) if k in Job.__dataclass_fields__}
        if name in self.jobs:
            raise ValueError(f"two jobs are called {name}")
        self.jobs[name] = Job(name, function, args, options, **own)

    def select(self, suite, pattern, kernel):
        """Jobs of a suite whose names match; one named in full need not be in it.

        If the suite has none, a pattern means those of "all".
        """
        able = [job for job in self.jobs.values() if job.runs_with(kernel)]

        def matching(suite):
            return [job for job in able if job.name == pattern.pattern or
                    suite in job.suites and pattern.search(job.name)]

        return matching(suite) or (matching("all") if pattern.pattern else [])

# SPDX-License-Identifier: GPL-2.0
"""How long jobs took the last time, and when that was.

It is kept in the cache and not in the build folder, so that a clean checkout has
it too.  Times are own time (see limits.py), so that a busy machine does not
make the next estimate wrong.
"""

import fcntl
import json
import os
import time


class History:
    """Times by kernel and job; missing or damaged files are empty ones."""

    def __init__(self, path, kernel):
        self.path = path
        self.kernel = kernel or "usual"
        self.times = self._read().get(self.kernel, {})

    def _read(self):
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def took(self, job):
        """Seconds that a job needs, as far as that is known."""
        return self.times.get(job.name, {}).get("took", job.usual)

    def last(self, job):
        """When it was run last; 0 if never."""
        return self.times.get(job.name, {}).get("when", 0)

    def known(self, job):
        """Did it pass the last time?  A time that ended in a failure says little."""
        return self.times.get(job.name, {}).get("passed", False)

    def note(self, job, took, passed):
        self.times[job.name] = {"took": round(took, 1), "when": int(time.time()),
                                "passed": passed}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Another run may be about to do the same.
        with open(self.path.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            data = self._read()
            data.setdefault(self.kernel, {})[job.name] = self.times[job.name]
            new = self.path.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")
            os.replace(new, self.path)

"""Runs a command and tells how much processor time it took with everything that it started:

    python -m tools.processor_time make test

Processor time says more than the clock where a machine has other work. Servers and browsers leave the process that
started them, so the command's orphans become this process's children, which only Linux can do.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import time

#: From <linux/prctl.h>.
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make this process the parent of whatever descendant loses its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def run(command: list[str]) -> int:
    """Run the command, wait for all that it has started, and return its status."""
    status = 0
    first = subprocess.Popen(command).pid
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            return status
        if pid == first:
            status = os.waitstatus_to_exitcode(ended)


def main() -> int:
    """Run the command of the command line and report on it."""
    adopt_orphans()
    began = time.monotonic()
    status = run(sys.argv[1:])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"processor time {used.ru_utime + used.ru_stime:.1f} s (user {used.ru_utime:.1f}, system {used.ru_stime:.1f}),"
        f" {time.monotonic() - began:.1f} s by the clock",
        file=sys.stderr,
    )
    return status


if __name__ == "__main__":
    sys.exit(main())

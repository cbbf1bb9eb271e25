"""Owns the trainer's ties to the process above it: asked to stop by SIGTERM, dead when it is dead. Loads no torch."""

import ctypes
import os
import signal
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(BaseException):
    """SIGTERM came where nothing is lost by leaving at once. No Exception, so that no library swallows it."""


class Stop:
    """Asked for by SIGTERM or Ctrl-C. While data is loaded it interrupts; while training it waits to be read."""

    def __init__(self) -> None:
        self.asked = False
        self.interrupts = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        if self.interrupts:
            self.interrupts = False
            raise Interrupted


def die_with(supervisor: int) -> None:
    """Have the kernel kill this process when `supervisor` dies. Raises SystemExit where it is dead already."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # It may have died before the call above: then our parent is another by now.
    if os.getppid() != supervisor:
        raise SystemExit(f"the supervisor, process {supervisor}, is not this process's parent")

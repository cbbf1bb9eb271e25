"""Owns the trainer's ties to its parent process: it stops at SIGTERM, and dies with its parent. Loads no torch."""

import ctypes
import os
import signal
from time import monotonic, sleep
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(BaseException):
    """SIGTERM arrived while nothing can be lost. Not an Exception, so that no library swallows it."""


class Stop:
    """A request to stop by SIGTERM or Ctrl-C: interrupts while data is loaded, and is polled during training."""

    def __init__(self) -> None:
        self.is_requested = False
        self.interrupts = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._request)
        signal.signal(signal.SIGINT, self._request)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a stop is requested."""
        end = monotonic() + seconds
        while not self.is_requested and monotonic() < end:
            sleep(0.1)

    def _request(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.is_requested = True
        if self.interrupts:
            self.interrupts = False
            raise Interrupted


def die_with(supervisor: int) -> None:
    """Have the kernel kill this process when `supervisor` dies. Raises SystemExit if it is already dead."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # If it died before the call above, this process has another parent by now.
    if os.getppid() != supervisor:
        raise SystemExit(f"Process {supervisor}, the supervisor, is not this process's parent.")

"""Owns the processes that decode images while the device trains. How many there are changes no result.

Each is given what to do to the last number: what is random was drawn before, from the seed and the iteration.
"""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Generic, ParamSpec, TypeVar

from trainer.failure import Failure
from trainer.process.supervision import die_with

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Loaders:
    """`count` processes, started when they are first needed; with 0 the work is done here, when it is asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def start(self, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> "Pending[Result]":
        """Have the work done; its result can be asked for once."""
        if not self.count:
            return Pending(lambda: work(*given, **named))
        if self._pool is None:
            # Spawned, because CUDA does not survive a fork.
            self._pool = ProcessPoolExecutor(self.count, get_context("spawn"), _begin, (os.getpid(),))
        try:
            return Pending(self._pool.submit(work, *given, **named).result)
        except BrokenProcessPool as error:
            raise _lost() from error

    def close(self) -> None:
        """Let go of the processes; what is still being made is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


class Pending(Generic[Result]):
    """A result that is being made."""

    def __init__(self, wait: Callable[[], Result]) -> None:
        self._wait = wait

    def result(self) -> Result:
        """Waits for it. Raises what the work raised, and Failure where its process was killed."""
        try:
            return self._wait()
        except BrokenProcessPool as error:
            raise _lost() from error


def _lost() -> Failure:
    return Failure("internal", "a loader process was killed, by the system for want of memory perhaps: use fewer")


def _begin(trainer: int) -> None:
    """A loader ends with its trainer, and leaves to it what a signal to both of them means."""
    die_with(trainer)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

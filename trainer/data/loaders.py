"""Owns the processes that decode images while the device trains. Their number does not affect results.

Their tasks are fully specified: random numbers are drawn beforehand, from the seed and the iteration.
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

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Loaders:
    """`count` processes, started on first use. With 0, the work is done in this process when its result is needed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def start(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> "Pending[Result]":
        """Start the work. Its result can be read once."""
        if not self.count:
            return Pending(lambda: work(*args, **kwargs))
        if self._pool is None:
            # Spawned, because CUDA does not survive a fork.
            self._pool = ProcessPoolExecutor(self.count, get_context("spawn"), _begin, (os.getpid(),))
        try:
            return Pending(self._pool.submit(work, *args, **kwargs).result)
        except BrokenProcessPool as error:
            raise _killed() from error

    def close(self) -> None:
        """Stop the processes and drop unfinished work."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


class Pending(Generic[Result]):
    """A result that is being computed."""

    def __init__(self, wait: Callable[[], Result]) -> None:
        self._wait = wait

    def result(self) -> Result:
        """Wait for the result. Raises the work's error, and Failure if its process was killed."""
        try:
            return self._wait()
        except BrokenProcessPool as error:
            raise _killed() from error


def _killed() -> Failure:
    return Failure("internal", "A loader process was killed, perhaps because memory ran out. Use fewer loaders.")


def _begin(trainer: int) -> None:
    """A loader dies with its trainer, and leaves signals to it."""
    die_with(trainer)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

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

import numpy as np

from trainer.data.decoding import Pixels
from trainer.data.shared import Place, Shape, SharedMemory
from trainer.failure import Failure
from trainer.process.supervision import die_with

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_of_this_loader: list[SharedMemory] = []


class Loaders:
    """`count` processes, started on first use. With 0, the work is done in this process when its result is needed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None
        self._memory: SharedMemory | None = None

    def start(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> "Pending[Result]":
        """Start the work. Its result can be read once."""
        if not self.count:
            return Pending(lambda: work(*args, **kwargs))
        pool, _ = self._started()
        try:
            return Pending(pool.submit(work, *args, **kwargs).result)
        except BrokenProcessPool as error:
            raise _killed() from error

    def start_pixels(
        self,
        shape: Shape,
        work: Callable[Arguments, Pixels],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> "PendingPixels":
        """Start work whose result is uint8 of `shape`. It comes through shared memory, not through the pipe."""
        place = self._started()[1].reserve(shape) if self.count else None
        if place is None:
            return PendingPixels(shape, self.start(work, *args, **kwargs))
        memory, filling = self._started()[1], self.start(_fill, place, work, *args, **kwargs)

        def filled() -> Pixels:
            filling.result()
            return memory.at(place)

        return PendingPixels(shape, Pending(filled), lambda: memory.release(place))

    def close(self) -> None:
        """Stop the processes and drop unfinished work."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._memory is not None:
            self._memory.close()

    def _started(self) -> tuple[ProcessPoolExecutor, SharedMemory]:
        if self._pool is None or self._memory is None:
            self._memory = SharedMemory()
            # Spawned, because CUDA does not survive a fork.
            self._pool = ProcessPoolExecutor(self.count, get_context("spawn"), _begin, (os.getpid(), self._memory))
        return self._pool, self._memory


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


class PendingPixels:
    """Pixels that are being computed: uint8 of `shape`. They can be read once."""

    def __init__(self, shape: Shape, work: Pending[Pixels], release: Callable[[], None] = lambda: None) -> None:
        self.shape = shape
        self._work, self._release = work, release
        self._pixels: Pixels | None = None

    def wait(self) -> Pixels:
        """The pixels, which may change after `into`. Raises as `Pending.result` does."""
        if self._pixels is None:
            self._pixels = self._work.result()
        return self._pixels

    def into(self, out: Pixels) -> None:
        """Wait for the pixels and copy them."""
        out[...] = self.wait()
        self._pixels = None
        self._release()

    def result(self) -> Pixels:
        """Wait for the pixels, in memory of their own."""
        out = np.empty(self.shape, dtype=np.uint8)
        self.into(out)
        return out


def _killed() -> Failure:
    return Failure("internal", "A loader process was killed, perhaps because memory ran out. Use fewer loaders.")


def _begin(trainer: int, memory: SharedMemory) -> None:
    """A loader dies with its trainer, and leaves signals to it."""
    die_with(trainer)
    _of_this_loader.append(memory)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _fill(
    place: Place, work: Callable[Arguments, Pixels], /, *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    (memory,) = _of_this_loader
    memory.at(place)[...] = work(*args, **kwargs)

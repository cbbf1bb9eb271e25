"""Owns the memory in which loader processes leave pixels for their trainer, so that none pass through a pipe.

It is a file without a name, which the loaders inherit: a container's /dev/shm has 64 MB, a mini-batch of 256 has 38.
"""

import math
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import reduction
from typing import Any

import numpy as np

from trainer.data.decoding import Pixels

Shape = tuple[int, ...]
# Of addresses. Memory is taken when a place is filled for the first time.
BYTES = 4 << 30
_SMALLEST = 1 << 16


@dataclass(frozen=True)
class Place:
    """Room for uint8 of `shape`, from byte `offset` on."""

    offset: int
    shape: Shape

    @property
    def room(self) -> int:
        """What is reserved: powers of two, so that places fit again."""
        return max(_SMALLEST, 1 << (math.prod(self.shape) - 1).bit_length())


class SharedMemory:
    """Only the trainer reserves and releases; loaders write where they are told."""

    def __init__(self, file: int | None = None) -> None:
        """`file`: that of another process's shared memory, inherited."""
        self._file = os.memfd_create("pixels") if file is None else file
        os.truncate(self._file, BYTES)
        self._bytes = np.frombuffer(mmap.mmap(self._file, BYTES), dtype=np.uint8)
        self._free: dict[int, list[int]] = {}
        self._end = 0

    def reserve(self, shape: Shape) -> Place | None:
        """None if there is no room."""
        room = Place(0, shape).room
        if free := self._free.get(room):
            return Place(free.pop(), shape)
        if self._end + room > BYTES:
            return None
        self._end += room
        return Place(self._end - room, shape)

    def release(self, place: Place) -> None:
        """Nobody writes there any longer."""
        self._free.setdefault(place.room, []).append(place.offset)

    def at(self, place: Place) -> Pixels:
        """The pixels themselves: they change when the place is filled again."""
        return self._bytes[place.offset : place.offset + math.prod(place.shape)].reshape(place.shape)

    def close(self) -> None:
        os.close(self._file)

    def __reduce__(self) -> tuple[Callable[..., "SharedMemory"], tuple[Any, ...]]:  # Any: as multiprocessing types it
        """For a process that is being spawned."""
        return _inherited, (reduction.DupFd(self._file),)


def _inherited(file: Any) -> SharedMemory:
    return SharedMemory(file.detach())

"""Owns the watch over the ranks of a run: one that hangs is noticed within minutes, and named.

A collective operation tells nobody who is missing. So each rank says in the store, once a second, whether it waits
for the others; rank 0 compares.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Signal
from threading import Thread

import torch.distributed as dist
from torch._C._distributed_c10d import Store

TICK_S = 1.0
# Rank 0 has waited so long for a rank that computes without end, or does not run. Rank 0's own work may take longer.
HUNG_S = 300.0


class PeerLost(Exception):
    """Another rank no longer answers. That follows from how it ended, which this rank doesn't know."""


class Pulse:
    """Whether this rank waits for the others now, and how often it has begun to."""

    def __init__(self) -> None:
        self.turns = 0
        self.is_waiting = False

    @contextmanager
    def waits(self) -> Iterator[None]:
        """Raises PeerLost."""
        self.turns += 1
        self.is_waiting = True
        try:
            with answers():
                yield
        finally:
            self.is_waiting = False


@contextmanager
def answers() -> Iterator[None]:
    """Around what needs the other ranks. Raises PeerLost where their connections break."""
    try:
        yield
    except RuntimeError as error:
        # gloo's error is a bare RuntimeError, nccl's a DistError; that of a GPU, which is this rank's own, is neither.
        if type(error) is RuntimeError or isinstance(error, dist.DistError):
            raise PeerLost(f"Another device no longer answers: {error}") from error
        raise


@dataclass(frozen=True)
class _Sign:
    """What a rank said last: `beats` grows with each tick, as long as its process runs."""

    beats: int
    turns: int
    is_waiting: bool

    def write(self) -> str:
        return f"{self.beats} {self.turns} {int(self.is_waiting)}"

    @classmethod
    def read(cls, text: str) -> "_Sign":
        beats, turns, is_waiting = map(int, text.split())
        return cls(beats, turns, bool(is_waiting))


def show(pulse: Pulse, store: Store, rank: int, end: Signal) -> None:
    """Say in the store how this rank is, now and until the end. Returns at once."""

    def say(beats: int) -> None:
        store.set(_key(rank), _Sign(beats, pulse.turns, pulse.is_waiting).write())

    def beat() -> None:
        beats = 0
        while not end.wait(TICK_S):
            beats += 1
            say(beats)

    say(0)
    Thread(target=_until_closed(beat), name="pulse", daemon=True).start()


def watch(pulse: Pulse, store: Store, count: int, end: Signal, hung: Callable[[int, float], None]) -> None:
    """On rank 0: call `hung` with the rank that hangs, and for how many seconds. Returns at once."""

    def look() -> None:
        since = dict.fromkeys(range(1, count), 0.0)
        last: dict[int, _Sign] = {}
        own_turns = 0
        while not end.wait(TICK_S):
            waits = pulse.is_waiting and pulse.turns == own_turns
            own_turns = pulse.turns
            for rank in since:
                before, now = last.get(rank), _sign(store, rank)
                since[rank] = since[rank] + TICK_S if waits and _has_not_moved(before, now) else 0.0
                if now:
                    last[rank] = now
                if since[rank] > HUNG_S:
                    hung(rank, since[rank])
                    return

    Thread(target=_until_closed(look), name="watch", daemon=True).start()


def _has_not_moved(before: _Sign | None, now: _Sign | None) -> bool:
    """Whether the rank has neither waited nor gone on since the last look. One that never said anything is starting."""
    if before is None or now is None:
        return False
    return before.beats == now.beats or (before.turns == now.turns and not now.is_waiting)


def _sign(store: Store, rank: int) -> _Sign | None:
    return _Sign.read(store.get(_key(rank)).decode()) if store.check([_key(rank)]) else None


def _key(rank: int) -> str:
    return f"pulse-{rank}"


def _until_closed(work: Callable[[], None]) -> Callable[[], None]:
    """The store closes with rank 0: nothing is left to tell then."""

    def run() -> None:
        try:
            work()
        except RuntimeError:
            return

    return run

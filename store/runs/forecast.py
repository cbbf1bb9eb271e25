"""Forecasts when runs may start and end, from what trains and what waits, at measured speeds."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Run
from store.runs import queue, speed
from store.runs.states import Queue
from store.runs.verbs import Submission
from trainer import tasks
from trainer.tasks import Spec

# Further back in the queue, an estimate means nothing.
_AHEAD = 200
UNKNOWN = float("inf")


def starts(session: Session, lease_s: float) -> dict[UUID, float]:
    """Returns the seconds until each queued run may start, without runs that no worker takes or of unknown speed."""
    return _Timeline(session, lease_s).starts_s


def end(session: Session, lease_s: float, runs: Collection[UUID]) -> float | None:
    """Returns the seconds until the last of these queued or running runs may end; None if unknown."""
    ends_s = _Timeline(session, lease_s).ends_s
    return _last(ends_s.get(run, UNKNOWN) for run in runs)


def end_of(session: Session, lease_s: float, submissions: Sequence[Submission]) -> float | None:
    """Returns the seconds until the last of these runs would end if they were queued now; None if unknown."""
    timeline = _Timeline(session, lease_s)
    return _last(timeline.add(new.queue, partial(timeline.speeds.duration_s, new))[1] for new in submissions)


def _last(ends_s: Iterable[float]) -> float | None:
    last_s = max(ends_s, default=0.0)
    return None if last_s == UNKNOWN else last_s


class _Timeline:
    """The workers, each with the time at which it will have finished all runs added so far."""

    def __init__(self, session: Session, lease_s: float) -> None:
        self.speeds = _Speeds(session)
        self.starts_s: dict[UUID, float] = {}
        self.ends_s: dict[UUID, float] = {}
        self._alive = workers.fit(session, lease_s)
        self._free_at_s: dict[UUID, float] = {}
        for worker in self._alive:
            run = session.get(Run, worker.run_id) if worker.run_id else None
            self._free_at_s[worker.id] = self.speeds.left_s(run, worker.queue)
            if run is not None:
                self.ends_s[run.id] = self._free_at_s[worker.id]
        now = session.scalar(select(func.now()))
        for run in queue.ahead(session, _AHEAD):
            backs_off_s = (run.not_before - now) / timedelta(seconds=1) if run.not_before and now else 0
            start_s, self.ends_s[run.id] = self.add(run.queue, partial(self.speeds.left_s, run), backs_off_s)
            if start_s != UNKNOWN:
                self.starts_s[run.id] = start_s

    def add(self, name: Queue | None, left_s: Callable[[Queue], float], backs_off_s: float = 0) -> tuple[float, float]:
        """Gives a run to the worker of its queue that is free first; returns its start and end, or UNKNOWN for both."""
        fitting = [worker for worker in self._alive if name in (None, worker.queue)]
        if not fitting:
            return UNKNOWN, UNKNOWN
        first = min(fitting, key=lambda worker: self._free_at_s[worker.id])
        start_s = max(self._free_at_s[first.id], backs_off_s)
        self._free_at_s[first.id] = start_s + left_s(first.queue)
        return start_s, self._free_at_s[first.id]


class _Speeds:
    """Turns the rest of a run into seconds. Looks up each network once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._images_per_s: dict[tuple[int, str, Queue], float | None] = {}

    def left_s(self, run: Run | None, name: Queue) -> float:
        if run is None or run.examination is not None:  # an examination takes minutes, a training hours
            return 0
        spec = tasks.of(run.spec)
        images_per_s = run.images_per_s or self._expected(spec, run.multiply_adds, name)
        return (run.iterations - run.iteration) * spec.batch_size / images_per_s if images_per_s else UNKNOWN

    def duration_s(self, new: Submission, name: Queue) -> float:
        images_per_s = self._expected(new.spec, new.plan.multiply_adds, name)
        return new.spec.iterations * new.spec.batch_size / images_per_s if images_per_s else UNKNOWN

    def _expected(self, spec: Spec, multiply_adds: int, name: Queue) -> float | None:
        network = (multiply_adds, spec.shortcut, name)
        if network not in self._images_per_s:
            measured = speed.expected(self._session, spec, multiply_adds, name)
            self._images_per_s[network] = measured.images_per_s if measured else None
        return self._images_per_s[network]

"""When runs may start and end: what the workers train now, and what waits, played forward at measured speeds."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Run
from store.runs import queue, speed
from store.runs.verbs import Submission
from trainer.spec import RunSpec

# Behind so many runs an estimate says nothing any more.
_AHEAD = 200
UNKNOWN = float("inf")


def starts(session: Session, lease_s: float) -> dict[UUID, float]:
    """Seconds until each queued run may start. A run is left out where nobody would take it, or a speed is unknown."""
    return _Line(session, lease_s).starts_s


def end(session: Session, lease_s: float, runs: Collection[UUID]) -> float | None:
    """Seconds until the last of these runs, which wait or train, may end; None where that is not known."""
    ends_s = _Line(session, lease_s).ends_s
    return _last(ends_s.get(run, UNKNOWN) for run in runs)


def end_of(session: Session, lease_s: float, wanted: Sequence[Submission]) -> float | None:
    """Seconds until the last of these would end if they joined the queue now; None where that is not known."""
    line = _Line(session, lease_s)
    return _last(line.joined(each.queue, partial(line.paces.duration_s, each))[1] for each in wanted)


def _last(ends_s: Iterable[float]) -> float | None:
    last_s = max(ends_s, default=0.0)
    return None if last_s == UNKNOWN else last_s


class _Line:
    """The workers, each with the time at which it is free behind all that is known to come."""

    def __init__(self, session: Session, lease_s: float) -> None:
        self.paces = _Paces(session)
        self.starts_s: dict[UUID, float] = {}
        self.ends_s: dict[UUID, float] = {}
        self._alive = [worker for worker in workers.alive(session, lease_s) if not worker.draining]
        self._free_at_s: dict[UUID, float] = {}
        for worker in self._alive:
            run = session.get(Run, worker.run_id) if worker.run_id else None
            self._free_at_s[worker.id] = self.paces.left_s(run, worker.queue)
            if run is not None:
                self.ends_s[run.id] = self._free_at_s[worker.id]
        now = session.scalar(select(func.now()))
        for run in queue.ahead(session, _AHEAD):
            backs_off_s = (run.not_before - now) / timedelta(seconds=1) if run.not_before and now else 0
            start_s, self.ends_s[run.id] = self.joined(run.queue, partial(self.paces.left_s, run), backs_off_s)
            if start_s != UNKNOWN:
                self.starts_s[run.id] = start_s

    def joined(self, kind: str | None, left_s: Callable[[str], float], backs_off_s: float = 0) -> tuple[float, float]:
        """When it starts and ends on the worker of its kind that is free first; both unknown where there is none."""
        fitting = [worker for worker in self._alive if kind in (None, worker.queue)]
        if not fitting:
            return UNKNOWN, UNKNOWN
        first = min(fitting, key=lambda worker: self._free_at_s[worker.id])
        start_s = max(self._free_at_s[first.id], backs_off_s)
        self._free_at_s[first.id] = start_s + left_s(first.queue)
        return start_s, self._free_at_s[first.id]


class _Paces:
    """What is left of runs in seconds. Many runs of one network are looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[int, str, str], float | None] = {}

    def left_s(self, run: Run | None, kind: str) -> float:
        if run is None or run.examination is not None:  # which takes minutes where a training takes hours
            return 0
        spec = RunSpec.model_validate(run.spec)
        images_per_s = run.images_per_s or self._expected(spec, run.multiply_adds, kind)
        return (run.iterations - run.iteration) * spec.batch_size / images_per_s if images_per_s else UNKNOWN

    def duration_s(self, wanted: Submission, kind: str) -> float:
        images_per_s = self._expected(wanted.spec, wanted.plan.multiply_adds, kind)
        return wanted.spec.iterations * wanted.spec.batch_size / images_per_s if images_per_s else UNKNOWN

    def _expected(self, spec: RunSpec, multiply_adds: int, kind: str) -> float | None:
        network = (multiply_adds, spec.shortcut, kind)
        if network not in self._known:
            measured = speed.expected(self._session, spec, multiply_adds, kind)
            self._known[network] = measured.images_per_s if measured else None
        return self._known[network]

"""When the queue's runs may start: what the workers train now, and what waits, played forward at measured speeds."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store import queue, speed, workers
from store.models import Run
from trainer.spec import RunSpec

# Behind so many runs an estimate says nothing any more.
_AHEAD = 200
UNKNOWN = float("inf")


def starts(session: Session, lease_s: float) -> dict[UUID, float]:
    """Seconds until each queued run may start. A run is left out where nobody would take it, or a speed is unknown."""
    paces = _Paces(session)
    alive = [worker for worker in workers.alive(session, lease_s) if not worker.draining]
    free_at_s = {
        worker.id: paces.left_s(session.get(Run, worker.run_id) if worker.run_id else None, worker.queue)
        for worker in alive
    }
    now = session.scalar(select(func.now()))
    starts_s: dict[UUID, float] = {}
    for run, _ in queue.waiting(session, _AHEAD):
        fitting = [worker for worker in alive if run.queue in (None, worker.queue)]
        if not fitting:
            continue
        first = min(fitting, key=lambda worker: free_at_s[worker.id])
        backs_off_s = (run.not_before - now) / timedelta(seconds=1) if run.not_before and now else 0
        start_s = max(free_at_s[first.id], backs_off_s)
        if start_s != UNKNOWN:
            starts_s[run.id] = start_s
        free_at_s[first.id] = start_s + paces.left_s(run, first.queue)
    return starts_s


class _Paces:
    """What is left of runs in seconds. Many runs of one network are looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[int, str, str], float | None] = {}

    def left_s(self, run: Run | None, kind: str) -> float:
        if run is None:
            return 0
        spec = RunSpec.model_validate(run.spec)
        images_per_s = run.images_per_s or self._expected(run, spec, kind)
        return (run.iterations - run.iteration) * spec.batch_size / images_per_s if images_per_s else UNKNOWN

    def _expected(self, run: Run, spec: RunSpec, kind: str) -> float | None:
        network = (run.multiply_adds, run.shortcut, kind)
        if network not in self._known:
            measured = speed.expected(self._session, spec, run.multiply_adds, kind)
            self._known[network] = measured.images_per_s if measured else None
        return self._known[network]

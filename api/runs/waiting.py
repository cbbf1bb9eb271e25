"""What a run waits for, in words: its place, a worker, its back-off, or its trainer's start."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Run, Worker
from store.runs.queue import MOST_POSITIONS, QueuePosition
from store.runs.states import Status, StopRequest


def reasons(
    session: Session, queued: Sequence[Run], places: Mapping[UUID, QueuePosition], lease_s: float
) -> dict[UUID, str]:
    """Why each of the queued runs is not in training, with the places that are known."""
    if not queued:
        return {}
    alive = workers.alive(session, lease_s)
    now = session.scalar(select(func.now())) if any(row.not_before for row in queued) else None
    return {row.id: _in_queue(row, places.get(row.id), alive, now) for row in queued}


def reason_of_owned(row: Run, *, is_begun: bool) -> str | None:
    """Of a run that a worker has: what it is about to do, where it does not train."""
    if row.stop_request == StopRequest.cancel:
        return "cancelling: the worker saves a last checkpoint"
    if row.stop_request == StopRequest.pause:
        return "pausing: the worker saves a checkpoint"
    if is_starting(row):
        return "starting: the first iterations" if is_begun else "starting: loading PyTorch"
    return None


def is_starting(row: Run) -> bool:
    # A claim clears images_per_s and the attempt's first points bring it back. An examination never has any.
    return row.status == Status.running and row.images_per_s is None and row.examination is None


def _in_queue(row: Run, place: QueuePosition | None, alive: Sequence[Worker], now: datetime | None) -> str:
    of_queue = f" of queue {row.queue}" if row.queue else ""
    fitting = [worker for worker in alive if row.queue in (None, worker.queue)]
    if not fitting:
        return f"no worker{of_queue} is alive"
    if all(worker.draining for worker in fitting):
        return f"all workers{of_queue} drain"
    if row.not_before and now and row.not_before > now:
        after = f" after {row.failures} failed attempt{'s' if row.failures > 1 else ''}" if row.failures else ""
        return f"backs off until {row.not_before.astimezone(UTC):%H:%M:%S} UTC{after}"
    kind = f"{row.queue} worker" if row.queue else "worker"
    if place is None:  # not asked for, or claimed a moment ago
        return f"waits for a {kind}"
    if place.number is None:
        return f"behind the first {MOST_POSITIONS}, waits for a {kind}"
    return f"{place.number} of {place.waiting or f'{MOST_POSITIONS} and more'}, waits for a {kind}"

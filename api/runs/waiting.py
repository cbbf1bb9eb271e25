"""What a run waits for, in words: its queue position, a worker, its back-off or its trainer's start."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Attempt, Run, Worker
from store.quotas import limits
from store.runs.queue import MOST_POSITIONS, Capacity, QueuePosition
from store.runs.states import Queue, Status, StopRequest

# Of a worker during one lease (the defaults of `lease_s` and `heartbeat_s`).
HEARTBEATS = 4


def reasons(
    session: Session, queued: Sequence[Run], positions: Mapping[UUID, QueuePosition], lease_s: float
) -> dict[UUID, str]:
    """What each queued run waits for; `positions` may lack some of the runs."""
    if not queued:
        return {}
    fleet = workers.fleet(session, lease_s)
    alive, full = fleet.alive, limits.full(session) if fleet.has_quotas else limits.Full()
    awaiting = {worker.awaits: worker for worker in reversed(alive) if worker.awaits and worker.shared_device}
    lacking: dict[tuple[object, ...], tuple[str | None, str | None]] = {}
    sentences = {}
    for row in queued:
        needs = _needs(row)
        if needs not in lacking:  # once for all of them: on a page, many runs need the same
            lacking[needs] = _too_large(row, alive), _nobody(row.queue, alive)
        too_large, nobody = lacking[needs]
        sentences[row.id] = (
            full.reason(row)
            or too_large
            or (_awaits_device(row, awaiting[row.id]) if row.id in awaiting else None)
            or nobody
            or _in_queue(row, positions.get(row.id), fleet.now)
        )
    return sentences


def silences(session: Session, rows: Sequence[Run], lease_s: float) -> dict[UUID, float]:
    """Seconds since the last heartbeat, of running runs that have missed two: nobody may be training them."""
    running = [row.id for row in rows if row.status == Status.running and row.origin is None]
    if not running:
        return {}
    beat_at = Attempt.lease_until - timedelta(seconds=lease_s)
    owned = select(Attempt.run_id, extract("epoch", func.now() - beat_at)).join(Run, Run.id == Attempt.run_id)
    owned = owned.where(Run.id.in_(running), Attempt.number == Run.fence)
    missed = owned.where(beat_at < func.now() - timedelta(seconds=lease_s / HEARTBEATS * 2))
    return {run_id: float(silence_s) for run_id, silence_s in session.execute(missed)}


def reason_of_owned(row: Run, *, is_begun: bool, silence_s: float | None = None) -> str | None:
    """What a run that a worker has claimed is doing; None while it trains."""
    if silence_s is not None:
        silence = f"{silence_s:.0f} s" if silence_s < 120 else f"{silence_s / 60:.0f} min"
        return f"its worker hasn't answered for {silence}; another one takes over if it doesn't come back"
    if row.stop_request == StopRequest.cancel:
        return "cancelling: the worker is saving a last checkpoint"
    if row.stop_request == StopRequest.pause:
        return "pausing: the worker is saving a checkpoint"
    if is_starting(row):
        return "starting: running the first iterations" if is_begun else "starting: loading PyTorch"
    return None


def is_starting(row: Run) -> bool:
    # A claim clears images_per_s, and the attempt's first points set it again. An examination never has one.
    return row.status == Status.running and row.images_per_s is None and row.examination is None


def _needs(row: Run) -> tuple[object, ...]:
    """Equal for runs that the same workers can train. A run on several machines has its own: workers wait for it."""
    return row.queue, row.devices, row.memory_bytes, None if row.machines == 1 else row.id


def _too_large(row: Run, alive: Sequence[Worker]) -> str | None:
    """Why the live workers can't train the run now, and couldn't if all of them were free."""
    if row.machines > 1:
        return _too_few(row, alive)
    suitable = [Capacity.of(worker) for worker in alive if row.queue in (None, worker.queue)]
    if not suitable:
        return None
    largest = f"the largest {row.queue or 'live'} worker has"
    if row.devices > (most := max(one.devices for one in suitable)):
        return f"needs {row.devices:,} devices; {largest} {most:,}"
    enough = [one for one in suitable if row.devices <= one.devices]
    if all(one.lacks_memory_for(row) for one in enough):
        has = max(one.memory_bytes or 0 for one in enough)
        on_each = " on each device" if row.devices > 1 else ""
        return f"needs {_gib(row.memory_bytes)} of memory{on_each} by its plan; {largest} {_gib(has)}"
    return None


def _awaits_device(row: Run, worker: Worker) -> str:
    """That the device which the worker shares is being emptied for the run."""
    why = "its last attempt failed, so it gets a device alone" if row.failures else "it doesn't fit beside them"
    return f"waits for the other runs on {worker.device} ({worker.name}) to end: {why}"


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:,.1f} GiB"


def _too_few(row: Run, alive: Sequence[Worker]) -> str | None:
    """What a run on several machines lacks: workers, or free ones."""
    name = f"{row.queue} workers" if row.queue else "workers of one queue"
    each = f" with {row.devices:,} devices" if row.devices > 1 else ""
    large = [w for w in alive if w.slots == 1 and w.devices >= row.devices and not Capacity.of(w).lacks_memory_for(row)]
    fit = [w for w in large if not (w.draining or w.trouble)]
    count = max((sum(w.queue == queue for w in fit) for queue in _queues(row, fit)), default=0)
    if count < row.machines:
        return f"needs {row.machines:,} {name}{each} at once; {count:,} can train it"
    ready = sorted(w.name for w in fit if w.awaits == row.id)
    return f"waits for {row.machines:,} free {name} at once; ready: {', '.join(ready)}" if ready else None


def _queues(row: Run, alive: Sequence[Worker]) -> Sequence[str]:
    return [row.queue] if row.queue else sorted({worker.queue for worker in alive})


def _nobody(name: Queue | None, alive: Sequence[Worker]) -> str | None:
    """Why no worker takes runs of this queue; None if one does."""
    worker = _worker(name)
    suitable = [candidate for candidate in alive if name in (None, candidate.queue)]
    if not suitable:
        return f"no {worker} is running"
    if all(candidate.draining or candidate.trouble for candidate in suitable):
        unfit = next((candidate for candidate in suitable if candidate.trouble), None)
        return f"no {worker} is fit: {unfit.name}: {unfit.trouble}" if unfit else f"all {worker}s are draining"
    return None


def _worker(name: Queue | None) -> str:
    return f"{name} worker" if name else "worker"


def _in_queue(row: Run, position: QueuePosition | None, now: datetime) -> str:
    worker = _worker(row.queue)
    if row.not_before and row.not_before > now:
        after = f" after {row.failures} failed attempt{'s' if row.failures > 1 else ''}" if row.failures else ""
        return f"waits until {row.not_before.astimezone(UTC):%H:%M:%S} UTC{after}"
    if position is None:  # not counted, or claimed a moment ago
        return f"waiting for a {worker}"
    if position.number is None:
        return f"beyond the first {MOST_POSITIONS:,} in the queue, waiting for a {worker}"
    count = f"{position.waiting:,}" if position.waiting else f"{MOST_POSITIONS:,} or more"
    return f"{position.number:,} of {count} in the queue, waiting for a {worker}"

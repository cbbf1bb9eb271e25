"""The queue: which run is next, and every run's position.

The order is by priority, then by fairness between owners (fewest runs in training first), then by age. It is decided
only when a worker claims, so a changed priority, a cancel or an owner's first run counts immediately.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from store.db.database import rows_of_several
from store.db.models import Run, Worker
from store.quotas import limits
from store.runs.states import Queue, Status

# A claim considers the first few runs of each owner, and many if other claimers have locked all of the few.
_FEW, _MANY = 4, 64
# Positions are counted up to this one.
MOST_POSITIONS = 1000
# More than any machine has.
_UNKNOWN_BYTES = 1 << 60
# A run without a queue waits for any worker; in SQL its queue is the empty string.
ANY = ""
ALL_QUEUES = (ANY, *Queue)
Priority = Annotated[int, Field(strict=True, ge=-100, le=100)]

# Without statistics, as after a burst of submits, the planner prefers to collect and sort all runs of an owner.
_BY_INDEX = text("SET LOCAL enable_bitmapscan = off")

# With 100,000 queued rows a plain ORDER BY sorts them all. Instead: walk the owners (a loose scan of
# ix_runs_queued), take the first few of each, and order those. One owner's runs have one order among themselves.
_OWNERS = """
WITH RECURSIVE owners(owner) AS (
    (SELECT owner FROM runs WHERE status = 'queued' ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT (SELECT runs.owner FROM runs WHERE status = 'queued' AND runs.owner > owners.owner ORDER BY owner LIMIT 1)
    FROM owners WHERE owners.owner IS NOT NULL
),
training AS MATERIALIZED (
    SELECT owner, count(*) AS runs FROM runs WHERE status = 'running' GROUP BY owner
),
"""

# The last loop goes down the order and locks only as many runs as needed.
_CLAIMED = """
heads AS MATERIALIZED (
    SELECT head.id, head.priority, coalesce(training.runs, 0) AS training, head.created_at
    FROM owners
    LEFT JOIN training USING (owner)
    CROSS JOIN unnest(ARRAY[:queue, '']) AS waiting(queue_name)
    CROSS JOIN LATERAL (
        SELECT id, priority, created_at FROM runs
        WHERE status = 'queued' AND runs.owner = owners.owner AND coalesce(queue, '') = queue_name
            AND (not_before IS NULL OR not_before <= now())
            AND project <> ALL (CAST(:full_projects AS text[]))
            AND devices <= :devices AND memory_bytes <= :memory_bytes
            AND (:is_divided OR memory_bytes * devices <= :memory_bytes)
            AND id <> ALL (CAST(:passed AS uuid[]))
            AND (machines = 1 OR NOT :is_slot AND machines <= (
                SELECT count(*) FROM workers WHERE queue = :queue AND slots = 1 AND devices >= runs.devices
                AND NOT draining AND trouble IS NULL AND seen_at > now() - make_interval(secs => :lease_s)
                AND (workers.memory_bytes IS NULL OR workers.memory_bytes
                    >= runs.memory_bytes * CASE WHEN :is_divided THEN 1 ELSE runs.devices END)
            ))
            AND (:rung_too OR rung_at IS NULL OR rung_at <= now() - make_interval(secs => :ring_again_s))
        ORDER BY priority DESC, created_at, id LIMIT :heads
    ) AS head
    WHERE owners.owner IS NOT NULL AND owners.owner <> ALL (CAST(:full_people AS text[]))
)
SELECT locked.id FROM (SELECT id FROM heads ORDER BY priority DESC, training, created_at, id) AS head
CROSS JOIN LATERAL (
    SELECT id FROM runs WHERE runs.id = head.id AND status = 'queued' FOR NO KEY UPDATE SKIP LOCKED
) AS locked
LIMIT :most
"""

# The same order played forward: an owner's k-th run waits until k-1 more of that owner's runs are in training. All runs
# before one of the first `most` are among the first `most` of their owners, so these positions are exact.
_FORWARD = """
heads AS (
    SELECT head.id, head.priority, head.created_at, coalesce(training.runs, 0) + row_number()
        OVER (PARTITION BY owners.owner ORDER BY head.priority DESC, head.created_at, head.id) AS turn
    FROM owners
    LEFT JOIN training USING (owner)
    CROSS JOIN unnest(CAST(%(queues)s AS text[])) AS waiting(queue_name)
    CROSS JOIN LATERAL (
        SELECT id, priority, created_at FROM runs
        WHERE status = 'queued' AND runs.owner = owners.owner AND coalesce(queue, '') = queue_name
        ORDER BY priority DESC, created_at, id LIMIT %(most)s
    ) AS head
    WHERE owners.owner IS NOT NULL
),
line AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY priority DESC, turn, created_at, id) AS number FROM heads
    ORDER BY number LIMIT %(most)s
)
"""

# Planning takes as long as executing it, and the parameters change nothing about the plan.
_SET_PLANS = "SELECT set_config('enable_bitmapscan', %(bitmaps)s, true), set_config('plan_cache_mode', %(mode)s, true)"
_IDS = "SELECT id FROM line ORDER BY number"
_PLACES = "SELECT id, number, (SELECT count(*) FROM line) FROM unnest(%(ids)s) AS runs(id) LEFT JOIN line USING (id)"

_FIRST = text(_OWNERS + _CLAIMED)
_LINE, _POSITIONS = (_OWNERS + _FORWARD + columns for columns in (_IDS, _PLACES))


@dataclass(frozen=True)
class Capacity:
    """The most that a worker can give a run: devices, and memory for each of them.

    A GPU has memory of its own; processors divide their machine's. Of an unknown memory, any run is tried. A slot of a
    device takes no part in a run on several machines.
    """

    queue: Queue
    devices: int = 1
    memory_bytes: int | None = None
    is_slot: bool = False

    @classmethod
    def of(cls, worker: Worker) -> "Capacity":
        return cls(worker.queue, worker.devices or 1, worker.memory_bytes, worker.shared_device is not None)

    def lacks_memory_for(self, run: Run) -> bool:
        """Whether the run needs more memory than the worker has."""
        needed = run.memory_bytes * (1 if self.queue == Queue.gpu else run.devices)
        return self.memory_bytes is not None and needed > self.memory_bytes


def first(session: Session, capacity: Capacity, lease_s: float = 0, passed: Sequence[UUID] = ()) -> UUID | None:
    """Returns the run that a free worker should train now, locked; None if no run waits for it.

    On each machine the run needs no more than the worker has, and it needs no more machines than there are workers with
    as much that were seen within `lease_s`. Neither its owner nor its project has reached a quota. It is none of those
    that were `passed` over.
    """
    parameters = _parameters(session, capacity, 1, lease_s, claiming=True) | {"passed": list(passed)}
    few = _lock_first(session, parameters)
    return next(iter(few or _lock_first(session, parameters | {"heads": _MANY})), None)


def unrung(session: Session, capacity: Capacity, most: int, ring_again_s: float, lease_s: float = 0) -> list[UUID]:
    """Returns the first runs for which no bell rang within `ring_again_s`, locked."""
    parameters = _parameters(session, capacity, most, lease_s)
    return _lock_first(session, parameters | {"rung_too": False, "ring_again_s": ring_again_s})


def _lock_first(session: Session, parameters: dict[str, object]) -> list[UUID]:
    session.execute(_BY_INDEX)
    return list(session.scalars(_FIRST, parameters))


def _parameters(
    session: Session, capacity: Capacity, most: int, lease_s: float, *, claiming: bool = False
) -> dict[str, object]:
    full = limits.full(session, claiming=claiming)
    return {
        "queue": capacity.queue,
        "most": most,
        "heads": max(_FEW, most),
        "rung_too": True,
        "ring_again_s": 0,
        "devices": capacity.devices,
        "memory_bytes": _UNKNOWN_BYTES if capacity.memory_bytes is None else capacity.memory_bytes,
        "is_divided": capacity.queue == Queue.gpu,
        "is_slot": capacity.is_slot,
        "passed": [],
        "lease_s": lease_s,
        "full_people": list(full.people),
        "full_projects": list(full.projects),
    }


class QueuePosition(NamedTuple):
    """Number 1 is the run that the next free worker takes; `waiting` counts the runs that wait for the same workers.

    Both are None beyond `MOST_POSITIONS`: counting so far would cost more than the number is worth.
    """

    number: int | None
    waiting: int | None


def ahead(session: Session, limit: int) -> list[Run]:
    """Returns the first queued runs, in the order in which they would be claimed if no run in training ended."""
    (line,) = _play_forward(session, (_LINE, {"queues": list(ALL_QUEUES), "most": limit}))
    ids = [run_id for (run_id,) in line]
    runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids), Run.status == Status.queued))}
    return [runs[run_id] for run_id in ids if run_id in runs]


def positions(session: Session, queued: Sequence[Run]) -> dict[UUID, QueuePosition]:
    """Returns the positions of these runs; a run that was claimed a moment ago has none."""
    by_queue: defaultdict[Queue | None, list[UUID]] = defaultdict(list)
    for run in queued:
        by_queue[run.queue].append(run.id)
    of_runs: dict[UUID, QueuePosition] = {}
    for rows in _play_forward(session, *(_places(name, ids) for name, ids in by_queue.items())):
        for run_id, number, count in rows:
            waiting = count if count < MOST_POSITIONS else None
            if number is not None or waiting is None:
                of_runs[run_id] = QueuePosition(number, waiting)
    return of_runs


def _places(name: Queue | None, ids: list[UUID]) -> tuple[str, dict[str, Any]]:
    queues = ALL_QUEUES if name is None else (name, ANY)
    return _POSITIONS, {"queues": list(queues), "most": MOST_POSITIONS, "ids": ids}


def _play_forward(session: Session, *statements: tuple[str, dict[str, Any]]) -> list[list[tuple[Any, ...]]]:
    """Runs these by index only; what follows in the same transaction, such as a text search, may need its bitmap."""
    ours = _SET_PLANS, {"bitmaps": "off", "mode": "force_generic_plan"}
    usual = _SET_PLANS, {"bitmaps": "on", "mode": "auto"}
    return rows_of_several(session, [ours, *statements, usual])[1:-1]

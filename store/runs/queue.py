"""The queue: who is next, and which place everybody has.

The order is priority, then fair between owners (whoever has the fewest runs in training), then age. It is decided
when a worker claims and not before, so a changed priority, a cancel or an owner's first run counts at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from store.db.models import Run
from store.runs.states import Queue, Status

# Of one owner's runs so many are looked at, and where other claimers have locked all of these, so many more.
_FEW, _MANY = 4, 64
# A place is told up to this one.
MOST_POSITIONS = 1000
# What the queue is kept by: the kind of worker that a run asks for, or either.
EITHER = ""
KINDS = (EITHER, *Queue)
Priority = Annotated[int, Field(strict=True, ge=-100, le=100)]

# Without statistics, as after a burst of submits, the planner would rather collect and sort all that one owner has.
_BY_INDEX = text("SET LOCAL enable_bitmapscan = off")
_AS_USUAL = text("SET LOCAL enable_bitmapscan = on")

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

# The last loop goes down the order and locks as many as are wanted, no more.
_CLAIMED = """
heads AS MATERIALIZED (
    SELECT head.id, head.priority, coalesce(training.runs, 0) AS training, head.created_at
    FROM owners
    LEFT JOIN training USING (owner)
    CROSS JOIN unnest(ARRAY[:queue, '']) AS kind
    CROSS JOIN LATERAL (
        SELECT id, priority, created_at FROM runs
        WHERE status = 'queued' AND runs.owner = owners.owner AND coalesce(queue, '') = kind
            AND (not_before IS NULL OR not_before <= now())
            AND (:rung_too OR rung_at IS NULL OR rung_at <= now() - make_interval(secs => :ring_again_s))
        ORDER BY priority DESC, created_at, id LIMIT :heads
    ) AS head
    WHERE owners.owner IS NOT NULL
)
SELECT locked.id FROM (SELECT id FROM heads ORDER BY priority DESC, training, created_at, id) AS head
CROSS JOIN LATERAL (
    SELECT id FROM runs WHERE runs.id = head.id AND status = 'queued' FOR NO KEY UPDATE SKIP LOCKED
) AS locked
LIMIT :most
"""

# The same order played forward: an owner's k-th run waits until k-1 more of theirs are in training. Whoever is among
# the first `most` has nobody before them who is not among the first `most` of their owner, so these places are exact.
_FORWARD = """
heads AS (
    SELECT head.id, head.priority, head.created_at, coalesce(training.runs, 0) + row_number()
        OVER (PARTITION BY owners.owner ORDER BY head.priority DESC, head.created_at, head.id) AS turn
    FROM owners
    LEFT JOIN training USING (owner)
    CROSS JOIN unnest(CAST(:kinds AS text[])) AS kind
    CROSS JOIN LATERAL (
        SELECT id, priority, created_at FROM runs
        WHERE status = 'queued' AND runs.owner = owners.owner AND coalesce(queue, '') = kind
        ORDER BY priority DESC, created_at, id LIMIT :most
    ) AS head
    WHERE owners.owner IS NOT NULL
)
SELECT id FROM heads ORDER BY priority DESC, turn, created_at, id LIMIT :most
"""

_FIRST, _LINE = text(_OWNERS + _CLAIMED), text(_OWNERS + _FORWARD)


def first(session: Session, queue: str) -> UUID | None:
    """The run that a free worker of this queue is to have now, locked; None where nothing waits for it."""
    few = _found(session, _asked(queue, 1))
    return next(iter(few or _found(session, _asked(queue, 1) | {"heads": _MANY})), None)


def unrung(session: Session, queue: str, most: int, ring_again_s: float) -> list[UUID]:
    """The first runs for which no bell rang within `ring_again_s`, locked."""
    return _found(session, _asked(queue, most) | {"rung_too": False, "ring_again_s": ring_again_s})


def _found(session: Session, asked: dict[str, object]) -> list[UUID]:
    session.execute(_BY_INDEX)
    return list(session.scalars(_FIRST, asked))


def _asked(queue: str, most: int) -> dict[str, object]:
    return {"queue": queue, "most": most, "heads": max(_FEW, most), "rung_too": True, "ring_again_s": 0}


@dataclass(frozen=True)
class QueuePosition:
    """Number 1 is the run that the next free worker takes; `waiting` counts the runs that wait for the same workers.

    Both are None beyond `MOST_POSITIONS`: counting so far would cost more than the number is worth.
    """

    number: int | None
    waiting: int | None


def ahead(session: Session, limit: int) -> list[Run]:
    """The first queued runs, in the order in which they would be claimed if none of those in training ended."""
    ids = _line(session, KINDS, limit)
    found = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids), Run.status == Status.queued))}
    return [found[run_id] for run_id in ids if run_id in found]


def positions(session: Session, queued: Sequence[Run]) -> dict[UUID, QueuePosition]:
    """Where these runs stand; one that was claimed a moment ago has none."""
    found: dict[UUID, QueuePosition] = {}
    for kind in {run.queue for run in queued}:
        line = _line(session, KINDS if kind is None else (kind, EITHER), MOST_POSITIONS)
        waiting = len(line) if len(line) < MOST_POSITIONS else None
        numbers = {run_id: number for number, run_id in enumerate(line, 1)}
        for run in queued:
            if run.queue == kind and (run.id in numbers or waiting is None):
                found[run.id] = QueuePosition(numbers.get(run.id), waiting)
    return found


def _line(session: Session, kinds: Sequence[str], most: int) -> list[UUID]:
    """The first runs that want one of these kinds of worker."""
    session.execute(_BY_INDEX)
    line = list(session.scalars(_LINE, {"kinds": list(kinds), "most": most}))
    session.execute(_AS_USUAL)  # a search for words in the same transaction needs its bitmap
    return line

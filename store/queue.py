"""The queue: who is next, and which place everybody has.

The order is priority, then fair between owners (whoever has the fewest runs in training), then age. It is decided
when a worker claims and not before, so a changed priority, a cancel or an owner's first run counts at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, text
from sqlalchemy.orm import Session

from store.models import Run
from store.states import Status

# Of one owner's runs so many are looked at: more than other claimers lock at one moment.
_HEADS = 32

# With 100,000 queued rows a plain ORDER BY sorts them all. Instead: walk the owners (a loose scan of
# ix_runs_queued), take the first few of each, and order those. One owner's runs have one order among themselves.
# The last loop goes down that order and locks as many as are wanted, no more.
_FIRST = text("""
WITH RECURSIVE owners(owner) AS (
    (SELECT owner FROM runs WHERE status = 'queued' ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT (SELECT runs.owner FROM runs WHERE status = 'queued' AND runs.owner > owners.owner ORDER BY owner LIMIT 1)
    FROM owners WHERE owners.owner IS NOT NULL
),
training AS MATERIALIZED (
    SELECT owner, count(*) AS runs FROM runs WHERE status = 'running' GROUP BY owner
),
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
""")


def first(session: Session, queue: str) -> UUID | None:
    """The run that a free worker of this queue is to have now, locked; None where nothing waits for it."""
    return next(iter(_found(session, _asked(queue, 1))), None)


def unrung(session: Session, queue: str, most: int, ring_again_s: float) -> list[UUID]:
    """The first runs for which no bell rang within `ring_again_s`, locked."""
    return _found(session, _asked(queue, most) | {"rung_too": False, "ring_again_s": ring_again_s})


def _found(session: Session, asked: dict[str, object]) -> list[UUID]:
    # Without statistics, as after a burst of submits, the planner would rather collect and sort all that one owner has.
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    return list(session.scalars(_FIRST, asked))


def _asked(queue: str, most: int) -> dict[str, object]:
    return {"queue": queue, "most": most, "heads": max(_HEADS, most), "rung_too": True, "ring_again_s": 0}


@dataclass(frozen=True)
class Place:
    """Place 1 is the run that the next free worker takes; `waiting` counts those that want the same kind of worker."""

    number: int
    waiting: int


def waiting(session: Session, limit: int = 1000) -> list[tuple[Run, Place]]:
    """The queued runs in the order in which they would be claimed if none of those in training ended."""
    ranked = _ranked().subquery()
    rows = session.execute(
        select(Run, ranked.c.number, ranked.c.waiting)
        .join(ranked, ranked.c.id == Run.id)
        .order_by(ranked.c.overall)
        .limit(limit)
    )
    return [(run, Place(number, waiting)) for run, number, waiting in rows]


def places(session: Session, run_ids: Collection[UUID]) -> dict[UUID, Place]:
    """Where those of the runs that are queued stand; the queue may be long, so it is counted where it lies."""
    ranked = _ranked().subquery()
    rows = session.execute(select(ranked).where(ranked.c.id.in_(run_ids)))
    return {row.id: Place(row.number, row.waiting) for row in rows}


def _ranked() -> "Select[tuple[UUID, int, int, int]]":
    """Every queued run with its place. An owner's k-th run waits until k-1 more of theirs are in training."""
    training = (
        select(Run.owner, func.count().label("runs"))
        .where(Run.status == Status.running)
        .group_by(Run.owner)
        .cte("training")
    )
    ahead = func.row_number().over(partition_by=Run.owner, order_by=(Run.priority.desc(), Run.created_at, Run.id))
    turn = (func.coalesce(training.c.runs, 0) + ahead).label("turn")
    queued = (
        select(Run.id, Run.queue, Run.priority, Run.created_at, turn)
        .outerjoin(training, training.c.owner == Run.owner)
        .where(Run.status == Status.queued)
        .subquery()
    )
    order = (queued.c.priority.desc(), queued.c.turn, queued.c.created_at, queued.c.id)

    def among(kind: str, *, up_to_here: bool) -> object:
        fits = or_(queued.c.queue.is_(None), queued.c.queue == kind)
        return func.count().filter(fits).over(order_by=order if up_to_here else None)

    overall = func.row_number().over(order_by=order).label("overall")
    number = case(
        (queued.c.queue == "cpu", among("cpu", up_to_here=True)),
        (queued.c.queue == "gpu", among("gpu", up_to_here=True)),
        else_=overall,
    )
    count = case(
        (queued.c.queue == "cpu", among("cpu", up_to_here=False)),
        (queued.c.queue == "gpu", among("gpu", up_to_here=False)),
        else_=func.count().over(),
    )
    return select(queued.c.id, overall, number.label("number"), count.label("waiting"))

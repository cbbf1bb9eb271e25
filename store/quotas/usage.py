"""What a person or project uses now, and the device time of each month, which outlives the runs that spent it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Double, cast, func, select, text, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.db.models import Artifact, Attempt, Dataset, Run, StartWeights, Usage
from store.db.models.quotas import HolderKind
from store.runs.states import Status

_OF_RUN: Final[dict[HolderKind, InstrumentedAttribute[str]]] = {"person": Run.owner, "project": Run.project}
_OF_DATASET: Final[dict[HolderKind, InstrumentedAttribute[str]]] = {"person": Dataset.owner, "project": Dataset.project}
_OF_START: Final[dict[HolderKind, InstrumentedAttribute[str]]] = {
    "person": StartWeights.owner,
    "project": StartWeights.project,
}
_OF_USAGE: Final[dict[HolderKind, InstrumentedAttribute[str]]] = {"person": Usage.person, "project": Usage.project}
_THIS_MONTH: Final = func.date_trunc("month", func.now())
_DEVICES: Final[ColumnElement[Any]] = func.coalesce(cast(Run.spec["devices"].astext, Double), 1)

# An attempt that went over midnight of the last day of a month is in both months.
_BOOK: Final = text("""
INSERT INTO usage AS spent (month, person, project, device_s)
SELECT month::date, owner, project,
    extract(epoch FROM least(ended_at, month + interval '1 month') - greatest(attempts.started_at, month))
        * coalesce((spec ->> 'devices')::int, 1) * share
FROM attempts JOIN runs ON runs.id = run_id
CROSS JOIN LATERAL generate_series(
    date_trunc('month', attempts.started_at), date_trunc('month', ended_at), interval '1 month'
) AS months (month)
WHERE run_id = :run_id AND number = :attempt AND ended_at IS NOT NULL
ORDER BY month
ON CONFLICT (month, person, project) DO UPDATE SET device_s = spent.device_s + excluded.device_s
""")


@dataclass(frozen=True)
class Use:
    """`device_hours` are of this month, UTC, with those of the runs that train now."""

    running: int
    queued: int
    device_hours: float
    kept_bytes: int


def book(session: Session, run_id: UUID, attempt: int) -> None:
    """Adds the device time of an attempt that has just ended. Call it once for each."""
    session.execute(_BOOK, {"run_id": run_id, "attempt": attempt})


def of(session: Session, kind: HolderKind, name: str) -> Use:
    running, queued = counts(session, kind, name)
    return Use(running, queued, device_hours(session, kind, name), kept_bytes(session, kind, name))


def counts(session: Session, kind: HolderKind, name: str) -> tuple[int, int]:
    """Returns the number of running and of queued runs, evaluations among them."""
    by_status = select(Run.status, func.count()).where(
        _OF_RUN[kind] == name, Run.status.in_([Status.running, Status.queued])
    )
    numbers = dict(iter(session.execute(by_status.group_by(Run.status))))
    return numbers.get(Status.running, 0), numbers.get(Status.queued, 0)


def device_hours(session: Session, kind: HolderKind, name: str) -> float:
    """Returns the device time of this month."""
    ended = select(func.sum(Usage.device_s)).where(_OF_USAGE[kind] == name, Usage.month == cast(_THIS_MONTH, Date))
    began = func.greatest(Attempt.started_at, _THIS_MONTH)
    training = (
        select(func.sum(func.extract("epoch", func.now() - began) * _DEVICES * Attempt.share))
        .select_from(Run)
        .join(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == Run.fence))
        .where(_OF_RUN[kind] == name, Run.status == Status.running)
    )
    return (float(session.scalar(ended) or 0) + float(session.scalar(training) or 0)) / 3600


def kept_bytes(session: Session, kind: HolderKind, name: str) -> int:
    """Returns the size of the files that are kept: runs' own, archives of data sets, and uploaded start weights."""
    files = select(func.sum(Artifact.size_bytes)).join(Run, Run.id == Artifact.run_id).where(_OF_RUN[kind] == name)
    archives = select(func.sum(Dataset.size_bytes)).where(_OF_DATASET[kind] == name, Dataset.key.is_not(None))
    starts = select(func.sum(StartWeights.size_bytes)).where(_OF_START[kind] == name)
    return sum(int(session.scalar(kept) or 0) for kept in (files, archives, starts))


def keepers(session: Session, kind: HolderKind) -> Sequence[str]:
    """Returns the people or projects that have runs or data sets, and so may keep files."""
    return session.scalars(union(select(_OF_RUN[kind]), select(_OF_DATASET[kind]))).all()


@dataclass(frozen=True)
class MonthUse:
    month: date
    person: str
    project: str
    device_hours: float


def months(session: Session, readable: ColumnElement[bool]) -> list[MonthUse]:
    """Returns the device time of attempts that have ended, the newest month first. `readable` is a condition on
    `Usage`."""
    rows = select(Usage).where(readable).order_by(Usage.month.desc(), Usage.person, Usage.project)
    return [MonthUse(row.month, row.person, row.project, row.device_s / 3600) for row in session.scalars(rows)]

"""Finding runs that train: filters, one sort column, and a cursor that stays right while rows come and go."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from store.db.errors import Refused
from store.db.models import Run, StudyMember
from store.runs.columns import COLUMNS
from store.runs.states import Status
from store.runs.where import Condition
from trainer.spec import Shortcut


@dataclass(frozen=True)
class Filter:
    """Every given part must hold. `text` is looked for in name, notes, tags and the start of the id."""

    id: tuple[UUID, ...] = ()
    status: tuple[Status, ...] = ()
    depth: tuple[int, ...] = ()
    shortcut: tuple[Shortcut, ...] = ()
    dataset: tuple[str, ...] = ()
    tag: str | None = None
    owner: str | None = None
    project: str | None = None
    study: UUID | None = None
    text: str | None = None
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Order:
    """`-name` sorts descending."""

    column: str = "created_at"
    descending: bool = True

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Raises Refused for a column that cannot be sorted by."""
        column = text.removeprefix("-")
        if column not in COLUMNS:
            raise Refused("sort", f"sort must be one of {', '.join(sorted(COLUMNS))}, with - in front for descending")
        return cls(column, text.startswith("-"))


class RunEntry(NamedTuple):
    """A run's place in a list; `last_seq` and `status` tell whether what is known of it still holds."""

    id: UUID
    status: Status
    last_seq: int
    value: Any  # of the column that the list is sorted by


@dataclass(frozen=True)
class RunListPage:
    runs: list[RunEntry]
    next_cursor: str | None


def find(session: Session, wanted: Filter, order: Order, limit: int = 50, cursor: str | None = None) -> RunListPage:
    """One page. Raises Refused where the cursor is not one that an earlier page gave."""
    found = select(Run.id, Run.status, Run.last_seq, COLUMNS[order.column].value.label("value"))
    ordered = found.where(*_conditions(wanted)).order_by(*_ordering(order))
    runs: list[RunEntry] = []
    for part in _after(order, *_read_cursor(cursor, order)) if cursor else [true()]:
        runs += map(RunEntry._make, session.execute(ordered.where(part).limit(limit + 1 - len(runs))))
        if len(runs) > limit:
            return RunListPage(runs[:limit], _write_cursor(runs[limit - 1], order))
    return RunListPage(runs, None)


def load(session: Session, ids: Collection[UUID]) -> list[Run]:
    """The whole rows of these runs, in any order."""
    return list(session.scalars(select(Run).where(Run.id.in_(ids)))) if ids else []


def _ordering(order: Order) -> tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]]:
    column = COLUMNS[order.column]
    ordered = column.value.desc() if order.descending else column.value.asc()
    # Where a column has no nulls, saying where they go would keep Postgres from reading its index backwards.
    ordered = ordered.nulls_last() if column.nullable else ordered
    return ordered, Run.id.desc() if order.descending else Run.id.asc()


def _ids(prefix: str) -> list[ColumnElement[bool]]:
    """Whether an id begins so; nothing where none can."""
    digits = prefix.lower().replace("-", "")
    if not digits or len(digits) > 32 or not set(digits) <= set("0123456789abcdef"):
        return []
    return [Run.id.between(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))]


def _after(order: Order, value: Any, run_id: UUID) -> list[ColumnElement[bool]]:
    """What comes after a row, in parts: the other values, then the rows without one. Each part begins at a place in
    an index, so that page 1,000 costs what page 1 does; one condition for both would be read from the start."""
    column, nullable = COLUMNS[order.column].value, COLUMNS[order.column].nullable
    if value is None:
        return [and_(column.is_(None), Run.id < run_id if order.descending else Run.id > run_id)]
    here, there = tuple_(column, Run.id), tuple_(literal(value, column.type), literal(run_id))
    rest = here < there if order.descending else here > there
    return [rest, column.is_(None)] if nullable else [rest]


def count(session: Session, wanted: Filter, most: int | None = None) -> int:
    """How many there are; with `most`, it stops counting there, so that it costs the same among any number of runs."""
    found = select(literal(1)).select_from(Run).where(*_conditions(wanted)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Run.examination.is_(None)]
    conditions += [
        getattr(Run, name).in_(values)
        for name in ("id", "status", "depth", "shortcut", "dataset")
        if (values := getattr(wanted, name))
    ]
    conditions += [getattr(Run, name) == value for name in ("owner", "project") if (value := getattr(wanted, name))]
    if wanted.tag:
        conditions.append(Run.tags.contains([wanted.tag]))
    if wanted.study:
        conditions.append(Run.id.in_(select(StudyMember.run_id).where(StudyMember.study_id == wanted.study)))
    if wanted.text:
        words = func.run_text(Run.name, Run.notes, Run.tags)  # of migration 0007, which has an index of it
        conditions.append(or_(words.icontains(wanted.text, autoescape=True), *_ids(wanted.text)))
    return [*conditions, *(condition.holds() for condition in wanted.where)]


def _write_cursor(run: RunEntry, order: Order) -> str:
    value = run.value.isoformat() if isinstance(run.value, datetime) else run.value
    return base64.urlsafe_b64encode(json.dumps([order.column, value, str(run.id)]).encode()).decode()


def _read_cursor(cursor: str, order: Order) -> tuple[Any, UUID]:
    try:
        column, value, run_id = json.loads(base64.urlsafe_b64decode(cursor))
        parsed = UUID(run_id)
        kind = COLUMNS[order.column].kind
        value = datetime.fromisoformat(value) if kind is datetime and value is not None else value
        fits = value is None or isinstance(value, (kind, int) if kind is float else kind)
        # Postgres has no NUL, and UTF-8 no lone surrogate: encode refuses that one itself.
        fits = fits and not (isinstance(value, str) and b"\0" in value.encode())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("cursor", "cursor must be a next_cursor of an earlier page") from error
    if column != order.column or not fits:
        raise Refused("cursor", f"cursor belongs to another sort than {order.column}")
    return value, parsed

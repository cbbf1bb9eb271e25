"""Lists of training runs: filters, one sort column, and a cursor that stays valid while rows come and go."""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    bindparam,
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
from trainer.tasks import Task


@dataclass(frozen=True)
class Filter:
    """All fields that are set must match. `text` is searched in name, notes, tags and the start of the id."""

    id: tuple[UUID, ...] = ()
    status: tuple[Status, ...] = ()
    depth: tuple[int, ...] = ()
    shortcut: tuple[Shortcut, ...] = ()
    dataset: tuple[str, ...] = ()
    task: Task | None = None
    tag: str | None = None
    owner: str | None = None
    project: str | None = None
    study: UUID | None = None
    text: str | None = None
    archived: bool | None = None
    where: tuple[Condition, ...] = ()
    # What the caller may see (`store.people.rights.readable`).
    readable: ColumnElement[bool] = field(default_factory=true)


@dataclass(frozen=True)
class Order:
    """`-name` sorts descending."""

    column: str = "created_at"
    descending: bool = True

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Raises Refused for a column that can't be sorted."""
        column = text.removeprefix("-")
        if column not in COLUMNS:
            raise Refused(
                "sort", f"sort must be one of {', '.join(sorted(COLUMNS))}, with - in front for descending order."
            )
        return cls(column, text.startswith("-"))


class RunEntry(NamedTuple):
    """A run's entry in a list; `last_seq` and `status` tell whether a cached view of the run is still valid."""

    id: UUID
    status: Status
    last_seq: int
    value: Any  # of the sort column


@dataclass(frozen=True)
class RunListPage:
    runs: list[RunEntry]
    next_cursor: str | None
    total: int  # matches on all pages


def find(
    session: Session,
    filters: Filter,
    order: Order,
    limit: int = 50,
    cursor: str | None = None,
    most_counted: int | None = None,
) -> RunListPage:
    """Returns one page. `most_counted` is where the count of all matches stops, so that its cost has a bound.

    Raises Refused if the cursor didn't come from an earlier page.
    """
    page = _page(filters, order, most_counted)
    rows: list[Row[Any]] = []
    for part in _after(order, *_read_cursor(cursor, order)) if cursor else [None]:
        query = page if part is None else page.where(part)
        # Columns: the ORM would take a third of the time.
        rows += session.connection().execute(query, {"rows": limit + 1 - len(rows)})
        if len(rows) > limit:
            break
    runs = [RunEntry._make(row[:4]) for row in rows[:limit]]
    total = rows[0].total if rows else count(session, filters, most_counted) if cursor else 0
    return RunListPage(runs, _write_cursor(runs[-1], order) if len(rows) > limit else None, total)


@lru_cache(maxsize=256)
def _page(filters: Filter, order: Order, most_counted: int | None) -> Select[Any]:
    """Built once for a question that is asked again and again: building it took longer than its rows (measured)."""
    total = select(func.count()).select_from(_matches(filters, most_counted)).scalar_subquery()
    entries = select(Run.id, Run.status, Run.last_seq, COLUMNS[order.column].value.label("value"), total.label("total"))
    return entries.where(*_conditions(filters)).order_by(*_ordering(order)).limit(bindparam("rows", type_=Integer()))


def load(session: Session, ids: Collection[UUID]) -> list[Run]:
    """Returns the whole rows of these runs, in any order."""
    return list(session.scalars(select(Run).where(Run.id.in_(ids)))) if ids else []


def _ordering(order: Order) -> tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]]:
    column = COLUMNS[order.column]
    ordered = column.value.desc() if order.descending else column.value.asc()
    # Without nulls, NULLS LAST would only keep Postgres from reading the index backwards.
    ordered = ordered.nulls_last() if column.nullable else ordered
    return ordered, Run.id.desc() if order.descending else Run.id.asc()


def _ids(prefix: str) -> list[ColumnElement[bool]]:
    """The condition that an id begins with this prefix; empty if no id can."""
    digits = prefix.lower().replace("-", "")
    if not digits or len(digits) > 32 or not set(digits) <= set("0123456789abcdef"):
        return []
    return [Run.id.between(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))]


def _after(order: Order, value: Any, run_id: UUID) -> list[ColumnElement[bool]]:
    """The conditions for the rows after this one, in parts: rows with a value, then rows without.

    Each part starts inside an index, so page 1,000 costs as much as page 1. One condition for both would read the index
    from its start.
    """
    column, nullable = COLUMNS[order.column].value, COLUMNS[order.column].nullable
    if value is None:
        return [and_(column.is_(None), Run.id < run_id if order.descending else Run.id > run_id)]
    here, there = tuple_(column, Run.id), tuple_(literal(value, column.type), literal(run_id))
    rest = here < there if order.descending else here > there
    return [rest, column.is_(None)] if nullable else [rest]


def count(session: Session, filters: Filter, most: int | None = None) -> int:
    """Counts the runs; with `most`, it stops there, so that the cost has a bound."""
    return session.scalar(select(func.count()).select_from(_matches(filters, most))) or 0


def _matches(filters: Filter, most: int | None) -> Subquery:
    return select(literal(1)).select_from(Run).where(*_conditions(filters)).limit(most).subquery()


def _conditions(filters: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Run.examination.is_(None), filters.readable]
    choices: tuple[tuple[SQLColumnExpression[Any], Sequence[object]], ...] = (
        (Run.id, filters.id),
        (Run.status, filters.status),
        (Run.depth, filters.depth),
        (Run.shortcut, filters.shortcut),
        (Run.dataset, filters.dataset),
    )
    conditions += [column.in_(values) for column, values in choices if values]
    if filters.task:
        conditions.append(Run.task == filters.task)
    if filters.owner:
        conditions.append(Run.owner == filters.owner)
    if filters.project:
        conditions.append(Run.project == filters.project)
    if filters.tag:
        conditions.append(Run.tags.contains([filters.tag]))
    if filters.study:
        conditions.append(Run.id.in_(select(StudyMember.run_id).where(StudyMember.study_id == filters.study)))
    if filters.archived is not None:
        conditions.append(Run.archived_at.is_not(None) if filters.archived else Run.archived_at.is_(None))
    if filters.text:
        words = func.run_text(Run.name, Run.notes, Run.tags)  # a function of migration 0007, with an index on it
        conditions.append(or_(words.icontains(filters.text, autoescape=True), *_ids(filters.text)))
    return [*conditions, *(condition.holds() for condition in filters.where)]


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
        # Postgres can't store NUL, nor UTF-8 a lone surrogate, which encode refuses.
        fits = fits and not (isinstance(value, str) and b"\0" in value.encode())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("cursor", "cursor must be the next_cursor of an earlier page.") from error
    if column != order.column or not fits:
        raise Refused(
            "cursor", f"This cursor was made for another sort order than {order.column}. Start again without it."
        )
    return value, parsed

"""Finding runs: filters, one sort column, and a cursor that stays right while rows come and go."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from store.errors import Refused
from store.models import Run
from store.states import Status
from trainer.spec import Shortcut

SORTS: dict[str, Any] = {
    name: getattr(Run, name)
    for name in (
        "created_at", "started_at", "finished_at", "name", "project", "owner", "status", "dataset", "depth", "shortcut",
        "priority", "iteration", "iterations", "parameters", "multiply_adds", "images_per_s",
        "train_error", "val_error", "best_val_error", "test_error", "best_test_error",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """Every given part must hold. `text` is looked for in name, notes, tags and the start of the id."""

    status: tuple[Status, ...] = ()
    depth: tuple[int, ...] = ()
    shortcut: tuple[Shortcut, ...] = ()
    dataset: tuple[str, ...] = ()
    tag: str | None = None
    owner: str | None = None
    project: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Order:
    """`-name` sorts descending. Runs without the value come last either way."""

    column: str = "created_at"
    descending: bool = True

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Raises Refused for a column that cannot be sorted by."""
        column = text.removeprefix("-")
        if column not in SORTS:
            raise Refused("sort", f"sort must be one of {', '.join(sorted(SORTS))}, with - in front for descending")
        return cls(column, text.startswith("-"))


@dataclass(frozen=True)
class Page:
    runs: list[Run]
    next_cursor: str | None


def find(session: Session, wanted: Filter, order: Order, limit: int = 50, cursor: str | None = None) -> Page:
    """One page. Raises Refused where the cursor is not one that an earlier page gave."""
    column = SORTS[order.column]
    query = select(Run).where(*_conditions(wanted))
    if cursor:
        query = query.where(_after(column, order.descending, *_read_cursor(cursor, order)))
    ordered = column.desc().nulls_last() if order.descending else column.asc().nulls_last()
    tie = Run.id.desc() if order.descending else Run.id.asc()
    runs = list(session.scalars(query.order_by(ordered, tie).limit(limit + 1)))
    more = len(runs) > limit
    return Page(runs[:limit], _write_cursor(runs[limit - 1], order) if more else None)


def count(session: Session, wanted: Filter) -> int:
    return session.scalar(select(func.count()).select_from(Run).where(*_conditions(wanted))) or 0


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        getattr(Run, name).in_(values)
        for name in ("status", "depth", "shortcut", "dataset")
        if (values := getattr(wanted, name))
    ]
    conditions += [getattr(Run, name) == value for name in ("owner", "project") if (value := getattr(wanted, name))]
    if wanted.tag:
        conditions.append(Run.tags.contains([wanted.tag]))
    if wanted.text:
        conditions.append(
            or_(
                Run.name.icontains(wanted.text, autoescape=True),
                Run.notes.icontains(wanted.text, autoescape=True),
                func.array_to_string(Run.tags, " ").icontains(wanted.text, autoescape=True),
                cast(Run.id, String).startswith(wanted.text.lower(), autoescape=True),
            )
        )
    return conditions


def _after(column: Any, descending: bool, value: Any, run_id: UUID) -> ColumnElement[bool]:
    past_id = Run.id < run_id if descending else Run.id > run_id
    if value is None:
        return and_(column.is_(None), past_id)
    past = column < value if descending else column > value
    return or_(past, and_(column == value, past_id), column.is_(None))


def _write_cursor(run: Run, order: Order) -> str:
    value = getattr(run, order.column)
    value = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([order.column, value, str(run.id)]).encode()).decode()


def _read_cursor(cursor: str, order: Order) -> tuple[Any, UUID]:
    try:
        column, value, run_id = json.loads(base64.urlsafe_b64decode(cursor))
        parsed = UUID(run_id)
        kind = SORTS[order.column].type.python_type
        value = datetime.fromisoformat(value) if kind is datetime and value is not None else value
        fits = value is None or isinstance(value, (kind, int) if kind is float else kind)
        # Postgres has no NUL, and UTF-8 no lone surrogate: encode refuses that one itself.
        fits = fits and not (isinstance(value, str) and b"\0" in value.encode())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("cursor", "cursor must be a next_cursor of an earlier page") from error
    if column != order.column or not fits:
        raise Refused("cursor", f"cursor belongs to another sort than {order.column}")
    return value, parsed

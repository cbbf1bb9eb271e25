"""Conditions on columns: Postgres matches the same runs as plain Python."""

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from store.db.database import Database
from store.db.errors import Refused
from store.db.models import Run
from store.runs import listing
from store.runs.columns import COMPARED
from store.runs.listing import Filter, Order
from store.runs.where import Condition

PYTHONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def several(database: Database, submit: Callable[..., Run]) -> list[Run]:
    """Runs that differ in the columns of conditions; two have no test error, one has no limit on its images."""
    specs: list[dict[str, Any]] = [
        {"depth": 8, "seed": 2**32 - 1, "lr": 0.1},
        {"depth": 20, "shortcut": "none", "nesterov": True, "train_images": None},
        {"depth": 20, "shortcut": "B", "lr": 0.01, "weight_decay": 0.0, "precision": "bf16"},
        {"depth": 110, "iterations": 64_000, "momentum": 0.5},
        {"depth": 56, "batch_size": 64, "augment": "none", "train_images": 256},
    ]
    ids = [submit(f"owner {number}", **fields).id for number, fields in enumerate(specs)]
    errors, after_s = (None, 6.97, 7.0, 30.0, None), (-1, 0, 12 * 3600, 24 * 3600, 48 * 3600)
    with database.transaction() as session:
        runs = [session.get_one(Run, run_id) for run_id in ids]
        for run, error, after in zip(runs, errors, after_s, strict=True):
            run.test_error, run.created_at = error, NEW_YEAR + timedelta(seconds=after)
    return runs


def has(run: Run, column: str) -> Any:
    return run.spec[column] if column in run.spec else getattr(run, column, None)  # a detector's field


def matches(database: Database, *conditions: str) -> set[Any]:
    filters = Filter(where=tuple(map(Condition.parse, conditions)))
    with database.transaction() as session:
        page = listing.find(session, filters, Order())
        assert listing.count(session, filters) == len(page.runs)
    return {run.id for run in page.runs}


def plain(run: Run, column: str, symbol: str, value: Any) -> bool:
    own = has(run, column)
    if own is None:
        return symbol == "!="
    if isinstance(value, date) and not isinstance(value, datetime):
        own = own.astimezone(UTC).date()
    return PYTHONS[symbol](own, value)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


# For each column: values that runs have, and values close to them.
NEAR: dict[type[object], st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63) + 1, 2**63 - 1) | st.sampled_from([0, 8, 19, 20, 21, 56, 64, 110, 256, 3000, 2**32 - 1]),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 0.01, 0.1, 0.5, 6.97, 7.0, 30.0]),
    bool: st.booleans(),
    str: st.sampled_from(["owner 1", "synthetic", "ResNet-8 A"])
    | st.text(st.characters(exclude_categories=["C"]), min_size=1),
    datetime: st.sampled_from([NEW_YEAR + hours * HOUR for hours in (-24, -1, 0, 12, 23, 24, 25, 48)])
    | st.dates(date(2025, 12, 30), date(2026, 1, 4)),
}  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, Any]:
    column = draw(st.sampled_from(sorted(COMPARED)))
    kind, choices = COMPARED[column].kind, COMPARED[column].choices
    symbol = draw(st.sampled_from(["=", "!="] if kind in (str, bool) else sorted(PYTHONS)))
    return column, symbol, draw(st.sampled_from(list(map(str, choices))) if choices else NEAR[kind])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)  # the runs don't change
@given(drawn=st.lists(conditions(), min_size=1, max_size=3))
def test_conditions_match_the_same_runs_as_plain_python(
    database: Database, several: list[Run], drawn: list[tuple[str, str, Any]]
) -> None:
    expected = {run.id for run in several if all(plain(run, *condition) for condition in drawn)}
    assert matches(database, *(f"{column}{symbol}{written(value)}" for column, symbol, value in drawn)) == expected


def test_a_run_without_a_value_meets_unequal_and_no_other(database: Database, several: list[Run]) -> None:
    without = {several[0].id, several[4].id}
    assert not without & matches(database, "test_error<1000")
    assert without <= matches(database, "test_error!=7")
    assert several[1].id not in matches(database, "train_images<10000000")


@pytest.mark.parametrize("condition", ["test_error < 7", " test_error  <7 ", "test_error< 7"])
def test_spaces_are_allowed_around_the_operator(condition: str) -> None:
    assert Condition.parse(condition) == Condition.parse("test_error<7")


def test_equality_can_be_written_as_in_python() -> None:
    assert Condition.parse("depth == 56") == Condition.parse("depth=56")


def test_a_day_stands_for_all_its_times(database: Database, several: list[Run]) -> None:
    assert matches(database, "created_at=2026-01-01") == {several[1].id, several[2].id}
    assert matches(database, "created_at>2026-01-01") == {several[3].id, several[4].id}
    assert matches(database, "created_at>2026-01-01T00:00+00:00") == {run.id for run in several[2:]}
    assert matches(database, "created_at>=2026-01-01T13:00+01:00") == {run.id for run in several[2:]}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("depth", "a column, an operator (!= < <= = > >=) and a value"),
        ("spec<3", "where can't compare spec. It can compare ap, augment, batch_norm, batch_size"),
        ("schedule=steps", "where can't compare schedule"),
        ("name<b", "name can only be compared with = or !=, not with <"),
        ("nesterov>=true", "nesterov can only be compared with = or !="),
        ("status=done", "status must be compared with one of queued, running, paused, succeeded, failed, cancelled"),
        ("depth=20.5", "depth must be compared with a whole number, not with 20.5"),
        ("depth=true", "depth must be compared with a whole number"),
        (f"seed<{2**63}", "seed must be compared with a whole number"),
        ("lr=NaN", "lr must be compared with a number"),
        ("lr=1e999", "lr must be compared with a number"),
        ("nesterov=1", "nesterov must be compared with true or false"),
        ("created_at<yesterday", "created_at must be compared with a day such as 2026-11-24 or a time"),
        ("created_at<9999-12-31", "created_at must be compared with a day"),
    ],
)
def test_a_condition_that_cannot_be_compared_is_refused_with_the_choices(condition: str, message: str) -> None:
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        Condition.parse(condition)
    assert refused.value.field == "where"


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("best_test_error<7", "ix_runs_best_test_error"),
        ("created_at>=2026-01-01", "ix_runs_created_at_id"),
    ],
)
def test_an_indexed_column_is_read_from_the_value_on(database: Database, condition: str, index: str) -> None:
    parsed = Condition.parse(condition)
    # In the column's order: in an empty table any index would do as well.
    query = select(Run.id).where(Run.examination.is_(None), parsed.holds())
    query = query.order_by(COMPARED[parsed.column].value)
    with database.transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"))
        compiled = query.compile(dialect=session.connection().dialect)
        plan = session.connection().exec_driver_sql("EXPLAIN " + str(compiled), dict(compiled.params)).scalars().all()
    assert index in plan[0]
    assert "Index Cond" in plan[1]

"""Lists of runs: filters, sorting, cursors."""

from collections.abc import Callable
from uuid import UUID

import pytest

from store.db.database import Database
from store.db.errors import Refused
from store.db.models import Run
from store.runs import listing, verbs
from store.runs.columns import COLUMNS
from store.runs.listing import Filter, Order
from store.runs.states import Status
from trainer.spec import RunSpec

Submit = Callable[..., Run]


@pytest.fixture
def five(database: Database, submit: Submit) -> list[Run]:
    runs = [submit("ann", depth=depth) for depth in (8, 14, 20, 26)] + [submit("ben", depth=8, shortcut="none")]
    with database.transaction() as session:
        verbs.change(session, runs[1].id, "ann", verbs.RunChange(notes="50% _done_", tags=["night"]))
        verbs.cancel(session, runs[2].id, "ann")
    return runs


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        (Filter(), {0, 1, 2, 3, 4}),
        (Filter(status=(Status.cancelled,)), {2}),
        (Filter(depth=(8, 14)), {0, 1, 4}),
        (Filter(depth=(8,), owner="ann"), {0}),
        (Filter(shortcut=("none",)), {4}),
        (Filter(tag="night"), {1}),
        (Filter(tag="nigh"), set()),
        (Filter(text="PLAIN"), {4}),
        (Filter(text="50% _"), {1}),
        (Filter(text="5_% "), set()),
        (Filter(dataset=("cifar10",)), set()),
    ],
)
def test_a_filter_matches_the_right_runs(
    database: Database, five: list[Run], filters: Filter, matches: set[int]
) -> None:
    with database.transaction() as session:
        page = listing.find(session, filters, Order())
        assert {run.id for run in page.runs} == {five[index].id for index in matches}
        assert listing.count(session, filters) == len(matches)


def test_counting_stops_at_its_limit(database: Database, five: list[Run]) -> None:
    with database.transaction() as session:
        assert [listing.count(session, Filter(owner="ann"), most) for most in (3, 4, 5, None)] == [3, 4, 4, 4]


def test_runs_are_filtered_by_id_and_a_deleted_one_is_left_out(database: Database, five: list[Run]) -> None:
    filters = Filter(id=(five[0].id, five[3].id, UUID(int=1)))
    with database.transaction() as session:
        assert {run.id for run in listing.find(session, filters, Order()).runs} == {five[0].id, five[3].id}


@pytest.mark.parametrize(
    "sort",
    [
        "created_at",
        "-created_at",
        "-depth",
        "test_error",
        "-test_error",
        "name",
        "finished_at",
        "seed",
        "-lr",
        "-nesterov",
        "precision",
        "train_images",
        "-warmup",
    ],
)
def test_pages_in_any_order_have_each_run_once(database: Database, five: list[Run], sort: str) -> None:
    order, cursor, listed = Order.parse(sort), None, []
    with database.transaction() as session:
        session.get_one(Run, five[0].id).test_error = 8.5
        session.get_one(Run, five[3].id).test_error = 7.5
    with database.transaction() as session:
        while True:
            page = listing.find(session, Filter(), order, limit=2, cursor=cursor)
            listed += [run.id for run in page.runs]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(listed) == len(set(listed)) == 5
    if "test_error" in sort:  # runs without the value come last either way
        assert set(listed[:2]) == {five[0].id, five[3].id}


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "WyJkZXB0aCIsMSwieCJd"])
def test_an_invalid_cursor_is_refused(database: Database, cursor: str) -> None:
    with database.transaction() as session, pytest.raises(Refused, match="cursor"):
        listing.find(session, Filter(), Order(), cursor=cursor)


def test_every_field_of_a_specification_sorts_by_its_kind(database: Database, submit: Submit) -> None:
    assert set(RunSpec.model_fields) <= set(COLUMNS)
    largest = 2**32 - 1
    runs = {seed: submit("ann", seed=seed).id for seed in (10, largest, 9)}
    with database.transaction() as session:
        page = listing.find(session, Filter(), Order.parse("-seed"))
    assert [run.id for run in page.runs] == [runs[largest], runs[10], runs[9]]


def test_an_unknown_sort_is_refused_with_a_list_of_the_valid_ones() -> None:
    with pytest.raises(Refused, match="test_error"):
        Order.parse("-spec")

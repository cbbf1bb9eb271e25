"""Exports hold every raw point, as it was stored."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from store import attempts, runs
from store.database import Database
from store.exports import text
from store.models import Run, Worker
from tests.store.conftest import claim, steps
from trainer.events import Evaluated

Submit = Callable[..., Run]
COUNT = 20_000  # more than one block


@pytest.fixture
def trained(database: Database, submit: Submit, worker: Worker) -> Run:
    run = submit(iterations=COUNT)
    held = claim(database, worker)
    judged = Evaluated(iteration=1000, split="test", error=9.53, top5_error=None, loss=1 / 3, images=360)
    with database.transaction() as session:
        attempts.append(session, run.id, held.attempt, 1, [steps(1, COUNT), judged])
        return runs.get(session, run.id)


def test_csv_holds_every_point_of_every_series(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        content = b"".join(text.csv_parts(session, [trained], named=False)).decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [int(row["iteration"]) for row in rows] == list(range(1, COUNT + 1))
    assert [float(row["train_loss"]) for row in rows] == pytest.approx([i / 10 for i in range(1, COUNT + 1)], rel=1e-6)
    judged = {row["iteration"]: (row["test_error"], row["test_loss"]) for row in rows if row["test_error"]}
    assert judged == {"1000": ("9.53", "0.3333333333333333")}
    assert (rows[0]["val_error"], rows[-1]["images_per_s"], rows[0]["gpu"]) == ("", "100.0", "")


def test_json_has_each_series_on_its_own_iterations(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        (told,) = json.loads(b"".join(text.json_parts(session, [trained])))
    assert told["series"]["test_error"] == {"iteration": [1000], "value": [9.53]}
    assert told["series"]["train_loss"]["iteration"] == list(range(1, COUNT + 1))
    assert (told["run"], told["spec"]["depth"]) == (str(trained.id), 8)


def test_a_name_that_a_spreadsheet_would_compute_is_made_inert(database: Database, submit: Submit) -> None:
    with database.transaction() as session:
        run = runs.change(session, submit().id, "ann", name='=HYPERLINK("x"),1')
        content = b"".join(text.csv_parts(session, [run], named=True)).decode()
    assert content.count("\n") == 1  # a run without a point has no line
    assert text.inert(run.name) == "'" + run.name
    assert [text.inert(name) for name in ("-1", "+1", "@a", "ResNet-20")] == ["'-1", "'+1", "'@a", "ResNet-20"]

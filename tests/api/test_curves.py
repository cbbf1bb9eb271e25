"""Curves over HTTP: one grid for all runs, and every raw point as CSV."""

import csv
import io
from collections.abc import Callable
from typing import Any

import httpx

from store.database import Database
from tests.api import progress

Post = Callable[..., dict[str, Any]]


def test_two_runs_lie_on_one_grid(client: httpx.Client, post: Post, database: Database) -> None:
    first, second = post(), post({"depth": 32})
    for _ in range(2):
        progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(200, 5.0))
    runs = [first["id"], second["id"]]
    curves = client.get(
        "/api/v1/curves", params={"run": runs, "series": "train_error,test_error", "points": 100}
    ).json()
    assert (curves["first"], curves["last"], curves["step"]) == (1, 400, 4)
    assert [told["run"] for told in curves["runs"]] == runs
    train, test = (curves["runs"][0]["series"][name] for name in ("train_error", "test_error"))
    assert train["iteration"][:3] == [1, 5, 9]
    assert (train["mean"][0], train["least"][0], train["most"][0]) == (2.5, 1, 4)
    assert (train["points"], test["iteration"], test["mean"]) == (300, [200], [5.0])


def test_a_window_zooms_down_to_the_raw_points(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300))
    asked = {"run": run["id"], "series": "lr,train_loss", "from": 11, "to": 20, "smoothing": 0.9}
    curves = client.get("/api/v1/curves", params=asked).json()
    loss = curves["runs"][0]["series"]["train_loss"]
    assert (curves["step"], loss["iteration"], loss["least"]) == (1, list(range(11, 21)), None)
    assert loss["mean"][0] == 11 / 8
    assert loss["smoothed"][0] < loss["mean"][0]
    assert curves["runs"][0]["series"]["lr"]["mean"] == [0.125] * 10


def test_a_run_without_points_has_empty_curves(client: httpx.Client, post: Post) -> None:
    curves = client.get("/api/v1/curves", params={"run": post()["id"]}).json()
    assert {name: curve["points"] for name, curve in curves["runs"][0]["series"].items()} == {
        "train_error": 0, "val_error": 0, "test_error": 0
    }  # fmt: skip


def test_the_csv_holds_every_raw_point(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    held = progress.claim(database)
    progress.tell(database, held, 1, progress.steps(1, 3), progress.evaluated(2, 5.5))
    answer = client.get(f"/api/v1/runs/{run['id']}/curves.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert [(row["iteration"], row["train_loss"], row["test_error"], row["val_error"]) for row in rows] == [
        ("1", "0.125", "", ""), ("2", "0.25", "5.5", ""), ("3", "0.375", "", "")
    ]  # fmt: skip


def test_a_series_that_is_none_is_refused_with_those_that_are(client: httpx.Client, post: Post) -> None:
    answer = client.get("/api/v1/curves", params={"run": post()["id"], "series": "train_error,accuracy"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "series"
    assert "val_top5_error" in answer.json()["detail"]


def test_a_window_that_ends_before_it_begins_is_refused(client: httpx.Client, post: Post) -> None:
    answer = client.get("/api/v1/curves", params={"run": post()["id"], "from": 20, "to": 10})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "to")

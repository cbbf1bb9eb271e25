"""Curves over HTTP: one grid for all runs, and every raw point as CSV."""

import csv
import io
import json
import struct
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest

from api.curves.schema import Curves
from store.db.database import Database
from store.runs.samples import Machine
from tests.api import progress

Post = Callable[..., dict[str, Any]]


def test_two_runs_share_one_grid(client: httpx.Client, post: Post, database: Database) -> None:
    first, second = post(), post({"depth": 32})
    for _ in range(2):
        progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(200, 5.0))
    runs = [first["id"], second["id"]]
    curves = client.get(
        "/api/v1/curves", params={"run": runs, "series": "train_error,test_error", "points": 100}
    ).json()
    assert (curves["first"], curves["last"], curves["step"]) == (1, 400, 4)
    assert [item["run"] for item in curves["runs"]] == runs
    train, test = (curves["runs"][0]["series"][name] for name in ("train_error", "test_error"))
    assert train["iteration"][:3] == [1, 5, 9]
    assert (train["mean"][0], train["least"][0], train["most"][0]) == (2.5, 1, 4)
    assert (train["points"], test["iteration"], test["mean"]) == (300, [200], [5.0])


def test_a_response_has_as_many_digits_and_columns_as_its_query(
    client: httpx.Client, post: Post, database: Database
) -> None:
    query = {"run": post()["id"], "series": "train_loss", "points": 50}
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300))
    exact, short, line = (
        client.get("/api/v1/curves", params=query | more).json()["runs"][0]["series"]["train_loss"]
        for more in ({}, {"digits": 2}, {"range": "false"})
    )
    assert (exact["mean"][2], exact["least"][2], exact["most"][2]) == (2.5625, 2.125, 3.0)
    assert (short["mean"][2], short["least"][2], short["most"][2]) == (2.6, 2.1, 3.0)
    assert (line["mean"], line["least"], line["most"]) == (exact["mean"], None, None)


def test_a_window_zooms_down_to_the_raw_points(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300))
    query = {"run": run["id"], "series": "lr,train_loss", "from": 11, "to": 20, "smoothing": 0.9}
    curves = client.get("/api/v1/curves", params=query).json()
    loss = curves["runs"][0]["series"]["train_loss"]
    assert (curves["step"], loss["iteration"], loss["least"]) == (1, list(range(11, 21)), None)
    assert loss["mean"][0] == 11 / 8
    assert loss["smoothed"][0] < loss["mean"][0]
    assert curves["runs"][0]["series"]["lr"]["mean"] == [0.125] * 10


def test_a_short_run_beside_a_long_one_has_its_exact_last_values_also_under_zoom(
    client: httpx.Client, post: Post, database: Database
) -> None:
    short, long = post({"iterations": 50})["id"], post({"iterations": 30_000, "evaluate_every": 1})["id"]
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 50), progress.evaluated(50, 26.56))
    progress.tell(
        database,
        progress.claim(database),
        1,
        progress.steps(1, 3000),
        *(progress.evaluated(at, 43.98) for at in (1, 2)),
    )
    table = {item["id"]: item["train_error"] for item in client.get("/api/v1/runs").json()["items"]}
    for part in ({}, {"from": 1, "to": 10}):
        shown: dict[str, list[str] | str | int] = {
            "run": [short, long], "points": 50, "series": "train_error,test_error,lr", **part,
        }  # fmt: skip
        curves = {item["run"]: item["series"] for item in client.get("/api/v1/curves", params=shown).json()["runs"]}
        assert curves[short]["test_error"]["last"] == {"iteration": 50, "value": 26.56, "points": 1, "runs": 1}
        assert curves[long]["test_error"]["last"]["iteration"] == 2
        assert curves[short]["train_error"]["last"] == {
            "iteration": 50, "value": table[short], "points": 20, "runs": 1,
        }  # fmt: skip
        assert curves[short]["lr"]["last"] is None


def test_a_groups_last_value_is_the_mean_of_its_members_last_values(
    client: httpx.Client, post: Post, database: Database
) -> None:
    runs = [post({"seed": seed})["id"] for seed in (0, 1)]
    for at, error in ((100, 8.0), (300, 5.0)):
        progress.tell(database, progress.claim(database), 1, progress.steps(1, at), progress.evaluated(at, error))
    query: dict[str, list[str] | str | int] = {"run": runs, "group_by": "spec", "from": 1, "to": 20}
    (group,) = client.get("/api/v1/curves", params=query).json()["groups"]
    assert group["series"]["test_error"]["last"] == {"iteration": 300, "value": 6.5, "points": 1, "runs": 2}


def test_a_run_without_points_has_empty_curves(client: httpx.Client, post: Post) -> None:
    curves = client.get("/api/v1/curves", params={"run": post()["id"]}).json()
    assert {name: curve["points"] for name, curve in curves["runs"][0]["series"].items()} == {
        "train_error": 0, "val_error": 0, "test_error": 0
    }  # fmt: skip


def test_the_csv_has_every_raw_point(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 3), progress.evaluated(2, 5.5))
    answer = client.get(f"/api/v1/runs/{run['id']}/curves.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert [(row["iteration"], row["train_loss"], row["test_error"], row["val_error"]) for row in rows] == [
        ("1", "0.125", "", ""), ("2", "0.25", "5.5", ""), ("3", "0.375", "", "")
    ]  # fmt: skip


def test_without_the_extra_parquet_is_refused_with_the_other_formats(
    client: httpx.Client, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "store.curves.exports.parquet", None)  # as where arro3 is not installed
    monkeypatch.delattr("store.curves.exports.parquet", raising=False)
    run = post()["id"]
    for path in (f"/api/v1/runs/{run}/curves.parquet", f"/api/v1/curves/export?run={run}&format=parquet"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "format")
        assert "Use csv, json or tensorboard." in answer.json()["detail"]
    assert client.get(f"/api/v1/runs/{run}/curves.csv").status_code == 200


def test_an_unknown_series_is_refused_with_the_known_ones(client: httpx.Client, post: Post) -> None:
    answer = client.get("/api/v1/curves", params={"run": post()["id"], "series": "train_error,accuracy"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "series"
    assert "val_top5_error" in answer.json()["detail"]


def test_a_window_that_ends_before_it_starts_is_refused(client: httpx.Client, post: Post) -> None:
    answer = client.get("/api/v1/curves", params={"run": post()["id"], "from": 20, "to": 10})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "to")


ABSURD: list[tuple[dict[str, Any], str]] = [
    ({"from": -1}, "from"), ({"from": 0}, "from"), ({"from": 2**70}, "from"), ({"to": 0}, "to"), ({"to": "NaN"}, "to"),
    ({"points": 0}, "points"), ({"points": 10**9}, "points"), ({"points": -5}, "points"),
    ({"smoothing": 1}, "smoothing"), ({"smoothing": -0.1}, "smoothing"), ({"smoothing": "nan"}, "smoothing"),
    ({"series": ""}, "series"), ({"series": "train_error," * 100}, "series"), ({"x": "miles"}, "x"),
    ({"format": "xml"}, "format"), ({"group_by": "seed"}, "group_by"), ({"colour": "red"}, "colour"),
    ({"run": [str(UUID(int=number)) for number in range(1000)]}, "run"), ({"run": "x"}, "run"),
    ({"run": [str(UUID(int=number)) for number in range(100)], "points": 10_000}, "points"),
]  # fmt: skip


def test_absurd_parameters_are_refused_before_anything_is_read(client: httpx.Client, post: Post) -> None:
    run = post()["id"]
    began = time.process_time()  # of client and service, which share this process; the machine is shared with others
    for parameters, field in ABSURD:
        answer = client.get("/api/v1/curves", params={"run": run, **parameters})
        assert answer.status_code == 422, parameters
        assert answer.json()["errors"][0]["field"].partition(".")[0] == field, answer.text
    assert (time.process_time() - began) / len(ABSURD) < 0.05


def test_the_binary_form_has_the_same_values_as_the_json(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(200, 5.3))
    query = {
        "run": run["id"], "series": "train_error,test_error", "points": 100, "x": "images", "smoothing": 0.5
    }  # fmt: skip
    expected = client.get("/api/v1/curves", params=query).json()
    content = client.get("/api/v1/curves", params={**query, "format": "binary"}).content
    (length,) = struct.unpack_from("<I", content)
    head, planes = json.loads(content[4 : 4 + length]), np.frombuffer(content[4 + length :], np.uint8)
    body = planes.reshape(4, -1).T.tobytes()
    assert (4 + length) % 8 == 0

    def unpacked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: unpacked(inner) for name, inner in value.items()}
        if isinstance(value, list) and value and isinstance(value[0], str):
            kind, offset, count = value
            assert offset % 8 == 0
            return np.frombuffer(body, f"<{kind}", count, offset)
        return value

    for name, curve in expected["runs"][0]["series"].items():
        for column, values in unpacked(head["runs"][0]["series"][name]).items():
            if isinstance(values, np.ndarray):
                # The means of buckets travel as 14 bits.
                rel = 2**-14 if column == "mean" and curve["least"] else 1e-7
                assert values.tolist() == pytest.approx(curve[column], rel=rel), column
            else:
                assert values == curve[column]
    Curves.model_validate(expected)


def test_curves_are_compressed_for_clients_that_accept_it(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 400))
    for form in ("json", "binary"):
        query = {"run": run["id"], "series": "train_error,lr", "format": form}
        plain, packed = (
            client.get("/api/v1/curves", params=query, headers={"Accept-Encoding": encoding})
            for encoding in ("identity", "gzip")
        )
        assert ("Content-Encoding" in plain.headers, packed.headers["Content-Encoding"]) == (False, "gzip")
        assert packed.content == plain.content
        assert packed.num_bytes_downloaded < 0.7 * plain.num_bytes_downloaded
        assert packed.headers["ETag"] == plain.headers["ETag"]


def test_unchanged_curves_are_not_sent_again(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 10))
    query = {"run": run["id"]}
    etag = client.get("/api/v1/curves", params=query).headers["ETag"]
    headers = {"If-None-Match": etag}
    again = client.get("/api/v1/curves", params=query, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/curves", params={**query, "points": 5}, headers=headers).status_code == 200
    progress.tell(database, claim, 2, progress.steps(11, 10))
    assert client.get("/api/v1/curves", params=query, headers=headers).status_code == 200


def test_a_group_is_a_band_with_the_number_of_its_runs(client: httpx.Client, post: Post, database: Database) -> None:
    ids = [post({"seed": seed})["id"] for seed in range(3)]
    for error in (4.0, 5.0, 6.0):
        progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(200, error))
    query = {"run": ids, "series": "test_error,train_error", "group_by": "spec", "x": "epoch"}
    body = client.get("/api/v1/curves", params=query).json()
    (group,) = Curves.model_validate(body).groups
    band = group.series["test_error"]
    assert (body["runs"], group.runs) == ([], [UUID(run) for run in ids])
    assert (band.n, band.mean, band.std, band.least, band.most) == ([3], [5], [1], [4], [6])
    assert band.sem == [pytest.approx(3**-0.5)]
    assert group.series["train_error"].points == 900
    refused = client.get("/api/v1/curves", params={**query, "x": "wall_time"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "x")


def test_curves_include_attempts_and_machine_samples(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 10), Machine(cpu=1.5, ram_bytes=2**30))
    body = client.get("/api/v1/curves", params={"run": run["id"], "series": "cpu,gpu,images_per_s", "x": "wall_time"})
    (curves,) = Curves.model_validate(body.json()).runs
    assert [(start.number, start.resumed_from) for start in curves.attempts] == [(1, 0)]
    assert (curves.series["cpu"].iteration, curves.series["cpu"].mean) == ([10], [1.5])
    assert (curves.series["gpu"].points, curves.series["images_per_s"].mean) == (0, [100])
    assert curves.series["cpu"].x is not None
    assert abs(curves.series["cpu"].x[0] - time.time()) < 600


def test_a_selection_of_runs_is_one_file(client: httpx.Client, post: Post, database: Database) -> None:
    ids = [post(name="=1+1")["id"], post()["id"]]
    for _ in ids:
        progress.tell(database, progress.claim(database), 1, progress.steps(1, 3))
    answer = client.get("/api/v1/curves/export", params={"run": ids})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["run"] for row in rows] == [ids[0]] * 3 + [ids[1]] * 3
    assert {row["name"] for row in rows} == {"'=1+1", "ResNet-20 A"}
    body = client.get("/api/v1/curves/export", params={"run": ids, "format": "json"}).json()
    assert [run["series"]["train_loss"]["value"] for run in body] == [[0.125, 0.25, 0.375]] * 2

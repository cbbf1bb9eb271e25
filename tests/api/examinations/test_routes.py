"""Examinations from the POST to the report: trained, asked and answered on real parts, and what is refused."""

import io
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from sqlalchemy import func, update

from store import artifacts, datasets
from store.db import collection
from store.db.database import Database
from store.db.errors import Conflict
from store.db.models import Dataset, Worker
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import attempts, conditions, reuse, verbs
from tests.api import progress
from tests.api.conftest import bearer
from trainer.__main__ import main
from trainer.data import synthetic

pytestmark = pytest.mark.usefixtures("warm")

Post = Callable[..., dict[str, Any]]
Work = Callable[[int], None]
Ask = Callable[..., Any]
RUNS = "/api/v1/runs"
SMALL = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 15, "batch_size": 32}


@pytest.fixture
def by_hand(client: httpx.Client, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The answer of the command line on these runs' weights; it calls the files by the runs, as the service does."""

    def ask(command: str, ids: list[str], *options: object) -> Any:
        files = [tmp_path / f"{run_id}.safetensors" for run_id in ids]
        for run_id, file in zip(ids, files, strict=True):
            file.write_bytes(client.get(f"{RUNS}/{run_id}/weights").content)
        capsys.readouterr()
        common = ("--device", "cpu", "--threads", 1)
        assert main([*map(str, [command, *options, "--weights", *files, *common])]) == 0
        torch.set_deterministic_debug_mode("default")
        return json.loads(capsys.readouterr().out)

    return ask


def ask(client: httpx.Client, run_id: str, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{RUNS}/{run_id}/examinations", json=body)
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content


def read(client: httpx.Client, examination_id: str) -> dict[str, Any]:
    content: dict[str, Any] = client.get(f"/api/v1/examinations/{examination_id}").raise_for_status().json()
    return content


@pytest.fixture
def succeeded(client: httpx.Client, database: Database, objects: Objects, tmp_path: Path, post: Post) -> Post:
    """Makes a succeeded run with invented weights; returns its JSON."""

    def make(**spec: Any) -> dict[str, Any]:
        run = post(spec)
        claim = progress.claim(database, progress.add_worker(database))
        progress.tell(database, claim, 1, progress.started(), progress.steps(1, 400))
        progress.save(database, objects, claim, f"weights of {run['id']}".encode(), tmp_path)
        progress.finish(database, claim.run.id, claim.attempt)
        return run

    return make


@pytest.mark.long
def test_a_run_is_examined_as_on_the_command_line(
    client: httpx.Client, post: Post, train: Work, work: Work, by_hand: Ask
) -> None:
    first_run, second_run = (post(SMALL | {"seed": seed})["id"] for seed in (0, 1))
    train(2)
    exact = ask(client, first_run, kind="evaluate", recompute_bn=True)
    both = ask(client, first_run, kind="evaluate", together_with=[second_run])
    layers = ask(client, first_run, kind="responses")
    assert (exact["status"], exact["result"]) == ("queued", None)
    work(3)
    report = read(client, exact["id"])
    mistakes_are_pictured(client, exact["id"], report["result"])
    assert report["result"] | NO_GALLERY == by_hand("evaluate", [first_run], "--recompute-bn") | NO_GALLERY
    assert report["status"] == "succeeded"
    assert (report["error"], report["images"]) == (report["result"]["error"], 500)
    assert report["top5_error"] == report["result"]["top5_error"]
    ensemble = by_hand("evaluate", [first_run, second_run]) | NO_GALLERY
    assert read(client, both["id"])["result"] | NO_GALLERY == ensemble
    assert read(client, layers["id"])["result"] == by_hand("responses", [first_run])
    listed = client.get(f"{RUNS}/{second_run}/examinations").json()["items"]
    assert [(item["id"], item["runs"], item["result"]) for item in listed] == [
        (both["id"], [first_run, second_run], None)
    ]
    assert [item["id"] for item in client.get(f"{RUNS}/{first_run}/examinations").json()["items"]] == [
        layers["id"], both["id"], exact["id"],
    ]  # fmt: skip


NO_GALLERY = {"mistakes": None}


def mistakes_are_pictured(client: httpx.Client, examination: str, result: dict[str, Any]) -> None:
    """Up to 12 of each wrong cell, and each tile has the pixels of its test image."""
    mistakes, test = result["mistakes"], synthetic.load().test
    cells = Counter((item["label"], item["prediction"]) for item in mistakes["items"])
    counted = {
        (i, j): min(n, 12) for i, row in enumerate(result["confusion"]) for j, n in enumerate(row) if i != j and n
    }
    assert cells == counted
    sheet = Image.open(io.BytesIO(client.get(f"/api/v1/examinations/{examination}/picture").content)).convert("RGB")
    side = mistakes["tile_px"]
    for place, item in enumerate(mistakes["items"]):
        assert item["label"] == test.labels[item["image"]]
        assert item["probability"] > item["label_probability"]
        top, left = (side * part for part in divmod(place, mistakes["columns"]))
        pixels = test.pixels[item["image"]].permute(1, 2, 0).numpy()
        assert (np.asarray(sheet.crop((left, top, left + side, top + side))) == pixels).all()


def test_a_picture_is_classified_as_on_the_command_line(
    client: httpx.Client, post: Post, train: Work, work: Work, by_hand: Ask, tmp_path: Path
) -> None:
    run = post(SMALL)["id"]
    train(1)
    (tmp_path / "picture").write_bytes(picture())
    examination = predict(client, run, picture())
    assert (examination["kind"], examination["runs"], examination["views"]) == ("predict", [run], None)
    work(1)
    report = read(client, examination["id"])
    content = by_hand("predict", [run], tmp_path / "picture")
    assert report["result"]["classes"] == content["classes"]
    assert report["result"]["weights"] == content["weights"]
    assert predict(client, run, picture(), 200)["result"] == report["result"]


def test_a_damaged_picture_fails_with_a_message(client: httpx.Client, post: Post, train: Work, work: Work) -> None:
    run = post(SMALL)["id"]
    train(1)
    examination = predict(client, run, picture()[:60])
    work(1)
    report = read(client, examination["id"])
    assert (report["status"], report["reason"], report["result"]) == ("failed", "data", None)
    assert report["message"].startswith("picture cannot be decoded")
    # A failed prediction may be repeated.
    assert predict(client, run, picture()[:60])["id"] != examination["id"]


def picture() -> bytes:
    """A test image of `synthetic`, as a PNG."""
    file = io.BytesIO()
    Image.fromarray(synthetic.load().test.pixels[3].permute(1, 2, 0).numpy()).save(file, "PNG")
    return file.getvalue()


def predict(client: httpx.Client, run: str, body: bytes, status: int = 201) -> dict[str, Any]:
    answer = client.post(f"{RUNS}/{run}/predictions", content=body, headers={"Content-Type": "image/png"})
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_an_identical_examination_is_not_repeated(client: httpx.Client, succeeded: Post, database: Database) -> None:
    first_run, second_run = succeeded()["id"], succeeded(seed=1)["id"]
    both = ask(client, first_run, kind="evaluate", together_with=[second_run])
    # The order in an ensemble doesn't matter, and an omitted field has its default.
    assert ask(client, second_run, 200, kind="evaluate", together_with=[first_run], views="single")["id"] == both["id"]
    alone = ask(client, first_run, kind="evaluate")
    assert ask(client, first_run, 200, kind="evaluate", recompute_bn=False)["id"] == alone["id"]
    exact = ask(client, first_run, kind="evaluate", recompute_bn=True)
    assert len({both["id"], alone["id"], exact["id"], ask(client, first_run, kind="responses")["id"]}) == 4
    assert client.post(f"{RUNS}/{alone['id']}/cancel").json()["status"] == "cancelled"
    assert ask(client, first_run, kind="evaluate")["id"] != alone["id"]


def test_twenty_identical_requests_at_once_make_one_examination(client: httpx.Client, succeeded: Post) -> None:
    first_run, second_run = succeeded()["id"], succeeded(seed=1)["id"]

    def asks(number: int) -> str:
        first, other = (first_run, second_run) if number % 2 else (second_run, first_run)
        body = {"kind": "evaluate", "together_with": [other]}
        answer = client.post(f"{RUNS}/{first}/examinations", json=body)
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(asks, range(20)))) == 1


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "kind", "kind is required"),
    ({"kind": "predict"}, "kind", "kind must be 'evaluate', 'responses', 'detect' or 'statistics'"),
    ({"kind": "evaluate", "views": "ten-crop"}, "views", "the cifar family sees the whole image (sec. 4.2)"),
    ({"kind": "evaluate", "views": "eleven"}, "views", "views must be 'single', 'ten-crop' or 'multi-scale'"),
    ({"kind": "evaluate", "recompute_bn": "yes"}, "recompute_bn", "recompute_bn must be true or false"),
    (
        {"kind": "evaluate", "together_with": ["x"]},
        "together_with",
        "Entry 1 of together_with must be a UUID",
    ),
    ({"kind": "responses", "recompute_bn": True}, "recompute_bn", "recompute_bn applies to an evaluation only"),
    ({"kind": "responses", "views": "single"}, "views", "views applies to an evaluation only"),
]


@pytest.mark.parametrize(("body", "field", "words"), REFUSED)
def test_an_invalid_examination_is_refused_at_its_field(
    client: httpx.Client, succeeded: Post, body: dict[str, Any], field: str, words: str
) -> None:
    content = ask(client, succeeded()["id"], 422, **body)
    assert [error["field"] for error in content["errors"]] == [field]
    assert words in content["detail"]


def test_only_the_weights_of_succeeded_runs_are_examined(
    client: httpx.Client, post: Post, succeeded: Post, objects: Objects, database: Database
) -> None:
    first_run, _, queued = succeeded()["id"], succeeded(seed=1), post()["id"]
    assert "is queued" in ask(client, queued, 409, kind="evaluate")["detail"]
    assert "is queued" in ask(client, first_run, 409, kind="evaluate", together_with=[queued])["detail"]
    nobody = "00000000-0000-0000-0000-000000000000"
    assert ask(client, nobody, 404, kind="evaluate")["detail"] == f"There is no run {nobody}."
    ask(client, first_run, 404, kind="evaluate", together_with=[nobody])
    itself = ask(client, first_run, 422, kind="evaluate", together_with=[first_run])
    assert itself["detail"] == "together_with must list other runs, each only once."
    examination = ask(client, first_run, kind="evaluate")["id"]
    assert "is an examination" in ask(client, examination, 409, kind="evaluate")["detail"]
    objects.delete_prefix(artifacts.prefix(UUID(first_run)))
    collection.collect(database, objects)
    assert "are missing from the object store" in ask(client, first_run, 409, kind="responses")["detail"]


def test_an_ensemble_has_one_family_and_the_same_classes(client: httpx.Client, succeeded: Post) -> None:
    digits, hundred = succeeded()["id"], succeeded(dataset="cifar100")["id"]
    photographs = succeeded(dataset="imagenet", depth=18)["id"]
    content = ask(client, digits, 422, kind="evaluate", together_with=[hundred])
    assert (content["errors"][0]["field"], "runs with the same classes" in content["detail"]) == ("together_with", True)
    content = ask(client, photographs, 422, kind="evaluate", together_with=[digits], views="ten-crop")
    assert (content["errors"][0]["field"], "runs of one family" in content["detail"]) == ("together_with", True)
    assert ask(client, photographs, kind="evaluate", views="multi-scale")["views"] == "multi-scale"


def test_a_body_that_is_not_a_picture_is_refused_before_it_is_stored(
    client: httpx.Client, succeeded: Post, settings: Settings
) -> None:
    run = succeeded()["id"]
    content = predict(client, run, b"#!/bin/sh", 422)
    assert content["errors"][0]["field"] == "picture"
    assert "Send a PNG" in content["detail"]
    assert predict(client, run, b"", 422)["errors"][0]["field"] == "picture"
    assert predict(client, run, b"\x89PNG\r\n\x1a\n" + b"x" * settings.picture_limit_bytes, 413)["status"] == 413
    as_json = client.post(f"{RUNS}/{run}/predictions", json={})
    assert (as_json.status_code, "Content-Types: image/png" in as_json.json()["detail"]) == (415, True)
    assert client.get(f"{RUNS}/{run}/examinations").json() == {"items": []}


def test_the_examinations_of_several_runs_are_listed_by_kind(client: httpx.Client, succeeded: Post) -> None:
    first_run, second_run, other = (succeeded(seed=seed)["id"] for seed in (0, 1, 2))
    evaluation = ask(client, first_run, kind="evaluate", together_with=[other])["id"]
    layers = [ask(client, run, kind="responses")["id"] for run in (first_run, second_run, other)]

    def list_ids(kind: str, *ids: str) -> list[str]:
        answer = client.get("/api/v1/examinations", params={"run": ids, "kind": kind}).raise_for_status()
        return [item["id"] for item in answer.json()["items"]]

    assert list_ids("responses", first_run, second_run) == [layers[1], layers[0]]
    assert list_ids("evaluate", second_run, other) == [evaluation]
    assert list_ids("predict", first_run, "00000000-0000-0000-0000-000000000000") == []
    assert client.get("/api/v1/examinations", params={"kind": "responses"}).json()["detail"] == "run is required."


def test_a_picture_is_returned_unchanged_with_its_own_media_type(client: httpx.Client, succeeded: Post) -> None:
    run = succeeded()["id"]
    for sent, kind in (
        (picture(), "image/png"),
        (b"\xff\xd8\xff<script>", "image/jpeg"),
        (b"RIFFsizeWEBP", "image/webp"),
    ):
        answer = client.get(f"/api/v1/examinations/{predict(client, run, sent)['id']}/picture")
        assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, sent, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for unshown in (b"GIF89a and so on", b"BM and so on", b"RIFFsizeWAVE"):
        answer = client.get(f"/api/v1/examinations/{predict(client, run, unshown)['id']}/picture")
        assert (answer.status_code, "Only image/png" in answer.json()["detail"]) == (404, True)
    evaluation = ask(client, run, kind="evaluate")["id"]
    assert "has no picture" in client.get(f"/api/v1/examinations/{evaluation}/picture").json()["detail"]
    assert client.get(f"/api/v1/examinations/{run}/picture").json()["detail"] == f"There is no examination {run}."


def test_an_examination_is_not_listed_as_a_run(client: httpx.Client, succeeded: Post, database: Database) -> None:
    run = succeeded(seed=1)
    examination = ask(client, run["id"], kind="evaluate")
    (entry,) = client.get("/api/v1/queue").json()["waiting"]
    assert (entry["run"], entry["examines"], entry["name"]) == (examination["id"], run["id"], f"examines {run['name']}")
    claim = progress.claim(database, progress.add_worker(database))
    progress.tell(database, claim, 1, progress.evaluated(400, 1.0))
    page = client.get(RUNS).json()
    assert ([item["id"] for item in page["items"]], page["total"]) == ([run["id"]], 1)
    assert client.get(RUNS, params={"id": examination["id"]}).json()["items"] == []
    assert client.get(RUNS, params={"text": "examines", "sort": "test_error"}).json()["total"] == 0
    assert client.get("/api/v1/queue").json()["running"] == 0
    assert 'reslab_runs{status="running"} 0.0' in client.get("/metrics").text
    for verb, path in (("GET", "findings"), ("GET", "verdict"), ("POST", "retry"), ("POST", "fork")):
        answer = client.request(verb, f"{RUNS}/{examination['id']}/{path}")
        assert (answer.status_code, "not a training run" in answer.json()["detail"]) == (409, True), path
    content = client.get(f"{RUNS}/{examination['id']}").json()
    assert (content["status"], content["waits_for"], content["examines"]) == ("running", None, run["id"])


def test_a_succeeded_examination_is_neither_a_neighbour_nor_reused(
    client: httpx.Client, succeeded: Post, database: Database, objects: Objects, tmp_path: Path
) -> None:
    run = succeeded()
    examination = end(client, run["id"], database, objects, tmp_path)
    with database.transaction() as session:
        row = verbs.get(session, UUID(run["id"]))
        assert conditions.twins(session, row) == []
        assert reuse.find(session, [row.spec_hash], reuse.TrainerCode("0")) == {}
        assert verbs.get(session, UUID(examination)).spec_hash == row.spec_hash
    assert client.get(f"{RUNS}/{run['id']}/findings").json()["neighbours"] == []


def end(client: httpx.Client, run: str, database: Database, objects: Objects, folder: Path) -> str:
    """Ends an invented evaluation of the run, with the trainer's version in its events."""
    examination = ask(client, run, kind="evaluate")
    claim = progress.claim(database, progress.add_worker(database))
    versions = {"versions": {"trainer": "0"}}
    progress.tell(database, claim, 1, progress.started().model_copy(update=versions), progress.evaluated(400, 1.0))
    progress.save(database, objects, claim, b"{}", folder, iteration=400, role="report", file_format="json")
    progress.finish(database, claim.run.id, claim.attempt)
    return str(examination["id"])


def test_a_data_set_registered_again_needs_another_examination(
    client: httpx.Client, succeeded: Post, database: Database, objects: Objects, tmp_path: Path
) -> None:
    register(database, "0" * 64)
    run = succeeded(dataset="pets")["id"]
    first = end(client, run, database, objects, tmp_path)
    with database.transaction() as session:
        datasets.remove(session, "pets")
    register(database, "1" * 64)
    assert ask(client, run, kind="evaluate")["id"] != first


def register(database: Database, manifest_hash: str) -> None:
    """Registers a folder under the name `pets`."""
    about: dict[str, Any] = {
        "project": "default",
        "owner": "ann",
        "about": "",
        "path": "/pets",
        "classes": ["cat", "dog"],
    }
    counts = {"train_images": 8, "test_images": 2, "size_bytes": 1}
    with database.transaction() as session:
        datasets.register(session, Dataset(name="pets", manifest_hash=manifest_hash, **about, **counts))


def test_an_examination_needs_a_report_to_succeed(client: httpx.Client, succeeded: Post, database: Database) -> None:
    ask(client, succeeded()["id"], kind="responses")
    claim = progress.claim(database, progress.add_worker(database))
    with pytest.raises(Conflict, match="has no report"):
        progress.finish(database, claim.run.id, claim.attempt)


def test_deleting_a_run_deletes_its_examinations(
    client: httpx.Client, succeeded: Post, database: Database, objects: Objects, tmp_path: Path
) -> None:
    first_run, second_run = succeeded()["id"], succeeded(seed=1)["id"]
    done = end(client, first_run, database, objects, tmp_path)
    both = ask(client, second_run, kind="evaluate", together_with=[first_run])["id"]
    prediction = predict(client, first_run, b"BM and so on")["id"]
    claim = progress.claim(database, progress.add_worker(database))
    refused = client.delete(f"{RUNS}/{first_run}")
    assert (refused.status_code, str(claim.run.id) in refused.json()["detail"]) == (409, True)
    client.post(f"{RUNS}/{claim.run.id}/cancel").raise_for_status()
    with database.transaction() as session:
        attempts.stop(session, claim.run.id, claim.attempt)
    assert client.delete(f"{RUNS}/{first_run}").status_code == 204
    for gone in (done, both, prediction):
        assert client.get(f"/api/v1/examinations/{gone}").status_code == 404
        assert client.get(f"{RUNS}/{gone}").status_code == 404
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert [second_run in str(path) for path in files] == [True]
    assert client.get(f"{RUNS}/{second_run}/examinations").json() == {"items": []}


def test_a_run_is_not_an_examination(client: httpx.Client, succeeded: Post) -> None:
    run = succeeded()["id"]
    answer = client.get(f"/api/v1/examinations/{run}")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no examination {run}.")
    assert client.get(f"{RUNS}/{run}/examinations").json() == {"items": []}


def test_a_reading_key_may_read_but_not_create_an_examination(
    url: str, client: httpx.Client, succeeded: Post, make_key: Callable[..., str]
) -> None:
    run = succeeded()["id"]
    examination = ask(client, run, kind="responses")
    with httpx.Client(base_url=url, headers=bearer(make_key("read"))) as reader:
        assert reader.get(f"/api/v1/examinations/{examination['id']}").json()["owner"] == "ann"
        assert reader.post(f"{RUNS}/{run}/examinations", json={"kind": "responses"}).status_code == 403
    # Anyone who may write may examine any run. The owner decides the turn in the queue.
    with httpx.Client(base_url=url, headers=bearer(make_key("read", "write", owner="ben"))) as other:
        assert ask(other, run, kind="evaluate")["owner"] == "ben"


def test_an_examination_goes_first_and_does_not_delay_the_forecast(
    client: httpx.Client, succeeded: Post, post: Post, database: Database
) -> None:
    run, waits = succeeded()["id"], post({"seed": 1})["id"]
    with database.transaction() as session:
        session.execute(update(Worker).values(seen_at=func.now()))  # so that it counts as alive on a slow machine
    assert client.get(f"{RUNS}/{waits}").json()["starts_in_s"] == 0
    examination = ask(client, run, kind="evaluate")
    waiting = client.get("/api/v1/queue").json()["waiting"]
    assert [(entry["run"], entry["starts_in_s"]) for entry in waiting] == [(examination["id"], 0), (waits, 0)]
    assert examination["waits_for"] == "1 of 2 in the queue, waiting for a worker"

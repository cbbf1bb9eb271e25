"""Studies that examine their weights: once all runs have trained, and only then do cells, claims and the end follow."""

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from obstore.exceptions import BaseError

from api.app import create_app
from api.service import Service
from paper import published
from reslab.client.schema import Study as ShownStudy
from reslab.screen import studies as screen
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from store.db.settings import Settings
from studies import seeds
from studies.certificate import checking
from studies.examination_requests import request_next
from studies.views import OTHER_DATA
from tests.api.conftest import served, until
from tests.api.injected import Injector
from tests.drawn import curves
from trainer.spec import RunSpec

pytestmark = pytest.mark.usefixtures("warm")

STUDIES = "/api/v1/studies"
PHOTOGRAPHS = {"scale": 0.0001, "dataset": "imagenet"}
Json = dict[str, Any]


@pytest.fixture
def injector(database: Database, objects: Objects, tmp_path: Path) -> Injector:
    return Injector(database, objects, tmp_path, test_error=lambda _: 40.0)


@pytest.fixture
def service(app: FastAPI) -> Service:
    certificate: Service = app.state.service
    return certificate


def make(client: httpx.Client, **body: Any) -> str:
    answer = client.post(STUDIES, json=body)
    assert answer.status_code == 201, answer.text
    study: str = answer.json()["id"]
    return study


def read(client: httpx.Client, study: str) -> Json:
    study_json: Json = client.get(f"{STUDIES}/{study}").raise_for_status().json()
    return study_json


def cells(client: httpx.Client, study: str) -> dict[str, str]:
    return {cell["key"]: cell["ours"] for cell in read(client, study)["cells"] if cell["verdict"]}


def test_a_plan_says_how_many_examinations_there_will_be(client: httpx.Client) -> None:
    for recipe, number, expected in (("table-4", 2, 10), ("table-5", 2, 2), ("figure-7", 1, 5), ("figure-4", 2, 0)):
        body = {"recipe": recipe, "seeds": number}
        assert client.post(f"{STUDIES}?dry_run=true", json=body).json()["examinations"] == expected


def test_a_table_of_another_protocol_uses_evaluations_and_never_the_runs_own_errors(
    client: httpx.Client, service: Service, injector: Injector
) -> None:
    study = make(client, recipe="table-4", networks=["ResNet-34 B", "ResNet-50 B"], seeds=2, **PHOTOGRAPHS)
    injector.end(3)
    assert not request_next(service)  # one still trains
    injector.end(1)
    study_json = read(client, study)
    assert (
        study_json["status"],
        study_json["progress"]["examinations"],
        study_json["progress"]["examinations_succeeded"],
    ) == (
        "queued",
        4,
        0,
    )
    assert set(cells(client, study).values()) == {""}
    assert request_next(service)
    assert not request_next(service)
    assert client.get(f"{STUDIES}/{study}/certificate").status_code == 409
    injector.examine(4, lambda run: 20 + run.spec["seed"] + (run.depth == 34), top5_error=5.25)
    study_json = read(client, study)
    assert (study_json["status"], study_json["progress"]["examinations_succeeded"]) == ("ended", 4)
    assert {(examination["views"], examination["status"]) for examination in study_json["examinations"]} == {
        ("multi-scale", "succeeded")
    }
    assert cells(client, study) == {
        "table-4:ResNet-34 B:top-1": "21.00 (21.50±0.71)",
        "table-4:ResNet-34 B:top-5": "5.25 (5.25±0.00)",
        "table-4:ResNet-50:top-1": "20.00 (20.50±0.71)",
        "table-4:ResNet-50:top-5": "5.25 (5.25±0.00)",
    }
    assert client.get("/api/v1/queue").json()["waiting"] == []


def test_table_3_and_its_claims_use_ten_crops(client: httpx.Client, service: Service, injector: Injector) -> None:
    """Runs end at 40 % centre-crop error; ten-crop errors are around the paper's, half a point apart."""
    networks = ["plain-34", "ResNet-34 A", "ResNet-34 B", "ResNet-34 C", "ResNet-50 B"]
    study = make(client, recipe="table-3", networks=networks, seeds=3, scale=0.1, dataset="imagenet")
    injector.end(15)
    assert request_next(service)
    injector.examine(15, lambda run: printed(run) + (run.spec["seed"] - 1) / 2, top5_error=7.5)
    study_json = read(client, study)
    assert (study_json["status"], study_json["protocol"], study_json["progress"]["examinations_succeeded"]) == (
        "ended",
        "10-crop",
        15,
    )
    assert {(examination["views"], examination["status"]) for examination in study_json["examinations"]} == {
        ("ten-crop", "succeeded")
    }
    ours = cells(client, study)
    assert (ours["table-3:plain-34:top-1"], ours["table-3:plain-34:top-5"]) == (
        "28.04 (28.54±0.50)", "7.50 (7.50±0.00)",
    )  # fmt: skip
    assert ours["table-3:ResNet-50:top-1"] == "22.35 (22.85±0.50)"
    assert len(ours) == 10
    claims = {claim["id"]: claim for claim in study_json["claims"]}
    assert claims["options-better-than-plain"]["status"] == "holds"
    assert [
        observation["mean"] for observation in claims["options-ordered"]["parts"][0]["observations"]
    ] == pytest.approx([24.52, 25.03])


def test_an_evaluation_on_other_images_is_in_no_table(
    client: httpx.Client, service: Service, injector: Injector
) -> None:
    """A worker had a different ImageNet folder, and its errors were compared with the paper's without a mark."""
    study = make(client, recipe="table-2", networks=["plain-18"], **PHOTOGRAPHS)
    injector.end(1)
    request_next(service)
    injector.examine(1, lambda _: 28.0, is_same_data=False)
    study_json = read(client, study)
    assert cells(client, study) == {"table-2:18 layers:plain": ""}
    assert [examination["message"] for examination in study_json["examinations"]] == [OTHER_DATA]
    assert (study_json["status"], study_json["examinations"][0]["error"]) == ("ended", 28.0)


def printed(run: Run) -> float:
    """Table 3's top-1 error of the run's network."""
    name = RunSpec.model_validate(run.spec).name
    return next(value.value for value in published.values(name, 3) if value.metric == "top-1 error")


def test_a_study_that_reuses_examined_runs_requests_no_examinations(
    client: httpx.Client, service: Service, injector: Injector
) -> None:
    body = {"recipe": "table-2", "networks": ["plain-18"], **PHOTOGRAPHS}
    make(client, **body)
    injector.end(1)
    request_next(service)
    injector.examine(1, lambda _: 28.0)
    again = make(client, **body, reuse=True)
    assert request_next(service)
    assert client.get("/api/v1/queue").json()["waiting"] == []
    assert (read(client, again)["status"], cells(client, again)["table-2:18 layers:plain"]) == ("ended", "28.00")


def test_an_ensemble_has_one_run_of_every_network(client: httpx.Client, service: Service, injector: Injector) -> None:
    study = make(client, recipe="table-5", seeds=2, **PHOTOGRAPHS)
    injector.end(12)
    assert request_next(service)
    injector.examine(2, lambda _: 19.0, top5_error=3.5)
    study_json = read(client, study)
    assert [len(examination["runs"]) for examination in study_json["examinations"]] == [6, 6]
    (cell,) = (cell for cell in study_json["cells"] if cell["key"].startswith("table-5"))
    assert (cell["network"], cell["ours"], cell["runs"]) == ("ensemble of 6", "3.50 (3.50±0.00)", 2)
    assert "test server" in cell["verdict"]["sentence"]
    last = client.get(f"{STUDIES}/{study}/table.csv").raise_for_status().text.splitlines()[-1]
    assert last.startswith("ensemble of 6,table-5:")
    assert f"{'ensemble of 6':24}2 of 2" in screen.study(ShownStudy.model_validate(study_json))


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an object store that is not running."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return "s3://reslab/lab"


def test_a_study_is_not_settled_while_its_reports_cannot_be_read(
    client: httpx.Client, service: Service, injector: Injector, away: str, settings: Settings, dist: Path,
    logged: list[MutableMapping[str, Any]],
) -> None:  # fmt: skip
    """Before, it was settled permanently; and a look that raised ended all looks of the process."""
    body = {"recipe": "figure-7", "networks": ["plain-20", "ResNet-20 A"], "scale": 0.0005, "dataset": "digits"}
    study = make(client, **body, seeds=3, budget=4)
    injector.end(6)
    assert request_next(service)
    injector.examine(6, lambda _: 9.0)
    with pytest.raises(BaseError):
        seeds.extend_next(replace(service, objects=Objects(away)))
    assert read_row(client, study)["settled_at"] is None
    with served(create_app(settings.model_copy(update={"storage_url": away, "study_look_s": 0.05}), dist)):
        until(lambda: sum(entry.get("task") == "studies.seeds" for entry in logged) >= 2)
    assert read_row(client, study)["settled_at"] is None


def read_row(client: httpx.Client, study: str) -> Json:
    """The study as listed; a list reads no reports."""
    return next(examination for examination in client.get(STUDIES).json()["items"] if examination["id"] == study)


def test_a_cancelled_study_is_not_examined(client: httpx.Client, service: Service, injector: Injector) -> None:
    study = make(client, recipe="table-2", **PHOTOGRAPHS)
    injector.end(2)
    client.post(f"{STUDIES}/{study}/cancel").raise_for_status()
    assert not request_next(service)
    assert read(client, study)["status"] == "ended"


@pytest.mark.long
def test_fig_7_is_drawn_and_judged_from_the_responses_of_real_weights(
    client: httpx.Client, service: Service, train: Callable[[int], None], work: Callable[[int], None], tmp_path: Path
) -> None:
    """Two networks, two seeds, two iterations of digits."""
    networks = ["plain-20", "ResNet-20 A"]
    study = make(client, recipe="figure-7", networks=networks, seeds=2, scale=0.00003, dataset="digits")
    train(4)
    assert request_next(service)
    assert {claim["status"] for claim in read(client, study)["claims"]} == {"not testable by these runs"}
    work(4)
    study_json = read(client, study)
    assert (study_json["status"], study_json["progress"]["examinations_succeeded"]) == ("ended", 4)
    below = next(claim for claim in study_json["claims"] if claim["id"] == "responses-below-plain")["parts"][0]
    assert [(observation["net"], observation["runs"]) for observation in below["observations"]] == [
        ("ResNet-20 A", 2),
        ("plain-20", 2),
    ]
    assert (below["status"], below["p_value"]) == ("not testable by these runs", None)  # two iterations of digits
    assert below["difference"] is not None
    # Each network, in the order of its layers and sorted.
    assert len(curves(client.get(f"{STUDIES}/{study}/figure.svg").text)) == 4
    file = tmp_path / "study.zip"
    file.write_bytes(client.get(f"{STUDIES}/{study}/certificate").raise_for_status().content)
    certificate = checking.check(file)
    assert [claim.model_dump(mode="json") for claim in certificate.judgement.claims] == study_json["claims"]
    assert len(certificate.contents.examinations) == 4

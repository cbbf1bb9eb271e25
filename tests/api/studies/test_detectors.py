"""Studies of detectors over HTTP: Table 7 filled by a small study, with the reasons why nothing is comparable."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from store.db.database import Database
from store.db.objects import Objects
from studies.examination_requests import request_next
from tests.api import progress
from trainer.detection.catalog import LAB_DATA
from trainer.detection.spec import DetectionSpec
from trainer.events import DetectionEvaluated, DetectionSteps
from trainer.schedule import Rate

STUDIES = "/api/v1/studies"
SMALL = {
    "recipe": "table-7",
    "scale": 0.0001,
    "detection": {
        "instead": {"vgg16": "resnet18", "resnet101": "resnet34"},
        "fields": {"side": 160, "roi": {"size": 7, "batch": 16}, "batch_size": 2, "lr": 0.01},
    },
}
EIGHTEEN, THIRTY_FOUR = "ResNet-18 for VGG-16", "ResNet-34 for ResNet-101"


def precision_at(iteration: int, spec: DetectionSpec, precision: float) -> DetectionEvaluated:
    """A test with this mAP at IoU 0.5, and half of it as COCO counts."""
    mean = precision / 2 if spec.ap == "coco" else precision
    return DetectionEvaluated(
        iteration=iteration, split="test", map=mean, map_50=precision, map_50_95=precision / 2,
        ap={f"class {number}": mean for number in range(LAB_DATA[spec.dataset].classes)},
        images=360, detections=9, images_per_s=1.0,
    )  # fmt: skip


def points(spec: DetectionSpec, loss: float) -> DetectionSteps:
    """Every iteration of a run, with its schedule's rates and four equal losses."""
    count, rate = spec.iterations, Rate(spec)
    losses = dict.fromkeys(("rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss"), [loss] * count)
    lr = [rate.at(iteration) for iteration in range(1, count + 1)]
    whole, share = [4 * loss] * count, [25.0] * count
    return DetectionSteps(first=1, loss=whole, foreground=share, lr=lr, images_per_s=1.0, **losses)


@pytest.fixture
def train(database: Database, objects: Objects, tmp_path: Path) -> Callable[[float], None]:
    """Trains or tests what is first in the queue, to an mAP."""

    def to(precision: float) -> None:
        claim = progress.claim(database)
        spec, last = DetectionSpec.model_validate(claim.run.spec), claim.run.iterations
        save = partial(progress.save, database, objects, claim, folder=tmp_path, iteration=last)
        if claim.run.examination:
            progress.tell(database, claim, 1, precision_at(last, spec, precision))
            save(b'{"is_the_data_trained_on": true}', role="report", file_format="json")
        else:
            due = sorted({*range(spec.evaluate_every, last + 1, spec.evaluate_every), last})
            tests = [precision_at(at, spec, precision) for at in due]
            progress.tell(database, claim, 1, progress.started(), points(spec, precision / 100), *tests)
            save(str(claim.run.id).encode())
        progress.finish(database, claim.run.id, claim.attempt)

    return to


def test_a_small_study_fills_its_table_and_says_why_nothing_is_comparable(
    client: httpx.Client, train: Callable[[float], None]
) -> None:
    plan = client.post(STUDIES, params={"dry_run": True}, json=SMALL).json()
    assert [(member["label"], member["seed"]) for member in plan["members"]] == [(EIGHTEEN, 0), (THIRTY_FOUR, 0)]
    assert {"network", "side", "start", "iterations"} <= {finding["field"] for finding in plan["departures"]}

    assert [claim["status"] for claim in plan["claims"]] == ["not testable by these runs"]

    created = client.post(STUDIES, json=SMALL)
    assert created.status_code == 201, created.text
    address = f"{STUDIES}/{created.json()['id']}"
    assert [cell["ours"] for cell in client.get(address).json()["cells"]] == ["", ""]
    train(41.0)
    train(43.5)

    study = client.get(address).json()
    assert (study["status"], study["kind"], [table["number"] for table in study["tables"]]) == ("ended", "detect", [7])
    assert [(member["label"], member["test_map"]) for member in study["members"]] == [
        (EIGHTEEN, 41.0), (THIRTY_FOUR, 43.5),
    ]  # fmt: skip
    assert [(cell["key"], cell["network"], cell["ours"]) for cell in study["cells"]] == [
        ("table-7:VGG-16:VOC 07", EIGHTEEN, "41.0"), ("table-7:ResNet-101:VOC 07", THIRTY_FOUR, "43.5"),
    ]  # fmt: skip
    for cell in study["cells"]:
        assert cell["verdict"]["outcome"] == "not comparable"
        assert any("The paper uses 600; this run uses 160." in reason for reason in cell["verdict"]["reasons"])
    (claim,) = study["claims"]
    assert (claim["id"], claim["status"]) == ("voc-gain", "not testable by these runs")
    assert "this run uses ResNet-34" in claim["reason"]
    assert [(net["net"], net["mean"]) for net in claim["parts"][0]["observations"]] == [
        ("ResNet-101", 43.5),
        ("VGG-16", 41.0),
    ]
    _check_what_else_there_is(client, address)


def _check_what_else_there_is(client: httpx.Client, address: str) -> None:
    added = client.post(f"{address}/seeds", json={"add": 2})
    assert added.status_code == 200, added.text
    study = client.get(address).json()
    assert [(member["label"], member["seed"]) for member in study["members"]] == [
        (label, seed) for label in (EIGHTEEN, THIRTY_FOUR) for seed in (0, 1, 2)
    ]
    assert study["cells"][0]["attrition"]["sentence"].startswith("Provisional")
    assert client.get(STUDIES).json()["items"][0]["title"] == study["title"]
    assert client.get("/api/v1/claims").json() == {"items": []}
    for path, status in (("table.csv", 422), ("figure.pdf", 422)):
        refused = client.get(f"{address}/{path}")
        assert (refused.status_code, "is a study of detectors" in refused.text) == (status, True)


def test_table_9_tests_its_detectors_in_the_ways_of_app_b_once_all_have_trained(
    client: httpx.Client, app: FastAPI, train: Callable[[float], None]
) -> None:
    own = SMALL | {"recipe": "table-9"}
    assert client.post(STUDIES, params={"dry_run": True}, json=own).json()["examinations"] == 3
    address = f"{STUDIES}/{client.post(STUDIES, json=own).json()['id']}"
    for precision in (20.0, 30.0, 34.0):
        assert not request_next(app.state.service)
        train(precision)
    waiting = client.get(address).json()
    assert (waiting["status"], waiting["progress"]["examinations"]) == ("queued", 3)
    assert request_next(app.state.service)
    for precision in (32.0, 36.0, 40.0):
        train(precision)
    study = client.get(address).json()
    assert study["status"] == "ended"
    # The paper's sides of 200 to 1,000 pixels for a side of 600, in proportion for one of 160.
    assert [(each["refine"], each["sides"], each["map"]) for each in study["examinations"]] == [
        (True, [], 16.0), (True, [], 18.0), (True, [53, 107, 160, 213, 267], 20.0),
    ]  # fmt: skip
    ours = {cell["key"]: cell["ours"] for cell in study["cells"] if cell["key"].endswith("val mAP@.5")}
    assert list(ours.values()) == ["20.0", "30.0", "32.0", "36.0", "40.0"]
    assert {claim["id"] for claim in study["claims"]} == {"refinement-gain", "context-gain", "multi-scale-gain"}
    assert {claim["status"] for claim in study["claims"]} == {"not testable by these runs"}


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (
            {"detection": {"fields": {"side": 7}}},
            "detection.fields.side",
            "side must be at least 32, not 7.",
        ),
        ({"detection": {"fields": {"seed": 7}}}, "detection.fields", "fields must not contain seed: the study sets it"),
        ({"detection": {"instead": {"resnet18": "resnet34"}}}, "detection.instead", "table-7 doesn't train resnet18"),
        ({"budget": 3}, "budget", "A study of detectors has no budget"),
        ({"dataset": "digits"}, "dataset", "digits has no boxes"),
        ({"networks": ["VGG-19"]}, "networks", "This recipe has no network VGG-19."),
        ({"recipe": "table-6"}, "detection", "table-6 trains classifiers. Leave detection out."),
    ],
)
def test_a_study_that_cannot_be_trained_is_refused_in_a_sentence(
    client: httpx.Client, change: dict[str, Any], field: str, message: str
) -> None:
    answer = client.post(STUDIES, json=SMALL | change)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]

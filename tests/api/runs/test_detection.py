"""Detection over HTTP: a data set with boxes, a run of it from its POST to its weights, and what is refused."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from store.curves.series import of_tasks
from tests.drawn import curves, words
from tests.trainer.data.annotated.layouts import Voc, coco

SPEC = {
    "task": "detection",
    "dataset": "shapes",
    "network": "resnet18",
    "side": 64,
    "longest": 96,
    "anchors": {"sizes": [16, 32]},
    "rpn": {"min_size": 4, "test_after_nms": 40, "train_after_nms": 100},
    "roi": {"size": 4, "batch": 16},
    "iterations": 4,
    "batch_size": 2,
    "lr": 0.01,
    "evaluate_every": 2,
    "checkpoint_every": 2,
}
RUNS = "/api/v1/runs"


def test_a_detector_is_trained_from_its_post_to_its_weights(
    client: httpx.Client, shapes: Voc, register: Callable[..., httpx.Response], work: Callable[[int], None]
) -> None:
    registered = register(shapes)
    assert registered.status_code == 201, registered.text
    data = registered.json()
    assert (data["task"], data["class_names"], data["train_images"], data["test_images"]) == (
        "detection", ["cat", "dog"], 3, 1,
    )  # fmt: skip
    assert data["boxes"]["train_boxes"] == {"cat": 3, "dog": 1}
    assert data["boxes"]["warnings"][0].startswith("1 box lies outside its image and was skipped: dog in ")

    plan = client.post(f"{RUNS}/plan", json={"spec": SPEC}).json()
    assert plan["name"] == "ResNet-18"
    assert {"dataset", "side", "roi.batch"} <= {item["field"] for item in plan["findings"]}

    posted = client.post(RUNS, json={"spec": SPEC})
    assert posted.status_code == 201, posted.text
    work(1)
    run = client.get(f"{RUNS}/{posted.json()['id']}").json()
    assert (run["status"], run["task"], run["name"]) == ("succeeded", "detection", "ResNet-18"), run["message"]
    assert run["last"]["test_error"] is None
    assert 0 <= run["last"]["test_map"] <= run["best"]["test_map"] <= 100
    assert run["best"]["evaluations"] == 2

    _check_curves(client, run)
    weights = client.get(f"{RUNS}/{run['id']}/weights")
    assert 'filename="resnet-18_shapes_seed-0_iteration-4.safetensors"' in weights.headers["content-disposition"]
    assert client.get(f"{RUNS}/{run['id']}/network").json()["parts"][1]["name"] == "rpn"
    assert client.get(f"{RUNS}/{run['id']}/verdict").json() == {"cells": [], "runs": [run["id"]], "seeds": None}
    assert client.get(f"{RUNS}/{run['id']}/findings").json()["items"] == plan["findings"]
    _check_lists(client, run["id"])
    _check_figure(client, run["id"])
    _check_test(client, run["id"], work)
    _check_children(client, run["id"])


def _check_curves(client: httpx.Client, run: dict[str, Any]) -> None:
    names = ["train_loss", "rpn_class_loss", "foreground", "lr", "test_map", "test_map_50_95", "test_ap:cat"]
    query = {"run": run["id"], "series": ",".join([*names, "train_error"])}
    series = client.get("/api/v1/curves", params=query).json()["runs"][0]["series"]
    assert [len(series[name]["iteration"]) for name in names] == [4, 4, 4, 4, 2, 2, 2]
    assert series["train_error"]["iteration"] == []
    assert series["test_map"]["last"] == {"iteration": 4, "value": run["last"]["test_map"], "points": 1, "runs": 1}

    header, *lines = client.get(f"{RUNS}/{run['id']}/curves.csv").text.splitlines()
    assert header.split(",") == ["iteration", *of_tasks({"detection"})]
    assert len(lines) == 4

    events = client.get(f"{RUNS}/{run['id']}/events", params={"kind": "evaluated"}).json()["items"]
    assert [event["body"]["iteration"] for event in events] == [2, 4]
    assert set(events[-1]["body"]["ap"]) == {"cat", "dog"}


def _check_figure(client: httpx.Client, run_id: str) -> None:
    answer = client.get("/api/v1/figure.svg", params={"run": run_id})
    assert answer.headers["content-disposition"] == 'inline; filename="map-ResNet-18-on-shapes.svg"'
    assert {"mAP (%)", "test mAP", "ResNet-18"} <= set(words(answer.text))
    (line,) = curves(answer.text)
    assert not line.is_dashed
    assert client.get("/api/v1/figure.pdf", params={"run": run_id, "x": "images"}).content.startswith(b"%PDF")


def _check_test(client: httpx.Client, run_id: str, work: Callable[[int], None]) -> None:
    """The weights are tested again, and the test images come with their detections and objects."""
    request = client.post(f"{RUNS}/{run_id}/examinations", json={"kind": "detect", "refine": True})
    assert request.status_code == 201, request.text
    work(1)
    test = client.get(f"/api/v1/examinations/{request.json()['id']}").json()
    assert test["status"] == "succeeded", test["message"]
    assert test["map"] == test["result"]["map"]
    assert [each["class"] for each in test["result"]["classes"]] == ["cat", "dog"]
    again = client.post(f"{RUNS}/{run_id}/examinations", json={"kind": "detect", "refine": True})
    assert (again.status_code, again.json()["id"]) == (200, test["id"])
    shown = client.get(f"/api/v1/examinations/{test['id']}/images").json()
    (image,) = shown["items"]
    assert (shown["total"], image["path"], image["width"]) == (1, "shapes/JPEGImages/ccc.jpg", 48)
    assert sorted(each["label"] for each in image["objects"]) == ["cat", "dog"]
    assert len(image["detections"]) == test["result"]["detections"]
    assert image["picture"].startswith("data:image/jpeg;base64,")


def _check_lists(client: httpx.Client, run_id: str) -> None:
    for query in ({"task": "detection"}, {"where": "test_map>=0"}, {"where": "network=resnet18", "sort": "-test_map"}):
        assert [run["id"] for run in client.get(RUNS, params=query).json()["items"]] == [run_id]
    assert client.get(RUNS, params={"task": "classification"}).json()["items"] == []


def _check_children(client: httpx.Client, run_id: str) -> None:
    fork = client.post(f"{RUNS}/{run_id}/fork", json={"spec": {"iterations": 6}, "iteration": 4})
    assert (fork.status_code, fork.json()["parent_iteration"]) == (201, 4), fork.text
    refused = client.post(f"{RUNS}/{run_id}/fork", json={"spec": {"iterations": 6, "schedule": {"kind": "plateau"}}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "spec.schedule"
    assert client.post(f"{RUNS}/{run_id}/retry").json()["spec"]["side"] == 64
    classifier = client.post(RUNS, json={"spec": {"depth": 20, "shortcut": "A", "dataset": "digits"}}).json()["id"]
    mixed = client.get("/api/v1/figure.pdf", params={"run": [run_id, classifier]})
    assert (mixed.status_code, mixed.json()["errors"][0]["field"]) == (422, "run")
    examined = client.post(f"{RUNS}/{run_id}/examinations", json={"kind": "evaluate"})
    assert (examined.status_code, examined.json()["errors"][0]["field"]) == (422, "kind")


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"dataset": "digits"}, "spec.dataset", "digits has no boxes. For detection, choose one of voc07+12, coco."),
        ({"dataset": "nothing"}, "spec.dataset", "There is no data set nothing. For detection, choose one of"),
        ({"side": 7}, "spec.side", "side must be at least 32, not 7."),
        ({"depth": 20}, "spec.depth", "depth is not a known field."),
        ({"anchors": {"sizes": [32, 16]}}, "spec.anchors.sizes", "sizes must be in ascending order"),
        ({"batch_norm": "frozen"}, "spec.batch_norm", "batch_norm must be live without start weights"),
        ({"start": {"sha256": "x"}}, "spec.start.sha256", "sha256 must be a SHA-256: 64 hexadecimal digits"),
        ({"dataset": "coco", "start": {"sha256": "0" * 64}}, "spec.start", "There are no weights with the SHA-256"),
    ],
)
def test_a_detection_that_cannot_be_trained_is_refused_in_a_sentence(
    client: httpx.Client, fields: dict[str, Any], field: str, message: str
) -> None:
    answer = client.post(RUNS, json={"spec": SPEC | fields})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["field"], error["message"][: len(message)]) == (field, message)


def test_a_classifier_is_not_trained_on_boxes(client: httpx.Client) -> None:
    answer = client.post(RUNS, json={"spec": {"depth": 20, "shortcut": "A", "dataset": "coco"}})
    assert answer.json()["detail"] == "coco has boxes, not a class for each image. Use task detection."


def test_what_a_lab_has_is_listed_with_its_counts(client: httpx.Client) -> None:
    listed = {data["name"]: data for data in client.get("/api/v1/datasets").json()["items"]}
    assert (listed["voc07+12"]["task"], listed["voc07+12"]["classes"], listed["digits"]["task"]) == (
        "detection", 20, "classification",
    )  # fmt: skip
    assert client.get("/api/v1/datasets/voc07%2B12").json() == listed["voc07+12"]


def test_sample_images_of_a_data_set_come_with_their_boxes(
    client: httpx.Client, shapes: Voc, register: Callable[..., httpx.Response]
) -> None:
    assert register(shapes).status_code == 201
    items = client.get("/api/v1/datasets/shapes/samples").json()["items"]
    assert [(item["width"], item["height"]) for item in items] == [(48, 40)] * 3
    assert items[0]["boxes"] == [{"box": [4.0, 5.0, 24.0, 25.0], "label": "cat"}]
    picture = Image.open(io.BytesIO(base64.b64decode(items[0]["picture"].partition(",")[2])))
    red, _, blue = picture.crop((14, 15, 15, 16)).tobytes()
    assert red > blue + 100, "the cat is where its box is"
    assert client.get("/api/v1/datasets/coco/samples").json() == {"items": []}


def _megapixels_100() -> bytes:
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    return file.getvalue()


MEGAPIXELS_100 = _megapixels_100()


def voc_files(made: Voc, name: str, content: str | bytes) -> Voc:
    path = made.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return made


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("Annotations/a.xml", "", "'shapes/Annotations/a.xml' is empty. Pack the annotation again."),
        (
            "Annotations/a.xml",
            '<!DOCTYPE x [<!ENTITY e "e">]><annotation/>',
            "Annotations/a.xml cannot be used: it has a document type",
        ),
        ("Annotations/a.xml", "<annotation>", "Annotations/a.xml"),
        ("JPEGImages/a.jpg", b"no picture", "JPEGImages/a.jpg is not an image"),
        (
            "JPEGImages/a.jpg",
            MEGAPIXELS_100,
            "JPEGImages/a.jpg is too large: an image may have at most 89,478,485 pixels.",
        ),
        ("ImageSets/Main/trainval.txt", "a\nbb\nmissing\n", "missing"),
        ("ImageSets/Main/trainval.txt", "../a\n", "Only a file name without a folder is allowed"),
    ],
)
def test_a_broken_data_set_is_refused_with_the_file_that_is_wrong(
    register: Callable[..., httpx.Response], shapes: Voc, name: str, content: str | bytes, message: str
) -> None:
    answer = register(voc_files(shapes, name, content))
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == "archive"
    assert message in error["message"]


def test_an_image_without_objects_is_left_out_and_said(register: Callable[..., httpx.Response], shapes: Voc) -> None:
    shapes.add("eeeee", split="trainval")
    data = register(shapes).json()
    assert data["train_images"] == 3
    sentence = "1 image is left out of training: without an object there is nothing to learn from."
    assert sentence in data["boxes"]["warnings"]


@pytest.mark.long
def test_a_million_boxes_are_refused(client: httpx.Client, tmp_path: Path) -> None:
    box = '{"image_id":10,"category_id":3,"bbox":[4,5,20,20]}'
    path = coco(tmp_path / "set")
    text = json.dumps(json.loads(path.read_text()) | {"annotations": ["HERE"]})
    path.write_text(text.replace('"HERE"', ",".join([box] * 1_000_000)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in (tmp_path / "set").rglob("*.j*"):
            archive.write(file, file.relative_to(tmp_path).as_posix())
    answer = client.post("/api/v1/datasets", data={"name": "many"}, files={"archive": ("many.zip", packed.getvalue())})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["message"].endswith("instances_train2017.json has 1,000,000 boxes; at most 900,000 are allowed.")


def test_a_class_that_only_the_test_set_has_is_said(register: Callable[..., httpx.Response], shapes: Voc) -> None:
    shapes.add("eeeee", ("bird", 4, 4, 20, 20), split="test")
    warnings = register(shapes).json()["boxes"]["warnings"]
    assert any("Class 'bird' has boxes in the test set only" in warning for warning in warnings), warnings

"""The paper over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from paper import lint, published
from paper.lint import detection

PAPER = "/api/v1/paper"


def test_the_tables_are_served_as_printed(client: httpx.Client) -> None:
    tables = client.get(f"{PAPER}/tables").json()["items"]
    assert [table["number"] for table in tables] == list(range(1, 15))
    six = client.get(f"{PAPER}/tables/6").json()
    assert [row["label"] for row in six["table"]["rows"]][-1] == "ResNet-1202"
    (error,) = (value for value in six["values"] if value["key"] == "table-6:ResNet-110:error")
    assert error["printed"] == published.value(6, "ResNet-110", "error").printed
    assert error["spread"]["runs"] == 5


def test_an_unknown_table_is_a_404(client: httpx.Client) -> None:
    answer = client.get(f"{PAPER}/tables/15")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "The paper has no table 15. Its tables are 1 to 14."
    assert client.get(f"{PAPER}/tables/six").status_code == 422


def test_every_number_of_the_tables_is_reachable(client: httpx.Client) -> None:
    shown = {
        value["key"]
        for table in client.get(f"{PAPER}/tables").json()["items"]
        for value in client.get(f"{PAPER}/tables/{table['number']}").json()["values"]
    }
    assert shown == {value.key for value in published.values()}


def test_figures_text_and_references_are_served(client: httpx.Client) -> None:
    figures = {figure["number"]: figure for figure in client.get(f"{PAPER}/figures").json()["items"]}
    assert list(figures) == [1, 4, 6, 7]
    assert figures[6]["recipes"] == ["figure-6-plain", "figure-6-resnet", "figure-6-1202"]
    text = client.get(f"{PAPER}/text").json()
    assert {"id": "warmup-lr", "value": 0.01}.items() <= {s["id"]: s for s in text["statements"]}["warmup-lr"].items()
    assert len(text["inconsistencies"]) == 6
    assert {s["id"]: s["recipes"] for s in text["statements"]}["plain-110-error"] == ["figure-6-plain"]
    beside = client.get(f"{PAPER}/references").json()
    assert any(net["parameters"] == 269_722 for net in beside["counts"]["networks"])
    assert any(item["implementation"] == "akamaster" for item in beside["reimplementations"])


def test_the_rules_of_the_lint_are_listed_with_their_sentences(client: httpx.Client) -> None:
    rules = {rule["name"]: rule for rule in client.get(f"{PAPER}/lint").json()["items"]}
    assert len(rules) == len(lint.RULES) + len(lint.RESULT_RULES) + len(detection.RULES)
    assert rules["option-a"]["sentences"][0]["section"] == "4.2"
    assert rules["stride-in-3x3"]["casualties"][0]["issue"] == "pytorch/vision#191"
    assert rules["torch-version"]["looks_at"] == "result"
    assert rules["detection-batch-norm"]["sentences"][0]["section"] == "App. A"


def test_the_claims_name_their_comparisons_and_recipes(client: httpx.Client) -> None:
    claims = {claim["id"]: claim for claim in client.get(f"{PAPER}/claims").json()["items"]}
    recipes = {recipe["name"] for recipe in client.get("/api/v1/recipes").json()["items"]}
    assert claims["degradation"]["networks"] == ["plain-20", "plain-56"]
    assert claims["degradation"]["comparisons"][0] == "training error: plain-20 below plain-56"
    assert all(set(claim["recipes"]) <= recipes for claim in claims.values())
    assert all(claim["recipes"] or claim["untestable"] or not claim["networks"] for claim in claims.values())


def numbers(data: Any) -> Iterator[float]:  # Any: parsed JSON
    if isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from numbers(part)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield float(data)


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("tables", "tables"),
        ("figures", "figures"),
        ("statements", "text"),
        ("counts", "references"),
        ("reimplementations", "references"),
    ],
)
def test_every_stored_number_of_the_paper_is_served(client: httpx.Client, file: str, address: str) -> None:
    data = set(numbers(json.loads(published.read(file))))
    assert data
    assert data <= set(numbers(client.get(f"{PAPER}/{address}").json()))


def test_every_field_of_a_spec_has_the_papers_sentence(client: httpx.Client) -> None:
    fields = {item["field"]: item for item in client.get(f"{PAPER}/fields").json()["items"]}
    assert fields["batch_size"]["cifar"]["text"] == published.sentence("cifar-batch").text
    assert fields["batch_size"]["imagenet"]["section"] == "3.4"
    assert fields["stride_in_1x1"]["cifar"] is None
    assert "torchvision" in fields["stride_in_1x1"]["about"]


def test_every_field_of_a_detection_spec_names_its_source(client: httpx.Client) -> None:
    items = client.get(f"{PAPER}/fields", params={"task": "detection"}).json()["items"]
    about = {item["field"]: item["about"] for item in items}
    assert about["side"] == "The shorter side that images are scaled to: 600 (App. A)."
    assert about["roi.batch"].endswith("128 (pfr).")
    assert {"anchors.sizes", "rpn.nms", "schedule.at", "start.sha256", "test.most"} <= about.keys()
    assert [name for name, text in about.items() if not text] == ["schedule.kind"]


def test_each_table_says_which_of_its_numbers_can_be_trained_here(client: httpx.Client) -> None:
    tables = {table["number"]: table["training"] for table in client.get(f"{PAPER}/tables").json()["items"]}
    assert tables[1] == "Nothing in this table needs training: table-1 counts all of its numbers."
    assert tables[2] == "Every number of this table can be trained here, by table-2."
    assert tables[6] == "18 of the 30 numbers in this table can be trained here, by table-6."
    detection = "numbers in this table are those of detectors that the trainer can train and test (docs/detection.md)."
    counts = [tables[number].partition(f" {detection}")[0] for number in (7, 8, 9)]
    assert counts == ["2 of the 4", "4 of the 4", "10 of the 16"]
    others = {"No number of this table can be trained here: there is no recipe for it."}
    assert {tables[number] for number in range(10, 15)} == others
    assert client.get(f"{PAPER}/tables/13").json()["table"]["training"] in others

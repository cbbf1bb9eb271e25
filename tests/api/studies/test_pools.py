"""POST /pools: imports of several labs as one result, or the reason why not."""

from typing import Any

import httpx
import pytest

from tests.api.imports.test_routes import KEPT, csv, send

pytestmark = pytest.mark.usefixtures("warm")

POOLS = "/api/v1/pools"
LABS = (("A", 0, 8.7), ("A", 1, 8.9), ("B", 0, 9.2), ("B", 1, 9.0))


def import_run(client: httpx.Client, lab: str | None, error: float, **changes: Any) -> str:  # Any: a spec's fields
    declared = {"spec": KEPT | changes, "lab": lab, "test_images": 10_000}
    answer = send(client, csv(error), declared)
    assert answer.status_code == 201, answer.text
    run: str = answer.json()["id"]
    return run


def test_labs_are_pooled_and_nothing_is_stored(client: httpx.Client) -> None:
    runs = [import_run(client, lab, error, seed=seed) for lab, seed, error in LABS]
    answer = client.post(POOLS, json={"runs": [*runs, runs[0]]})
    assert answer.status_code == 200, answer.text
    pool = answer.json()
    assert pool["network"] == "ResNet-20 A on cifar10"
    assert [(lab["name"], lab["errors"]) for lab in pool["labs"]] == [("A", [8.7, 8.9]), ("B", [9.2, 9.0])]
    assert pool["sentence"].startswith("2 labs, 4 runs: 8.95 %")
    assert pool["heterogeneity"]["df"] == 1
    assert "were not checked" in pool["notes"][0]
    assert pool["left_out"] == []


def test_results_read_from_certificates_are_pooled_with_imports(client: httpx.Client) -> None:
    run = import_run(client, "A", 8.7)
    spec = client.get(f"/api/v1/runs/{run}").json()["spec"]
    result = {"where": "lab-b.zip", "lab": "B", "spec": spec, "error": 9.0, "test_images": 10_000, "tested_at": 64_000}
    pool = client.post(POOLS, json={"runs": [run], "results": [result]}).raise_for_status().json()
    assert [lab["name"] for lab in pool["labs"]] == ["B", "A"]


def test_what_differs_or_was_not_said_is_refused_with_the_reason(client: httpx.Client) -> None:
    first = import_run(client, "A", 8.7)
    other, unnamed = import_run(client, "B", 9.0, lr=0.05), import_run(client, None, 9.1)
    unsaid = send(
        client, csv(9.3), {"spec": {name: KEPT[name] for name in ("dataset", "depth", "shortcut")}, "lab": "C"}
    )
    for run, reason in (
        (other, "The protocols differ: lr is 0.1"),
        (unnamed, f"Nobody said which lab made import {unnamed}"),
        (unsaid.json()["id"], "so its protocol may be another one"),
    ):
        answer = client.post(POOLS, json={"runs": [first, run]})
        assert answer.status_code == 422
        assert reason in answer.json()["detail"]
    assert "at least two runs" in client.post(POOLS, json={"runs": [first]}).json()["detail"]
    assert client.post(POOLS, json={"runs": []}).status_code == 422
    missing = "01a21144-9096-70ac-8202-5b96ef6a2e57"
    assert client.post(POOLS, json={"runs": [missing]}).status_code == 404

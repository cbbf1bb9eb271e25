"""The plan of a run: what it describes, and what its prediction rests on."""

from collections.abc import Callable
from typing import Any

import httpx

from store.db.database import Database
from tests.api import progress
from tests.api.conftest import SPEC

Post = Callable[..., dict[str, Any]]

RUNS = "/api/v1/runs"


def test_a_plan_describes_the_run_and_queues_nothing(client: httpx.Client) -> None:
    answer = client.post(f"{RUNS}/plan", json={"spec": SPEC})
    plan = answer.json()
    assert answer.status_code == 200
    assert (plan["parameters"], plan["weighted_layers"], plan["spec"]["batch_size"]) == (269_722, 20, 128)
    assert plan["predicted_s"] is None
    assert "nothing has been trained on this kind of device yet" in plan["predicted_from"]
    (data,) = (finding for finding in plan["findings"] if finding["field"] == "dataset")
    assert (data["rule"], data["severity"], data["section"]) == ("other-data", "departure", "4.2")
    assert data["message"] == "The paper uses CIFAR-10; this run uses digits."
    assert data["quote"].startswith("We conducted more studies on the CIFAR-10 dataset")
    assert client.get(RUNS).json()["total"] == 0


def test_a_plan_predicts_from_what_was_measured_here(client: httpx.Client, post: Post, database: Database) -> None:
    post()
    progress.tell(database, progress.claim(database), 1, progress.started(), progress.steps(1, 10))
    same = client.post(f"{RUNS}/plan", json={"spec": SPEC}).json()
    other = client.post(f"{RUNS}/plan", json={"spec": SPEC | {"depth": 56}}).json()
    assert same["predicted_s"] == 400 * 128 / 100
    assert same["predicted_from"] == "1 recent run of this network on cpu"
    assert 2.5 < other["predicted_s"] / same["predicted_s"] < 3.5  # 126 to 41 million multiply-adds
    assert "scaled by multiply-adds" in other["predicted_from"]


def test_a_dry_run_still_answers_the_plan(client: httpx.Client) -> None:
    answer = client.post(RUNS, json={"spec": SPEC}, params={"dry_run": "true"})
    assert answer.status_code == 200
    assert answer.json() == client.post(f"{RUNS}/plan", json={"spec": SPEC}).json()
    assert client.get(RUNS).json()["total"] == 0


def test_a_plan_names_an_unknown_data_set(client: httpx.Client) -> None:
    answer = client.post(f"{RUNS}/plan", json={"spec": SPEC | {"dataset": "mars"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "spec.dataset")

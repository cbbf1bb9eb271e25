"""Actions on a run over HTTP: pause, resume, retry and fork."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from store.db.database import Database
from store.db.objects import Objects
from store.runs.attempts import Claim
from tests.api import progress

Post = Callable[..., dict[str, Any]]
RUNS = "/api/v1/runs"


@pytest.fixture
def trained(database: Database, objects: Objects, post: Post, tmp_path: Path) -> Claim:
    """A run in training, with a checkpoint at iteration 200 of 400."""
    post()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 200))
    progress.save(database, objects, claim, b"a checkpoint", tmp_path, iteration=200, role="checkpoint")
    return claim


def test_pause_and_resume_are_idempotent_and_name_the_actor(client: httpx.Client, post: Post) -> None:
    run = post()
    answers = [client.post(f"{RUNS}/{run['id']}/{verb}") for verb in ("pause", "pause", "resume", "resume")]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [
        (200, "paused"), (200, "paused"), (200, "queued"), (200, "queued")
    ]  # fmt: skip
    events = client.get(f"{RUNS}/{run['id']}/events").json()["items"]
    assert [(event["kind"], event["actor"]) for event in events][1:] == [("paused", "ann"), ("resumed", "ann")]


def test_a_cancelled_run_is_not_paused(client: httpx.Client, post: Post) -> None:
    run = post()
    client.post(f"{RUNS}/{run['id']}/cancel")
    refused = client.post(f"{RUNS}/{run['id']}/pause")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "This run was cancelled, so it can't be paused. Retry or fork it to continue."


def test_a_retry_names_its_parent_and_the_same_key_makes_one_retry(client: httpx.Client, post: Post) -> None:
    run = post(tags=["table 6"])
    assert client.post(f"{RUNS}/{run['id']}/retry").status_code == 409
    client.post(f"{RUNS}/{run['id']}/cancel")
    first, again = (client.post(f"{RUNS}/{run['id']}/retry", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == f"{RUNS}/{again.json()['id']}"
    child = first.json()
    assert (child["parent_id"], child["parent_iteration"], child["tags"]) == (run["id"], None, ["table 6"])
    assert (child["spec"], child["status"]) == (run["spec"], "queued")


def test_a_fork_continues_from_the_last_checkpoint_with_its_changes(client: httpx.Client, trained: Claim) -> None:
    path = f"{RUNS}/{trained.run.id}/fork"
    answer = client.post(path, json={"spec": {"iterations": 800, "lr": 0.01}, "name": "slower"})
    assert answer.status_code == 201, answer.text
    child = answer.json()
    assert (child["parent_id"], child["parent_iteration"]) == (str(trained.run.id), 200)
    assert (child["name"], child["iteration"], child["iterations"], child["spec"]["lr"]) == ("slower", 200, 800, 0.01)
    assert "from-scratch" in {finding["rule"] for finding in child["departures"]}
    files = client.get(f"{RUNS}/{child['id']}/checkpoints").json()["items"]
    assert [(file["iteration"], file["attempt"]) for file in files] == [(200, None)]
    assert client.post(path).json()["name"] == "ResNet-20 A from 200"  # no body: nothing changed


def test_a_fork_posted_twice_with_one_key_makes_one_run_with_one_copy(
    client: httpx.Client, trained: Claim, tmp_path: Path
) -> None:
    answers = [
        client.post(f"{RUNS}/{trained.run.id}/fork", json={}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(list((tmp_path / "objects").rglob("checkpoint-*"))) == 2


def test_a_fork_cannot_change_what_its_checkpoint_depends_on(client: httpx.Client, trained: Claim) -> None:
    refused = client.post(f"{RUNS}/{trained.run.id}/fork", json={"spec": {"batch_size": 64}})
    assert refused.status_code == 422
    assert "A fork can't change batch_size" in refused.json()["detail"]
    assert "iterations, lr, momentum" in refused.json()["detail"]
    done = client.post(f"{RUNS}/{trained.run.id}/fork", json={"spec": {"iterations": 200}})
    assert done.json()["errors"][0]["field"] == "spec.iterations"
    assert client.post(f"{RUNS}/{trained.run.id}/fork", json={"iteration": 100}).status_code == 409

"""Runs over HTTP: accepted once, listed, changed, cancelled, deleted."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from tests.api import progress
from tests.api.conftest import SPEC, bearer, served

Post = Callable[..., dict[str, Any]]
RUNS = "/api/v1/runs"


def test_three_fields_make_a_run_and_the_rest_are_the_papers(client: httpx.Client) -> None:
    answer = client.post(RUNS, json={"spec": {"depth": 20, "shortcut": "A", "dataset": "cifar10"}})
    run = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{RUNS}/{run['id']}"
    assert (run["name"], run["owner"], run["project"]) == ("ResNet-20 A", "ann", "default")
    assert run["spec"]["schedule"] == {"kind": "steps", "at": [32000, 48000], "factor": 0.1}
    assert (run["status"], run["iteration"], run["iterations"], run["attempts"]) == ("queued", 0, 64000, 0)
    # 0.27 million in Table 6; plan.py's own tests count it exactly.
    assert (run["parameters"], run["weighted_layers"]) == (269_722, 20)
    assert run["departures"] == []
    assert client.get(answer.headers["Location"]).json() == run | {"queue_position": 1}


def test_a_run_lists_its_departures_from_the_paper(post: Post) -> None:
    run = post({"shortcut": "B"})
    assert [finding["field"] for finding in run["departures"]] == ["dataset", "shortcut", "iterations", "augment"]


def test_machines_share_the_devices_equally(client: httpx.Client) -> None:
    body = {"spec": SPEC | {"devices": 4}, "machines": 2}
    run = client.post(RUNS, json=body).json()
    assert (run["machines"], run["spec"]["devices"]) == (2, 4)
    assert run["spec_hash"] == client.post(RUNS, json={"spec": SPEC | {"devices": 4}}).json()["spec_hash"]
    refused = client.post(RUNS, json=body | {"machines": 3})
    assert refused.status_code == 422
    assert (
        refused.json()["errors"][0]["message"] == "machines must divide spec.devices: 3 machines can't share 4 equally."
    )


def test_the_same_key_and_body_make_one_run_and_another_body_is_refused(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "tuesday"}
    first = client.post(RUNS, json={"spec": SPEC}, headers=headers)
    again = client.post(RUNS, json={"spec": dict(reversed(SPEC.items()))}, headers=headers)
    other = client.post(RUNS, json={"spec": SPEC | {"seed": 1}}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["id"] == first.json()["id"]
    assert first.json()["id"] in other.json()["detail"]
    assert client.get(RUNS).json()["total"] == 1


def test_two_owners_may_use_the_same_key(client: httpx.Client, make_key: Callable[..., str]) -> None:
    headers = {"Idempotency-Key": "tuesday"}
    mine = client.post(RUNS, json={"spec": SPEC}, headers=headers)
    theirs = client.post(RUNS, json={"spec": SPEC}, headers=headers | bearer(make_key(owner="bob")))
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


def test_accepting_a_run_never_touches_the_broker(settings: Settings, dist: Path, token: str) -> None:
    """A frozen broker once blocked every POST. Control publishes, after the commit."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        frozen.setblocking(False)
        broker_url = f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"
        with served(create_app(settings.model_copy(update={"broker_url": broker_url}), dist)) as url:
            assert httpx.post(url + RUNS, json={"spec": SPEC}, headers=bearer(token)).status_code == 201
        with pytest.raises(BlockingIOError):
            frozen.accept()


def test_fifty_posts_at_once_with_one_key_make_one_run(client: httpx.Client) -> None:
    def send(_: int) -> httpx.Response:
        return client.post(RUNS, json={"spec": SPEC}, headers={"Idempotency-Key": "one"})

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert client.get(RUNS).json()["total"] == 1


def test_a_waiting_run_says_what_it_waits_for(client: httpx.Client, post: Post, database: Database) -> None:
    first, second = post(), post({"depth": 32})

    def read(run: dict[str, Any]) -> Any:  # Any: parsed JSON
        return client.get(f"{RUNS}/{run['id']}").json()

    assert read(first)["waits_for"] == "no worker is running"
    worker = progress.add_worker(database)
    assert read(second)["waits_for"] == "2 of 2 in the queue, waiting for a worker"
    assert read(second)["queue_position"] == 2
    claim = progress.claim(database, worker)
    assert read(first)["waits_for"] == "starting: loading PyTorch"
    progress.tell(database, claim, 1, progress.started())
    assert read(first)["waits_for"] == "starting: running the first iterations"
    progress.tell(database, claim, 2, progress.steps(1, 100))
    running = read(first)
    assert (running["waits_for"], running["status"], running["iteration"]) == (None, "running", 100)
    assert running["eta_s"] == 300 * 128 / 100


def test_a_run_that_needs_a_gpu_says_that_there_is_none(post: Post, database: Database) -> None:
    progress.add_worker(database)
    assert post(queue="gpu")["waits_for"] == "no gpu worker is running"


def test_a_run_has_its_last_errors_and_the_lowest_of_how_many(
    client: httpx.Client, post: Post, database: Database
) -> None:
    run = post({"evaluate_every": 2})
    assert run["best"]["evaluations"] == 0
    claim = progress.claim(database)
    progress.tell(
        database, claim, 1, progress.started(), progress.steps(1, 2),
        progress.evaluated(2, 5.0, "val"), progress.evaluated(2, 6.0), progress.steps(3, 2),
        progress.evaluated(4, 7.0, "val"), progress.evaluated(4, 8.0),
    )  # fmt: skip
    body = client.get(f"{RUNS}/{run['id']}").json()
    assert body["last"] == {"val_error": 7.0, "test_error": 8.0, "val_map": None, "test_map": None}
    best = {
        "val_error": 5.0,
        "val_iteration": 2,
        "test_error": 6.0,
        "val_map": None,
        "test_map": None,
        "evaluations": 2,
    }
    assert body["best"] == best


def test_filters_narrow_and_pages_follow_each_other(client: httpx.Client, post: Post) -> None:
    posted = [post({"depth": depth, "seed": seed}, tags=[f"seed {seed}"]) for depth in (20, 32) for seed in (0, 1, 2)]
    page = client.get(RUNS, params={"depth": [20], "sort": "created_at", "limit": 2}).json()
    rest = client.get(
        RUNS, params={"depth": [20], "sort": "created_at", "limit": 2, "cursor": page["next_cursor"]}
    ).json()
    assert (page["total"], rest["total"], rest["next_cursor"]) == (3, 3, None)
    assert [run["id"] for run in page["items"] + rest["items"]] == [run["id"] for run in posted[:3]]
    assert client.get(RUNS, params={"tag": "seed 1"}).json()["total"] == 2
    assert client.get(RUNS, params={"depth": [20, 32], "dataset": "digits", "status": "queued"}).json()["total"] == 6
    assert client.get(RUNS, params={"owner": "bob"}).json()["total"] == 0
    assert client.get(RUNS, params={"where": ["depth>20", "seed!=1"]}).json()["total"] == 2
    assert client.get(RUNS, params={"text": posted[4]["id"]}).json()["items"] == [
        client.get(f"{RUNS}/{posted[4]['id']}").json()
    ]


def test_the_name_tags_notes_and_priority_can_be_changed(client: httpx.Client, post: Post) -> None:
    run = post()
    changed = client.patch(f"{RUNS}/{run['id']}", json={"name": "second seed", "tags": ["table 6"], "priority": 5})
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in ("name", "tags", "priority", "notes")} == {
        "name": "second seed", "tags": ["table 6"], "priority": 5, "notes": ""
    }  # fmt: skip
    assert client.patch(f"{RUNS}/{run['id']}", json={"spec": SPEC}).status_code == 422


def test_a_queued_run_is_cancelled_at_once_and_repeating_it_is_safe(client: httpx.Client, post: Post) -> None:
    run = post()
    answers = [client.post(f"{RUNS}/{run['id']}/cancel") for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "cancelled")] * 2


def test_cancelling_a_running_run_requests_a_stop(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    progress.claim(database)
    body = client.post(f"{RUNS}/{run['id']}/cancel").json()
    assert (body["status"], body["stop_request"]) == ("running", "cancel")
    assert body["waits_for"] == "cancelling: the worker is saving a last checkpoint"
    refused = client.delete(f"{RUNS}/{run['id']}")
    assert refused.status_code == 409
    assert "Cancel it first" in refused.json()["detail"]


def test_an_ended_run_cannot_be_cancelled(
    client: httpx.Client, post: Post, database: Database, objects: Objects, tmp_path: Path
) -> None:
    run = post()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 400))
    progress.save(database, objects, claim, b"weights", tmp_path)
    progress.finish(database, claim.run.id, claim.attempt)
    assert client.get(f"{RUNS}/{run['id']}").json()["status"] == "succeeded"
    assert client.post(f"{RUNS}/{run['id']}/cancel").status_code == 409
    assert client.patch(f"{RUNS}/{run['id']}", json={"notes": "good"}).json()["notes"] == "good"
    assert client.patch(f"{RUNS}/{run['id']}", json={"priority": 1}).status_code == 409


def test_a_run_has_the_network_of_its_plan(client: httpx.Client, post: Post) -> None:
    spec = {"depth": 32, "shortcut": "B", "dataset": "digits"}
    network = client.get(f"{RUNS}/{post(spec)['id']}/network").json()
    planned = client.post(f"{RUNS}/plan", json={"spec": spec}).json()
    assert network["layers"] == planned["layers"]
    assert network["layers"][2]["shortcuts"] == ["projection", "identity", "identity", "identity", "identity"]


def test_an_unknown_id_is_a_problem_document(client: httpx.Client) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/events"), ("GET", "/log"),
                         ("GET", "/checkpoints"), ("GET", "/weights"), ("GET", "/size"), ("GET", "/network"),
                         ("GET", "/curves.csv")):  # fmt: skip
        answer = client.request(method, f"{RUNS}/{uuid4()}{path}")
        assert answer.status_code == 404, path
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("There is no run")


def test_the_queue_and_the_workers_are_listed(client: httpx.Client, post: Post, database: Database) -> None:
    post()
    second = post({"depth": 32}, priority=3)
    worker = progress.add_worker(database)
    queue = client.get("/api/v1/queue").json()
    assert [(entry["run"] == second["id"], entry["position"]) for entry in queue["waiting"]] == [(True, 1), (False, 2)]
    assert (queue["running"], queue["workers"], queue["free_workers"]) == (0, 1, 1)
    claim = progress.claim(database, worker)
    assert client.get("/api/v1/queue").json() | {"waiting": []} == {
        "waiting": [], "running": 1, "workers": 1, "free_workers": 0
    }  # fmt: skip
    body = client.get("/api/v1/workers").json()["items"]
    assert [(row["name"], row["queue"], row["run_id"]) for row in body] == [("one", "cpu", str(claim.run.id))]


def test_a_run_and_its_plan_name_the_planned_drops(client: httpx.Client, post: Post) -> None:
    drops = [{"iteration": 200, "lr": 0.01}, {"iteration": 300, "lr": 0.001}]
    assert [{**drop, "lr": round(drop["lr"], 9)} for drop in post()["planned_drops"]] == drops
    plan = client.post(f"{RUNS}/plan", json={"spec": SPEC | {"schedule": {"kind": "plateau"}}}).json()
    assert plan["planned_drops"] == []

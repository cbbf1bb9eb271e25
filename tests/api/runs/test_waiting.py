"""What a run waits for, when it may start, and the workers."""

import re
from collections.abc import Callable
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import func, text, update

from api.runs.advice import ADVICE, FailedFor
from store import workers
from store.db.database import Database
from store.db.models import Attempt, Run, Worker
from store.db.settings import Settings
from store.runs import attempts, queue
from tests.api import progress
from tests.api.conftest import SPEC
from trainer.acceptance.report import Report

Post = Callable[..., dict[str, Any]]
RUNS = "/api/v1/runs"


def test_a_run_says_its_queue_position_and_the_worker_it_needs(
    post: Post, client: httpx.Client, database: Database
) -> None:
    progress.add_worker(database, queue="gpu")
    post(queue="gpu", priority=1)
    accepted = post(queue="gpu")
    assert (accepted["waits_for"], accepted["queue_position"]) == ("waiting for a gpu worker", None)
    run = client.get(f"{RUNS}/{accepted['id']}").json()
    assert (run["waits_for"], run["queue_position"]) == ("2 of 2 in the queue, waiting for a gpu worker", 2)
    assert [entry["waits_for"] for entry in client.get("/api/v1/queue").json()["waiting"]][1] == run["waits_for"]


def test_a_run_that_fits_no_worker_says_what_it_needs(post: Post, client: httpx.Client, database: Database) -> None:
    progress.add_worker(database)
    with database.transaction() as session:
        session.execute(update(Worker).values(memory_bytes=1 << 29))
    small, large, parallel = (post(spec=SPEC | more) for more in ({}, {"batch_size": 5000}, {"devices": 2}))
    waits = [client.get(f"{RUNS}/{run['id']}").json()["waits_for"] for run in (small, large, parallel)]
    assert waits[0].endswith("in the queue, waiting for a worker")
    assert re.fullmatch(r"needs [\d.]+ GiB of memory by its plan; the largest live worker has 0.5 GiB", waits[1])
    assert waits[2] == "needs 2 devices; the largest live worker has 1"


def test_beyond_the_first_thousand_no_position_is_counted(post: Post, client: httpx.Client, database: Database) -> None:
    progress.add_worker(database)
    first = post()
    copy(database, first["id"], queue.MOST_POSITIONS)
    last = post()
    assert client.get(f"{RUNS}/{first['id']}").json()["waits_for"] == (
        "1 of 1,000 or more in the queue, waiting for a worker"
    )
    body = client.get(f"{RUNS}/{last['id']}").json()
    assert (body["waits_for"], body["queue_position"]) == (
        "beyond the first 1,000 in the queue, waiting for a worker",
        None,
    )
    entries = client.get("/api/v1/queue").json()["waiting"]
    assert [entry["position"] for entry in entries] == list(range(1, 1001))


def copy(database: Database, run_id: str, count: int) -> None:
    """Adds `count` copies of a queued run, each a little younger."""
    columns = [column.name for column in Run.__table__.columns if column.name not in ("id", "created_at")]
    listed = ", ".join(columns)
    copies = f"""
        INSERT INTO runs (id, created_at, {listed})
        SELECT gen_random_uuid(), created_at + n * interval '1 microsecond', {listed}
        FROM runs, generate_series(1, :count) AS n WHERE id = :id"""  # noqa: S608 (column names of our own model)
    with database.transaction() as session:
        session.execute(text(copies), {"id": run_id, "count": count})


def test_a_run_says_that_every_worker_is_draining(post: Post, client: httpx.Client, database: Database) -> None:
    worker = progress.add_worker(database)
    for _ in range(2):
        body = client.post(f"/api/v1/workers/{worker.id}/drain")
        assert (body.status_code, body.json()["draining"], body.json()["alive"]) == (200, True, True)
    assert post()["waits_for"] == "all workers are draining"
    assert post(queue="cpu")["waits_for"] == "all cpu workers are draining"


def test_a_run_says_that_no_worker_is_fit_and_why(post: Post, client: httpx.Client, database: Database) -> None:
    worker = progress.add_worker(database)
    with database.transaction() as session:
        workers.beat(session, worker.id, trouble="The disk is full.")
    assert post()["waits_for"] == f"no worker is fit: {worker.name}: The disk is full."
    (listed,) = client.get("/api/v1/workers").json()["items"]
    assert (listed["trouble"], listed["trouble_since"] is None) == ("The disk is full.", False)
    assert client.get("/api/v1/queue").json()["free_workers"] == 0
    with database.transaction() as session:
        workers.beat(session, worker.id)
    (listed,) = client.get("/api/v1/workers").json()["items"]
    assert (listed["trouble"], listed["trouble_since"]) == (None, None)


def test_a_run_says_until_when_it_backs_off(post: Post, client: httpx.Client, database: Database) -> None:
    run = post()
    claim = progress.claim(database)
    with database.transaction() as session:
        attempts.return_to_queue(session, claim.run.id, claim.attempt, "its trainer died", most=5, wait_s=60)
    body = client.get(f"{RUNS}/{run['id']}").json()["waits_for"]
    assert body.startswith("waits until ")
    assert body.endswith(" UTC after 1 failed attempt")


def test_an_unknown_worker_is_not_drained(client: httpx.Client) -> None:
    assert client.post("/api/v1/workers/00000000-0000-0000-0000-000000000000/drain").status_code == 404


def test_a_worker_is_listed_with_what_its_machines_check_said(client: httpx.Client, database: Database) -> None:
    worker = progress.add_worker(database)
    (listed,) = client.get("/api/v1/workers").json()["items"]
    assert listed["machine_check"] is None
    line = {"topic": "determinism", "what": "twice", "measured": "equal", "bar": "all", "verdict": "passed"}
    measurement = line | {"reason": "Resuming needs it."}
    machine = {"device": "cpu", "processor": "a test CPU", "cores": 1, "threads": 1, "memory_bytes": 1, "load": 0.0}
    report = Report.model_validate(
        {
            "machine": machine | {"versions": {}, "source": ""},
            "is_short": True,
            "started_at": "2026-11-30T00:00:00Z",
            "seconds": 8.0,
            "measurements": [measurement],
        }
    )
    with database.transaction() as session:
        workers.keep_check(session, worker.id, report.model_dump(mode="json"))
    (listed,) = client.get("/api/v1/workers").json()["items"]
    assert listed["machine_check"] == {
        "started_at": "2026-11-30T00:00:00Z",
        "seconds": 8.0,
        "measurements": [measurement],
    }


def test_a_silent_worker_is_listed_as_not_alive(client: httpx.Client, database: Database) -> None:
    progress.add_worker(database)
    with database.transaction() as session:
        session.execute(update(Worker).values(seen_at=func.now() - text("interval '2 minutes'")))
    (body,) = client.get("/api/v1/workers").json()["items"]
    assert body["alive"] is False


def test_a_run_whose_worker_missed_two_heartbeats_is_not_said_to_train(
    post: Post, client: httpx.Client, database: Database, settings: Settings
) -> None:
    """After a crash without a restart, a run was called live, with its time left, until the lease ended."""
    run = post()["id"]
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, 100))

    def seen(silence_s: float) -> tuple[bool, bool, str | None]:
        left_s = text(f"interval '{settings.lease_s - silence_s} s'")
        with database.transaction() as session:
            session.execute(update(Attempt).values(lease_until=func.now() + left_s))
        listed, body = client.get(RUNS).json()["items"][0], client.get(f"{RUNS}/{run}").json()
        assert listed == body
        return body["is_silent"], body["eta_s"] is not None, body["waits_for"]

    assert seen(settings.heartbeat_s) == (False, True, None)
    silent = "its worker hasn't answered for 4 s; another one takes over if it doesn't come back"
    assert seen(2.5 * settings.heartbeat_s) == (True, False, silent)
    assert seen(1378) == (True, False, silent.replace("4 s", "23 min"))


def test_the_start_is_predicted_from_measured_speeds(post: Post, client: httpx.Client, database: Database) -> None:
    first, second, third = post(), post(), post()
    assert client.get(f"{RUNS}/{first['id']}").json()["starts_in_s"] is None  # no worker could take it

    claim = progress.claim(database)
    assert client.get(f"{RUNS}/{second['id']}").json()["starts_in_s"] is None  # nothing has been measured
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, 100))

    left_s = 300 * 128 / 100
    assert client.get(f"{RUNS}/{second['id']}").json()["starts_in_s"] == left_s
    assert client.get(f"{RUNS}/{third['id']}").json()["starts_in_s"] == left_s + 400 * 128 / 100
    waiting = client.get("/api/v1/queue").json()["waiting"]
    assert [entry["starts_in_s"] for entry in waiting] == [left_s, left_s + 400 * 128 / 100]
    progress.add_worker(database, "two")
    assert client.get(f"{RUNS}/{second['id']}").json()["starts_in_s"] == 0


@pytest.mark.parametrize("reason", [*get_args(get_args(FailedFor)[0]), "worker_lost"])
def test_every_reason_for_a_failure_has_advice(reason: str) -> None:
    assert ADVICE[reason].endswith(".")  # type: ignore[index] # one of FailedFor


def test_a_failed_run_says_what_to_do(post: Post, client: httpx.Client, database: Database) -> None:
    run = post()
    assert run["advice"] is None
    claim = progress.claim(database)
    with database.transaction() as session:
        attempts.fail(session, claim.run.id, claim.attempt, "diverged", "loss is nan at iteration 3")
    assert "smaller learning rate" in client.get(f"{RUNS}/{run['id']}").json()["advice"]

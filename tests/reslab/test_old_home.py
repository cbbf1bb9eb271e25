"""A home of an earlier version starts, shows all that it holds, and its certificates verify (`old_home/README.md`)."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reslab.stack.child import Child
from reslab.stack.home import Home
from reslab.stack.postgres import Postgres, _binaries
from studies.certificate.checking import check
from tests.reslab.conftest import Stack, running, wait_until
from tests.warm import WARM_CHILDREN, warm

NEW = ("evaluations", "val_map", "test_map")
OLD = Path(__file__).parent / "old_home"
ANSWERS: dict[str, Any] = json.loads((OLD / "answers.json").read_text())
RUNS: dict[str, dict[str, Any]] = {run["id"]: run for run in ANSWERS["runs"]}
# The fields of a run that must not change with the version; its texts may.
FACTS = (
    *("name", "owner", "tags", "notes", "priority", "queue", "spec", "spec_hash", "parameters", "multiply_adds"),
    *("status", "reason", "created_at", "started_at", "finished_at", "parent_id", "parent_iteration", "iteration"),
    *("iterations", "attempts", "train_error", "last", "best"),
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    root = tmp_path_factory.mktemp("old") / "home"
    _restore(root)
    with warm(), running(root, (), **{WARM_CHILDREN: "1"}) as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    state = stack.state()
    with httpx.Client(base_url=state["url"], headers={"Authorization": f"Bearer {state['token']}"}) as client:
        yield client


def _restore(root: Path) -> None:
    """Restore the home: its secrets, its objects, and its database from the dump."""
    shutil.copytree(OLD, root, ignore=shutil.ignore_patterns("*.md", "*.gz", "answers.json", "certificate.zip"))
    home = Home(root)
    settings = home.settings()
    port, password = settings.ports.postgres, settings.postgres_password
    postgres = Postgres(home.postgres, home.log("postgres"), port, password, durable=False)
    postgres.prepare()
    server = Child(postgres.service())
    try:
        server.wait_until_ready()
        url = postgres.url.replace("+psycopg", "")
        psql = [str(_binaries() / "psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", url]
        subprocess.run(psql, input=gzip.decompress((OLD / "database.sql.gz").read_bytes()), check=True, timeout=200)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def listed(stack: Stack) -> dict[str, dict[str, Any]]:
    """The runs as they are listed before any test changes one."""
    state = stack.state()
    headers = {"Authorization": f"Bearer {state['token']}"}
    items = httpx.get(f"{state['url']}/api/v1/runs?limit=200", headers=headers).raise_for_status().json()["items"]
    return {run["id"]: run for run in items}


def facts(run: dict[str, Any]) -> dict[str, Any]:
    """Without the results that earlier versions did not have."""
    results = {part: {name: run[part][name] for name in run[part] if name not in NEW} for part in ("last", "best")}
    return {name: run[name] for name in FACTS} | results


def test_every_run_is_shown_as_it_was(listed: dict[str, dict[str, Any]]) -> None:
    assert {run_id: facts(run) for run_id, run in listed.items()} == {
        run_id: facts(run) for run_id, run in RUNS.items()
    }


def test_its_owner_is_the_administrator(client: httpx.Client) -> None:
    session = client.get("/api/v1/session").json()
    assert session["is_administrator"], session
    assert {run["owner"] for run in RUNS.values()} == {session["owner"]}
    assert {run["project"] for run in RUNS.values()} <= session["roles"].keys()


def test_events_curves_log_and_evaluation_can_be_read(client: httpx.Client) -> None:
    run = next(run_id for run_id, run in RUNS.items() if run["name"] == "an old run")
    events = client.get(f"/api/v1/runs/{run}/events").json()["items"]
    assert {"created", "claimed", "started", "steps", "evaluated", "saved", "succeeded"} <= {e["kind"] for e in events}
    (curve,) = client.get("/api/v1/curves", params={"run": run, "points": 100}).raise_for_status().json()["runs"]
    assert len(curve["series"]["train_error"]["mean"]) == 60, curve
    assert client.get(f"/api/v1/runs/{run}/log").json()["lines"]
    (evaluation,) = client.get(f"/api/v1/runs/{run}/examinations").json()["items"]
    report = client.get(f"/api/v1/examinations/{evaluation['id']}").json()["result"]
    assert report["error"] == evaluation["error"] == RUNS[run]["last"]["test_error"]
    weights = client.get(f"/api/v1/runs/{run}/weights").raise_for_status().content
    assert weights == (OLD / "objects" / "runs" / run / "1" / "weights-60.safetensors").read_bytes()


def test_the_study_has_the_same_numbers(client: httpx.Client) -> None:
    old = ANSWERS["study"]
    study = client.get(f"/api/v1/studies/{old['id']}").json()
    assert study["status"] == "ended"
    pairs = zip(study["members"], old["members"], strict=True)  # a member has more fields by now
    assert [{name: member[name] for name in earlier} for member, earlier in pairs] == old["members"]
    assert [(cell["key"], cell["theirs"], cell["ours"]) for cell in study["cells"]] == [
        (cell["key"], cell["theirs"], cell["ours"]) for cell in old["cells"]
    ]
    # Its runs are 32 iterations on digits, which test no claim (decision 36); earlier versions called them undecided.
    assert [(claim["id"], claim["status"]) for claim in study["claims"]] == [
        (claim["id"], "not testable by these runs") for claim in old["claims"]
    ]


def test_its_old_certificate_verifies_and_so_does_a_new_one(client: httpx.Client, tmp_path: Path) -> None:
    fingerprint = ANSWERS["key"]["fingerprint"]
    assert client.get("/api/v1/signing-key").json()["fingerprint"] == fingerprint
    assert check(OLD / "certificate.zip").fingerprint == fingerprint
    today = tmp_path / "certificate.zip"
    today.write_bytes(client.get(f"/api/v1/studies/{ANSWERS['study']['id']}/certificate").raise_for_status().content)
    assert check(today).fingerprint == fingerprint


@pytest.mark.usefixtures("listed")
def test_a_paused_run_goes_on_from_its_checkpoint_and_keeps_its_curve(client: httpx.Client) -> None:
    paused = next(run for run in RUNS.values() if run["status"] == "paused")
    path = f"/api/v1/runs/{paused['id']}"
    assert "pause_requested" in {event["kind"] for event in client.get(f"{path}/events").json()["items"]}
    client.post(f"{path}/resume").raise_for_status()
    wait_until(lambda: client.get(path).json()["iteration"] > paused["iteration"])
    client.post(f"{path}/cancel").raise_for_status()
    wait_until(lambda: client.get(path).json()["status"] == "cancelled")
    started = [event for event in client.get(f"{path}/events?limit=200").json()["items"] if event["kind"] == "started"]
    assert [event["attempt"] for event in started] == [1, 2]
    assert started[1]["body"]["resumed_from"] == paused["iteration"]

"""The images' programs, started as compose starts them, with an S3 server: one run from its POST to its deletion.

Each process connects to the database with its own role, which `store upgrade` created.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import obstore
import pytest

from reslab.stack.child import Child, Service
from reslab.stack.home import free_port
from reslab.stack.seaweed import s3_server
from reslab.stack.servers import postgres_server, valkey_server
from store.db import roles
from store.db.objects import Objects
from store.db.roles import PROCESSES, Process
from tests.docker.test_dockerfiles import command

RUN = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "batch_size": 16, "iterations": 4, "checkpoint_every": 2}
PASSWORDS: dict[Process, str] = {process: token_hex() for process in PROCESSES}
LIMIT_S = 120  # for a busy machine; on a quiet one it takes about 15 s


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Empty PostgreSQL, Valkey and SeaweedFS servers."""
    with ExitStack() as servers:
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith(("RESLAB_", "AWS_"))},
            **servers.enter_context(s3_server(tmp_path)),
            "RESLAB_DATABASE_URL": servers.enter_context(postgres_server(tmp_path)),
            "RESLAB_BROKER_URL": servers.enter_context(valkey_server(tmp_path)),
            "RESLAB_DATA": str(tmp_path / "data"),
            "RESLAB_WORK": str(tmp_path / "work"),
        }


@pytest.fixture
def api(environment: dict[str, str], tmp_path: Path) -> Iterator[httpx.Client]:
    """The three processes, and a client with a key."""
    store(environment | {f"RESLAB_{process.upper()}_PASSWORD": word for process, word in PASSWORDS.items()}, "upgrade")
    own = {process: environment | {"RESLAB_DATABASE_URL": url(environment, process)} for process in PROCESSES}
    token = store(own["api"], "key", "--owner", "ann").strip()
    port = str(free_port())
    children = [
        Child(
            Service(
                name=process,
                argv=(sys.executable, *(port if word == "8000" else word for word in command(process)[1:])),
                log=tmp_path / f"{process}.log",
                environment=own[process],
                stop_s=30,
            )
        )
        for process in PROCESSES
    ]
    try:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            wait(lambda: answers(client), children)
            yield client
    finally:
        for child in reversed(children):
            child.stop()


def url(environment: dict[str, str], process: Process) -> str:
    return roles.url(environment["RESLAB_DATABASE_URL"], process, PASSWORDS[process])


def store(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "store", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


def wait(condition: Callable[[], object], children: Sequence[Child] = ()) -> None:
    """Fails the test if a child ends or `condition` does not become true within the limit."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        for child in children:
            assert child.exit_code() is None, child.obituary()
        assert time.monotonic() < deadline, f"the condition did not become true within {LIMIT_S} s"
        time.sleep(0.1)


@pytest.mark.long
def test_a_runs_files_are_in_s3_until_it_is_deleted(
    api: httpx.Client, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    bucket = Objects(environment["RESLAB_STORAGE_URL"])

    posted = api.post("/api/v1/runs", json={"spec": RUN})
    assert posted.status_code == 201, posted.text
    run = f"/api/v1/runs/{posted.json()['id']}"

    def ended_run() -> dict[str, Any] | None:
        body: dict[str, Any] = api.get(run).json()
        return body if body["status"] in ("succeeded", "failed", "cancelled") else None

    wait(ended_run)
    state = ended_run()
    assert state is not None
    assert state["status"] == "succeeded", state
    # Every row has its object, with the right hash.
    files = api.get(f"{run}/checkpoints").json()["items"]
    assert {file["role"] for file in files} == {"checkpoint", "weights"}
    weights = api.get(f"{run}/weights")
    assert weights.headers["etag"].strip('"') == hashlib.sha256(weights.content).hexdigest()
    part = api.get(f"{run}/weights", headers={"Range": "bytes=10-99"})
    assert (part.status_code, part.content) == (206, weights.content[10:100])
    assert len(keys(bucket)) == len(files)

    assert api.delete(run).is_success
    wait(lambda: not keys(bucket))


def keys(bucket: Objects) -> list[str]:
    return [entry["path"] for page in obstore.list(bucket._store) for entry in page]

"""Examinations from the POST to the report: trained, asked and answered on real parts, and what is refused."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from PIL import Image

from store import workers
from store.database import Database
from store.identifiers import new_id
from store.models import Worker
from store.objects import Objects
from store.settings import Settings
from tests.api import progress
from trainer.__main__ import main
from trainer.data import synthetic
from worker.device import Device
from worker.supervise import supervise
from worker.workbench import Workbench

Post = Callable[..., dict[str, Any]]
Work = Callable[[int], None]
Ask = Callable[..., Any]
RUNS = "/api/v1/runs"
SMALL = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 15, "batch_size": 32}


@pytest.fixture
def work(settings: Settings, database: Database, objects: Objects) -> Work:
    """Takes so many runs of the queue to their ends, with the real trainer."""
    bench = Workbench(
        settings=settings,
        database=database,
        objects=objects,
        device=Device("cpu", "a test's", "cpu"),
        worker_id=new_id(),
        worker_name="one",
        threads=1,
    )
    with database.transaction() as session:
        worker = Worker(id=bench.worker_id, name="one", host="here", pid=1, queue="cpu", device="cpu", version="0")
        workers.register(session, worker)

    def take(count: int) -> None:
        for _ in range(count):
            supervise(bench, progress.claim(database, worker))

    return take


@pytest.fixture
def by_hand(client: httpx.Client, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The answer of the command line on these runs' weights; it calls the files by the runs, as the service does."""

    def ask(command: str, ids: list[str], *options: object) -> Any:
        files = [tmp_path / f"{run_id}.safetensors" for run_id in ids]
        for run_id, file in zip(ids, files, strict=True):
            file.write_bytes(client.get(f"{RUNS}/{run_id}/weights").content)
        capsys.readouterr()
        common = ("--device", "cpu", "--threads", 1)
        assert main([*map(str, [command, *options, "--weights", *files, *common])]) == 0
        torch.set_deterministic_debug_mode("default")
        return json.loads(capsys.readouterr().out)

    return ask


def ask(client: httpx.Client, run_id: str, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{RUNS}/{run_id}/examinations", json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def read(client: httpx.Client, examination_id: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/api/v1/examinations/{examination_id}").raise_for_status().json()
    return told


@pytest.fixture
def succeeded(client: httpx.Client, database: Database, objects: Objects, tmp_path: Path, post: Post) -> Post:
    """A run with made-up weights, as its JSON."""

    def make(**spec: Any) -> dict[str, Any]:
        run = post(spec)
        held = progress.claim(database, progress.add_worker(database))
        progress.tell(database, held, 1, progress.started(), progress.steps(1, 400))
        progress.save(database, objects, held, f"weights of {run['id']}".encode(), tmp_path)
        progress.finish(database, held.run.id, held.attempt)
        return run

    return make


def test_a_run_is_examined_as_on_the_command_line(client: httpx.Client, post: Post, work: Work, by_hand: Ask) -> None:
    one, two = (post(SMALL | {"seed": seed})["id"] for seed in (0, 1))
    work(2)
    exact = ask(client, one, kind="evaluate", recompute_bn=True)
    both = ask(client, one, kind="evaluate", together_with=[two])
    layers = ask(client, one, kind="responses")
    assert (exact["status"], exact["result"]) == ("queued", None)
    work(3)
    found = read(client, exact["id"])
    assert found["result"] == by_hand("evaluate", [one], "--recompute-bn")
    assert found["status"] == "succeeded"
    assert (found["error"], found["images"]) == (found["result"]["error"], 500)
    assert found["top5_error"] == found["result"]["top5_error"]
    assert read(client, both["id"])["result"] == by_hand("evaluate", [one, two])
    assert read(client, layers["id"])["result"] == by_hand("responses", [one])
    listed = client.get(f"{RUNS}/{two}/examinations").json()["items"]
    assert [(each["id"], each["runs"], each["result"]) for each in listed] == [(both["id"], [one, two], None)]
    assert [each["id"] for each in client.get(f"{RUNS}/{one}/examinations").json()["items"]] == [
        layers["id"], both["id"], exact["id"],
    ]  # fmt: skip

"""The protocol check's findings on a run while it waits, and once it has ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from store.db.database import Database
from store.db.objects import Objects
from tests.api import progress
from trainer.events import Started

Post = Callable[..., dict[str, Any]]
End = Callable[..., str]
SHORT = {"iterations": 20, "evaluate_every": 20}


@pytest.fixture
def end(post: Post, database: Database, objects: Objects, tmp_path: Path) -> End:
    """Posts a run, ends it and returns its id."""

    def to_its_end(spec: dict[str, Any], *, event: Started | None = None, lr: float = 0.125) -> str:
        run_id = str(post(SHORT | spec)["id"])
        claim = progress.claim(database)
        points = progress.steps(1, 20).model_copy(update={"lr": [0.01] * 10 + [lr] * 10})
        progress.tell(database, claim, 1, event or progress.started(), points, progress.evaluated(20, 9.0))
        progress.save(database, objects, claim, b"weights", tmp_path, iteration=20)
        progress.finish(database, claim.run.id, claim.attempt)
        return run_id

    return to_its_end


def rules(client: httpx.Client, run_id: str) -> dict[str, str]:
    items = client.get(f"/api/v1/runs/{run_id}/findings").json()["items"]
    return {finding["rule"]: finding["message"] for finding in items}


def test_a_waiting_run_has_findings_on_its_specification(client: httpx.Client, post: Post) -> None:
    messages = rules(client, post()["id"])
    assert {"other-data", "scale"} <= messages.keys()
    assert "one-seed" not in messages


def test_an_ended_run_is_compared_with_its_neighbours(client: httpx.Client, end: End) -> None:
    first = end({"seed": 0})
    assert "one-seed" in rules(client, first)
    newer = progress.started().model_copy(update={"versions": {"torch": "3"}, "device": "NVIDIA H100"})
    second = end({"seed": 1}, event=newer)
    end({"seed": 2, "lr": 0.05})  # another experiment
    answer = client.get(f"/api/v1/runs/{first}/findings").json()
    assert answer["neighbours"] == [second]
    messages = {finding["rule"]: finding["message"] for finding in answer["items"]}
    assert messages["torch-version"] == "This run used torch 2; other runs shown here used 3."
    assert messages["device"] == "This run used device cpu; other runs shown here used NVIDIA H100."
    assert "one-seed" not in messages


def test_a_warm_up_that_never_ended_shows_in_the_rates(client: httpx.Client, end: End) -> None:
    assert "warm-up-never-ended" not in rules(client, end({"warmup": {}}))
    assert "warm-up-never-ended" in rules(client, end({"warmup": {}, "seed": 1}, lr=0.01))


def test_a_cancelled_run_is_unfinished(client: httpx.Client, post: Post) -> None:
    run_id = post()["id"]
    client.post(f"/api/v1/runs/{run_id}/cancel")
    assert rules(client, run_id)["unfinished"] == "Training has reached 0 of 400."


def test_an_unknown_run_has_no_findings(client: httpx.Client) -> None:
    assert client.get(f"/api/v1/runs/{UUID(int=1)}/findings").status_code == 404

"""A detector that starts from a classifier of this service, pinned by the hash of its weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from store.db.database import Database
from store.db.objects import Objects
from tests.api import progress
from tests.api.datasets.test_routes import png, zipped
from tests.api.runs.test_detection import RUNS, SPEC
from tests.trainer.data.annotated.layouts import Voc
from tests.trainer.detection.conftest import untrained

CLASSIFIER = {"depth": 18, "shortcut": "B", "dataset": "pets", "family": "imagenet", "batch_size": 2, "iterations": 1}


def pets() -> bytes:
    """An archive of four photographs."""
    parts = ("train/cat", "train/dog", "test/cat", "test/dog")
    return zipped({f"{part}/1.png": png(60 * number) for number, part in enumerate(parts)})


@pytest.mark.long
def test_a_detector_starts_from_a_finished_classifier(
    client: httpx.Client,
    shapes: Voc,
    register: Callable[..., httpx.Response],
    work: Callable[[int], None],
    database: Database,
    objects: Objects,
    tmp_path: Path,
) -> None:
    assert register(shapes).status_code == 201
    uploaded = client.post("/api/v1/datasets", data={"name": "pets"}, files={"archive": ("pets.zip", pets())})
    assert uploaded.status_code == 201, uploaded.text
    classifier = client.post(RUNS, json={"spec": CLASSIFIER}).json()["id"]
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 1), progress.evaluated(1, 90.0))
    content = untrained(tmp_path / "initial.safetensors").read_bytes()
    sha256 = progress.save(database, objects, claim, content, tmp_path, iteration=1)
    progress.finish(database, claim.run.id, claim.attempt)

    examination = client.post(f"{RUNS}/{classifier}/examinations", json={"kind": "statistics"}).json()["id"]
    work(1)
    examined = client.get(f"/api/v1/examinations/{examination}").json()
    assert examined["status"] == "succeeded", examined["message"]
    statistics = examined["result"]
    assert (statistics["images"], statistics["sha256"] != sha256) == (2, True)

    listed = client.get("/api/v1/start-weights", params={"network": "resnet18"}).json()["items"]
    assert [(own["sha256"], own["statistics"], own["run"]) for own in listed] == [
        (statistics["sha256"], "training_set", classifier), (sha256, "moving_average", classifier),
    ]  # fmt: skip

    short: dict[str, Any] = {"iterations": 2, "evaluate_every": 2, "start": {"sha256": statistics["sha256"]}}
    undeclared = client.post(RUNS, json={"spec": SPEC | short}).json()["errors"]
    assert [error["field"] for error in undeclared] == ["spec.start.statistics"]
    assert "were computed over the training set. Set start.statistics to training_set." in undeclared[0]["message"]
    short["start"]["statistics"] = "training_set"
    posted = client.post(RUNS, json={"spec": SPEC | short})
    assert posted.status_code == 201, posted.text
    detector = posted.json()
    assert (detector["spec"]["batch_norm"], detector["spec"]["freeze_up_to"]) == ("frozen", 2)
    plan = client.post(f"{RUNS}/plan", json={"spec": SPEC | {"start": {"sha256": sha256}}}).json()
    assert "start.statistics" in {finding["field"] for finding in plan["findings"]}
    findings = client.get(f"{RUNS}/{detector['id']}/findings").json()["items"]
    assert "start.statistics" not in {finding["field"] for finding in findings}
    deleted = client.delete(f"{RUNS}/{classifier}")
    assert (deleted.status_code, "starts from this run's weights" in deleted.text) == (409, True)

    work(1)
    run = client.get(f"{RUNS}/{detector['id']}").json()
    assert run["status"] == "succeeded", run["message"]
    assert 0 <= run["last"]["test_map"] <= 100
    files = client.get(f"{RUNS}/{run['id']}/checkpoints").json()["items"]
    own = next(file["sha256"] for file in files if file["role"] == "weights" and file["format"] == "safetensors")
    another = client.post(RUNS, json={"spec": SPEC | {"start": {"sha256": own}}})
    assert another.json()["errors"][0]["message"] == (
        "ResNet-18 is a detector. A detector starts from a classifier's weights."
    )

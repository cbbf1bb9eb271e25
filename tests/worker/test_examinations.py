"""Examinations in a worker: repeated after a crash, cancelled half way, failed if their files are lost."""

import json
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from store import artifacts, examinations, logs
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from store.examinations import ExaminationSpec
from store.runs import verbs
from store.runs.states import Status
from tests.worker.conftest import Service, trainers_of, wait_until
from tests.worker.test_workdir import register


@pytest.fixture
def trained(service: Service) -> UUID:
    """A run of the real trainer, whose worker has left."""
    run_id = service.submit(iterations=4)
    service.control()
    worker = service.worker()
    service.wait_for(run_id, Status.succeeded)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    return run_id


def ask(service: Service, question: ExaminationSpec) -> UUID:
    with service.database.transaction() as session:
        return examinations.create(session, question, "ada")[0].id


def evaluation(run_id: UUID) -> ExaminationSpec:
    return ExaminationSpec(kind="evaluate", runs=(run_id,), views="single", recompute_bn=True)


def report(service: Service, objects: Objects, run: Run) -> dict[str, object]:
    with service.database.transaction() as session:
        artifact = examinations.reports(session, [run]).get(run.id)
    assert artifact is not None
    body: dict[str, object] = json.loads(b"".join(objects.read(artifact.key)))
    return body


def test_an_examination_survives_a_killed_worker(service: Service, objects: Objects, trained: UUID) -> None:
    examination = ask(service, evaluation(trained))
    first = service.worker()
    wait_until(lambda: service.run(examination).status == Status.running and trainers_of(first))
    first.kill()
    service.worker()
    ended = service.wait_for(examination, Status.succeeded)
    assert ended.fence == 2
    body = report(service, objects, ended)
    assert body["error"] == ended.test_error
    assert body["images"] == 500
    with service.database.transaction() as session:
        assert [(row.role, row.attempt) for row in artifacts.of_run(session, examination)] == [("report", 2)]


def test_a_cancel_half_way_leaves_no_report(service: Service, trained: UUID) -> None:
    examination = ask(service, evaluation(trained))
    worker = service.worker()
    wait_until(lambda: service.run(examination).status == Status.running and trainers_of(worker))
    (trainer,) = trainers_of(worker)
    with service.database.transaction() as session:
        verbs.cancel(session, examination, "ada")
    service.wait_for(examination, Status.cancelled)
    assert not trainer.is_running()
    with service.database.transaction() as session:
        assert artifacts.of_run(session, examination) == []
    again = ask(service, evaluation(trained))
    assert service.wait_for(again, Status.succeeded).failures == 0


def test_missing_weights_fail_the_examination_with_their_key(service: Service, objects: Objects, trained: UUID) -> None:
    with service.database.transaction() as session:
        weights = artifacts.weights(session, verbs.get(session, trained), "last", "safetensors")
    objects.delete([weights.key])
    examination = ask(service, evaluation(trained))
    service.worker()
    failed = service.wait_for(examination, Status.failed)
    assert (failed.reason, weights.key in (failed.message or "")) == ("data", True)
    with service.database.transaction() as session:
        assert any("fetching the weights" in line for line in logs.lines(session, examination))


def test_your_own_photographs_are_evaluated_with_ten_crops(
    service: Service, objects: Objects, database: Database, tmp_path: Path
) -> None:
    """Your own data set in the ImageNet family: the evaluation reads the same folder as the training did."""
    folder = tmp_path / "pets"
    for number, split_class in enumerate(("train/cat", "train/dog", "test/cat", "test/dog")):
        (folder / split_class).mkdir(parents=True)
        Image.new("RGB", (40, 60), (60 * number, 0, 0)).save(folder / split_class / "1.png")
    register(database, folder, path=folder)
    options: dict[str, Any] = {
        "family": "imagenet",
        "depth": 18,
        "batch_size": 2,
        "iterations": 1,
        "train_images": None,
    }
    run_id = service.submit(dataset="pets", **options)
    service.control()
    service.worker()
    service.wait_for(run_id, Status.succeeded)
    examination = ask(service, ExaminationSpec(kind="evaluate", runs=(run_id,), views="ten-crop", recompute_bn=False))
    body = report(service, objects, service.wait_for(examination, Status.succeeded))
    assert (body["views"], body["images"], body["classes"]) == ("ten-crop", 2, ["cat", "dog"])
    assert (body["is_the_data_trained_on"], body["top5_error"]) == (True, None)

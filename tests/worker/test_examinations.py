"""Examinations in a worker: repeated after a crash, cancelled half way, failed if their files are lost."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import psutil
import pytest
from PIL import Image

from store import artifacts, examinations, logs
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from store.examinations import ExaminationSpec
from store.runs import verbs
from store.runs.states import Status
from tests.trained import train_next
from tests.warm import nursery
from tests.worker.conftest import NewBench, Service, Submit, claim, trainers_of, wait_until
from tests.worker.test_workdir import register
from worker.supervise import supervise
from worker.workbench import TRAINER, Workbench

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def trained(submit: Submit, database: Database, objects: Objects, tmp_path: Path) -> UUID:
    """A run that has trained."""
    submit(iterations=4)
    return train_next(database, objects, tmp_path)


@pytest.fixture
def bench(new_bench: NewBench) -> Workbench:
    """A worker in this process, with the real trainer."""
    nursery()  # now, so that a test's next child is its trainer
    return replace(new_bench(), trainer=TRAINER, threads=1)


def ask(database: Database, question: ExaminationSpec) -> UUID:
    with database.transaction() as session:
        return examinations.create(session, question, "ada")[0].id


def read(database: Database, run_id: UUID) -> Run:
    with database.transaction() as session:
        return verbs.get(session, run_id)


def evaluation(run_id: UUID) -> ExaminationSpec:
    return ExaminationSpec(kind="evaluate", runs=(run_id,), views="single", recompute_bn=True)


def report(database: Database, objects: Objects, run: Run) -> dict[str, object]:
    with database.transaction() as session:
        artifact = examinations.reports(session, [run]).get(run.id)
    assert artifact is not None
    body: dict[str, object] = json.loads(b"".join(objects.read(artifact.key)))
    return body


def test_an_examination_survives_a_killed_worker(service: Service, objects: Objects, trained: UUID) -> None:
    examination = ask(service.database, evaluation(trained))
    service.control()
    first = service.worker()
    wait_until(lambda: service.run(examination).status == Status.running and trainers_of(first))
    first.kill()
    service.worker()
    ended = service.wait_for(examination, Status.succeeded)
    assert ended.fence == 2
    body = report(service.database, objects, ended)
    assert body["error"] == ended.test_error
    assert body["images"] == 500
    with service.database.transaction() as session:
        files = [(row.role, row.attempt) for row in artifacts.of_run(session, examination)]
        assert files == [("picture", 2), ("report", 2)]


def test_a_cancel_half_way_leaves_no_report(database: Database, bench: Workbench, trained: UUID) -> None:
    examination = ask(database, evaluation(trained))
    before = psutil.Process().children()
    supervising = Thread(target=supervise, args=(bench, claim(bench)))
    supervising.start()
    wait_until(lambda: set(psutil.Process().children()) - set(before))
    (trainer,) = set(psutil.Process().children()) - set(before)
    with database.transaction() as session:
        verbs.cancel(session, examination, "ada")
    supervising.join()
    assert not trainer.is_running()
    assert read(database, examination).status == Status.cancelled
    with database.transaction() as session:
        assert artifacts.of_run(session, examination) == []
    again = ask(database, evaluation(trained))
    supervise(bench, claim(bench))
    ended = read(database, again)
    assert (ended.status, ended.failures) == (Status.succeeded, 0)


def test_missing_weights_fail_the_examination_with_their_key(
    database: Database, objects: Objects, bench: Workbench, trained: UUID
) -> None:
    with database.transaction() as session:
        weights = artifacts.weights(session, verbs.get(session, trained), "last", "safetensors")
    objects.delete([weights.key])
    examination = ask(database, evaluation(trained))
    supervise(bench, claim(bench))
    failed = read(database, examination)
    assert (failed.status, failed.reason, weights.key in (failed.message or "")) == (Status.failed, "data", True)
    with database.transaction() as session:
        assert any("fetching the weights" in line for line in logs.lines(session, examination))


def test_your_own_photographs_are_evaluated_with_ten_crops(
    submit: Submit, bench: Workbench, objects: Objects, database: Database, tmp_path: Path
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
    run_id = submit(dataset="pets", **options)
    supervise(bench, claim(bench))
    examination = ask(database, ExaminationSpec(kind="evaluate", runs=(run_id,), views="ten-crop", recompute_bn=False))
    supervise(bench, claim(bench))
    body = report(database, objects, read(database, examination))
    assert (body["views"], body["images"], body["classes"]) == ("ten-crop", 2, ["cat", "dog"])
    assert (body["is_the_data_trained_on"], body["top5_error"]) == (True, None)

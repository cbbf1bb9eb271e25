"""Faults of a machine: its disk is full, or its kernel refuses the trainers' box. No run pays for it."""

import io
import zipfile
from typing import Any
from uuid import UUID

import httpx
from PIL import Image
from sqlalchemy import select

from store.db.models import Worker
from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

_NAME = "pictures"
_RESTRICT_SELF = 446  # the system call that closes a trainer's box (trainer/box/landlock.py)


@fault_in_short
def worker_with_a_full_disk_beside_a_fit_one(lab: Lab) -> None:
    """Its disk is full: the worker takes no runs and says why; the other one trains all four."""
    unfit, _ = lab.stack.workers
    lab.stack.fill_disk(unfit)
    wait_until(lambda: "free" in (_trouble(lab, unfit) or ""), "the worker says why it takes no runs")
    runs = [lab.submit(iterations=100) for _ in range(4)]
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in runs), "the other worker trains all runs")
    _expect_no_failures(lab, runs)


@fault
def only_worker_with_a_full_disk(lab: Lab) -> None:
    """There is no other worker: four runs wait until its disk has space again."""
    name = lab.single_worker()
    lab.stack.fill_disk(name)
    wait_until(lambda: _trouble(lab, name), "the worker says why it takes no runs")
    runs = [lab.submit(iterations=100) for _ in range(4)]
    lab.wait_leases(2)
    assert all(lab.run(run_id).fence == 0 for run_id in runs)
    lab.stack.free_disk(name)
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in runs), "all runs end")
    _expect_no_failures(lab, runs)


@fault
def disk_that_fills_up_during_training(lab: Lab) -> None:
    """The trainer dies at its next checkpoint: the run waits, or goes on elsewhere, and this counts as no failure."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    lab.stack.fill_disk(name)
    wait_until(lambda: _trouble(lab, name), "the worker says why it takes no runs")
    wait_until(lambda: lab.run(run_id).fence > 1, "another attempt starts")
    _expect_no_failures(lab, [run_id])


@fault
def box_denied(lab: Lab) -> None:
    """A worker's kernel refuses the trainers' box: it takes no runs and says why; the other worker trains all four."""
    refused = lab.single_worker(RESLAB_TEST_REFUSED_CALL=str(_RESTRICT_SELF))
    runs = [lab.submit(iterations=100) for _ in range(4)]
    wait_until(lambda: "Landlock" in (_trouble(lab, refused) or ""), "the worker says why it takes no runs")
    lab.stack.start(lab.stack.workers[1])
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in runs), "the other worker trains all runs")
    _expect_no_failures(lab, runs)


@fault
def full_disk_at_upload(lab: Lab) -> None:
    """The API's disk is full at an upload of a data set: its answer says so (507), nothing is stored; runs go on."""
    run_id = lab.submit()
    lab.stack.fill_disk("api")
    refusal = _upload(lab)
    assert (refusal.status_code, refusal.json()["title"]) == (507, "Insufficient Storage")
    assert _datasets(lab, "DELETE").status_code == 404
    wait_until(lambda: lab.run(run_id).finished_at, "the run ends")
    lab.stack.free_disk("api")
    assert _upload(lab).status_code == 201
    assert _datasets(lab, "DELETE").status_code == 204


def _upload(lab: Lab) -> httpx.Response:
    """Registers two classes of one training and one test image each; larger than what is kept in memory."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, name in enumerate(("train/cat", "train/dog", "test/cat", "test/dog")):
            image = io.BytesIO()
            Image.effect_noise((1000, 1000), 10 * number + 1).save(image, "PNG")
            archive.writestr(f"{name}/1.png", image.getvalue())
    return _datasets(lab, "POST", data={"name": _NAME}, files={"archive": ("pictures.zip", packed.getvalue())})


def _datasets(lab: Lab, method: str, **body: Any) -> httpx.Response:
    url = f"{lab.stack.client.url}/api/v1/datasets{f'/{_NAME}' if method == 'DELETE' else ''}"
    return httpx.request(method, url, headers={"Authorization": f"Bearer {lab.stack.token}"}, timeout=60, **body)


def _trouble(lab: Lab, name: str) -> str | None:
    with lab.stack.database.transaction() as session:
        query = select(Worker.trouble).where(Worker.name == name, Worker.pid == lab.stack.child(name).pid)
        return session.scalar(query)


def _expect_no_failures(lab: Lab, runs: list[UUID]) -> None:
    assert [lab.run(run_id).failures for run_id in runs] == [0] * len(runs)

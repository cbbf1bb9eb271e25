"""Predictions of time come from runs on the same kind of device."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from store import workers
from store.db.database import Database
from store.db.models import Run
from store.runs import speed
from tests.store.conftest import claim, new_worker, submission

Submit = Callable[..., Run]


def trained(database: Database, submit: Submit, device: str, images_per_s: float, **fields: object) -> None:
    """A run that reached this speed on a worker with this device, which has left since."""
    submit(**fields)
    worker = new_worker(database, device, device)
    run_id = claim(database, worker).run.id
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run_id).values(images_per_s=images_per_s))
        workers.leave(session, worker.id)


def expected(database: Database) -> speed.Speed | None:
    new = submission()
    with database.transaction() as session:
        return speed.expected(session, new.spec, new.plan.multiply_adds, None)


def test_a_gpus_speed_predicts_nothing_for_a_cpu(database: Database, submit: Submit) -> None:
    trained(database, submit, "gpu", 30_000)
    new_worker(database, "one", "cpu")
    assert expected(database) is None
    trained(database, submit, "cpu", 200, depth=20)
    pace = expected(database)
    assert pace is not None
    assert (pace.device, pace.runs, pace.is_same_network) == ("cpu", 1, False)
    assert pace.images_per_s > 200  # of 8 layers, scaled from 20


def test_with_workers_of_two_kinds_it_is_the_slower_one(database: Database, submit: Submit) -> None:
    for device, images_per_s in (("gpu", 30_000.0), ("cpu", 200.0)):
        trained(database, submit, device, images_per_s)
        new_worker(database, f"new {device}", device)
    pace = expected(database)
    assert pace is not None
    assert pace.device == "cpu"
    assert pace.images_per_s == pytest.approx(200)


def test_without_workers_it_is_the_device_used_last(database: Database, submit: Submit) -> None:
    trained(database, submit, "cpu", 200)
    trained(database, submit, "gpu", 30_000)
    pace = expected(database)
    assert pace is not None
    assert pace.device == "gpu"

"""Runs from submission to success on real parts: Postgres, Valkey, control, workers and the real trainer."""

import pytest
from sqlalchemy import select

from store import artifacts, datasets, logs
from store.db.models import Evaluation, Event
from store.runs.states import Status
from tests.reslab.conftest import all_gone
from tests.worker.conftest import Service, points, trainers_of, wait_until, weights_hash

pytestmark = pytest.mark.usefixtures("warm")


def test_a_run_goes_from_queued_to_succeeded(service: Service) -> None:
    run_id = service.submit(iterations=20, evaluate_every=10, checkpoint_every=10)
    service.control()
    service.worker()
    run = service.wait_for(run_id, Status.succeeded)
    assert run.iteration == 20
    assert points(service.database, run_id) == list(range(1, 21))
    with service.database.transaction() as session:
        evaluations = session.scalars(select(Evaluation).where(Evaluation.run_id == run_id))
        assert sorted((row.split, row.iteration) for row in evaluations) == [
            (split, iteration) for split in ("test", "val") for iteration in (10, 20)
        ]
        assert {artifact.role for artifact in artifacts.of_run(session, run_id)} == {"checkpoint", "weights"}
        shown = datasets.sheet(session, "synthetic")
        assert shown is not None
        assert (shown.png[:4], len(shown.classes)) == (b"\x89PNG", 10)
        assert not datasets.lacks_sheet(session, "synthetic")  # the next run draws nothing
        assert any("ResNet-8 A on synthetic" in line for line in logs.lines(session, run_id))
        kinds = list(session.scalars(select(Event.kind).where(Event.run_id == run_id).order_by(Event.seq)))
    assert kinds[:3] == ["created", "claimed", "started"]
    assert kinds[-1] == "succeeded"


def test_a_run_survives_killed_processes_with_the_same_curve_and_weights(
    service: Service,
) -> None:
    # Each kill comes long before the end, however late this process sees the iteration that it waits for.
    spec = {"iterations": 150, "evaluate_every": 75, "checkpoint_every": 10}
    unbroken, broken = service.submit(**spec), service.submit(**spec)
    service.control()
    worker = service.worker()
    service.wait_for(unbroken, Status.succeeded)

    wait_until(lambda: service.run(broken).iteration >= 10)
    (trainer,) = trainers_of(worker)
    trainer.kill()
    wait_until(lambda: service.run(broken).fence == 2 and service.run(broken).iteration >= 30)
    (trainer,) = trainers_of(worker)
    worker.kill()
    wait_until(lambda: all_gone([trainer]))

    service.worker()
    run = service.wait_for(broken, Status.succeeded)
    assert run.fence == 3
    assert points(service.database, broken) == list(range(1, 151))
    assert weights_hash(service.database, broken) == weights_hash(service.database, unbroken)
    with service.database.transaction() as session:
        kinds = list(session.scalars(select(Event.kind).where(Event.run_id == broken).order_by(Event.seq)))
    assert [kind for kind in kinds if kind in ("returned", "lease_expired")] == ["returned", "lease_expired"]

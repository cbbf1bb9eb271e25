"""Runs on several machines: all of their workers are claimed together, and each of them can end the attempt."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from api.runs import waiting
from store import workers
from store.db.database import Database
from store.db.errors import LeaseLost
from store.db.models import Run, Worker
from store.runs import attempts, gangs, verbs
from store.runs.attempts import Claim
from store.runs.gangs import Loss
from store.runs.states import Status
from tests.store.conftest import LEASE_S, new_worker, submission

Look = Callable[[Worker], Claim | None]
Submit = Callable[..., Run]


@pytest.fixture
def submit(database: Database) -> Submit:
    def create(machines: int = 2, devices: int = 2) -> Run:
        with database.transaction() as session:
            return verbs.create(session, replace(submission(devices=devices), machines=machines))[0]

    return create


@pytest.fixture
def look(database: Database) -> Look:
    """What a worker does when it looks for work."""

    def act(worker: Worker) -> Claim | None:
        with database.transaction() as session:
            return attempts.enlisted(session, worker.id) or attempts.claim(session, worker, LEASE_S)

    return act


@pytest.fixture
def pair(database: Database) -> tuple[Worker, Worker]:
    return new_worker(database, "one"), new_worker(database, "two")


def change(database: Database, worker: Worker, **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(Worker).where(Worker.id == worker.id).values(**values))


def reason(database: Database, run: Run) -> str:
    with database.transaction() as session:
        return waiting.reasons(session, [verbs.get(session, run.id)], {}, LEASE_S)[run.id]


def test_the_last_of_its_workers_claims_a_run_and_enlists_the_others(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    run, (one, two) = submit(), pair
    assert look(one) is None
    assert reason(database, run) == "waits for 2 free workers of one queue at once; ready: one"
    claimed, enlisted = look(two), look(one)
    assert claimed is not None
    assert enlisted is not None
    assert (claimed.machine, enlisted.machine) == (0, 1)
    assert {claimed.run.id, enlisted.run.id} == {run.id}
    with database.transaction() as session:
        assert [worker.run_id for worker in workers.alive(session, LEASE_S)] == [run.id, run.id]
        assert gangs.loss(session, verbs.get(session, run.id), LEASE_S) is None


def test_a_run_that_needs_more_workers_than_there_are_holds_up_nobody(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    large, small = submit(machines=4, devices=4), submit(machines=1, devices=1)
    claimed = look(pair[0])
    assert claimed is not None
    assert claimed.run.id == small.id
    assert reason(database, large) == "needs 4 workers of one queue at once; 2 can train it"


@pytest.mark.parametrize("unfit", [{"draining": True}, {"trouble": "The disk is full."}])
def test_a_worker_that_takes_no_runs_is_not_enlisted(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker], unfit: dict[str, object]
) -> None:
    submit()
    assert look(pair[0]) is None
    change(database, pair[0], **unfit)
    assert look(pair[1]) is None
    with database.transaction() as session:
        assert not gangs.is_offered(session, pair[1].id)  # with one fit worker there is nothing to wait for


def test_each_machine_needs_its_share_of_the_devices(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    submit(devices=4)
    assert look(pair[0]) is None
    assert look(pair[1]) is None
    for worker in pair:
        change(database, worker, devices=2)
        worker.devices = 2
    assert look(pair[0]) is None
    assert look(pair[1]) is not None


def test_a_worker_with_too_little_memory_is_not_waited_for(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    submit()
    change(database, pair[1], memory_bytes=1)
    assert look(pair[0]) is None
    with database.transaction() as session:
        assert not gangs.is_offered(session, pair[0].id)


def test_a_cpu_and_a_gpu_do_not_train_one_run(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    submit()
    graphics = [new_worker(database, name, "gpu") for name in ("three", "four")]
    assert [look(worker) for worker in (pair[0], graphics[0])] == [None, None]
    claimed = look(graphics[1])
    assert claimed is not None
    with database.transaction() as session:
        training = {worker.name for worker in workers.alive(session, LEASE_S) if worker.run_id}
    assert training == {"three", "four"}


def test_an_offer_ends_when_its_worker_looks_again(
    database: Database, submit: Submit, look: Look, pair: tuple[Worker, Worker]
) -> None:
    run = submit()
    assert look(pair[0]) is None
    with database.transaction() as session:
        assert gangs.is_offered(session, pair[0].id)
        verbs.cancel(session, run.id, "ann")
    assert look(pair[0]) is None
    with database.transaction() as session:
        assert not gangs.is_offered(session, pair[0].id)


@pytest.fixture
def training(submit: Submit, look: Look, pair: tuple[Worker, Worker]) -> Claim:
    """A run on both machines; the second worker holds the lease."""
    submit()
    look(pair[0])
    claimed = look(pair[1])
    assert claimed is not None
    return claimed


def test_the_others_learn_where_to_meet_until_the_attempt_ends(
    database: Database, training: Claim, pair: tuple[Worker, Worker], look: Look
) -> None:
    fence = training.run.id, training.attempt
    with database.transaction() as session:
        assert gangs.meeting(session, *fence, pair[0].id) is None
        gangs.announce(session, *fence, "10.0.0.1:4711")
        assert gangs.meeting(session, *fence, pair[0].id) == "10.0.0.1:4711"
        attempts.return_to_queue(session, *fence, "a test")
        assert [worker.run_id for worker in workers.alive(session, LEASE_S)] == [None, None]
        with pytest.raises(LeaseLost, match="has ended"):
            gangs.meeting(session, *fence, pair[0].id)
    assert look(pair[0]) is None  # offered again, and not enlisted by the attempt that has ended


def test_a_machine_that_is_lost_is_noticed(database: Database, training: Claim, pair: tuple[Worker, Worker]) -> None:
    def loss() -> Loss | None:
        with database.transaction() as session:
            return gangs.loss(session, verbs.get(session, training.run.id), LEASE_S)

    change(database, pair[0], draining=True)
    assert loss() == Loss("one is shutting down", is_failure=False)
    change(database, pair[0], draining=False, seen_at=pair[0].seen_at.replace(year=2000))
    assert loss() == Loss("one has sent no heartbeat for one lease")
    change(database, pair[0], run_id=None)
    assert loss() == Loss("a machine of the run is gone")


def test_a_machine_that_gives_up_says_why(database: Database, training: Claim, pair: tuple[Worker, Worker]) -> None:
    with database.transaction() as session:
        gangs.give_up(session, training.run.id, training.attempt, pair[0].id, "one: its disk is full")
        assert gangs.loss(session, training.run, LEASE_S) == Loss("one: its disk is full")
        assert [worker.run_id for worker in workers.alive(session, LEASE_S)] == [None, training.run.id]


def test_a_retry_asks_for_as_many_machines(database: Database, training: Claim) -> None:
    from store.runs import lineage

    with database.transaction() as session:
        attempts.fail(session, training.run.id, training.attempt, "diverged", "as the test ordered")
        assert verbs.get(session, training.run.id).status == Status.failed
        assert lineage.retry(session, training.run.id, "ann").machines == 2

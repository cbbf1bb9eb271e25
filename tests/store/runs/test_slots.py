"""Several runs on one device: they fit into its memory together, and the first in the queue is served first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from api.runs import waiting
from store import workers
from store.db.database import Database
from store.db.models import Attempt, Run, Worker
from store.quotas import usage
from store.runs import attempts, gangs, slots, speed, verbs
from store.runs.attempts import Claim
from store.runs.states import Queue, Status
from tests.store.conftest import LEASE_S, submission

Submit = Callable[..., Run]
GIB = 1 << 30
SLOTS = 3
# By its plan. With what a process takes beside it, two small runs fill 8 GiB, and a large one takes 7.
SMALL, LARGE = int(2.5 * GIB), int(5.1 * GIB)


def slot(database: Database, number: int, device: str = "here/cuda:0", memory_bytes: int | None = 8 * GIB) -> Worker:
    row = Worker(name=f"{device} {number}", host="here", pid=1, queue="gpu", device="a GPU", version="0", devices=1)
    row.slot, row.slots, row.shared_device, row.memory_bytes = number, SLOTS, device, memory_bytes
    with database.transaction() as session:
        return workers.register(session, row)


@pytest.fixture
def device(database: Database) -> list[Worker]:
    return [slot(database, number) for number in range(1, SLOTS + 1)]


@pytest.fixture
def need(database: Database, submit: Submit) -> Callable[[int], UUID]:
    """Submits a run with this plan of its memory."""

    def create(memory_bytes: int) -> UUID:
        run_id = submit().id
        with database.transaction() as session:
            session.execute(update(Run).where(Run.id == run_id).values(memory_bytes=memory_bytes))
        return run_id

    return create


Need = Callable[[int], UUID]


def look(database: Database, worker: Worker) -> Claim | None:
    """What a worker does when it looks for work."""
    with database.transaction() as session:
        return attempts.enlisted(session, worker.id) or attempts.claim(session, worker, LEASE_S)


def take(database: Database, worker: Worker) -> Claim:
    claimed = look(database, worker)
    assert claimed is not None
    return claimed


def end(database: Database, claimed: Claim) -> None:
    with database.transaction() as session:
        attempts.fail(session, claimed.run.id, claimed.attempt, "diverged", "as the test ordered")


def fail_once(database: Database, claimed: Claim) -> None:
    with database.transaction() as session:
        attempts.return_to_queue(session, claimed.run.id, claimed.attempt, "as the test ordered", most=5)
        session.execute(update(Run).where(Run.id == claimed.run.id).values(not_before=None))


def test_runs_share_a_device_as_far_as_its_memory_goes(database: Database, device: list[Worker], need: Need) -> None:
    small = [need(SMALL) for _ in range(3)]
    taken = [take(database, device[0]), take(database, device[1])]
    assert [claim.run.id for claim in taken] == small[:2]
    assert look(database, device[2]) is None
    with database.transaction() as session:
        assert gangs.is_offered(session, device[2].id), "it goes on looking"
    end(database, taken[0])
    assert take(database, device[2]).run.id == small[2]


def test_two_slots_that_look_at_once_never_overcommit(database: Database, device: list[Worker], need: Need) -> None:
    for _ in range(3):
        need(LARGE)
    with ThreadPoolExecutor(SLOTS) as pool:
        claimed = list(pool.map(lambda worker: look(database, worker), device))
    assert len([claim for claim in claimed if claim]) == 1


def test_a_run_that_fills_the_device_is_not_overtaken_by_small_ones(
    database: Database, device: list[Worker], need: Need
) -> None:
    first = need(SMALL)
    training = take(database, device[0])
    large, small = need(8 * GIB), need(SMALL)
    assert training.run.id == first
    assert [look(database, worker) for worker in device[1:]] == [None, None]
    with database.transaction() as session:
        rows = [verbs.get(session, large)]
        sentence = waiting.reasons(session, rows, {}, LEASE_S)[large]
    assert sentence == "waits for the other runs on a GPU (here/cuda:0 2) to end: it doesn't fit beside them"
    end(database, training)
    assert take(database, device[2]).run.id == large
    assert look(database, device[0]) is None
    with database.transaction() as session:
        assert verbs.get(session, small).status == Status.queued


def test_only_one_device_is_emptied_for_a_run(database: Database, device: list[Worker], need: Need) -> None:
    other = [slot(database, number, "here/cuda:1") for number in (1, 2)]
    for worker in (device[0], other[0]):
        need(SMALL)
        take(database, worker)
    large, small = need(8 * GIB), need(SMALL)
    assert look(database, device[1]) is None
    assert take(database, other[1]).run.id == small
    with database.transaction() as session:  # one that doesn't come back empties nothing
        session.execute(update(Worker).where(Worker.id == device[1].id).values(draining=True))
    assert look(database, other[1]) is None
    with database.transaction() as session:
        assert session.scalar(select(Worker.awaits).where(Worker.id == other[1].id)) == large


def test_a_run_that_failed_gets_the_device_alone(database: Database, device: list[Worker], need: Need) -> None:
    failing, other = need(SMALL), need(SMALL)
    first = take(database, device[0])
    beside = take(database, device[1])
    fail_once(database, first)
    assert look(database, device[0]) is None
    end(database, beside)
    assert take(database, device[0]).run.id == failing
    third = need(SMALL)
    assert look(database, device[1]) is None, "and nobody joins it"
    with database.transaction() as session:  # what a checkpoint does
        session.execute(update(Run).where(Run.id == failing).values(failures=0))
    assert take(database, device[1]).run.id == third
    assert other == beside.run.id


def test_memory_that_others_took_is_not_the_runs_fault(database: Database, device: list[Worker], need: Need) -> None:
    run_id = need(SMALL)

    def run_out(claimed: Claim) -> Status:
        with database.transaction() as session:
            status = attempts.run_out(session, claimed.run.id, claimed.attempt, "too little memory.", 5)
            session.execute(update(Run).where(Run.id == run_id).values(not_before=None))
            return status

    assert run_out(take(database, device[0])) == Status.queued
    assert run_out(take(database, device[1])) == Status.failed, "it had the device alone"
    with database.transaction() as session:
        run = verbs.get(session, run_id)
        assert (run.reason, run.message) == ("out_of_memory", "too little memory.")


def test_another_slot_of_the_same_device_is_not_a_second_opinion(
    database: Database, device: list[Worker], need: Need
) -> None:
    need(SMALL)

    def suspect(worker: Worker) -> Status:
        claimed = take(database, worker)
        with database.transaction() as session:
            status = attempts.suspect(session, claimed.run.id, claimed.attempt, "it broke", 5)
            session.execute(update(Run).values(not_before=None))
            return status

    assert [suspect(worker) for worker in device[:2]] == [Status.queued, Status.queued]
    assert suspect(slot(database, 1, "elsewhere/cuda:0")) == Status.failed


def test_a_slot_takes_no_part_in_a_run_on_several_machines(
    database: Database, device: list[Worker], submit: Submit
) -> None:
    run_id = submit().id
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run_id).values(machines=2))
    assert look(database, device[0]) is None
    with database.transaction() as session:
        assert not gangs.is_offered(session, device[0].id)
        sentence = waiting.reasons(session, [verbs.get(session, run_id)], {}, LEASE_S)[run_id]
    assert sentence == "needs 2 workers of one queue at once; 0 can train it"


def test_a_run_pays_for_the_part_of_the_device_that_it_keeps_from_others(
    database: Database, device: list[Worker], need: Need
) -> None:
    need(1)
    claimed = take(database, device[0])
    with database.transaction() as session:
        session.execute(update(Attempt).values(started_at=text("now() - interval '3 hours'")))
        assert usage.device_hours(session, "person", "ann") == pytest.approx(3 / SLOTS, rel=0.01)
    end(database, claimed)
    with database.transaction() as session:
        assert usage.device_hours(session, "person", "ann") == pytest.approx(3 / SLOTS, rel=0.01)
    assert slots.share(device[0], Run(memory_bytes=LARGE)) == pytest.approx(7 / 8)
    assert slots.share(device[0], Run(memory_bytes=8 * GIB)) == 1


def test_a_slots_speed_predicts_nothing_for_a_whole_device(
    database: Database, device: list[Worker], need: Need
) -> None:
    run_id = need(SMALL)
    take(database, device[0])
    new = submission()

    def expected() -> speed.Speed | None:
        with database.transaction() as session:
            return speed.expected(session, new.spec, new.plan.multiply_adds, Queue.gpu)

    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run_id).values(images_per_s=1000.0))
    measured = expected()
    assert measured is not None
    assert measured.device == f"a GPU, shared by {SLOTS} runs"
    with database.transaction() as session:
        session.execute(update(Worker).values(slots=1, shared_device=None))
    assert expected() is None

"""Quotas: refused in words at the submit, waited for at the claim, and booked by the month also of deleted runs."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from store.db.database import Database
from store.db.errors import QuotaReached
from store.db.models import Artifact, Attempt, Quota, Run, Usage, Worker
from store.db.models.quotas import HolderKind
from store.people import people
from store.quotas import limits, usage
from store.runs import attempts, verbs
from tests.store.conftest import LEASE_S, claim, new_worker, submission

Submit = Callable[..., Run]


def allow(database: Database, kind: HolderKind, name: str, **values: float) -> None:
    with database.transaction() as session:
        limits.set_limits(session, Quota(kind=kind, name=name, **values))


def claimed(database: Database, worker: Worker) -> Run | None:
    with database.transaction() as session:
        lease = attempts.claim(session, worker, LEASE_S)
        return lease.run if lease else None


def test_the_queue_of_a_person_has_a_limit_and_others_have_their_own(database: Database, submit: Submit) -> None:
    allow(database, "person", "*", queued=2)
    allow(database, "person", "ben", queued=3)
    for _ in range(2):
        submit("ann")
    with pytest.raises(QuotaReached) as refused:
        submit("ann")
    assert str(refused.value) == (
        "ann may have 2 runs in the queue and has 2. Wait until one starts. An administrator can allow more."
    )
    for _ in range(3):
        submit("ben")
    with pytest.raises(QuotaReached):
        submit("ben")


def test_a_project_has_a_limit_over_all_of_its_people(database: Database, submit: Submit) -> None:
    allow(database, "project", "default", queued=2)
    submit("ann")
    submit("ben")
    with pytest.raises(QuotaReached, match=r"^The project default may have 2 runs in the queue and has 2"):
        submit("eve")


def test_a_person_who_trains_enough_waits_and_others_do_not(database: Database, submit: Submit) -> None:
    allow(database, "person", "ann", running=1)
    for owner in ("ann", "ann", "ben"):
        submit(owner)
    first, second, third = (claimed(database, new_worker(database, name)) for name in ("one", "two", "three"))
    assert {first and first.owner, second and second.owner} == {"ann", "ben"}
    assert third is None
    with database.transaction() as session:
        assert limits.full(session).people == {"ann": "ann may train 1 run at a time and trains 1"}
        running = session.scalars(select(Run).where(Run.owner == "ann", Run.status == "running")).one()
        attempts.return_to_queue(session, running.id, running.fence, "drained")
    assert claimed(database, new_worker(database, "four")) is not None


def test_a_full_project_does_not_hide_its_owners_other_runs(database: Database, submit: Submit) -> None:
    allow(database, "project", "default", running=0)
    for _ in range(5):  # more than the heads of an owner that a claim considers
        submit("ann")
    other = submit("ann")
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == other.id).values(project="lab"))
    run = claimed(database, new_worker(database, "one"))
    assert run is not None
    assert run.id == other.id


def test_device_hours_are_booked_and_outlive_their_run(database: Database, submit: Submit, worker: Worker) -> None:
    run_id, lease = submit("ann").id, claim(database, worker)
    with database.transaction() as session:
        session.execute(update(Attempt).values(started_at=text("date_trunc('month', now()) - interval '2 hours'")))
        attempts.fail(session, run_id, lease.attempt, "invalid", "no")
    with database.transaction() as session:
        booked = {row.month.isoformat(): row.device_s for row in session.scalars(select(Usage))}
        hours = usage.device_hours(session, "person", "ann")
        verbs.remove(session, run_id)
    assert min(booked.values()) >= 0
    assert booked[min(booked)] == pytest.approx(7200), "the part before midnight is last month's"
    assert hours == pytest.approx(booked[max(booked)] / 3600)
    allow(database, "person", "ann", device_hours=0)
    with pytest.raises(QuotaReached, match=r"^ann may use 0 device-hours a month and has used [\d.,]+ in this one"):
        submit("ann")


def test_time_that_is_being_spent_counts(database: Database, submit: Submit, worker: Worker) -> None:
    submit("ann")
    claim(database, worker)
    with database.transaction() as session:
        session.execute(update(Attempt).values(started_at=text("now() - interval '30 s'")))
        assert usage.device_hours(session, "project", "default") == pytest.approx(30 / 3600, rel=0.5)


def test_kept_files_have_a_limit(database: Database, submit: Submit) -> None:
    run = submit("ann")
    with database.transaction() as session:
        session.add(
            Artifact(run_id=run.id, iteration=0, role="weights", format="pt", key="k", sha256="0", size_bytes=5_000)
        )
    allow(database, "person", "ann", kept_bytes=5_000)
    with pytest.raises(QuotaReached, match=r"^ann may keep 5,000 bytes of files and keeps 5,000. Delete runs"):
        submit("ann")


def test_a_run_waits_for_a_worker_with_enough_devices(database: Database, submit: Submit) -> None:
    large = submit("ann", devices=4)
    small = submit("ann")
    one = new_worker(database, "one")
    run = claimed(database, one)
    assert run is not None
    assert run.id == small.id, "the large one is first, but this worker can never train it"
    with database.transaction() as session:
        session.execute(update(Worker).values(devices=4))
    four = Worker(name="four", host="here", pid=1, queue="cpu", device="cpu", version="0", devices=4)
    with database.transaction() as session:
        session.add(four)
    run = claimed(database, four)
    assert run is not None
    assert run.id == large.id


def test_a_run_waits_for_a_worker_with_enough_memory(database: Database, submit: Submit) -> None:
    large, small = submit("ann", batch_size=1000), submit("ann", batch_size=10)
    assert large.memory_bytes > 10 * small.memory_bytes
    little = sized(database, "little", large.memory_bytes - 1)
    run = claimed(database, little)
    assert run is not None
    assert run.id == small.id, "the large one is first, but does not fit"
    assert claimed(database, little) is None
    run = claimed(database, sized(database, "enough", large.memory_bytes))
    assert run is not None
    assert run.id == large.id


def test_processors_divide_the_memory_of_their_machine_and_gpus_do_not(database: Database, submit: Submit) -> None:
    run = submit("ann", devices=2)
    assert claimed(database, sized(database, "processors", 2 * run.memory_bytes - 1, devices=2)) is None
    assert claimed(database, sized(database, "gpus", run.memory_bytes, devices=2, queue="gpu")) is not None


def sized(database: Database, name: str, memory_bytes: int, devices: int = 1, queue: str = "cpu") -> Worker:
    worker = Worker(
        name=name, host="here", pid=1, queue=queue, device=queue, version="0", devices=devices,
        memory_bytes=memory_bytes,
    )  # fmt: skip
    with database.transaction() as session:
        session.add(worker)
    return worker


def test_two_simultaneous_submits_do_not_both_fit(database: Database) -> None:
    from threading import Barrier, Thread

    allow(database, "person", "ann", queued=1)
    outcomes: list[str] = []
    start = Barrier(2)

    def run() -> None:
        start.wait()
        try:
            with database.transaction() as session:
                verbs.create(session, submission("ann"))
            outcomes.append("queued")
        except QuotaReached:
            outcomes.append("refused")

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["queued", "refused"]


def test_everybody_is_not_a_person(database: Database) -> None:
    allow(database, "person", "*", running=1)
    with database.transaction() as session:
        people.ensure(session, "ann")
        quota = limits.of(session, "person", "ann")
    assert quota is not None
    assert quota.running == 1

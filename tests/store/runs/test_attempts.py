"""The verbs of a worker: one claim a run, and no write without the fence."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update

from store import artifacts, history, logs
from store.curves.buckets import Window
from store.db.database import Database
from store.db.errors import Conflict, LeaseLost
from store.db.models import Artifact, Attempt, Run, StepChunk, Worker
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.states import Status
from tests.store.conftest import LEASE_S, claim, curve_of, new_worker, steps
from trainer.events import Evaluated, Role, Saved, Split, Started

Submit = Callable[..., Run]


def saved(iteration: int, role: Role = "checkpoint") -> Saved:
    return Saved(
        iteration=iteration, role=role, format="safetensors", file=f"{role}-{iteration}", sha256="0" * 64, size_bytes=1
    )


def evaluated(iteration: int, split: Split, error: float) -> Evaluated:
    return Evaluated(iteration=iteration, split=split, error=error, top5_error=None, loss=1, images=10)


def tell(database: Database, lease: Claim, number: int, *events: attempts.BatchEvent) -> None:
    with database.transaction() as session:
        attempts.append(session, lease.run.id, lease.attempt, number, list(events))


def commit(database: Database, lease: Claim, event: Saved) -> list[str]:
    with database.transaction() as session:
        return artifacts.commit(session, attempts.lock(session, lease.run.id, lease.attempt), event)


def expire(database: Database, lease: Claim) -> None:
    with database.transaction() as session:
        session.execute(update(Attempt).values(lease_until=func.now() - text("interval '1 second'")))
        assert attempts.reap(session, most=5) == [lease.run.id]
        session.execute(update(Run).values(not_before=None))


def reload(database: Database, run: Run) -> Run:
    with database.transaction() as session:
        return verbs.get(session, run.id)


def test_twenty_claimers_of_one_run_claim_it_once(database: Database, submit: Submit) -> None:
    submit()
    claimers = [new_worker(database, f"w{number}") for number in range(20)]

    def attempt(worker: Worker) -> Claim | None:
        with database.transaction() as session:
            return attempts.claim(session, worker, LEASE_S)

    with ThreadPoolExecutor(10) as pool:
        won = [lease for lease in pool.map(attempt, claimers) if lease]
    assert len(won) == 1
    assert reload(database, won[0].run).fence == 1


def test_the_queue_is_ordered_by_priority_then_fairness_between_owners_then_age(
    database: Database, submit: Submit
) -> None:
    first, second, ben, urgent = submit("ann"), submit("ann"), submit("ben"), submit("ann", priority=1)
    worker = new_worker(database, "w")
    assert [claim(database, worker).run.id for _ in range(4)] == [urgent.id, ben.id, first.id, second.id]


def test_a_run_for_a_gpu_is_not_claimed_on_a_cpu(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit(queue="gpu")
    with database.transaction() as session:
        assert attempts.claim(session, worker, LEASE_S) is None
    assert claim(database, new_worker(database, "big", "gpu")).run.id == run.id


def test_a_started_run_stays_in_its_queue(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.return_to_queue(session, run.id, lease.attempt, "drained")
    assert reload(database, run).queue == "cpu"


def test_a_lost_lease_stops_every_write(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    old = claim(database, worker)
    expire(database, old)
    new = claim(database, new_worker(database, "two"))
    assert new.attempt == old.attempt + 1
    writes: list[Callable[..., object]] = [
        lambda session: attempts.beat(session, run.id, old.attempt, LEASE_S),
        lambda session: attempts.append(session, run.id, old.attempt, 1, [steps(1, 3)]),
        lambda session: attempts.append_log(session, run.id, old.attempt, 1, "late\n"),
        lambda session: attempts.succeed(session, run.id, old.attempt),
        lambda session: attempts.fail(session, run.id, old.attempt, "internal", "late"),
        lambda session: attempts.return_to_queue(session, run.id, old.attempt, "late"),
        lambda session: attempts.stop(session, run.id, old.attempt),
        lambda session: artifacts.commit(session, attempts.lock(session, run.id, old.attempt), saved(1)),
    ]
    for write in writes:
        with pytest.raises(LeaseLost), database.transaction() as session:
            write(session)


def test_a_write_that_began_before_the_takeover_makes_the_takeover_wait(
    database: Database, submit: Submit, worker: Worker
) -> None:
    """With FOR KEY SHARE or no lock, both would proceed, as was observed."""
    run = submit()
    old = claim(database, worker)
    reaped = threading.Event()

    def take_over() -> None:
        with database.transaction() as session:
            session.execute(update(Run).where(Run.id == run.id).values(status=Status.queued))
        reaped.set()

    with database.transaction() as session:
        attempts.append_log(session, run.id, old.attempt, 1, "in time\n")
        thread = threading.Thread(target=take_over)
        thread.start()
        with database.transaction() as other:
            # Wait until the takeover waits for this transaction's lock.
            while not other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                assert not reaped.wait(0.01), "the takeover did not wait"
    thread.join()
    assert reaped.is_set()


def test_the_same_batch_twice_is_written_once(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    lease = claim(database, worker)
    for _ in range(2):
        tell(database, lease, 1, steps(1, 10))
        tell(database, lease, 2, steps(11, 5), evaluated(15, "test", 50))
    run = reload(database, lease.run)
    assert (run.iteration, run.test_error, run.images_per_s) == (15, 50, 100)
    with database.transaction() as session:
        curve = curve_of(session, run.id, "train_loss", Window(1, 100))
        assert curve.iteration.tolist() == list(range(1, 16))
        assert [event.seq for event in history.page(session, run.id)] == list(range(1, run.last_seq + 1))


def test_a_new_attempt_starts_at_the_last_checkpoint_and_the_rest_is_superseded(
    database: Database, submit: Submit, worker: Worker
) -> None:
    submit()
    old = claim(database, worker)
    tell(database, old, 1, steps(1, 1500), evaluated(1000, "val", 40), evaluated(1000, "test", 41))
    commit(database, old, saved(1000))
    commit(database, old, saved(1000, "weights"))
    tell(database, old, 2, steps(1501, 600), evaluated(2000, "val", 30), evaluated(2000, "test", 31))
    commit(database, old, saved(2000, "weights"))
    expire(database, old)
    new = claim(database, worker)
    run = reload(database, old.run)
    assert (new.resumed_from, run.iteration) == (1000, 1000)
    assert (run.val_error, run.best_val_error, run.best_val_iteration, run.test_error) == (40, 40, 1000, 41)
    assert run.train_error == pytest.approx(sum(i % 100 for i in range(981, 1001)) / 20)
    tell(database, new, 1, steps(1001, 2000))
    with database.transaction() as session:
        chunks = session.scalars(select(StepChunk).order_by(StepChunk.first)).all()
        assert [(chunk.first, chunk.count) for chunk in chunks] == [(1, 1024), (1025, 1024), (2049, 952)]
        curve = curve_of(session, run.id, "train_loss", Window(1, 3000, points=3000))
        assert curve.mean == pytest.approx([i / 10 for i in range(1, 3001)], rel=1e-6)
        assert {row.iteration for row in session.scalars(select(Artifact))} == {1000}


def test_success_needs_the_last_iteration_and_its_weights(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit(iterations=20)
    lease = claim(database, worker)
    tell(database, lease, 1, steps(1, 19))
    with database.transaction() as session, pytest.raises(Conflict, match="19 of 20"):
        attempts.succeed(session, run.id, lease.attempt)
    tell(database, lease, 2, steps(20, 1))
    with database.transaction() as session, pytest.raises(Conflict):
        attempts.succeed(session, run.id, lease.attempt)
    commit(database, lease, saved(20, "weights"))
    with database.transaction() as session:
        attempts.succeed(session, run.id, lease.attempt)
    assert reload(database, run).status == Status.succeeded


def test_runs_logged_every_tenth_iteration_succeed_between_two_points(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit(iterations=25, log_every=10)
    lease = claim(database, worker)
    tell(database, lease, 1, steps(10, 2, every=10), evaluated(25, "test", 3))
    commit(database, lease, saved(25, "weights"))
    with database.transaction() as session:
        attempts.succeed(session, run.id, lease.attempt)
        assert curve_of(session, run.id, "train_loss", Window(1, 25)).iteration.tolist() == [10, 20]


def test_a_run_that_kills_its_trainer_backs_off_and_finally_fails(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit()
    for number in range(1, 4):
        lease = claim(database, worker)
        with database.transaction() as session:
            status = attempts.return_to_queue(
                session, run.id, lease.attempt, "the trainer was killed by signal 9", most=3
            )
        assert status == (Status.queued if number < 3 else Status.failed)
        with database.transaction() as session:
            assert attempts.claim(session, worker, LEASE_S) is None  # not before its back-off, or never
        if number < 3:
            with database.transaction() as session:
                session.execute(update(Run).values(not_before=None))
    failed = reload(database, run)
    assert failed.reason == "worker_lost"
    assert failed.message is not None
    assert "signal 9" in failed.message


def test_a_new_checkpoint_resets_the_count_of_failures(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    lease = claim(database, worker)
    expire(database, lease)
    lease = claim(database, worker)
    assert reload(database, lease.run).failures == 1
    commit(database, lease, saved(1000))
    assert reload(database, lease.run).failures == 0


def test_a_request_to_cancel_outlives_the_worker_that_should_have_read_it(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        verbs.cancel(session, run.id, "ann")
    expire(database, lease)
    assert reload(database, run).status == Status.cancelled


def test_a_run_whose_cancel_was_confirmed_does_not_succeed(database: Database, submit: Submit, worker: Worker) -> None:
    """Its trainer had finished before its worker read the request."""
    run = submit()
    lease = claim(database, worker)
    commit(database, lease, saved(run.iterations, "weights"))
    tell(database, lease, 1, steps(1, run.iterations))
    with database.transaction() as session:
        verbs.cancel(session, run.id, "ann")
    with database.transaction() as session:
        attempts.succeed(session, run.id, lease.attempt)
    assert reload(database, run).status == Status.cancelled


def test_a_fresh_lease_is_not_reaped(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    claim(database, worker)
    with database.transaction() as session:
        assert attempts.reap(session, most=5) == []


def test_a_heartbeat_that_waited_for_its_row_renews_the_whole_lease(
    database: Database, submit: Submit, worker: Worker
) -> None:
    submit()
    lease = claim(database, worker)
    renewed_s = select(func.extract("epoch", Attempt.lease_until - func.now())).where(Attempt.run_id == lease.run.id)
    with database.transaction() as session:
        session.execute(select(func.pg_sleep(0.2)))
        attempts.beat(session, lease.run.id, lease.attempt, LEASE_S)
        assert session.scalars(renewed_s).one() >= LEASE_S + 0.2


def test_the_last_two_checkpoints_and_all_weights_stay(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    lease = claim(database, worker)
    dropped = [commit(database, lease, saved(at, role)) for at in (1, 2, 3) for role in ("checkpoint", "weights")]
    assert [len(keys) for keys in dropped] == [0, 0, 0, 0, 1, 0]
    assert dropped[4] == [artifacts.key(lease.run.id, lease.attempt, "checkpoint-1")]


def test_log_chunks_read_back_in_order_without_repeats(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    for number, chunk in [(1, "one\ntwo\n"), (2, "thr\0ee\n"), (2, "thr\0ee\n")]:
        with database.transaction() as session:
            attempts.append_log(session, run.id, lease.attempt, number, chunk)
    with database.transaction() as session:
        assert list(logs.lines(session, run.id)) == ["one", "two", "thr\ufffdee"]


def test_a_log_chunk_repeated_before_its_first_write_is_committed_is_written_once(
    database: Database, submit: Submit, worker: Worker
) -> None:
    """If the connection breaks at the commit, the old transaction may still succeed. Found by the state machine."""
    run = submit()
    lease = claim(database, worker)

    def send_again() -> None:
        with database.transaction() as session:
            attempts.append_log(session, run.id, lease.attempt, 1, "a line\n")

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            attempts.append_log(session, run.id, lease.attempt, 1, "a line\n")
            again = pool.submit(send_again)
            with database.transaction() as other:
                while not other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    assert not again.done()
        again.result(60)
    with database.transaction() as session:
        assert list(logs.lines(session, run.id)) == ["a line"]


def test_a_trainers_started_event_is_stored(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    lease = claim(database, worker)
    started = Started(
        device="cpu", device_kind="cpu", threads=2, versions={"torch": "2"}, resumed_from=0,
        train_images=1, val_images=0, test_images=1, data_hash="ab",
    )  # fmt: skip
    tell(database, lease, 1, started)
    with database.transaction() as session:
        *_, event = history.page(session, lease.run.id)
        assert (event.kind, event.attempt, event.body["versions"]) == ("started", 1, {"torch": "2"})

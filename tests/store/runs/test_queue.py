"""The order of the queue (priority, then fairness between owners, then age), and every run's position."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from uuid import UUID

from sqlalchemy import func, text, update

from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import attempts, queue, verbs
from store.runs.queue import QueuePosition
from store.runs.states import Status
from tests.store.conftest import LEASE_S, claim, new_worker

Submit = Callable[..., Run]


def order(database: Database) -> list[UUID]:
    with database.transaction() as session:
        return [run.id for run in queue.ahead(session, 1000)]


def test_positions_follow_the_order_of_the_queue(database: Database, submit: Submit) -> None:
    first, urgent = submit(), submit(priority=5)
    with database.transaction() as session:
        assert queue.positions(session, [urgent, first]) == {
            urgent.id: QueuePosition(1, 2),
            first.id: QueuePosition(2, 2),
        }


def test_owners_take_turns_in_claims_as_in_the_positions_shown(
    database: Database, submit: Submit, worker: Worker
) -> None:
    ann = [submit("ann").id for _ in range(3)]
    ben = [submit("ben").id for _ in range(2)]
    shown = order(database)
    assert shown == [ann[0], ben[0], ann[1], ben[1], ann[2]]
    # If no run ends meanwhile, runs are claimed exactly in the order shown.
    assert [claim(database, worker).run.id for _ in range(5)] == shown


def test_an_owner_whose_runs_are_in_training_waits_for_the_others(
    database: Database, submit: Submit, worker: Worker
) -> None:
    for _ in range(2):
        submit("ann")
        claim(database, worker)
    ann, ben = submit("ann").id, [submit("ben").id for _ in range(3)]
    assert order(database) == [ben[0], ben[1], ann, ben[2]]


def test_a_changed_priority_counts_at_the_next_claim(database: Database, submit: Submit, worker: Worker) -> None:
    first, last = submit(), submit()
    with database.transaction() as session:
        verbs.change(session, last.id, "ann", verbs.RunChange(priority=1))
    assert order(database) == [last.id, first.id]
    assert claim(database, worker).run.id == last.id


def test_a_position_counts_the_runs_that_wait_for_the_same_workers(database: Database, submit: Submit) -> None:
    gpu = [submit(queue="gpu", priority=1) for _ in range(3)]
    either, cpu = submit(), submit(queue="cpu")
    with database.transaction() as session:
        positions = queue.positions(session, [*gpu, either, cpu])
    of_gpu = {run.id: QueuePosition(number, 4) for number, run in enumerate(gpu, 1)}
    assert positions == of_gpu | {either.id: QueuePosition(4, 5), cpu.id: QueuePosition(2, 2)}


def test_the_first_positions_agree_with_ranking_the_whole_queue(database: Database, submit: Submit) -> None:
    """The slow path ranks every queued run, with owners taking turns."""
    mixed = list(product(("ann", "ben", "cat"), range(3), (None, "cpu", "gpu")))
    for number in range(60):
        owner, priority, kind = mixed[5 * number % len(mixed)]
        submit(owner, priority=priority, queue=kind)
    for most in (1, 7, 25, 100):
        with database.transaction() as session:
            assert [run.id for run in queue.ahead(session, most)] == list(session.scalars(RANKED, {"most": most}))


RANKED = text("""
SELECT id FROM (
    SELECT *, row_number() OVER (PARTITION BY owner ORDER BY priority DESC, created_at, id) AS turn FROM runs
) AS run
ORDER BY priority DESC, turn, created_at, id LIMIT :most
""")


def test_the_head_of_the_queue_is_skipped_while_it_backs_off(
    database: Database, submit: Submit, worker: Worker
) -> None:
    first, second = submit(), submit()
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == first.id).values(not_before=func.now() + text("interval '1 hour'")))
    assert claim(database, worker).run.id == second.id


def test_simultaneous_claimers_get_different_runs_from_the_head_of_the_queue(
    database: Database, submit: Submit
) -> None:
    queued = [submit(owner).id for _ in range(5) for owner in ("ann", "ben")]
    workers = [new_worker(database, f"w{number}") for number in range(8)]

    def take(worker: Worker) -> UUID:
        with database.transaction() as session:
            claimed = attempts.claim(session, worker, LEASE_S)
        assert claimed is not None
        return claimed.run.id

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(take, workers))
    assert len(set(claimed)) == 8
    assert set(claimed) <= set(queued)


def test_a_paused_run_is_not_in_the_queue(database: Database, submit: Submit) -> None:
    paused, waiting = submit(), submit()
    with database.transaction() as session:
        assert verbs.pause(session, paused.id, "ann").status == Status.paused
    assert order(database) == [waiting.id]

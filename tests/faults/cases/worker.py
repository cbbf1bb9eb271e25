"""Faults of a worker: it dies at every line that matters, outsleeps its lease, or is asked to leave."""

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psutil

from store import workers
from store.db.database import Database
from store.db.models import Worker
from store.runs import attempts
from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.proxy import Weather
from tests.faults.stack import wait_until

AGAIN = "worker killed, training again"
# More than obstore's 5 MiB, so that it goes up in parts.
LARGE = Order(padding_bytes=24 * 1024 * 1024, iteration_s=0.001)


@fault
def worker_killed_before_the_claim(lab: Lab) -> None:
    """The bell is heard and its message gone, and nothing is claimed."""
    name = lab.alone("worker.heard=kill")
    run_id = lab.submit()
    lab.stack.ended(name)
    lab.stack.start(name)
    lab.again(run_id, AGAIN, attempt=1)


@fault_in_short
def worker_killed_after_the_claim_before_its_answer(lab: Lab) -> None:
    """The run is running in the table, and nobody knows that it is theirs."""
    name = lab.alone("worker.claimed=kill")
    run_id = lab.submit()
    lab.stack.ended(name)
    lab.stack.start(name)
    lab.again(run_id, AGAIN)


@fault_in_short
def worker_killed_with_everything_it_started(lab: Lab) -> None:
    """The whole tree of a worker, as when its machine dies; another worker takes over."""
    run_id = lab.submit(Order(iteration_s=0.01))
    lab.stack.kill_tree(lab.training(run_id, past=60))
    lab.again(run_id, AGAIN)


@fault_in_short
def worker_killed_between_upload_and_commit(lab: Lab) -> None:
    """A checkpoint lies in the object store and no row names it."""
    _die_at(lab, "worker.uploaded=kill@2")


@fault
def worker_killed_after_a_checkpoint_committed(lab: Lab) -> None:
    """The row is there and the objects that it replaces are not yet deleted."""
    _die_at(lab, "worker.saved=kill@6")


@fault
def worker_killed_between_the_last_checkpoint_and_the_end(lab: Lab) -> None:
    """Everything is trained and kept, and nobody has said so."""
    run_id = _die_at(lab, "worker.saved=kill@4", iterations=100)
    assert lab.files(run_id)[0].iteration == 100


def _die_at(lab: Lab, failpoint: str, **fields: Any) -> UUID:
    name = lab.alone(failpoint)
    run_id = lab.submit(**fields)
    lab.stack.ended(name)
    lab.stack.start(name)
    lab.again(run_id, AGAIN)
    return run_id


@fault
def worker_killed_after_the_end_before_its_answer(lab: Lab) -> None:
    """The run has succeeded, and its worker never learns it."""
    name = lab.alone("worker.ended=kill")
    run_id = lab.expect(lab.submit(), attempts=1)
    lab.stack.ended(name)
    assert lab.run(run_id).status == "succeeded"


@fault
def worker_killed_during_a_multipart_upload(lab: Lab) -> None:
    """Some parts of a checkpoint of 24 MiB have arrived."""
    name = lab.alone()
    lab.stack.weather(name, "objects", Weather(delay_s=0.05))
    before = lab.stack.sent_bytes(name, "objects")
    run_id = lab.submit(LARGE, iterations=100)
    wait_until(lambda: lab.stack.sent_bytes(name, "objects") > before + 8_000_000, "parts are uploaded")
    lab.stack.kill_tree(name)
    lab.stack.proxy.clear()
    lab.stack.start(name)
    lab.again(run_id, AGAIN)


@fault_in_short
def worker_asked_to_leave_while_training(lab: Lab) -> None:
    """SIGTERM: a checkpoint, the run given back, exit code 0."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training(run_id, past=60)
    lab.stack.signal(name, signal.SIGTERM)
    lab.measured("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.runs(name))
    assert lab.stack.ended(name) == 0
    assert lab.files(run_id)[0].iteration > 50


@fault_in_short
def worker_drained_through_the_api_while_training(lab: Lab) -> None:
    """POST /workers/ID/drain: a checkpoint, the run given back, no other one taken, exit code 0."""
    name = lab.alone()
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training(run_id, past=60)
    waiting = lab.submit()
    lab.drain(name)
    lab.measured("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.runs(name))
    assert lab.stack.ended(name) == 0
    assert lab.files(run_id)[0].iteration > 50
    returned = lab.run(run_id)
    assert (returned.status, returned.failures) == ("queued", 0)
    assert lab.run(waiting).fence == 0


@fault
def worker_asked_to_leave_and_killed(lab: Lab) -> None:
    """SIGTERM, and SIGKILL a moment later: whoever asked had no patience."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training(run_id, past=60)
    lab.stack.signal(name, signal.SIGTERM)
    lab.stack.kill_tree(name)
    lab.again(run_id, AGAIN)


@fault
def worker_and_trainer_stopped_for_longer_than_the_lease(lab: Lab) -> None:
    """A machine sleeps, is taken over, and wakes up in the belief that the run is still its own."""
    _overtaken(lab, with_trainer=True)


@fault_in_short
def worker_alone_stopped_for_longer_than_the_lease(lab: Lab) -> None:
    """Its trainer goes on for as long as the pipe takes it; both are overtaken."""
    _overtaken(lab, with_trainer=False)


def _overtaken(lab: Lab, *, with_trainer: bool) -> None:
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training(run_id, past=60)
    trainers = lab.stack.trainers(name) if with_trainer else []
    lab.stack.stop(name)
    for trainer in trainers:
        trainer.suspend()
    lab.again(run_id, AGAIN)
    for trainer in trainers:
        trainer.resume()
    lab.stack.go_on(name)
    wait_until(lambda: not lab.stack.trainers(name), "the overtaken trainer is killed")


@fault
def worker_whose_clock_is_a_day_off(lab: Lab) -> None:
    """Only the database's clock counts: a worker of yesterday keeps its lease, and loses it when it dies."""
    name = lab.alone(RESLAB_TEST_CLOCK_OFF_S="-86400")
    run_id = lab.submit(Order(iteration_s=0.05))
    lab.training(run_id)
    lab.passes_leases(1.5)
    assert lab.run(run_id).fence == 1
    lab.stack.kill_tree(name)
    lab.stack.start(name)
    lab.again(run_id, AGAIN)


@fault
def worker_disk_full(lab: Lab) -> None:
    """No file of the worker and its trainer may grow over 1 MiB (RLIMIT_FSIZE), and a checkpoint of 24 MiB is due."""
    process = psutil.Process(lab.stack.child(lab.alone()).pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (1024 * 1024, psutil.RLIM_INFINITY))
    run_id = lab.submit(LARGE, iterations=100)
    wait_until(lambda: lab.run(run_id).failures, "an attempt fails for it")
    process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))


@fault
def two_hundred_claimers_of_one_run(lab: Lab) -> None:
    """One of them has it; when nothing is heard of him, a worker takes it over."""
    for name in lab.stack.workers:
        lab.stack.kill_tree(name)
    run_id = lab.submit()
    database = Database(lab.stack.database.url, pool_size=20)

    def claim(number: int) -> bool:
        with database.transaction() as session:
            stranger = Worker(
                name=f"claimer {number}",
                host="here",
                pid=number,
                queue="cpu",
                device="cpu",
                version="0",
                draining=False,
            )
            workers.register(session, stranger)
            return attempts.claim(session, stranger, 1) is not None

    with ThreadPoolExecutor(40) as pool:
        assert sum(pool.map(claim, range(200))) == 1
    database.close()
    lab.expect(run_id, attempts=2)


@fault
def everything_killed_at_once(lab: Lab) -> None:
    """Power off: every process of the service, with two runs training and one waiting."""
    runs = [lab.submit(Order(iteration_s=0.01)) for _ in range(3)]
    lab.training(runs[0], past=60)
    for name in lab.stack.workers:
        lab.stack.kill_tree(name)
    for name in ("control", "api", "valkey", "postgres"):
        lab.stack.kill(name)

"""Faults of a worker: it dies at every critical line, sleeps longer than its lease, or is told to stop."""

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

RESTART = "worker killed, run restarted"
# More than obstore's 5 MiB, so it is uploaded in parts.
LARGE = Order(padding_bytes=24 * 1024 * 1024, iteration_s=0.001)


@fault
def worker_killed_before_the_claim(lab: Lab) -> None:
    """The bell was heard and its message is gone, but no run was claimed."""
    name = lab.single_worker("worker.heard=kill")
    run_id = lab.submit()
    lab.stack.wait_for_end(name)
    lab.stack.start(name)
    lab.measure_start(run_id, RESTART, attempt=1)


@fault
def worker_killed_after_the_claim_before_its_answer(lab: Lab) -> None:
    """The table says the run is running, but no worker knows that it owns it."""
    name = lab.single_worker("worker.claimed=kill")
    run_id = lab.submit()
    lab.stack.wait_for_end(name)
    lab.stack.start(name)
    lab.measure_start(run_id, RESTART)


@fault_in_short
def worker_killed_with_its_trainer(lab: Lab) -> None:
    """A worker dies with its trainer, as in a machine failure; another worker takes over."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.stack.kill_tree(lab.training_worker(run_id, past=60))
    lab.measure_start(run_id, RESTART)


@fault_in_short
def worker_killed_between_upload_and_commit(lab: Lab) -> None:
    """A checkpoint is in the object store, but no row names it."""
    _die_at(lab, "worker.uploaded=kill@2")


@fault
def worker_killed_after_a_checkpoint_committed(lab: Lab) -> None:
    """The row is committed, but the objects that it replaces are not deleted yet."""
    _die_at(lab, "worker.saved=kill@6")


@fault
def worker_killed_between_the_last_checkpoint_and_the_end(lab: Lab) -> None:
    """Everything is trained and saved, but the run has not been ended."""
    run_id = _die_at(lab, "worker.saved=kill@4", iterations=100)
    assert lab.files(run_id)[0].iteration == 100


def _die_at(lab: Lab, failpoint: str, **fields: Any) -> UUID:
    name = lab.single_worker(failpoint)
    run_id = lab.submit(**fields)
    lab.stack.wait_for_end(name)
    lab.stack.start(name)
    lab.measure_start(run_id, RESTART)
    return run_id


@fault
def worker_killed_after_the_end_before_its_answer(lab: Lab) -> None:
    """The run has succeeded, but its worker never learns of it."""
    name = lab.single_worker("worker.ended=kill")
    run_id = lab.expect(lab.submit(), attempts=1)
    lab.stack.wait_for_end(name)
    assert lab.run(run_id).status == "succeeded"


@fault
def worker_killed_during_a_multipart_upload(lab: Lab) -> None:
    """Some parts of a 24 MiB checkpoint have been uploaded."""
    name = lab.single_worker()
    lab.stack.set_weather(name, "objects", Weather(delay_s=0.05))
    before = lab.stack.sent_bytes(name, "objects")
    run_id = lab.submit(LARGE, iterations=100)
    wait_until(lambda: lab.stack.sent_bytes(name, "objects") > before + 8_000_000, "parts are uploaded")
    lab.stack.kill_tree(name)
    lab.stack.proxy.clear()
    lab.stack.start(name)
    lab.measure_start(run_id, RESTART)


@fault
def worker_stopped_with_sigterm_while_training(lab: Lab) -> None:
    """The worker saves a checkpoint, returns the run to the queue and exits with code 0."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    lab.stack.signal(name, signal.SIGTERM)
    lab.measure("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.is_running(name))
    assert lab.stack.wait_for_end(name) == 0
    assert lab.files(run_id)[0].iteration > 50


@fault
def worker_drained_through_the_api_while_training(lab: Lab) -> None:
    """POST /workers/ID/drain: the same as SIGTERM, and the worker claims no other run."""
    name = lab.single_worker()
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training_worker(run_id, past=60)
    waiting = lab.submit()
    lab.drain(name)
    lab.measure("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.is_running(name))
    assert lab.stack.wait_for_end(name) == 0
    assert lab.files(run_id)[0].iteration > 50
    returned = lab.run(run_id)
    assert (returned.status, returned.failures) == ("queued", 0)
    assert lab.run(waiting).fence == 0


@fault
def worker_killed_right_after_sigterm(lab: Lab) -> None:
    """SIGTERM, and SIGKILL a moment later."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    lab.stack.signal(name, signal.SIGTERM)
    lab.stack.kill_tree(name)
    lab.measure_start(run_id, RESTART)


@fault
def worker_and_trainer_stopped_for_longer_than_the_lease(lab: Lab) -> None:
    """A machine sleeps, loses its run, wakes up, and acts as if it still owned it."""
    _overtaken(lab, with_trainer=True)


@fault_in_short
def worker_alone_stopped_for_longer_than_the_lease(lab: Lab) -> None:
    """The trainer continues until its pipe is full; then both lose the run."""
    _overtaken(lab, with_trainer=False)


def _overtaken(lab: Lab, *, with_trainer: bool) -> None:
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    trainers = lab.stack.trainers(name) if with_trainer else []
    lab.stack.stop(name)
    for trainer in trainers:
        trainer.suspend()
    lab.measure_start(run_id, RESTART)
    for trainer in trainers:
        trainer.resume()
    lab.stack.resume(name)
    wait_until(lambda: not lab.stack.trainers(name), "the trainer without a lease is killed")


@fault
def worker_whose_clock_is_a_day_behind(lab: Lab) -> None:
    """Only the database's clock counts: the worker keeps its lease while it lives, and loses it when it dies."""
    name = lab.single_worker(RESLAB_TEST_CLOCK_OFF_S="-86400")
    run_id = lab.submit(Order(iteration_s=0.05))
    lab.training_worker(run_id)
    lab.wait_leases(1.5)
    assert lab.run(run_id).fence == 1
    lab.stack.kill_tree(name)
    lab.stack.start(name)
    lab.measure_start(run_id, RESTART)


@fault
def worker_disk_full(lab: Lab) -> None:
    """A checkpoint of 24 MiB is due, but no file may exceed 1 MiB (RLIMIT_FSIZE)."""
    process = psutil.Process(lab.stack.child(lab.single_worker()).pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (1024 * 1024, psutil.RLIM_INFINITY))
    run_id = lab.submit(LARGE, iterations=100)
    wait_until(lambda: lab.run(run_id).failures, "an attempt fails")
    process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))


@fault
def two_hundred_workers_claim_one_run(lab: Lab) -> None:
    """One of them gets it and is never heard of again; then a real worker takes the run over."""
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
    """A power failure: every process of the service dies, with two runs training and one waiting."""
    runs = [lab.submit(Order(iteration_s=0.01)) for _ in range(3)]
    lab.training_worker(runs[0], past=60)
    for name in lab.stack.workers:
        lab.stack.kill_tree(name)
    for name in ("control", "api", "valkey", "postgres"):
        lab.stack.kill(name)

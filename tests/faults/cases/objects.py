"""Faults of the object store: it is down, slow, cuts or falsifies answers, or has lost an object."""

from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.proxy import Weather
from tests.faults.stack import wait_until


@fault_in_short
def object_store_down_when_a_checkpoint_is_due(lab: Lab) -> None:
    """No connection for a lease: the training waits, in the same attempt."""
    lab.expect(_in_weather(lab, Weather("refuse")), attempts=1)


@fault
def object_store_answers_500(lab: Lab) -> None:
    """Every request fails for a lease."""
    lab.expect(_in_weather(lab, Weather("fail")), attempts=1)


@fault
def object_store_frozen(lab: Lab) -> None:
    """Connections stay open, but nothing passes for a lease."""
    lab.expect(_in_weather(lab, Weather("freeze")), attempts=1)


@fault
def object_store_slow(lab: Lab) -> None:
    """Each packet takes 0.2 s."""
    lab.expect(_in_weather(lab, Weather(delay_s=0.2)), attempts=1)


@fault
def object_store_cuts_answers(lab: Lab) -> None:
    """Every answer ends after 100 bytes, for half a lease."""
    _in_weather(lab, Weather(cut_after_bytes=100), leases=0.5)


@fault
def object_store_returns_wrong_bytes(lab: Lab) -> None:
    """A file that was read back differs from what was written: no row names it, and the training continues."""
    run_id = _in_weather(lab, Weather(lie=('"state"', '"sTaTe"')), leases=0.5)
    wait_until(lambda: lab.run(run_id).finished_at, "it ends")


@fault
def object_store_returns_wrong_bytes_on_resume(lab: Lab) -> None:
    """A checkpoint arrives altered: the attempt starts from an earlier checkpoint, or from scratch."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training_worker(run_id, past=120)
    for worker in lab.stack.workers:
        lab.stack.set_weather(worker, "objects", Weather(lie=('"state"', '"sTaTe"')))
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    wait_until(lambda: lab.run(run_id).fence > 1, "another attempt starts")
    lab.wait(1)


def _in_weather(lab: Lab, weather: Weather, leases: float = 1) -> UUID:
    """Trains a run while its worker's connection to the object store behaves like this for some leases."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training_worker(run_id)
    lab.stack.set_weather(name, "objects", weather)
    lab.wait_leases(leases)
    lab.stack.proxy.clear()
    return run_id


@fault
def checkpoint_deleted_from_the_object_store(lab: Lab) -> None:
    """The newest checkpoint's object is missing when it is needed: the next attempt starts from the one before."""
    _lose(lab, newest=1)


@fault
def every_checkpoint_deleted_from_the_object_store(lab: Lab) -> None:
    """No checkpoint is left: the run starts again from its first iteration."""
    _lose(lab)


def _lose(lab: Lab, newest: int | None = None) -> None:
    """Deletes the newest checkpoints' objects, or all of them, between two attempts."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=120)
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    wait_until(lambda: lab.run(run_id).status == "queued", "its worker returns it to the queue")
    lost = [file for file in lab.files(run_id) if file.role == "checkpoint"][:newest]
    lab.stack.objects.delete([file.key for file in lost])
    wait_until(
        lambda: lab.has_started(run_id, attempt=2 + len(lost)), "an attempt starts from the remaining checkpoints"
    )

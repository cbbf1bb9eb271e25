"""Faults of the object store: it is away, slow, cuts, lies, or has lost what a row names."""

from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.proxy import Weather
from tests.faults.stack import wait_until


@fault_in_short
def store_away_when_a_checkpoint_is_due(lab: Lab) -> None:
    """No connection for a lease: the training waits for it, in the same attempt."""
    lab.expect(_in_weather(lab, Weather("refuse")), attempts=1)


@fault
def store_answers_500(lab: Lab) -> None:
    """Every request for a lease."""
    lab.expect(_in_weather(lab, Weather("fail")), attempts=1)


@fault
def store_frozen(lab: Lab) -> None:
    """Connections stay open, and nothing moves for a lease."""
    lab.expect(_in_weather(lab, Weather("freeze")), attempts=1)


@fault
def store_slow(lab: Lab) -> None:
    """Each packet takes 0.2 s."""
    lab.expect(_in_weather(lab, Weather(delay_s=0.2)), attempts=1)


@fault
def store_cuts_bodies(lab: Lab) -> None:
    """Each answer ends after 100 bytes for half a lease."""
    _in_weather(lab, Weather(cut_after_bytes=100), leases=0.5)


@fault
def store_returns_wrong_bytes(lab: Lab) -> None:
    """What is read back is not what was written: no row names it, and the training goes on."""
    run_id = _in_weather(lab, Weather(lie=('"state"', '"sTaTe"')), leases=0.5)
    wait_until(lambda: lab.run(run_id).finished_at, "it ends")


@fault
def store_returns_wrong_bytes_to_a_resume(lab: Lab) -> None:
    """A checkpoint that arrives altered is no checkpoint: the attempt starts from the one before, or from none."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training(run_id, past=120)
    for worker in lab.stack.workers:
        lab.stack.weather(worker, "objects", Weather(lie=('"state"', '"sTaTe"')))
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    wait_until(lambda: lab.run(run_id).fence > 1, "another attempt begins")
    lab.passes(1)


def _in_weather(lab: Lab, weather: Weather, leases: float = 1) -> UUID:
    """Trains a run, its worker's line to the store in this weather for a while."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training(run_id)
    lab.stack.weather(name, "objects", weather)
    lab.passes_leases(leases)
    lab.stack.proxy.clear()
    return run_id


@fault_in_short
def checkpoint_deleted_behind_our_back(lab: Lab) -> None:
    """The newest checkpoint's object is gone when it is needed: the next attempt starts from the one before."""
    _lose(lab, newest=1)


@fault
def every_checkpoint_deleted_behind_our_back(lab: Lab) -> None:
    """None is left: the run starts again from its first iteration."""
    _lose(lab, newest=2)


def _lose(lab: Lab, newest: int) -> None:
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training(run_id, past=120)
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    wait_until(lambda: lab.run(run_id).status == "queued", "its worker gives it back")
    lost = [file for file in lab.files(run_id) if file.role == "checkpoint"][:newest]
    lab.stack.objects.delete([file.key for file in lost])
    wait_until(lambda: lab.has_begun(run_id, attempt=2 + newest), "an attempt begins from what is left")

"""A cancel and a pause at every place where a process may stand.

A confirmed cancel is never followed by success; a paused run goes on where it was.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import Fault, enter, fault
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

PLACES = (
    "control.marked",
    "control.published",
    "worker.heard",
    "worker.claimed",
    "worker.uploaded",
    "worker.saved",
    "worker.ended",
)
FREE = "cancelled, device free"


def cancelled_at(place: str, lab: Lab) -> None:
    """The process stands still at the place, a client cancels, and it goes on."""
    name, run_id = _standing_at(lab, place)
    lab.cancel(run_id)
    lab.stack.go_on(name)
    lab.measured(FREE, lambda: lab.is_free(run_id))


def paused_at(place: str, lab: Lab) -> None:
    """The process stands still at the place, a client pauses, and it goes on; later the client resumes."""
    name, run_id = _standing_at(lab, place)
    lab.pause(run_id)
    lab.stack.go_on(name)
    wait_until(lambda: lab.run(run_id).status in ("paused", "succeeded"), "it is paused, or had ended before")


def _standing_at(lab: Lab, place: str) -> tuple[str, UUID]:
    """The process that stands still, and the run that brought it there."""
    failpoint = f"{place}=stop"
    if place.startswith("control"):
        name = "control"
        lab.stack.restart(name, failpoint)
    else:
        name = lab.alone(failpoint)
    run_id = lab.submit()
    wait_until(lambda: lab.stack.is_stopped(name), f"{name} comes to {place}")
    return name, run_id


for place in PLACES:
    for verb, wish in (("cancel", cancelled_at), ("pause", paused_at)):
        sentence = f"A client asks to {verb} while the process stands at {place}."
        enter(Fault(f"{verb} at {place}", sentence, partial(wish, place)))


@fault
def cancelled_when_its_worker_is_dead(lab: Lab) -> None:
    """Nobody is left to read the wish: whoever takes the lease back fulfils it."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.stack.kill_tree(lab.training(run_id, past=60))
    lab.cancel(run_id)


@fault
def cancelled_while_it_trains(lab: Lab) -> None:
    """A last checkpoint, and the device is free for the next run."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training(run_id, past=60)
    lab.cancel(run_id)
    lab.measured(FREE, lambda: lab.is_free(run_id))
    assert lab.files(run_id)[0].iteration == lab.run(run_id).iteration


@fault
def cancelled_from_fifty_sides(lab: Lab) -> None:
    """Fifty clients cancel one training run at once."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training(run_id)
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: lab.cancel(run_id), range(50)))
    lab.measured(FREE, lambda: lab.is_free(run_id))


@fault
def paused_and_resumed_at_once(lab: Lab) -> None:
    """A wish to pause is taken back before, while or after its worker fulfils it, five times in a row."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training(run_id)
    for _ in range(5):
        lab.pause(run_id)
        lab.passes(0.5)
        lab.stack.client.resume(str(run_id))

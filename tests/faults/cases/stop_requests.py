"""A cancel and a pause at every fail point of control and the worker.

A confirmed cancel is never followed by success; a paused run continues where it stopped.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import Fault, enter, fault
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

FAILPOINTS = (
    "control.marked",
    "control.published",
    "worker.heard",
    "worker.claimed",
    "worker.uploaded",
    "worker.saved",
    "worker.ended",
)
FREE = "cancelled, device free"


def cancelled_at(failpoint: str, lab: Lab) -> None:
    """A process stops at the fail point, a client cancels, and the process is resumed."""
    name, run_id = _stop_at(lab, failpoint)
    lab.cancel(run_id)
    lab.stack.resume(name)
    lab.measure(FREE, lambda: lab.is_free(run_id))


def paused_at(failpoint: str, lab: Lab) -> None:
    """A process stops at the fail point, a client pauses, and the process is resumed; later the run is resumed."""
    name, run_id = _stop_at(lab, failpoint)
    lab.pause(run_id)
    lab.stack.resume(name)
    wait_until(lambda: lab.run(run_id).status in ("paused", "succeeded"), "the run is paused or has succeeded")


def _stop_at(lab: Lab, failpoint: str) -> tuple[str, UUID]:
    """Submits a run and waits until a process stops at the fail point. Returns that process and the run."""
    action = f"{failpoint}=stop"
    if failpoint.startswith("control"):
        name = "control"
        lab.stack.restart(name, action)
    else:
        name = lab.single_worker(action)
    run_id = lab.submit()
    wait_until(lambda: lab.stack.is_stopped(name), f"{name} reaches {failpoint}")
    return name, run_id


for point in FAILPOINTS:
    for verb, strike in (("cancel", cancelled_at), ("pause", paused_at)):
        sentence = f"A client requests a {verb} while the process is stopped at {point}."
        enter(Fault(f"{verb} at {point}", sentence, partial(strike, point)))


@fault
def cancelled_when_its_worker_is_dead(lab: Lab) -> None:
    """The worker can't read the request any more: control cancels the run when its lease expires."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.stack.kill_tree(lab.training_worker(run_id, past=60))
    lab.cancel(run_id)


@fault
def cancelled_while_it_trains(lab: Lab) -> None:
    """The run saves a last checkpoint, and the device is free for the next run."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training_worker(run_id, past=60)
    lab.cancel(run_id)
    lab.measure(FREE, lambda: lab.is_free(run_id))
    assert lab.files(run_id)[0].iteration == lab.run(run_id).iteration


@fault
def cancelled_by_fifty_clients_at_once(lab: Lab) -> None:
    """Fifty clients cancel the same run at once."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training_worker(run_id)
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: lab.cancel(run_id), range(50)))
    lab.measure(FREE, lambda: lab.is_free(run_id))


@fault
def paused_and_resumed_again_and_again(lab: Lab) -> None:
    """A pause is withdrawn before, while or after the worker carries it out, five times in a row."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training_worker(run_id)
    for _ in range(5):
        lab.pause(run_id)
        lab.wait(0.5)
        lab.stack.client.resume(str(run_id))

"""Faults of the trainer: it dies, has no memory, hangs or raves, once or always."""

import psutil

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until


@fault_in_short
def trainer_killed(lab: Lab) -> None:
    """The trainer alone is killed; its supervisor sees it at once."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training(run_id, past=60)
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    lab.again(run_id, "trainer killed, training again")


@fault
def trainer_out_of_memory(lab: Lab) -> None:
    """It says that memory is not enough: another attempt would meet the same, so the run fails with this reason."""
    run_id = lab.expect(lab.submit(Order("fails", reason="out_of_memory")), "failed", attempts=1)
    wait_until(lambda: lab.run(run_id).finished_at, "it fails")
    assert lab.run(run_id).reason == "out_of_memory"


@fault
def trainer_that_raves(lab: Lab) -> None:
    """Bytes that are no UTF-8, half an event and a line of 3 MB on stdout, then exit code 3."""
    run_id = lab.submit(Order("raves", at=150))
    lab.again(run_id, "trainer killed, training again")


@fault
def trainer_that_hangs(lab: Lab) -> None:
    """It says nothing, answers no SIGTERM, and keeps its lease: after RESLAB_STALL_S its worker ends it."""
    lab.alone(RESLAB_STALL_S="4")
    run_id = lab.submit(Order("hangs", at=120))
    wait_until(lambda: lab.has_begun(run_id, attempt=2), "another attempt begins")


@fault
def trainer_that_hangs_is_cancelled(lab: Lab) -> None:
    """It says nothing, answers no SIGTERM, and keeps its lease: a cancel ends it by force."""
    run_id = lab.submit(Order("hangs", at=150))
    lab.training(run_id, past=100)
    lab.cancel(run_id)
    wait_until(lambda: lab.run(run_id).finished_at, "it is cancelled")


@fault
def trainer_that_dies_every_time(lab: Lab) -> None:
    """Five attempts without a new checkpoint, each a little later than the one before, and the run has failed."""
    run_id = lab.expect(lab.submit(Order("dies", at=10, always=True)), "failed", attempts=5)
    other = lab.submit()
    wait_until(lambda: lab.run(run_id).finished_at, "it fails")
    assert lab.run(run_id).reason == "worker_lost"
    assert lab.run(other).status == "succeeded", "it kept a device from others"


@fault
def trainer_outlives_no_supervisor(lab: Lab) -> None:
    """The worker's main process alone is killed: the kernel ends its trainer, though nobody told it."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training(run_id, past=60)
    (trainer,) = lab.stack.trainers(name)
    lab.stack.kill(name)
    wait_until(lambda: _is_gone(trainer), "the trainer dies with its supervisor", limit_s=5)
    lab.again(run_id, "worker killed, training again")


def _is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

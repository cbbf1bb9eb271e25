"""Faults of the trainer: it dies, runs out of memory, hangs or prints garbage, once or always."""

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until
from tests.reslab.conftest import all_gone


@fault_in_short
def trainer_killed(lab: Lab) -> None:
    """Only the trainer is killed; its supervisor notices immediately."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    (trainer,) = lab.stack.trainers(name)
    trainer.kill()
    lab.measure_start(run_id, "trainer killed, run restarted")


@fault
def trainer_out_of_memory(lab: Lab) -> None:
    """The trainer reports out of memory: another attempt would fail too, so the run fails with this reason."""
    run_id = lab.expect(lab.submit(Order("fails", reason="out_of_memory")), "failed", attempts=1)
    wait_until(lambda: lab.run(run_id).finished_at, "it fails")
    assert lab.run(run_id).reason == "out_of_memory"


@fault
def trainer_that_prints_garbage(lab: Lab) -> None:
    """Bytes that are not UTF-8, half an event and a line of 3 MB on stdout, then exit code 3."""
    run_id = lab.submit(Order("prints_garbage", at=150))
    lab.measure_start(run_id, "trainer killed, run restarted")


@fault
def trainer_that_hangs(lab: Lab) -> None:
    """The trainer is silent, ignores SIGTERM and keeps its lease: its worker kills it after RESLAB_STALL_S."""
    lab.single_worker(RESLAB_STALL_S="4")
    run_id = lab.submit(Order("hangs", at=120))
    wait_until(lambda: lab.has_started(run_id, attempt=2), "another attempt starts")


@fault
def trainer_that_hangs_is_cancelled(lab: Lab) -> None:
    """The trainer is silent, ignores SIGTERM and keeps its lease: on a cancel its worker kills it."""
    run_id = lab.submit(Order("hangs", at=150))
    lab.training_worker(run_id, past=100)
    lab.cancel(run_id)
    wait_until(lambda: lab.run(run_id).finished_at, "it is cancelled")


@fault
def trainer_that_dies_every_time(lab: Lab) -> None:
    """After five attempts without a new checkpoint, with growing waits between them, the run fails."""
    run_id = lab.expect(lab.submit(Order("dies", at=10, always=True)), "failed", attempts=5)
    other = lab.submit()
    wait_until(lambda: lab.run(run_id).finished_at, "it fails")
    assert lab.run(run_id).reason == "worker_lost"
    assert lab.run(other).status == "succeeded", "the failing run kept the device from others"


@fault
def trainer_dies_with_its_supervisor(lab: Lab) -> None:
    """Only the worker's main process is killed: the kernel kills its trainer too."""
    run_id = lab.submit(Order(iteration_s=0.01))
    name = lab.training_worker(run_id, past=60)
    (trainer,) = lab.stack.trainers(name)
    lab.stack.kill(name)
    wait_until(lambda: all_gone([trainer]), "the trainer dies with its supervisor")
    lab.measure_start(run_id, "worker killed, run restarted")

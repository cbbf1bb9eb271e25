"""Faults of a worker's machine: its disk is full before or during a run. No run pays for it."""

from uuid import UUID

from sqlalchemy import select

from store.db.models import Worker
from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until


@fault_in_short
def worker_with_a_full_disk_beside_a_fit_one(lab: Lab) -> None:
    """Its disk is full: the worker takes no runs and says why; the other one trains all four."""
    unfit, _ = lab.stack.workers
    lab.stack.fill_disk(unfit)
    wait_until(lambda: "free" in (_trouble(lab, unfit) or ""), "the worker says why it takes no runs")
    runs = [lab.submit(iterations=100) for _ in range(4)]
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in runs), "the other worker trains all runs")
    _expect_no_failures(lab, runs)


@fault
def only_worker_with_a_full_disk(lab: Lab) -> None:
    """There is no other worker: four runs wait until its disk has space again."""
    name = lab.single_worker()
    lab.stack.fill_disk(name)
    wait_until(lambda: _trouble(lab, name), "the worker says why it takes no runs")
    runs = [lab.submit(iterations=100) for _ in range(4)]
    lab.wait_leases(2)
    assert all(lab.run(run_id).fence == 0 for run_id in runs)
    lab.stack.free_disk(name)
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in runs), "all runs end")
    _expect_no_failures(lab, runs)


@fault
def disk_that_fills_up_during_training(lab: Lab) -> None:
    """The trainer dies at its next checkpoint: the run waits, or goes on elsewhere, and this counts as no failure."""
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    lab.stack.fill_disk(name)
    wait_until(lambda: _trouble(lab, name), "the worker says why it takes no runs")
    wait_until(lambda: lab.run(run_id).fence > 1, "another attempt starts")
    _expect_no_failures(lab, [run_id])


def _trouble(lab: Lab, name: str) -> str | None:
    with lab.stack.database.transaction() as session:
        query = select(Worker.trouble).where(Worker.name == name, Worker.pid == lab.stack.child(name).pid)
        return session.scalar(query)


def _expect_no_failures(lab: Lab, runs: list[UUID]) -> None:
    assert [lab.run(run_id).failures for run_id in runs] == [0] * len(runs)

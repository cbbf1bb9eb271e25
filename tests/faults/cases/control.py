"""Faults of control: it dies between the row and the bell or while it re-queues lost runs, or there are two."""

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import SPARE, wait_until


@fault_in_short
def control_killed_after_marking(lab: Lab) -> None:
    """Control dies after it marked the run as rung and before it sent the message."""
    _die_at(lab, "control.marked=kill")


@fault
def control_killed_after_publishing(lab: Lab) -> None:
    """Control dies right after it sent the message."""
    _die_at(lab, "control.published=kill")


def _die_at(lab: Lab, failpoint: str) -> None:
    lab.stack.restart("control", failpoint)
    lab.submit()
    lab.stack.wait_for_end("control")


@fault
def control_killed_while_it_requeues_lost_runs(lab: Lab) -> None:
    """Two runs are lost with their workers; control dies after it re-queued the first, before the commit."""
    lost = [lab.submit(Order(iteration_s=0.01)) for _ in lab.stack.workers]
    for run_id in lost:
        lab.training_worker(run_id)
    lab.stack.restart("control", "control.reaping=kill")
    for name in lab.stack.workers:
        lab.stack.kill_tree(name)
    lab.stack.wait_for_end("control")
    assert [lab.run(run_id).status for run_id in lost] == ["running", "running"]


@fault
def two_controls_both_stopped_for_three_leases(lab: Lab) -> None:
    """Leader and follower are stopped for three leases and resumed: no training attempt is lost."""
    lab.stack.start(SPARE)
    run_id = lab.submit(Order(iteration_s=0.08))
    lab.training_worker(run_id)
    for name in ("control", SPARE):
        lab.stack.stop(name)
    lab.wait_leases(3)
    for name in (SPARE, "control"):
        lab.stack.resume(name)
    lab.expect(run_id, attempts=1)
    wait_until(lambda: lab.run(run_id).finished_at, "it ends")


@fault
def leading_control_killed_with_another_waiting(lab: Lab) -> None:
    """The follower takes the lead and rings for the waiting run."""
    lab.stack.start(SPARE)
    lab.stack.kill("control")
    run_id = lab.submit()
    wait_until(lambda: lab.has_started(run_id), "it starts")

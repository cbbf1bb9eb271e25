"""Faults of control: it dies between the row and the bell, in the middle of reaping, or there are two."""

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import SPARE, wait_until


@fault_in_short
def control_killed_after_marking(lab: Lab) -> None:
    """Control dies with the run marked as rung and the message not sent."""
    _die_at(lab, "control.marked=kill")


@fault
def control_killed_after_publishing(lab: Lab) -> None:
    """Control dies right after it sent the message."""
    _die_at(lab, "control.published=kill")


def _die_at(lab: Lab, failpoint: str) -> None:
    lab.stack.restart("control", failpoint)
    lab.submit()
    lab.stack.ended("control")


@fault
def control_killed_half_way_through_reaping(lab: Lab) -> None:
    """Two runs are lost with their workers; control dies when it has taken back the first, and nothing is committed."""
    lost = [lab.submit(Order(iteration_s=0.01)) for _ in lab.stack.workers]
    for run_id in lost:
        lab.training(run_id)
    lab.stack.restart("control", "control.reaping=kill")
    for name in lab.stack.workers:
        lab.stack.kill_tree(name)
    lab.stack.ended("control")
    assert [lab.run(run_id).status for run_id in lost] == ["running", "running"]


@fault
def two_controls_both_stopped_for_three_leases(lab: Lab) -> None:
    """Leader and follower stand still for three leases and go on: nobody who trains has lost anything."""
    lab.stack.start(SPARE)
    run_id = lab.submit(Order(iteration_s=0.08))
    lab.training(run_id)
    for name in ("control", SPARE):
        lab.stack.stop(name)
    lab.passes_leases(3)
    for name in (SPARE, "control"):
        lab.stack.go_on(name)
    lab.expect(run_id, attempts=1)
    wait_until(lambda: lab.run(run_id).finished_at, "it ends")


@fault
def leading_control_killed_with_another_waiting(lab: Lab) -> None:
    """The follower takes the lead, and rings for what waits."""
    lab.stack.start(SPARE)
    lab.stack.kill("control")
    run_id = lab.submit()
    wait_until(lambda: lab.has_begun(run_id), "it begins")

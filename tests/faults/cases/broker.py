"""Faults of the broker: it holds doorbells only, and may lose, repeat or delay every one of them."""

from uuid import UUID

import redis

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

BACK = "broker back, backlog moves"


@fault_in_short
def broker_killed_with_messages_queued(lab: Lab) -> None:
    """The workers stand still, bells are rung for them, and the broker forgets them all."""
    waiting = _ring_for_stopped_workers(lab)
    lab.stack.restart("valkey")
    _all_begin(lab, waiting)


@fault
def broker_flushed(lab: Lab) -> None:
    """Somebody types FLUSHALL while bells are queued."""
    waiting = _ring_for_stopped_workers(lab)
    _broker(lab).flushall()
    _all_begin(lab, waiting)


def _ring_for_stopped_workers(lab: Lab) -> list[UUID]:
    for name in lab.stack.workers:
        lab.stack.stop(name)
    # What they asked for before they were stopped would take the bells out of the broker, and nobody would hear them.
    wait_until(lambda: not _broker(lab).info("clients")["blocked_clients"], "nobody waits for a bell")
    waiting = [lab.submit() for _ in lab.stack.workers]
    wait_until(lambda: all(lab.run(run_id).rung_at for run_id in waiting), "the bells are rung")
    return waiting


def _all_begin(lab: Lab, waiting: list[UUID]) -> None:
    for name in lab.stack.workers:
        lab.stack.go_on(name)
    lab.measured(BACK, lambda: all(lab.has_begun(run_id) for run_id in waiting))


@fault
def broker_frozen_at_publish(lab: Lab) -> None:
    """The broker stands still when control rings, for as long as three leases; leases and workers are looked after."""
    lab.stack.stop("valkey")
    run_id = lab.submit()
    wait_until(lambda: lab.run(run_id).rung_at, "control rings")
    lab.passes_leases(3)
    lab.stack.go_on("valkey")
    lab.again(run_id, BACK, attempt=1)


@fault
def broker_killed_under_training(lab: Lab) -> None:
    """Runs train without a broker to their end in one attempt; what waits begins when it is back."""
    training = [lab.submit() for _ in lab.stack.workers]
    for run_id in training:
        lab.training(run_id)
        lab.expect(run_id, attempts=1)
    lab.stack.kill("valkey")
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in training), "they end")
    waiting = lab.submit()
    lab.passes_leases(3)
    lab.stack.start("valkey")
    lab.again(waiting, BACK, attempt=1)


@fault
def broker_restored_from_an_old_snapshot(lab: Lab) -> None:
    """Bells of runs that have ended long ago ring again: there is nothing to claim."""
    waiting = _ring_for_stopped_workers(lab)
    broker = _broker(lab)
    wait_until(lambda: broker.exists("cpu"), "a bell is queued")  # it is marked before it is sent
    old = broker.dump("cpu")
    assert isinstance(old, bytes), "no bell is queued"
    _all_begin(lab, waiting)
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in waiting), "they end")
    training = lab.submit(Order(iteration_s=0.01))
    lab.training(training)
    for _ in range(3):
        wait_until(lambda: not broker.exists("cpu"), "the bells are heard")
        broker.restore("cpu", 0, old)
    for run_id in (*waiting, training):
        lab.expect(run_id, attempts=1)


@fault
def worker_cut_off_from_the_broker(lab: Lab) -> None:
    """The line of the only worker to the broker is cut for two leases: its training goes on, its next bell is heard."""
    name = lab.alone()
    training = lab.submit()
    lab.training(training)
    lab.cut(name, "broker")
    wait_until(lambda: lab.run(training).finished_at, "it ends")
    lab.expect(training, attempts=1)
    waiting = lab.submit()
    lab.passes_leases(2)
    lab.stack.proxy.clear()
    lab.again(waiting, BACK, attempt=1)


@fault
def control_cut_off_from_the_broker(lab: Lab) -> None:
    """The line of control to the broker freezes for a lease."""
    lab.freeze("control", "broker")
    waiting = lab.submit()
    lab.passes_leases(1)
    lab.stack.proxy.clear()
    lab.again(waiting, BACK, attempt=1)


def _broker(lab: Lab) -> redis.Redis:
    return redis.Redis.from_url(lab.stack.settings().broker_url)

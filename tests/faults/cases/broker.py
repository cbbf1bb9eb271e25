"""Faults of the broker: it holds nothing but doorbells, and may lose, repeat or delay any of them."""

from uuid import UUID

import redis

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

BACK = "broker back, waiting runs start"


@fault_in_short
def broker_killed_with_messages_queued(lab: Lab) -> None:
    """The workers are stopped, bells are rung for them, and the broker loses them all."""
    waiting = _ring_for_stopped_workers(lab)
    lab.stack.restart("valkey")
    _wait_for_all(lab, waiting)


@fault
def broker_flushed(lab: Lab) -> None:
    """An operator runs FLUSHALL while bells are queued."""
    waiting = _ring_for_stopped_workers(lab)
    _broker(lab).flushall()
    _wait_for_all(lab, waiting)


def _ring_for_stopped_workers(lab: Lab) -> list[UUID]:
    # Control rings for no others: one may still be starting, or refuse runs since the last fault filled its disk.
    wait_until(lambda: all(lab.can_train(name) for name in lab.stack.workers), "every worker can train")
    for name in lab.stack.workers:
        lab.stack.stop(name)
    # A request that a stopped worker sent earlier would take a bell out of the broker, and the bell would be lost.
    wait_until(lambda: not _broker(lab).info("clients")["blocked_clients"], "no worker waits for a bell")
    waiting = [lab.submit() for _ in lab.stack.workers]
    wait_until(lambda: all(lab.run(run_id).rung_at for run_id in waiting), "the bells are rung")
    return waiting


def _wait_for_all(lab: Lab, waiting: list[UUID]) -> None:
    for name in lab.stack.workers:
        lab.stack.resume(name)
    lab.measure(BACK, lambda: all(lab.has_started(run_id) for run_id in waiting))


@fault
def broker_frozen_at_publish(lab: Lab) -> None:
    """The broker freezes when control rings, for three leases; control still takes care of leases and workers."""
    lab.stack.stop("valkey")
    run_id = lab.submit()
    wait_until(lambda: lab.run(run_id).rung_at, "control rings")
    lab.wait_leases(3)
    lab.stack.resume("valkey")
    lab.measure_start(run_id, BACK, attempt=1)


@fault
def broker_killed_during_training(lab: Lab) -> None:
    """Runs train to their end without a broker, in one attempt; waiting runs start when it is back."""
    training = [lab.submit() for _ in lab.stack.workers]
    for run_id in training:
        lab.training_worker(run_id)
        lab.expect(run_id, attempts=1)
    lab.stack.kill("valkey")
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in training), "they end")
    waiting = lab.submit()
    lab.wait_leases(3)
    lab.stack.start("valkey")
    lab.measure_start(waiting, BACK, attempt=1)


@fault
def broker_restored_from_an_old_snapshot(lab: Lab) -> None:
    """Bells of runs that ended long ago ring again: there is nothing to claim."""
    waiting = _ring_for_stopped_workers(lab)
    broker = _broker(lab)
    wait_until(lambda: broker.exists("cpu"), "a bell is queued")  # a bell is marked before it is sent
    old = broker.dump("cpu")
    assert isinstance(old, bytes), "no bell is queued"
    _wait_for_all(lab, waiting)
    wait_until(lambda: all(lab.run(run_id).finished_at for run_id in waiting), "they end")
    training = lab.submit(Order(iteration_s=0.01))
    lab.training_worker(training)
    for _ in range(3):
        wait_until(lambda: not broker.exists("cpu"), "the bells are taken")
        broker.restore("cpu", 0, old)
    for run_id in (*waiting, training):
        lab.expect(run_id, attempts=1)


@fault
def worker_cut_off_from_the_broker(lab: Lab) -> None:
    """The only worker loses the broker for two leases: its training continues, and it hears the next bell."""
    name = lab.single_worker()
    training = lab.submit()
    lab.training_worker(training)
    lab.cut(name, "broker")
    wait_until(lambda: lab.run(training).finished_at, "it ends")
    lab.expect(training, attempts=1)
    waiting = lab.submit()
    lab.wait_leases(2)
    lab.stack.proxy.clear()
    lab.measure_start(waiting, BACK, attempt=1)


@fault
def control_cut_off_from_the_broker(lab: Lab) -> None:
    """Control's connection to the broker freezes for a lease."""
    lab.freeze("control", "broker")
    waiting = lab.submit()
    lab.wait_leases(1)
    lab.stack.proxy.clear()
    lab.measure_start(waiting, BACK, attempt=1)


def _broker(lab: Lab) -> redis.Redis:
    return redis.Redis.from_url(lab.stack.settings().broker_url)

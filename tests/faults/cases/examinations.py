"""Faults during an examination, which is a row of `runs` (decision 22), so just as safe; it has no checkpoint."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

RESTART = "worker killed, run restarted"
# Long enough to be struck half way.
SLOW = Order(examination_s=3.0)


@fault
def examination_whose_worker_is_killed(lab: Lab) -> None:
    """A worker dies with its trainer: another one repeats the examination, and there is one report."""
    examination = lab.ask(lab.trained_run(SLOW), attempts=2)
    lab.stack.kill_tree(lab.examination_worker(examination))
    lab.measure(RESTART, lambda: lab.run(examination).fence == 2)


@fault
def examination_whose_worker_sleeps_longer_than_its_lease(lab: Lab) -> None:
    """A machine sleeps, loses the examination, wakes up, and acts as if it still owned it."""
    examination = lab.ask(lab.trained_run(SLOW), attempts=2)
    name = lab.examination_worker(examination)
    trainers = lab.stack.trainers(name)
    lab.stack.stop(name)
    for trainer in trainers:
        trainer.suspend()
    lab.measure(RESTART, lambda: lab.run(examination).fence == 2)
    for trainer in trainers:
        trainer.resume()
    lab.stack.resume(name)


@fault
def worker_killed_between_a_report_and_its_row(lab: Lab) -> None:
    """The report is in the object store, but no row names it."""
    _die_at(lab, "worker.uploaded=kill")


@fault
def worker_killed_between_a_report_and_the_end(lab: Lab) -> None:
    """The report is saved, but the examination has not been ended: the next attempt makes a new report."""
    _die_at(lab, "worker.saved=kill")


def _die_at(lab: Lab, failpoint: str) -> None:
    run_id = lab.trained_run()
    name = lab.single_worker(failpoint)
    examination = lab.ask(run_id, attempts=2)
    lab.stack.wait_for_end(name)
    lab.stack.start(name)
    lab.measure(RESTART, lambda: lab.run(examination).fence == 2)


@fault
def worker_drained_during_an_examination(lab: Lab) -> None:
    """POST /workers/ID/drain: the examination returns to the queue, without counting a failure, and is repeated."""
    name = lab.single_worker()
    examination = lab.ask(lab.trained_run(SLOW), attempts=2)
    lab.examination_worker(examination)
    lab.drain(name)
    lab.measure("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.is_running(name))
    assert lab.stack.wait_for_end(name) == 0
    assert (lab.run(examination).status, lab.run(examination).failures) == ("queued", 0)


@fault
def trainer_killed_during_an_examination(lab: Lab) -> None:
    """The supervisor notices immediately, and returns the examination to the queue."""
    examination = lab.ask(lab.trained_run(SLOW), attempts=2)
    for trainer in lab.stack.trainers(lab.examination_worker(examination)):
        trainer.kill()
    lab.measure("trainer killed, run restarted", lambda: lab.run(examination).fence == 2)


@fault
def examination_cancelled_half_way(lab: Lab) -> None:
    """The device is soon free, there is no report, and the same question starts a new examination."""
    run_id = lab.trained_run(SLOW)
    examination = lab.ask(run_id)
    lab.examination_worker(examination)
    lab.cancel(examination)
    lab.measure("cancelled, device free", lambda: lab.is_free(examination))
    assert not lab.files(examination)
    assert lab.ask(run_id) != examination


@fault
def api_killed_before_an_examination_is_accepted(lab: Lab) -> None:
    """The API dies after it inserted the row, before the commit; the client repeats the request."""
    run_id = lab.trained_run()
    lab.stack.restart("api", "api.examining=kill")
    wait_until(lab.stack.is_ready, "the API is ready")
    with ThreadPoolExecutor(1) as pool:
        request = pool.submit(lab.ask, run_id)
        lab.stack.wait_for_end("api")
        lab.stack.start("api")
        request.result()


@fault
def api_killed_during_an_examination(lab: Lab) -> None:
    """The examination continues; the same request to the restarted API returns the same examination."""
    run_id = lab.trained_run(SLOW)
    examination = lab.ask(run_id, attempts=1)
    lab.examination_worker(examination)
    lab.stack.restart("api")
    assert lab.ask(run_id, attempts=1) == examination


@fault
def fifty_requests_for_the_same_examination(lab: Lab) -> None:
    """Fifty clients request the same examination at once: there is one."""
    run_id = lab.trained_run()
    with ThreadPoolExecutor(50) as pool:
        examinations: set[UUID] = set(pool.map(lambda _: lab.ask(run_id), range(50)))
    assert len(examinations) == 1


@fault
def postgres_killed_during_an_examination(lab: Lab) -> None:
    """The server dies and recovers from its log; the attempt waits for it."""
    examination = lab.ask(lab.trained_run(SLOW), attempts=1)
    lab.examination_worker(examination)
    lab.stack.kill("postgres")
    lab.stack.start("postgres")


@fault
def object_store_down_when_a_report_is_due(lab: Lab) -> None:
    """No connection for a lease: the attempt waits."""
    examination = lab.ask(lab.trained_run(SLOW), attempts=1)
    name = lab.examination_worker(examination)
    lab.cut(name, "objects")
    lab.wait_leases(1)

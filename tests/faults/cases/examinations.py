"""Faults during an examination: a row of `runs` (decision 22), so it is as safe as a training; it has no checkpoint."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.stack import wait_until

AGAIN = "worker killed, training again"
# Long enough to be struck in the middle.
SLOW = Order(examination_s=3.0)


@fault_in_short
def examination_whose_worker_is_killed(lab: Lab) -> None:
    """The whole tree of the worker: another one makes the examination from its start, and one report is left."""
    examination = lab.ask(lab.examinable(SLOW), attempts=2)
    lab.stack.kill_tree(lab.examining(examination))
    lab.measured(AGAIN, lambda: lab.run(examination).fence == 2)


@fault
def examination_whose_worker_outsleeps_its_lease(lab: Lab) -> None:
    """A machine sleeps, is overtaken, and wakes up in the belief that the examination is still its own."""
    examination = lab.ask(lab.examinable(SLOW), attempts=2)
    name = lab.examining(examination)
    trainers = lab.stack.trainers(name)
    lab.stack.stop(name)
    for trainer in trainers:
        trainer.suspend()
    lab.measured(AGAIN, lambda: lab.run(examination).fence == 2)
    for trainer in trainers:
        trainer.resume()
    lab.stack.go_on(name)


@fault
def worker_killed_between_a_report_and_its_row(lab: Lab) -> None:
    """The report lies in the object store and no row names it."""
    _die_at(lab, "worker.uploaded=kill")


@fault
def worker_killed_between_a_report_and_the_end(lab: Lab) -> None:
    """The report is kept, and nobody has said that the examination has ended: the next attempt makes its own."""
    _die_at(lab, "worker.saved=kill")


def _die_at(lab: Lab, failpoint: str) -> None:
    run_id = lab.examinable()
    name = lab.alone(failpoint)
    examination = lab.ask(run_id, attempts=2)
    lab.stack.ended(name)
    lab.stack.start(name)
    lab.measured(AGAIN, lambda: lab.run(examination).fence == 2)


@fault
def worker_drained_during_an_examination(lab: Lab) -> None:
    """POST /workers/ID/drain: the examination is given back, which counts as no failure, and made again."""
    name = lab.alone()
    examination = lab.ask(lab.examinable(SLOW), attempts=2)
    lab.examining(examination)
    lab.drain(name)
    lab.measured("SIGTERM, exit 0 with a checkpoint", lambda: not lab.stack.runs(name))
    assert lab.stack.ended(name) == 0
    assert (lab.run(examination).status, lab.run(examination).failures) == ("queued", 0)


@fault
def trainer_killed_during_an_examination(lab: Lab) -> None:
    """Its supervisor sees it at once, and gives the examination back."""
    examination = lab.ask(lab.examinable(SLOW), attempts=2)
    for trainer in lab.stack.trainers(lab.examining(examination)):
        trainer.kill()
    lab.measured("trainer killed, training again", lambda: lab.run(examination).fence == 2)


@fault
def examination_cancelled_in_the_middle(lab: Lab) -> None:
    """The device is free at once, no report is left, and the same question is asked anew."""
    run_id = lab.examinable(SLOW)
    examination = lab.ask(run_id)
    lab.examining(examination)
    lab.cancel(examination)
    lab.measured("cancelled, device free", lambda: lab.is_free(examination))
    assert not lab.files(examination)
    assert lab.ask(run_id) != examination


@fault
def api_killed_before_an_examination_is_accepted(lab: Lab) -> None:
    """The api dies with the row inserted and not committed; the client asks again."""
    run_id = lab.examinable()
    lab.stack.restart("api", "api.examining=kill")
    wait_until(lab.stack.answers, "the api answers")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lab.ask, run_id)
        lab.stack.ended("api")
        lab.stack.start("api")
        asked.result()


@fault
def api_killed_during_an_examination(lab: Lab) -> None:
    """The examination goes on; who asks again, of another api, hears of the same one."""
    run_id = lab.examinable(SLOW)
    examination = lab.ask(run_id, attempts=1)
    lab.examining(examination)
    lab.stack.restart("api")
    assert lab.ask(run_id, attempts=1) == examination


@fault
def fifty_who_ask_the_same_of_weights(lab: Lab) -> None:
    """At once: one examination."""
    run_id = lab.examinable()
    with ThreadPoolExecutor(50) as pool:
        asked: set[UUID] = set(pool.map(lambda _: lab.ask(run_id), range(50)))
    assert len(asked) == 1


@fault
def postgres_killed_during_an_examination(lab: Lab) -> None:
    """The server dies and recovers from its log: the attempt waits for it."""
    examination = lab.ask(lab.examinable(SLOW), attempts=1)
    lab.examining(examination)
    lab.stack.kill("postgres")
    lab.stack.start("postgres")


@fault
def store_away_when_a_report_is_due(lab: Lab) -> None:
    """No connection for a lease: the attempt waits for it."""
    examination = lab.ask(lab.examinable(SLOW), attempts=1)
    name = lab.examining(examination)
    lab.cut(name, "objects")
    lab.passes_leases(1)

"""A machine that can't train: its worker takes no runs, no run pays for it, and it says why."""

import threading
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from store import artifacts, logs, workers
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import bell, verbs
from store.runs.attempts import Claim
from store.runs.states import Status
from tests.disk import fill, small_disk
from tests.worker import conftest
from tests.worker.conftest import NewBench, Submit, wait_until
from worker import fitness
from worker.claiming import serve
from worker.device import Device
from worker.fitness import Fitness
from worker.presence import Presence
from worker.supervise import supervise
from worker.workbench import Workbench

CPU, GPU = Device("cpu", "a test CPU", "cpu"), Device("gpu", "a test GPU", "cuda")
NOT_RUN = ("no", "trainer")


def run_of(database: Database, run_id: UUID) -> Run:
    with database.transaction() as session:
        return verbs.get(session, run_id)


def attempt(workbench: Workbench) -> None:
    """Claims the next run, once its back-off is over, and supervises it to the end of the attempt."""
    claims: list[Claim] = []

    def claim() -> bool:
        try:
            claims.append(conftest.claim(workbench))
        except AssertionError:
            return False
        return True

    wait_until(claim)
    supervise(workbench, claims[0])


def test_a_run_does_not_pay_for_a_machine_that_is_unfit(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id, workbench = submit(), new_bench("unfit", max_attempts=2)
    for _ in range(3):
        attempt(workbench)
        run = run_of(database, run_id)
        assert (run.status, run.failures, run.not_before) == (Status.queued, 0, None)
    assert workbench.fitness.trouble == "no GPU, as the test ordered"


def test_a_failure_on_a_machine_that_passes_its_check_counts(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id, workbench = submit(), new_bench("unable")
    attempt(workbench)
    attempt(workbench)
    run = run_of(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 2)
    assert workbench.fitness.trouble is None


def test_a_run_that_fails_on_two_machines_that_are_fit_is_to_blame(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit()
    attempt(new_bench("unable"))
    attempt(replace(new_bench("unable"), worker_name="another worker"))
    run = run_of(database, run_id)
    assert (run.status, run.reason) == (Status.failed, "worker_lost")
    assert run.message is not None
    assert "failed on two machines that passed their own checks" in run.message


def test_a_trainer_that_ends_before_it_says_anything_has_its_machine_examined(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit()
    workbench = replace(new_bench(), trainer=("/bin/false",))
    attempt(workbench)
    run = run_of(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 0)
    assert workbench.fitness.trouble == "A trial of the trainer ended with code 1: it said nothing"


def test_a_trainer_that_cannot_be_started_has_its_machine_examined(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit()
    workbench = replace(new_bench(), trainer=("/no/such/python",))
    attempt(workbench)
    assert (run_of(database, run_id).status, run_of(database, run_id).failures) == (Status.queued, 0)
    assert workbench.fitness.trouble == "The trainer can't be started: No such file or directory."


def test_an_unfit_worker_rests_until_it_is_fit_and_then_trains_what_waits(
    database: Database, submit: Submit, new_bench: NewBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitness, "FIRST_PAUSE_S", 0.05)
    runs, workbench = [submit(iterations=5) for _ in range(4)], new_bench("unfit")
    thread = threading.Thread(target=serve, args=(workbench, Presence(workbench, "0")))
    thread.start()
    try:
        wait_until(lambda: workbench.fitness.trouble and run_of(database, runs[0]).fence)
        wait_until(lambda: all(run_of(database, run_id).status == Status.queued for run_id in runs))
        (tmp_path / "healed").touch()
        wait_until(lambda: all(run_of(database, run_id).status == Status.succeeded for run_id in runs))
    finally:
        workbench.draining.set()
        thread.join()
    assert all(run_of(database, run_id).failures == 0 for run_id in runs)


def test_an_unfit_worker_claims_no_run(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id, workbench = submit(iterations=5), new_bench(free_memory_bytes=2**60)
    thread = threading.Thread(target=serve, args=(workbench, Presence(workbench, "0")))
    thread.start()
    wait_until(lambda: workbench.fitness.trouble or run_of(database, run_id).fence)
    workbench.draining.set()
    thread.join()
    assert run_of(database, run_id).fence == 0


def test_an_object_store_whose_disk_is_full_is_waited_for(
    database: Database, submit: Submit, new_bench: NewBench, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "store", "1m") as disk:
        workbench = replace(new_bench(), objects=Objects(disk.as_uri()))
        fill(disk / "filler")
        run_id = submit(iterations=40, checkpoint_every=20)
        thread = threading.Thread(target=attempt, args=(workbench,))
        thread.start()

        def says_so() -> bool:
            with database.transaction() as session:
                return any("the object store's disk is full; waiting" in line for line in logs.lines(session, run_id))

        wait_until(says_so)
        assert run_of(database, run_id).status == Status.running
        (disk / "filler").unlink()
        thread.join()
        run = run_of(database, run_id)
        assert (run.status, run.fence) == (Status.succeeded, 1)
        with database.transaction() as session:
            saved = {(row.role, row.iteration) for row in artifacts.of_run(session, run_id)}
    assert saved == {(role, iteration) for role in ("checkpoint", "weights") for iteration in (20, 40)}


def test_the_pauses_grow_until_a_run_goes_well(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "LONGEST_PAUSE_S", 40)
    machine, pauses = Fitness(settings, CPU, ("/bin/false",)), []

    class Ended(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout)
            return len(pauses) > 5

    machine.examine()
    machine.rest(Ended())
    assert pauses == [5, 10, 20, 40, 40, 40]
    machine.trust()
    pauses.clear()
    machine.rest(Ended())
    assert pauses[0] == 5


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"free_disk_bytes": 2**60}, "MiB free; it needs 1,099,511,627,776 MiB."),
        ({"free_memory_bytes": 2**60}, "This machine's memory has"),
        ({"work": Path("/proc/nowhere")}, "The folder /proc/nowhere can't be used: "),
        ({"work": Path("/dev/null/work")}, "The folder /dev/null/work can't be used: Not a directory."),
    ],
)
def test_a_look_says_what_the_machine_lacks(settings: Settings, changes: dict[str, object], trouble: str) -> None:
    machine = Fitness(settings.model_copy(update=changes), CPU, NOT_RUN)
    assert not machine.look()
    assert machine.trouble is not None
    assert trouble in machine.trouble


def test_a_machine_with_enough_of_everything_is_fit(settings: Settings) -> None:
    assert Fitness(settings, CPU, NOT_RUN).look()


def test_an_unfit_worker_gets_no_bells_and_its_row_says_why(
    database: Database, submit: Submit, new_bench: NewBench, settings: Settings
) -> None:
    submit()
    workbench = new_bench(free_memory_bytes=2**60)
    with Presence(workbench, "0"):

        def trouble() -> str | None:
            with database.transaction() as session:
                (worker,) = workers.alive(session, settings.lease_s)
                return worker.trouble if worker.trouble_since else None

        wait_until(trouble)
        assert "memory" in (trouble() or "")
        with database.transaction() as session:
            assert workers.fit(session, settings.lease_s) == []
            assert bell.mark(session, settings.lease_s) == []

"""A worker's machine is checked once, while nothing trains on it; one that computes wrongly takes no runs."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from store import workers
from store.db.database import Database
from store.db.models import Worker
from tests.worker.conftest import TINY, NewBench, Service, wait_until
from trainer.acceptance.report import Report
from worker.device import Slot
from worker.machine_check import TOPICS
from worker.presence import Presence
from worker.workbench import TRAINER, Workbench

SOON, LATER = 0.01, 600.0


def row_of(database: Database, workbench: Workbench) -> Worker:
    with database.transaction() as session:
        return next(row for row, _ in workers.list_all(session, 60) if row.id == workbench.worker_id)


def in_the_background(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def is_checking(tmp_path: Path) -> bool:
    """Whether a trainer has written its line: one that is killed before leaves an empty file."""
    checks = tmp_path / "checks"
    return checks.is_file() and checks.read_text() != ""


@pytest.mark.usefixtures("warm")
def test_an_idle_worker_checks_its_machine_in_the_trainers_box(database: Database, new_bench: NewBench) -> None:
    workbench = replace(new_bench(check_after_s=SOON), trainer=TRAINER, threads=1)
    workbench.check.work()
    kept = row_of(database, workbench).machine_check
    report = Report.model_validate(kept)
    assert {measurement.topic for measurement in report.measurements} == set(TOPICS)
    assert report.is_accepted
    assert workbench.fitness.trouble is None
    assert Presence(workbench, "0").row().machine_check == kept


def test_a_machine_is_checked_once_for_each_version(
    database: Database, new_bench: NewBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second, updated = (new_bench(check_after_s=SOON) for _ in range(3))
    first.check.work()
    second.check.work()
    assert row_of(database, second).machine_check == row_of(database, first).machine_check
    assert (tmp_path / "checks").read_text() == "1\n"
    monkeypatch.setattr("worker.machine_check.source_digest", lambda: "another version")
    updated.check.work()
    assert (tmp_path / "checks").read_text() == "1\n1\n"


def test_a_run_that_comes_meanwhile_ends_the_check_and_the_next_pause_begins_it_again(
    database: Database, new_bench: NewBench, tmp_path: Path
) -> None:
    workbench = new_bench("slow-check", check_after_s=SOON)
    thread = in_the_background(workbench.check.work)
    wait_until(lambda: is_checking(tmp_path))
    workbench.trains.set()
    wait_until(lambda: not any(path.is_dir() for path in workbench.settings.work.glob(".check-*")))
    (tmp_path / "healed").touch()
    assert row_of(database, workbench).machine_check is None
    workbench.trains.clear()
    thread.join()
    assert (tmp_path / "checks").read_text() == "1\n1\n"
    assert row_of(database, workbench).machine_check


def test_a_drain_ends_the_check(new_bench: NewBench, tmp_path: Path) -> None:
    workbench = new_bench("slow-check", check_after_s=SOON)
    thread = in_the_background(workbench.check.work)
    wait_until(lambda: is_checking(tmp_path))
    workbench.draining.set()
    thread.join()
    assert workbench.check.report is None


def test_a_machine_that_computes_wrongly_takes_no_runs_until_its_worker_starts_again(
    database: Database, new_bench: NewBench, tmp_path: Path
) -> None:
    workbench = new_bench("wrong", check_after_s=SOON)
    workbench.check.work()
    assert not workbench.fitness.look()
    assert workbench.fitness.trouble == (
        "This device computes wrongly: ResNet-8 A: the same seed twice: 71 of 72 tensors equal, where the bar is all."
        " Restart the worker to check it again."
    )
    assert not workbench.fitness.examine()
    assert row_of(database, workbench).machine_check
    restarted = new_bench("wrong", check_after_s=LATER)
    restarted.check.begin()
    assert restarted.fitness.trouble == workbench.fitness.trouble, "checked before it takes a run"
    (tmp_path / "healed").touch()
    healed = new_bench("wrong", check_after_s=LATER)
    healed.check.begin()
    assert healed.fitness.trouble is None
    assert (tmp_path / "checks").read_text() == "1\n1\n1\n"
    for bench in (restarted, healed):
        bench.draining.set()
        bench.check.end()


def test_the_first_slot_of_a_device_checks_it_for_all(new_bench: NewBench, tmp_path: Path) -> None:
    first, second = (
        replace(new_bench("wrong", check_after_s=SOON), slot=Slot(number, 2, "here/0")) for number in (1, 2)
    )
    thread = in_the_background(second.check.work)
    first.check.work()
    thread.join()
    assert (tmp_path / "checks").read_text() == "1\n"
    assert second.fitness.trouble == first.fitness.trouble is not None


def test_a_job_of_a_batch_system_checks_its_machine_while_no_run_waits(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path(shutil.copy(TINY, tmp_path))
    monkeypatch.setattr("tests.worker.conftest.TINY", program)
    monkeypatch.setenv("RESLAB_CHECK_AFTER_S", str(SOON))
    job = service.tiny_worker("wrong", batch="Batch(idle_exit_s=600)")

    def trouble() -> str | None:
        with service.database.transaction() as session:
            return next((row.trouble for row in workers.alive(session, service.settings.lease_s)), None)

    wait_until(trouble)
    job.terminate()
    assert job.wait(60) == 1
    assert not any(path.is_dir() for path in service.settings.work.glob(".check-*"))


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/python"])
def test_a_trainer_that_cannot_check_is_left_alone(program: str, database: Database, new_bench: NewBench) -> None:
    workbench = replace(new_bench(check_after_s=SOON), trainer=(program,))
    workbench.check.work()
    assert row_of(database, workbench).machine_check is None
    assert workbench.fitness.trouble is None


def test_with_0_no_machine_is_checked(new_bench: NewBench) -> None:
    before = threading.active_count()
    new_bench(check_after_s=0.0).check.begin()
    assert threading.active_count() == before

"""A worker as a job of a batch system: it needs no broker, trains what waits, and ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from store import workers
from store.runs.states import Status
from tests.worker.conftest import Service, points, wait_until
from worker.__main__ import main

pytestmark = pytest.mark.usefixtures("warm")


def test_a_job_trains_what_waits_and_ends(service: Service) -> None:
    submitted = [service.submit(iterations=20) for _ in range(2)]
    one = service.tiny_worker(batch="Batch(once=True)")
    assert one.wait(120) == 0
    assert [service.run(run_id).status for run_id in submitted] == [Status.succeeded, Status.queued]
    rest = service.tiny_worker(batch="Batch(idle_exit_s=0.5)")
    assert rest.wait(120) == 0
    assert service.run(submitted[1]).status == Status.succeeded
    with service.database.transaction() as session:
        assert not workers.alive(session, service.settings.lease_s)


def test_a_job_without_a_run_ends_at_once(service: Service) -> None:
    assert service.tiny_worker(batch="Batch(once=True)").wait(120) == 0


def test_a_waiting_job_takes_a_run_that_comes_later(service: Service) -> None:
    job = service.tiny_worker(batch="Batch(once=True, idle_exit_s=60)")
    wait_until(lambda: _has_worker(service))
    run_id = service.submit(iterations=20)
    assert job.wait(120) == 0
    assert service.run(run_id).status == Status.succeeded


def test_at_its_time_a_worker_returns_its_run_to_the_queue(service: Service) -> None:
    run_id = service.submit(iterations=1_000_000)
    until = datetime.now(UTC) + timedelta(seconds=8)
    job = service.tiny_worker(batch="Batch(idle_exit_s=60)", until=until)
    assert job.wait(120) == 0
    assert datetime.now(UTC) >= until
    run = service.run(run_id)
    assert (run.status, run.failures) == (Status.queued, 0)
    assert points(service.database, run_id) == list(range(1, run.iteration + 1))


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--until", "tomorrow", "'tomorrow' is not a time: give seconds since 1970, or 2026-01-31T08:00"),
        ("--until", "9" * 30, "is not a time"),
        ("--idle-exit", "-1", "'-1' is not a number of seconds: give 0 or more"),
        ("--idle-exit", "nan", "'nan' is not a number of seconds"),
    ],
)
def test_an_option_that_cannot_be_read_is_refused(
    option: str, value: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["run", f"{option}={value}"])
    assert sentence in capsys.readouterr().err


def _has_worker(service: Service) -> bool:
    with service.database.transaction() as session:
        return bool(workers.alive(session, service.settings.lease_s))

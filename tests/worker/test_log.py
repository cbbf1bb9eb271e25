"""A run's log: complete after the trainer crashes, bounded if the trainer floods it."""

from store import logs
from store.db.database import Database
from store.runs.states import Status
from tests.worker.conftest import NewBench, Submit
from tests.worker.test_supervise import attempt, log_of, run_of


def test_the_log_is_complete_after_a_trainer_was_killed(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench("dies_talking"))
    log = log_of(database, run_id)
    at = log.index("last words 0")
    assert log[at : at + 301] == [*(f"last words {number}" for number in range(300)), "no line end"]
    assert log[at + 301 :][0].endswith("the trainer was killed by SIGKILL before it reported a result")


def test_the_log_contains_the_traceback_and_knows_its_first_line(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench("raises"))
    log = log_of(database, run_id)
    with database.transaction() as session:
        first_error = logs.about(session, run_id).first_error
    assert first_error is not None
    assert log[first_error - 1] == "Traceback (most recent call last):"
    assert "ValueError: as the test ordered" in log
    assert "returns the run to the queue: the trainer exited with code 1 before it reported a result" in log[-1]


def test_a_runaway_log_is_bounded_and_harmless(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench("shouts", log_limit_bytes=65_536))
    assert run_of(database, run_id).status == Status.succeeded
    log = log_of(database, run_id)
    with database.transaction() as session:
        about = logs.about(session, run_id)
    assert about.kept_bytes < 65_536 + 257 * 1024  # one chunk over the bound at most
    assert any("lines were dropped" in line for line in log) or about.left_out_lines
    assert log[-1].endswith("has finished")

"""One attempt: the trainer's events, and how it ends, decide what happens to the run."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self
from uuid import UUID

import psutil
import pytest
from sqlalchemy import func, select

from store import artifacts, logs
from store.db.database import Database
from store.db.models import Artifact, Event, Run, SampleChunk
from store.db.objects import Objects
from store.runs import attempts, lineage, verbs
from store.runs.lineage import Fork
from store.runs.states import Status
from tests.worker.conftest import NewBench, Submit, claim, points, wait_until
from worker.supervise import supervise
from worker.workbench import TRAINER, Workbench


def run_of(database: Database, run_id: UUID) -> Run:
    with database.transaction() as session:
        return verbs.get(session, run_id)


def log_of(database: Database, run_id: UUID) -> list[str]:
    with database.transaction() as session:
        return list(logs.lines(session, run_id))


def attempt(workbench: Workbench) -> None:
    """Claims the next run and supervises it to the end of the attempt."""
    supervise(workbench, claim(workbench))


def test_a_run_keeps_its_points_files_and_log(
    database: Database, objects: Objects, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit(iterations=60, checkpoint_every=5)
    attempt(new_bench("prints_its_environment"))
    run = run_of(database, run_id)
    assert (run.status, run.iteration) == (Status.succeeded, 60)
    assert points(database, run_id) == list(range(1, 61))
    with database.transaction() as session:
        rows = artifacts.of_run(session, run_id)
    # The two newest for the next attempt, and the last of each quarter for an audit.
    assert [row.iteration for row in rows if row.role == "checkpoint"] == [60, 55, 45, 30, 15]
    assert [row.iteration for row in rows if row.role == "weights"] == list(range(60, 0, -5))
    for row in rows:
        assert hashlib.sha256(b"".join(objects.read(row.key))).hexdigest() == row.sha256
    assert any(line.startswith("ENV PATH") for line in log_of(database, run_id))


def test_speed_and_memory_are_sampled_with_the_points(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=1000)
    attempt(new_bench())
    with database.transaction() as session:
        rows = list(session.scalars(select(SampleChunk).where(SampleChunk.run_id == run_id)))
    assert rows[-1].last == 1000
    assert all(speed for row in rows for speed in row.images_per_s)
    # Every batch has a sample if the trainer was alive when it was written; this trains for 4 s after the first.
    assert rows[0].ram_bytes[0] is not None
    assert rows[0].ram_bytes[0] > 1024 * 1024


def test_the_trainer_gets_no_secrets(
    database: Database, submit: Submit, new_bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESLAB_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "secret")
    run_id = submit(iterations=2)
    attempt(new_bench("prints_its_environment"))
    names = {line.removeprefix("ENV ") for line in log_of(database, run_id) if line.startswith("ENV ")}
    assert "PATH" in names
    assert not [name for name in names if name.startswith(("RESLAB", "AWS", "PG"))]


def test_a_file_that_cannot_be_uploaded_has_no_row(
    database: Database, submit: Submit, new_bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("ENDPOINT_URL", "http://127.0.0.1:1"), ("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(f"AWS_{name}", value)
    run_id = submit(iterations=20)
    attempt(replace(new_bench(), objects=Objects("s3://nowhere/lab", patience_s=0)))
    run = run_of(database, run_id)
    assert (run.status, run.iteration) == (Status.queued, 20)  # trained, but not succeeded without its weights
    with database.transaction() as session:
        assert artifacts.of_run(session, run_id) == []


def test_an_old_checkpoint_is_deleted_from_the_store(submit: Submit, new_bench: NewBench, storage_url: str) -> None:
    submit(iterations=60, checkpoint_every=10)
    attempt(new_bench())
    stored = {path.name for path in Path(storage_url.removeprefix("file://")).rglob("checkpoint-*")}
    assert stored == {f"checkpoint-{iteration}.safetensors" for iteration in (10, 30, 40, 50, 60)}


class SlowObjects(Objects):
    """Stores the first file only once the trainer has saved four more checkpoints."""

    def put(self, key: str, path: Path, sha256: str) -> None:
        wait_until(lambda: "-1." not in key or len(list(path.parent.glob("checkpoint-*"))) >= 5)
        super().put(key, path, sha256)
        self.left = sorted(file.name for file in path.parent.glob("*.safetensors"))


@pytest.mark.usefixtures("warm")
def test_a_checkpoint_is_kept_on_disk_until_it_is_stored_and_no_longer(
    database: Database, submit: Submit, new_bench: NewBench, storage_url: str
) -> None:
    run_id = submit(iterations=8, checkpoint_every=1)
    slow = SlowObjects(storage_url)
    attempt(replace(new_bench(), objects=slow, trainer=TRAINER, threads=1))
    assert run_of(database, run_id).status == Status.succeeded
    with database.transaction() as session:
        saved = session.scalars(select(Event.body).where(Event.run_id == run_id, Event.kind == "saved"))
        checkpoints = [body["iteration"] for body in saved if body["role"] == "checkpoint"]
    assert checkpoints == list(range(1, 9))
    assert slow.left == ["checkpoint-8.safetensors"]


def test_rubbish_on_stdout_is_logged_and_ignored(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench("rubbish"))
    assert run_of(database, run_id).status == Status.succeeded
    assert points(database, run_id) == list(range(1, 31))
    warnings = [line for line in log_of(database, run_id) if "unreadable line" in line]
    assert len(warnings) == 4
    assert max(map(len, warnings)) < 500


def test_a_failure_that_would_repeat_fails_the_run(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench("diverged"))
    run = run_of(database, run_id)
    assert (run.status, run.reason, run.message) == (Status.failed, "diverged", "diverged, as the test ordered")


@pytest.mark.parametrize(
    ("fault", "last", "message"),
    [
        ("reports_1e39", 24, "error is 1e+39 at iteration 25"),
        ("reports_nan", 20, "error is nan at iteration 21"),
        ("evaluates_to_infinity", 20, "test loss is inf at iteration 20"),
    ],
)
def test_a_value_that_no_column_can_hold_ends_the_run_as_diverged(
    database: Database, submit: Submit, new_bench: NewBench, fault: str, last: int, message: str
) -> None:
    run_id = submit(iterations=2000)
    attempt(new_bench(fault))
    run = run_of(database, run_id)
    assert (run.status, run.reason, run.message) == (Status.failed, "diverged", message)
    assert points(database, run_id) == list(range(1, last + 1))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("starts_elsewhere", "started from iteration 1"),
        ("leaves_its_folder", "outside its folder"),
        ("reports_a_point_twice", "can't be recorded"),
    ],
)
def test_a_trainer_that_cannot_be_trusted_fails_the_run(
    database: Database, submit: Submit, new_bench: NewBench, fault: str, message: str
) -> None:
    run_id = submit(iterations=2000)
    attempt(new_bench(fault))
    run = run_of(database, run_id)
    assert (run.status, run.reason) == (Status.failed, "internal")
    assert message in (run.message or "")


@pytest.mark.parametrize("fault", ["dies", "internal", "finishes_early"])
def test_a_run_whose_trainer_breaks_down_is_tried_again_later(
    database: Database, submit: Submit, new_bench: NewBench, fault: str
) -> None:
    run_id = submit(iterations=30)
    attempt(new_bench(fault))
    run = run_of(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 1)
    assert run.not_before is not None


def test_a_run_that_kills_every_trainer_fails_in_the_end(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit(iterations=30)
    workbench = new_bench("dies", max_attempts=2)
    attempt(workbench)
    wait_until(lambda: run_of(database, run_id).not_before is None or attempts_due(database, run_id))
    attempt(workbench)
    run = run_of(database, run_id)
    assert (run.status, run.reason) == (Status.failed, "worker_lost")
    assert "SIGKILL" in (run.message or "")


def attempts_due(database: Database, run_id: UUID) -> bool:
    with database.transaction() as session:
        return session.scalar(select(Run.id).where(Run.id == run_id, Run.not_before <= func.now())) is not None


def test_the_next_attempt_starts_from_the_last_checkpoint(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    unbroken, broken = submit(iterations=70, checkpoint_every=30), submit(iterations=70, checkpoint_every=30)
    attempt(new_bench())
    workbench = new_bench("dies_at_40_once")
    attempt(workbench)
    wait_until(lambda: attempts_due(database, broken))
    attempt(workbench)
    assert points(database, broken) == list(range(1, 71))
    with database.transaction() as session:
        started = session.scalars(select(Event.body).where(Event.run_id == broken, Event.kind == "started"))
        assert [body["resumed_from"] for body in started] == [0, 30]
        last = [artifacts.latest(session, run_id, "weights") for run_id in (unbroken, broken)]
    assert all(row is not None and row.iteration == 70 for row in last)
    assert last[0].sha256 == last[1].sha256  # type: ignore[union-attr]  # not None, asserted above


@pytest.mark.parametrize("damage", [lambda stored: stored.write_text("something else"), Path.unlink])
def test_a_damaged_checkpoint_is_skipped_for_the_one_before(
    database: Database, submit: Submit, new_bench: NewBench, storage_url: str, damage: Callable[[Path], object]
) -> None:
    run_id = submit(iterations=70, checkpoint_every=10)
    workbench = new_bench("dies_at_40_once")
    attempt(workbench)
    (stored,) = Path(storage_url.removeprefix("file://")).rglob("checkpoint-40*")
    damage(stored)
    wait_until(lambda: attempts_due(database, run_id))
    attempt(workbench)
    waiting = run_of(database, run_id)
    assert (waiting.status, waiting.failures) == (Status.queued, 1), "only the trainer's death counts as a failure"
    attempt(workbench)
    assert run_of(database, run_id).status == Status.succeeded
    assert points(database, run_id) == list(range(1, 71))
    with database.transaction() as session:
        started = session.scalars(select(Event.body).where(Event.run_id == run_id, Event.kind == "started"))
        assert [body["resumed_from"] for body in started] == [0, 30]


def test_a_cancelled_run_keeps_its_last_checkpoint(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=100_000)
    with Supervised(new_bench()) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        with database.transaction() as session:
            verbs.cancel(session, run_id, "ada")
        supervised.wait()
    run = run_of(database, run_id)
    assert run.status == Status.cancelled
    assert run.iteration < 100_000
    with database.transaction() as session:
        checkpoint = artifacts.latest(session, run_id, "checkpoint")
    assert checkpoint is not None
    assert checkpoint.iteration == run.iteration


def test_a_trainer_that_ignores_sigterm_is_killed(
    database: Database, submit: Submit, new_bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.supervise.STOP_S", 0.5)
    run_id = submit(iterations=100_000)
    with Supervised(new_bench("ignores_sigterm")) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        with database.transaction() as session:
            verbs.cancel(session, run_id, "ada")
        supervised.wait()
    assert run_of(database, run_id).status == Status.cancelled


def test_a_drain_returns_the_run_with_its_progress(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=100_000)
    workbench = new_bench()
    with Supervised(workbench) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        workbench.draining.set()
        supervised.wait()
    run = run_of(database, run_id)
    assert (run.status, run.failures, run.not_before) == (Status.queued, 0, None)
    with database.transaction() as session:
        checkpoint = artifacts.latest(session, run_id, "checkpoint")
    assert checkpoint is not None
    assert checkpoint.iteration == run.iteration


def test_a_silent_trainer_is_killed_with_its_lease(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=1000)
    with Supervised(new_bench("hangs")) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration == 40)
        with database.transaction() as session:
            attempts.return_to_queue(session, run_id, 1, "returned by the test")
        supervised.wait()
    assert run_of(database, run_id).status == Status.queued


def test_a_worker_without_a_lease_writes_nothing_more(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=100_000, checkpoint_every=10)
    with Supervised(new_bench()) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        with database.transaction() as session:
            attempts.return_to_queue(session, run_id, 1, "returned by the test")
        takeover = claim(new_bench())
        before = everything(database, run_id)
        supervised.wait()
    assert takeover.attempt == 2
    assert everything(database, run_id) == before


def everything(database: Database, run_id: UUID) -> tuple[int, list[int], list[str], list[str]]:
    with database.transaction() as session:
        keys = list(session.scalars(select(Artifact.key).where(Artifact.run_id == run_id).order_by(Artifact.key)))
        last_seq = verbs.get(session, run_id).last_seq
    return last_seq, points(database, run_id), keys, log_of(database, run_id)


def test_an_attempt_leaves_no_files_and_no_processes(submit: Submit, new_bench: NewBench) -> None:
    submit(iterations=30)
    workbench = new_bench()
    others = set(psutil.Process().children())
    attempt(workbench)
    assert not [path for path in workbench.settings.work.rglob("*") if path.is_file()]
    assert set(psutil.Process().children()) <= others


class Supervised:
    """An attempt in a thread of its own."""

    def __init__(self, workbench: Workbench) -> None:
        self._thread = threading.Thread(target=supervise, args=(workbench, claim(workbench)))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def wait(self) -> None:
        self._thread.join(120)
        assert not self._thread.is_alive()

    def __exit__(self, *_: object) -> None:
        self._thread.join(120)


def test_a_paused_run_continues_where_it_stopped(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=1200, checkpoint_every=100)  # five seconds: it is paused before they are over
    with Supervised(new_bench()) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        with database.transaction() as session:
            verbs.pause(session, run_id, "ada")
        supervised.wait()
    paused = run_of(database, run_id)
    assert (paused.status, paused.failures) == (Status.paused, 0)
    with database.transaction() as session:
        verbs.resume(session, run_id, "ada")
    attempt(new_bench())
    assert run_of(database, run_id).status == Status.succeeded
    assert points(database, run_id) == list(range(1, 1201))


def test_a_pause_withdrawn_too_late_is_not_a_failure(database: Database, submit: Submit, new_bench: NewBench) -> None:
    run_id = submit(iterations=1_000_000)
    workbench = new_bench("stops_slowly")
    with Supervised(workbench) as supervised:
        wait_until(lambda: run_of(database, run_id).iteration > 0)
        with database.transaction() as session:
            verbs.pause(session, run_id, "ada")
        wait_until(lambda: any("stop requested" in line for line in log_of(database, run_id)))
        with database.transaction() as session:
            verbs.resume(session, run_id, "ada")
        (workbench.settings.work / "go").touch()
        supervised.wait()
    run = run_of(database, run_id)
    assert (run.status, run.failures, run.not_before) == (Status.queued, 0, None)


def test_a_fork_begins_after_its_parents_checkpoint(
    database: Database, objects: Objects, submit: Submit, new_bench: NewBench
) -> None:
    parent = submit(iterations=60, checkpoint_every=30)
    attempt(new_bench())
    with database.transaction() as session:
        submission, start = lineage.fork(session, parent, Fork({"iterations": 90}, iteration=30), "ada")
    key = lineage.copy(objects, submission, start)
    with database.transaction() as session:
        run, _ = verbs.create(session, submission)
        lineage.begin(session, run, start, key)
    attempt(new_bench("prints_its_arguments"))
    assert run_of(database, run.id).status == Status.succeeded
    assert points(database, run.id) == list(range(31, 91))
    assert "--forked-at 30" in log_of(database, run.id)


def test_a_fork_without_its_checkpoint_fails_and_does_not_start_from_scratch(
    database: Database, objects: Objects, submit: Submit, new_bench: NewBench
) -> None:
    parent = submit(iterations=60, checkpoint_every=30)
    attempt(new_bench())
    with database.transaction() as session:
        submission, start = lineage.fork(session, parent, Fork({"iterations": 90}), "ada")
    key = lineage.copy(objects, submission, start)
    with database.transaction() as session:
        run, _ = verbs.create(session, submission)
        lineage.begin(session, run, start, key)
    objects.delete([key])
    attempt(new_bench())
    ended = run_of(database, run.id)
    assert (ended.status, ended.reason, ended.iteration) == (Status.failed, "data", 60)
    assert "forked from" in (ended.message or "")


def test_a_trainer_that_hangs_is_killed_and_tried_again(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    run_id = submit(iterations=1000)
    attempt(new_bench("hangs", stall_s=0.5))
    run = run_of(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 1)
    with database.transaction() as session:
        body = session.scalar(select(Event.body).where(Event.run_id == run_id, Event.kind == "returned"))
    assert body is not None
    assert "was silent for" in body["message"]


@pytest.mark.timeout(120)
def test_a_dead_trainers_children_free_the_device(database: Database, submit: Submit, new_bench: NewBench) -> None:
    """A child had kept the trainer's pipes open, and the supervisor read from them forever."""
    run_id = submit(iterations=60)
    attempt(new_bench("dies_and_leaves_a_child", stall_s=2))
    run = run_of(database, run_id)
    assert (run.status, run.iteration, run.failures) == (Status.queued, 20, 1)
    assert not [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]


def test_an_unreachable_object_store_does_not_count_as_a_failure_of_the_run(
    database: Database, submit: Submit, new_bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(iterations=70, checkpoint_every=10)
    workbench = new_bench("dies_at_40_once")
    attempt(workbench)
    wait_until(lambda: attempts_due(database, run_id))
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    attempt(replace(workbench, objects=Objects("s3://away/lab", patience_s=0)))
    run = run_of(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 1)  # for the trainer's death only
    assert run.not_before is not None

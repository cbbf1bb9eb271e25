"""What each process may do with the tables, connected in its own role."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from store import artifacts, logs, studies, workers
from store.db import collection, roles
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Attempt, Channel, RetentionRule, Run, Worker
from store.db.objects import Objects
from store.db.roles import PROCESSES, Process
from store.notices import channels, outbox
from store.people import keys
from store.people.rights import SCOPES
from store.retention import archiving, deletion
from store.runs import attempts, bell, lineage, verbs
from store.runs.lineage import Fork
from store.runs.states import Status
from tests.store.conftest import LEASE_S, claim, new_worker, steps, submission
from trainer.events import Evaluated, Saved

As = Callable[[Process], Database]


@pytest.fixture
def connected_as(database_url: str) -> Iterator[As]:
    roles.grant(database_url, dict.fromkeys(PROCESSES, "secret"))
    roles.grant(database_url, dict.fromkeys(PROCESSES, "secret"))  # as after the next upgrade
    opened: list[Database] = []

    def connect(process: Process) -> Database:
        opened.append(Database(roles.url(database_url, process, "secret"), pool_size=1))
        return opened[-1]

    yield connect
    for database in opened:
        database.close()


def test_a_run_can_complete_with_each_process_in_its_own_role(
    connected_as: As, database: Database, objects: Objects, tmp_path: Path
) -> None:
    api, control, worker = (connected_as(process) for process in PROCESSES)
    with api.transaction() as session:
        keys.create(session, keys.new_token(), name="a key", owner="ann", scopes=SCOPES)
        run, _ = verbs.create(session, submission("ann"), key="k", body_hash="b")
        verbs.change(session, run.id, "ann", verbs.RunChange(priority=2))
        verbs.pause(session, run.id, "ann")
        verbs.resume(session, run.id, "ann")
    row = new_worker(worker, "one")
    with control.transaction() as session:
        assert [ring.run_id for ring in bell.mark(session, LEASE_S)] == [run.id]
    for attempt in (1, 2):  # the first one's lease expires
        with worker.transaction() as session:
            lease = attempts.claim(session, row, LEASE_S)
        assert lease is not None
        assert lease.attempt == attempt
        with worker.transaction() as session:
            workers.beat(session, row.id)
            attempts.beat(session, run.id, attempt, LEASE_S)
            error = Evaluated(iteration=3000, split="val", error=5, top5_error=None, loss=1, images=9)
            attempts.append(session, run.id, attempt, 1, [steps(1, 3000), error])
            attempts.append_log(session, run.id, attempt, 1, "one line\n")
        if attempt == 1:
            with database.transaction() as session:
                session.execute(update(Attempt).values(lease_until=text("now() - interval '1 second'")))
            with control.transaction() as session:
                assert attempts.reap(session, most=5) == [run.id]
            with database.transaction() as session:
                session.execute(update(Run).values(not_before=None))
    for role in ("weights", "checkpoint"):
        saved = Saved.model_validate(
            {"iteration": 3000, "role": role, "format": "safetensors", "file": role, "sha256": "0", "size_bytes": 1}
        )
        with worker.transaction() as session:
            artifacts.commit(session, attempts.lock(session, run.id, 2), saved)
    with worker.transaction() as session:
        attempts.succeed(session, run.id, 2)
        workers.leave(session, row.id)
    (tmp_path / "left").write_text("over")
    with control.transaction() as session:
        workers.forget(session, LEASE_S)
        keys.forget_sessions(session)
    with api.transaction() as session:
        assert verbs.get(session, run.id).status == Status.succeeded
        assert list(logs.lines(session, run.id))
        lineage.fork(session, run.id, Fork({"iterations": 4000}), "ann")
        verbs.remove(session, run.id)
    assert collection.collect(control, objects).missing == []


def test_control_tells_of_ends_and_deletes_old_files(
    connected_as: As, database: Database, objects: Objects, worker: Worker
) -> None:
    control = connected_as("control")
    with control.transaction() as session:
        outbox.gather(session, LEASE_S)
    with database.transaction() as session:
        run, _ = verbs.create(session, submission("ann"))
        session.add(Channel(name="c", kind="mail", address="a@b.c", about=["run.failed"], owner="ann"))
        session.add(RetentionRule(project="default", checkpoints_days=1, archive_days=1, owner="ann"))
    attempt = claim(database, worker).attempt
    saved = {"iteration": 1, "role": "checkpoint", "format": "safetensors", "file": "c", "sha256": "0", "size_bytes": 1}
    with database.transaction() as session:
        artifacts.commit(session, attempts.lock(session, run.id, attempt), Saved.model_validate(saved))
        attempts.fail(session, run.id, attempt, "diverged", "for this test")
        session.execute(text("ALTER TABLE runs DISABLE TRIGGER guard_run"))
        session.execute(text("UPDATE runs SET finished_at = now() - interval '2 days'"))
        session.execute(text("ALTER TABLE runs ENABLE TRIGGER guard_run"))
    with control.transaction() as session:
        assert outbox.gather(session, LEASE_S, with_quotas=True) == 1
    with control.transaction() as session:
        (delivery,) = outbox.claim(session, 10)
        outbox.note_failure(session, delivery.id, "away")
        channels.pause(session, delivery.channel_id, is_paused=True)
        outbox.forget(session)
    assert deletion.apply(control, objects) == 1
    assert archiving.apply(control) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT secret FROM channels",
        "DELETE FROM runs",
        "INSERT INTO runs (id) VALUES (gen_random_uuid())",
        "UPDATE runs SET owner = 'me'",
        "UPDATE runs SET priority = 100",
        "UPDATE events SET actor = 'me'",
        "DELETE FROM events",
        "SELECT * FROM api_keys",
        "SELECT * FROM sessions",
        "SELECT * FROM idempotency_keys",
        "INSERT INTO study_registrations (study_id, content, signature) VALUES (gen_random_uuid(), '{}', '')",
        "DELETE FROM datasets",
        "DROP TABLE runs",
        "ALTER TABLE runs DISABLE TRIGGER ALL",
        "CREATE TABLE mine ()",
        "SET ROLE reslab_api",
    ],
)
def test_a_worker_may_do_only_what_its_verbs_need(connected_as: As, worker: Worker, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):  # noqa: SIM117 (one line a fact)
        with connected_as("worker").transaction() as session:
            session.execute(text(statement))


def test_control_cannot_read_keys(connected_as: As) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connected_as("control").transaction() as session:
        session.execute(text("SELECT * FROM api_keys"))


def test_the_api_can_neither_change_a_registration_nor_disable_its_trigger(connected_as: As) -> None:
    api = connected_as("api")
    with api.transaction() as session:
        studies.register(session, new_id(), "{}", b"")
    for statement, message in (
        ("UPDATE study_registrations SET content = 'another'", "cannot be changed or deleted"),
        ("DELETE FROM study_registrations", "cannot be changed or deleted"),
        ("TRUNCATE study_registrations", "permission denied"),
        ("ALTER TABLE study_registrations DISABLE TRIGGER ALL", "must be owner"),
    ):
        with pytest.raises(DBAPIError, match=message), api.transaction() as session:
            session.execute(text(statement))

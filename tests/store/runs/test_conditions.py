"""A run's trainers and its twins."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from store import history
from store.db.database import Database
from store.db.models import Run
from store.runs import conditions, reuse, verbs
from store.runs.states import EventKind, Status

Submit = Callable[..., Run]


@pytest.mark.parametrize(
    ("resumed_from", "contributing"),
    [([0], [0]), ([0, 1000, 2000], [0, 1000, 2000]), ([0, 0], [0]), ([0, 1000, 1000], [0, 1000]), ([0, 1000, 0], [0])],
)
def test_an_attempt_before_a_restart_contributes_nothing(
    database: Database, submit: Submit, resumed_from: list[int], contributing: list[int]
) -> None:
    run_id = submit().id
    with database.transaction() as session:
        run = verbs.lock(session, run_id)
        for number, start in enumerate(resumed_from):
            history.record(session, run, EventKind.started, resumed_from=start, number=number)
        session.flush()
        trainers = conditions.trainers(session, [run_id])[run_id]
    assert [trainer["resumed_from"] for trainer in trainers] == contributing
    assert trainers[-1]["number"] == len(resumed_from) - 1


def test_twins_differ_in_their_seed_and_have_succeeded(database: Database, submit: Submit) -> None:
    run, twin, other, waiting = submit(), submit(seed=1), submit(seed=2, lr=0.2), submit(seed=3)
    with database.transaction() as session:
        for ended in (twin, other):
            row = verbs.lock(session, ended.id)
            row.status = Status.running
            session.flush()
            verbs.end(session, row, Status.succeeded)
            session.flush()
        assert [run.id for run in conditions.twins(session, verbs.get(session, run.id))] == [twin.id]
    assert waiting.status == Status.queued


def test_earlier_runs_are_found_through_an_index(database: Database, submit: Submit) -> None:
    run_id = submit().id
    copies = """
        INSERT INTO runs SELECT (jsonb_populate_record(runs, jsonb_build_object(
            'id', gen_random_uuid(), 'spec', spec || jsonb_build_object('lr', n), 'spec_hash', md5(n::text),
            'status', 'succeeded', 'finished_at', now()
        ))).* FROM runs, generate_series(1, 2000) n
    """
    with database.transaction() as session:
        session.execute(text(copies))
        session.execute(text("ANALYZE runs"))
    with database.transaction() as session:
        run = session.get_one(Run, run_id)
        conditions.twins(session, run)
        reuse.find(session, [run.spec_hash], reuse.TrainerCode("a1"))
        session.execute(text("SELECT pg_stat_force_next_flush()"))
    scans = "SELECT indexrelname FROM pg_stat_user_indexes WHERE relname = 'runs' AND idx_scan > 0"
    with database.transaction() as session:
        assert {"ix_runs_seedless", "ix_runs_spec_hash"} <= set(session.scalars(text(scans)))

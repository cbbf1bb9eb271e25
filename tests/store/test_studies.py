"""Studies in the store: created whole or not at all, moved as a whole, runs reused and deleted with care."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from store import studies
from store.db.database import Database
from store.db.errors import Conflict, NotFound
from store.db.models import Run, Study, Worker
from store.db.objects import Objects
from store.runs import attempts, reuse, verbs
from store.runs.reuse import TrainerCode
from store.runs.states import Status
from store.runs.verbs import Parent
from store.studies import NewMember, NewStudy
from tests.api import progress
from tests.store.conftest import claim, submission

Submit = Callable[..., Run]


def new_study(**changed: object) -> NewStudy:
    fields = {"name": "Fig. 1", "owner": "ann", "recipe": "figure-1", "seeds": 2, "scale": 0.01, "dataset": "synthetic"}
    return NewStudy(**(fields | changed))  # type: ignore[arg-type] # a test's own fields


def member(label: str, seed: int, position: int = 0, reuse: UUID | None = None) -> NewMember:
    return NewMember(label, seed, position, ["table-6:ResNet-20:error"], submission(seed=seed), reuse)


TWO_BY_TWO = [member("plain-20", seed, 0) for seed in (0, 1)] + [member("plain-56", seed, 1) for seed in (0, 1)]


@pytest.fixture
def study(database: Database) -> Study:
    with database.transaction() as session:
        return studies.create(session, new_study(), TWO_BY_TWO)[0]


def statuses(database: Database, study: Study) -> list[str]:
    with database.transaction() as session:
        return [run.status for _, run in studies.members(session, study.id) if run is not None]


def test_a_study_has_its_runs_network_by_network(database: Database, study: Study) -> None:
    with database.transaction() as session:
        members = studies.members(session, study.id)
        assert [(member.label, member.seed) for member, _ in members] == [
            ("plain-20", 0), ("plain-20", 1), ("plain-56", 0), ("plain-56", 1),
        ]  # fmt: skip
        assert studies.progress(session, [study.id])[study.id].runs == {Status.queued: 4}


def test_the_first_seed_of_every_network_is_trained_first(database: Database, study: Study, worker: Worker) -> None:
    first, second = claim(database, worker).run.id, claim(database, worker).run.id
    with database.transaction() as session:
        trained = [row.label for row, run in studies.members(session, study.id) if run and run.id in (first, second)]
    assert trained == ["plain-20", "plain-56"]


def test_a_study_is_created_whole_or_not_at_all(database: Database) -> None:
    twice = [*TWO_BY_TWO, member("plain-20", 0)]
    with pytest.raises(Exception, match="pk_study_members"), database.transaction() as session:
        studies.create(session, new_study(), twice)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_the_same_key_returns_the_same_study_and_refuses_another_body(database: Database) -> None:
    with database.transaction() as session:
        first, is_new = studies.create(session, new_study(), TWO_BY_TWO, "key", "body")
    with database.transaction() as session:
        again, is_newer = studies.create(session, new_study(), TWO_BY_TWO, "key", "body")
        assert (again.id, is_new, is_newer) == (first.id, True, False)
        with pytest.raises(Conflict, match=f"for study {first.id}"):
            verbs.create(session, submission(), "key", "another")
        assert session.scalar(select(func.count()).select_from(Run)) == 4


def test_a_study_is_paused_resumed_and_cancelled_as_a_whole(database: Database, study: Study, worker: Worker) -> None:
    lease = claim(database, worker)
    for verb in (studies.pause, studies.pause):
        with database.transaction() as session:
            verb(session, study.id, "ann")
    assert sorted(statuses(database, study)) == ["paused"] * 3 + ["running"]
    with database.transaction() as session:
        attempts.stop(session, lease.run.id, lease.attempt)
        studies.resume(session, study.id, "ann")
    assert statuses(database, study) == ["queued"] * 4
    with database.transaction() as session:
        studies.cancel(session, study.id, "ann")
    assert statuses(database, study) == ["cancelled"] * 4
    with database.transaction() as session:
        studies.resume(session, study.id, "ann")  # nothing is left to resume
        with pytest.raises(NotFound):
            studies.pause(session, UUID(int=0), "ann")


def test_adding_seeds_counts_as_an_analysis_and_adds_no_seed_twice(database: Database, study: Study) -> None:
    with database.transaction() as session:
        studies.add(session, study.id, [member("plain-20", 2)], budget=5)
    with database.transaction() as session, pytest.raises(Conflict, match="same moment"):
        studies.add(session, study.id, [member("plain-20", 2)])
    with database.transaction() as session:
        row = studies.get(session, study.id)
        assert (row.looks, row.budget, len(studies.members(session, study.id))) == (1, 5, 5)


@pytest.fixture
def ended(database: Database, objects: Objects, submit: Submit, worker: Worker, tmp_path: Path) -> Run:
    """A run that has succeeded, with the trainer whose source has the digest 7."""
    run = submit(seed=0)
    train(database, objects, worker, tmp_path)
    return run


def train(database: Database, objects: Objects, worker: Worker, folder: Path, source: str | None = "7") -> None:
    """Trains the first run of the queue to its end."""
    lease = claim(database, worker)
    started = progress.started().model_copy(update={"source": source, "versions": {"torch": "2"}})
    progress.tell(database, lease, 1, started, progress.steps(1, 3000), progress.evaluated(3000, 9.0))
    progress.save(database, objects, lease, b"weights", folder, iteration=3000)
    progress.finish(database, lease.run.id, lease.attempt)


def test_a_run_that_succeeded_with_this_trainer_can_be_reused(database: Database, ended: Run, submit: Submit) -> None:
    submit(seed=1)  # this run has not ended
    hashes = [ended.spec_hash, submission(seed=1).spec.hash()]
    with database.transaction() as session:
        for code in (TrainerCode("7"), TrainerCode("7", {"torch": "2"})):
            assert reuse.find(session, hashes, code) == {ended.spec_hash: ended.id}
        for other in (TrainerCode("8"), TrainerCode("7", {"torch": "3"}), TrainerCode("7", {"numpy": "2"})):
            assert reuse.find(session, hashes, other) == {}


def test_a_run_that_does_not_say_which_source_trained_it_is_not_reused(
    database: Database, objects: Objects, worker: Worker, submit: Submit, tmp_path: Path
) -> None:
    run = submit(seed=0)
    train(database, objects, worker, tmp_path, source=None)
    with database.transaction() as session:
        assert reuse.find(session, [run.spec_hash], TrainerCode("7")) == {}


def test_a_fork_is_not_reused_for_a_run_from_scratch_with_the_same_spec(
    database: Database, objects: Objects, worker: Worker, ended: Run, tmp_path: Path
) -> None:
    fork = replace(submission(seed=5), parent=Parent(ended.id, 1000))
    with database.transaction() as session:
        run, _ = verbs.create(session, fork)
    train(database, objects, worker, tmp_path)
    with database.transaction() as session:
        assert verbs.get(session, run.id).status == Status.succeeded
        assert reuse.find(session, [run.spec_hash, ended.spec_hash], TrainerCode("7")) == {ended.spec_hash: ended.id}


def test_deleting_a_study_with_its_runs_leaves_the_runs_of_other_studies(database: Database, ended: Run) -> None:
    with database.transaction() as session:
        study, _ = studies.create(
            session, new_study(), [member("a", 0, reuse=ended.id), member("a", 1), member("a", 2)]
        )
        mine = {member.seed: run.id for member, run in studies.members(session, study.id) if run is not None}
        studies.create(session, new_study(), [member("a", 1, reuse=mine[1])])
    with database.transaction() as session:
        assert studies.remove(session, study.id, with_runs=True) == [mine[2]]
        left = set(session.scalars(select(Run.id)))
    assert left == {ended.id, mine[1]}


def test_deleting_only_the_study_leaves_its_runs(database: Database, study: Study) -> None:
    with database.transaction() as session:
        assert studies.remove(session, study.id, with_runs=False) == []
        assert session.scalar(select(func.count()).select_from(Run)) == 4


def test_a_deleted_run_remains_as_a_member_without_a_run(database: Database, study: Study) -> None:
    with database.transaction() as session:
        first = studies.members(session, study.id)[0][0].run_id
        assert first is not None
        verbs.remove(session, first)
    with database.transaction() as session:
        assert studies.members(session, study.id)[0][1] is None
        assert studies.progress(session, [study.id])[study.id].deleted == 1


def test_pages_list_the_newest_first(database: Database) -> None:
    with database.transaction() as session:
        created = [studies.create(session, new_study(), [])[0].id for _ in range(3)]
        first = studies.find(session, 2)
        rest = studies.find(session, 2, str(first.next_cursor))
    assert [study.id for study in (*first.studies, *rest.studies)] == sorted(created, reverse=True)
    assert (rest.next_cursor, first.total) == (None, 3)

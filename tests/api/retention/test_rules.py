"""Retention: a rule deletes what it says of old runs, shows it before, and touches nothing else."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text

from store.db.database import Database
from store.db.models import Artifact, Event, Worker
from store.db.objects import Objects
from store.retention import archiving, deletion
from store.runs import attempts
from tests.api import progress
from tests.api.conftest import bearer
from trainer.events import Role

RULE = {"checkpoints_days": 10, "weights_days": 10}
PATH = "/api/v1/retention/default"
Post = Callable[..., dict[str, object]]


@pytest.fixture
def worker(database: Database) -> Worker:
    return progress.add_worker(database, "one")


@pytest.fixture
def ended(database: Database, objects: Objects, worker: Worker, post: Post, tmp_path: Path) -> Callable[[int], UUID]:
    """A run that ended this number of days ago, with two checkpoints and three weights, the second of them the best."""

    def end(days: int) -> UUID:
        run_id = UUID(str(post()["id"]))
        claim = progress.claim(database, worker)
        kinds: list[tuple[Role, int]] = [("checkpoint", 1), ("checkpoint", 2), *(("weights", at) for at in (1, 2, 3))]
        for role, iteration in kinds:
            content = f"{role} {iteration}".encode()
            progress.save(database, objects, claim, content, tmp_path, iteration=iteration, role=role)
        with database.transaction() as session:
            attempts.fail(session, run_id, claim.attempt, "diverged", "for this test")
        with database.transaction() as session:
            session.execute(text("ALTER TABLE runs DISABLE TRIGGER guard_run"))
            old = (
                "UPDATE runs SET finished_at = now() - :days * interval '1 day', best_val_iteration = 2 WHERE id = :id"
            )
            session.execute(text(old), {"days": days, "id": run_id})
            session.execute(text("ALTER TABLE runs ENABLE TRIGGER guard_run"))
        return run_id

    return end


def files(database: Database, run_id: UUID) -> set[tuple[str, int]]:
    with database.transaction() as session:
        return {(row.role, row.iteration) for row in session.scalars(select(Artifact).where(Artifact.run_id == run_id))}


def test_a_rule_is_planned_set_and_applied(
    client: httpx.Client, database: Database, objects: Objects, ended: Callable[[int], UUID]
) -> None:
    old, young = ended(11), ended(9)
    everything = files(database, young)
    plan = client.post(f"{PATH}/plan", json=RULE).raise_for_status().json()
    assert (plan["runs"], plan["files"], len(plan["first"])) == (1, 3, 3)
    assert files(database, old) == everything  # a plan deletes nothing

    assert client.put(PATH, params={"files": 2}, json=RULE).status_code == 409
    assert client.put(PATH, params={"files": 3}, json=RULE).status_code == 200
    (rule,) = client.get("/api/v1/retention").json()["items"]
    assert (rule["project"], rule["weights_days"]) == ("default", 10)

    keys = {key for key, _ in objects.list_keys(f"runs/{old}/")}
    assert deletion.apply(database, objects) == 3
    assert files(database, old) == {("weights", 2), ("weights", 3)}
    assert files(database, young) == everything
    assert len(keys) - len([*objects.list_keys(f"runs/{old}/")]) == 3
    with database.transaction() as session:
        message = select(Event.body["message"].astext).where(Event.run_id == old, Event.kind == "warned")
        assert "were deleted by the retention rule of default" in session.scalars(message).one()
    assert deletion.apply(database, objects) == 0

    assert client.delete(PATH).status_code == 204
    assert client.delete(PATH).status_code == 404


def test_a_rule_archives_what_nobody_has_brought_back(
    client: httpx.Client, database: Database, ended: Callable[[int], UUID]
) -> None:
    old, young, kept = ended(11), ended(9), ended(11)
    rule = {"archive_days": 10}
    for archived in (True, False):
        client.patch(f"/api/v1/runs/{kept}", json={"archived": archived}).raise_for_status()
    plan = client.post(f"{PATH}/plan", json=rule).raise_for_status().json()
    assert (plan["archived"], plan["files"]) == (1, 0)
    client.put(PATH, params={"files": 0}, json=rule).raise_for_status()

    assert archiving.apply(database) == 1
    listed = {run["id"] for run in client.get("/api/v1/runs").json()["items"]}
    assert listed == {str(young), str(kept)}
    assert len(files(database, old)) == 5
    (change,) = client.get(f"/api/v1/runs/{old}/events", params={"kind": "changed"}).json()["items"]
    assert change["body"] == {"archived": True, "message": "archived by the retention rule of default"}
    assert archiving.apply(database) == 0

    client.patch(f"/api/v1/runs/{old}", json={"archived": False}).raise_for_status()
    assert archiving.apply(database) == 0


def test_a_rule_of_another_project_deletes_nothing(
    client: httpx.Client, database: Database, objects: Objects, ended: Callable[[int], UUID]
) -> None:
    ended(11)
    client.put("/api/v1/retention/other", params={"files": 0}, json=RULE).raise_for_status()
    assert deletion.apply(database, objects) == 0


def test_rules_are_for_administrators(anonymous: httpx.Client, make_key: Callable[..., str]) -> None:
    headers = bearer(make_key("read", "write"))
    assert anonymous.get("/api/v1/retention", headers=headers).status_code == 403
    assert anonymous.put(PATH, params={"files": 0}, json=RULE, headers=headers).status_code == 403
